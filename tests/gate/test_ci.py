"""The CI files, exercised as far as it goes without the services: their shell runs as it stands."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
import yaml

import harness
from harness.release.cells import Cell

if TYPE_CHECKING:
    from collections.abc import Callable

    Grid = Callable[..., list[Cell]]
    Plant = Callable[..., Path]

ROOT = Path(harness.__file__).parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}
NEEDED = ("HOME", "LANG", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_INDEX_URL", "PIP_CONFIG_FILE")
"""What of this machine's environment the steps get besides their own."""


class Job:
    """A job on a machine of GitHub's: the files through which steps speak, and its inputs."""

    def __init__(self, folder: Path, /, **inputs: str) -> None:
        self.folder = folder
        self.inputs = {k: v["default"] for k, v in ACTION["inputs"].items()} | {
            name.replace("_", "-"): text for name, text in inputs.items()
        }
        (folder / "temp").mkdir()
        self.files = {
            name: folder / "temp" / name
            for name in (
                "GITHUB_OUTPUT",
                "GITHUB_STEP_SUMMARY",
                "GITHUB_PATH",
            )
        }
        for file in self.files.values():
            file.touch()

    def step(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a step's `run:` as it stands, in the shell and with the environment it would have."""
        step = STEPS[name]
        assert step["shell"] == "bash"
        script = self.folder / "temp" / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.folder,
            env=self._env(step),
            capture_output=True,
            text=True,
            check=False,
        )

    def _env(self, step: dict[str, Any]) -> dict[str, str]:
        added = self.files["GITHUB_PATH"].read_text(encoding="utf-8").split()
        path = ":".join([*added, str(Path(sys.executable).parent), os.environ["PATH"]])
        mine = {key: self.filled(text) for key, text in step.get("env", {}).items()}
        kept = {key: os.environ[key] for key in NEEDED if key in os.environ}
        files = {key: str(file) for key, file in self.files.items()}
        return (
            kept
            | files
            | mine
            | {
                "PATH": path,
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(ROOT),
                "RUNNER_TEMP": str(self.folder / "temp"),
            }
        )

    def filled(self, text: str) -> str:
        """Fill in `${{ inputs.x }}`; nothing else may stand in a step's environment."""
        found = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", text)
        assert found, text
        return self.inputs[found[1]]

    def outputs(self) -> dict[str, str]:
        """Return what the action hands on."""
        lines = self.files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        said = dict(line.split("=", 1) for line in lines)
        return {
            name: said[each["value"].removeprefix("${{ steps.gate.outputs.").removesuffix(" }}")]
            for name, each in ACTION["outputs"].items()
        }


def test_no_input_is_pasted_into_a_script() -> None:
    """Inputs reach the shell as variables, so that none of them can be code."""
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize(
    ("letters", "allow", "code", "verdict", "sign"),
    [
        pytest.param("r", "false", 0, "PASS", "✅", id="pass"),
        pytest.param("m", "false", 1, "FAIL", "❌", id="fail"),
        pytest.param("rm", "false", 4, "INCONCLUSIVE", "❔", id="inconclusive"),
        pytest.param("rm", "true", 0, "INCONCLUSIVE", "❔", id="inconclusive is allowed"),
        pytest.param("m", "true", 1, "FAIL", "❌", id="a failure is not"),
    ],
)
def test_the_gate_step(
    plant: Plant,
    grid: Grid,
    tmp_path: Path,
    letters: str,
    allow: str,
    code: int,
    verdict: str,
    sign: str,
) -> None:
    """The step writes all files, sets all outputs, and ends as the verdict says."""
    run = plant("my run", grid([letters], 8))
    job = Job(tmp_path, run=str(run), allow_inconclusive=allow, folder="out put")
    done = job.step("Gate")
    assert done.returncode == code, done.stderr
    said = job.outputs()
    assert said["verdict"] == verdict
    assert json.loads((tmp_path / said["decision"]).read_text())["verdict"] == verdict
    assert ET.parse(tmp_path / said["junit"]).getroot().tag == "testsuites"
    assert (tmp_path / said["report"]).read_text().startswith("<!")
    page = job.files["GITHUB_STEP_SUMMARY"].read_text()
    assert page == (tmp_path / said["summary"]).read_text()
    assert page.startswith(f"## {sign} Recovery gate: {verdict}")
    assert done.stdout.startswith(verdict)
    assert ("::error" in done.stderr) is (verdict == "FAIL")


def test_the_gate_step_compares(plant: Plant, grid: Grid, tmp_path: Path) -> None:
    """Policy, baseline and agents are handed on, blanks and all."""
    run = plant("run", [*grid("m", 24, agent="a"), *grid("r", 24, agent="b")])
    (tmp_path / "my gate.yaml").write_text("rules: [{name: drop, max_drop: 0.2}]\n")
    job = Job(
        tmp_path,
        run=str(run),
        agent="a",
        policy="my gate.yaml",
        baseline=str(run),
        against="b",
    )
    done = job.step("Gate")
    assert (done.returncode, job.outputs()["verdict"]) == (1, "FAIL"), done.stderr
    assert "mastery 100% -> 0%" in done.stdout


def test_bad_input_fails_the_step(tmp_path: Path) -> None:
    """What is no verdict is no output either."""
    job = Job(tmp_path, run="nowhere")
    assert job.step("Gate").returncode == 2
    assert job.files["GITHUB_OUTPUT"].read_text() == ""


@pytest.mark.parametrize("code", [2, 3])
def test_a_failure_of_the_harness_is_no_verdict(tmp_path: Path, code: int) -> None:
    """The step ends as the gate did, and hands on neither PASS nor FAIL."""
    (tmp_path / "bin").mkdir()
    gate = tmp_path / "bin" / "harness"
    gate.write_text(f"#!/bin/sh\nexit {code}\n")
    gate.chmod(0o755)
    job = Job(tmp_path, run="nowhere")
    job.files["GITHUB_PATH"].write_text(f"{gate.parent}\n")
    assert job.step("Gate").returncode == code
    assert job.files["GITHUB_OUTPUT"].read_text() == ""


@pytest.mark.container
def test_the_whole_action(tmp_path: Path) -> None:
    """Install, run two real trials, gate: all steps in a row, as they stand."""
    job = Job(
        tmp_path,
        arguments="-t fix-slug\n-f lock_on_the_way",
        python=sys.executable,
    )
    for name in ("Install", "Run"):
        done = job.step(name)
        assert done.returncode == 0, done.stdout + done.stderr
    bin_ = tmp_path / "temp" / "recovery-harness" / "bin"
    assert job.files["GITHUB_PATH"].read_text().split() == [str(bin_)]
    done = job.step("Gate")
    assert done.returncode == 4, done.stdout + done.stderr
    assert job.outputs()["verdict"] == "INCONCLUSIVE"
    assert "too few tasks, 1 of the 6" in done.stdout


# --- GitLab and Buildkite ------------------------------------------------------------------


def tools(folder: Path, run: Path) -> Path:
    """Return a folder of commands for what a test cannot have: `run` copies a stored run."""
    bin_ = folder / "bin"
    bin_.mkdir()
    real = Path(sys.executable).parent / "harness"
    scripts = {
        "harness": f'case $1 in images) ;; run) echo "$@" >> calls; shift $(($# - 1)); '
        f'cp -r {shlex.quote(str(run))} "$1"; exit "${{RUN_CODE:-0}}" ;; '
        f'*) exec {shlex.quote(str(real))} "$@" ;; esac',
        "pip": 'echo pip "$@" >> calls',
        "buildkite-agent": 'echo buildkite-agent "$@" >> calls; cat > annotation.md',
    }
    for name, text in scripts.items():
        (bin_ / name).write_text(f"#!/bin/sh\n{text}\n")
        (bin_ / name).chmod(0o755)
    (folder / "python3").mkdir()
    fake = folder / "python3" / "python3"
    fake.write_text(
        f"""#!/bin/sh
mkdir -p "$3/bin" && printf 'PATH=%s:$PATH\\n' {shlex.quote(str(bin_))} > "$3/bin/activate"
"""
    )
    fake.chmod(0o755)
    return fake.parent


def played(folder: Path, script: str, shell: str, env: dict[str, str]) -> int:
    """Run a job's script and return its exit code."""
    return subprocess.run(
        [shell, "-c", script],
        cwd=folder,
        check=False,
        capture_output=True,
        env={"PATH": f"{folder / 'python3'}:{os.environ['PATH']}", "HOME": str(folder), **env},
    ).returncode


CASES = [
    pytest.param("r", "0", 0, "success", id="pass"),
    pytest.param("m", "0", 1, "error", id="fail"),
    pytest.param("rm", "0", 4, "warning", id="inconclusive"),
    pytest.param("rrrri", "3", 4, "warning", id="invalid trials go to the gate"),
]


@pytest.mark.parametrize(("letters", "run_code", "code", "style"), CASES)
def test_gitlab(
    plant: Plant, grid: Grid, tmp_path: Path, letters: str, run_code: str, code: int, style: str
) -> None:
    """The script lines run one after another as GitLab's shell runs them, and end as the gate."""
    job = yaml.safe_load((ROOT / "docs" / "ci" / "gitlab.yml").read_text())["recovery-gate"]
    tools(tmp_path, plant("stored", grid([letters], 8)))
    env = {k: str(v) for k, v in job["variables"].items()} | {
        "RECOVERY_GATE": "",
        "RUN_CODE": run_code,
    }
    script = "set -eo pipefail\n" + "\n".join(job["script"])
    assert played(tmp_path, script, "bash", env) == code, style
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls == [
        "pip install --quiet recovery-harness",
        "run -a ./agent.yaml --all -n 3 -o recovery-gate/run",
    ]
    assert job["allow_failure"]["exit_codes"] == [4]
    assert (tmp_path / job["artifacts"]["reports"]["junit"]).is_file()
    assert (tmp_path / "recovery-gate" / "report.html").is_file()


@pytest.mark.parametrize(("letters", "run_code", "code", "style"), CASES)
def test_buildkite(
    plant: Plant, grid: Grid, tmp_path: Path, letters: str, run_code: str, code: int, style: str
) -> None:
    """The command annotates the build in the verdict's colour and ends as the gate."""
    (step,) = yaml.safe_load((ROOT / "docs" / "ci" / "buildkite.yml").read_text())["steps"]
    tools(tmp_path, plant("stored", grid([letters], 8)))
    env = {**step["env"], "RECOVERY_GATE": "", "RUN_CODE": run_code}
    assert not re.search(r"(?<!\$)\$(?!\$)", step["command"]), "a lone $ is filled in at upload"
    assert played(tmp_path, step["command"].replace("$$", "$"), "sh", env) == code
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[-1] == f"buildkite-agent annotate --style {style} --context recovery-gate"
    assert (tmp_path / "annotation.md").read_text().startswith("## ")
    assert step["soft_fail"] == [{"exit_status": 4}]
    assert (tmp_path / step["plugins"][0]["test-collector#v1.10.1"]["files"]).is_file()
