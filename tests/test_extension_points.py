"""Extension points are Protocols: a type checker sees what a row lacks, or is asked in vain."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import harness
from harness.injection import mechanisms
from harness.injection.mechanisms.base import Needs
from harness.library.library import CONTROL
from harness.models.fault import Fault

ROOT = Path(harness.__file__).parent.parent

LINES = {
    'mechanisms.TABLE["noop"].present(target)': None,
    'mechanisms.TABLE["noop"].presnt(target)': '"Mechanism" has no attribute "presnt"',
    'mechanisms.TABLE["noop"].heal(target)': 'Missing positional argument "facts"',
    'agents.TABLE["codex"].play(spec, session)': None,
    'agents.TABLE["codex"].plya(spec, session)': '"Adapter" has no attribute "plya"',
    'trajectories.TABLE["run"].read(path)': None,
    'trajectories.TABLE["run"].raed(path)': '"Format" has no attribute "raed"',
    "container.probes.exists(str(path))": None,
    "container.agent.exists(str(path))": '"AgentChannel" has no attribute "exists"',
    "one: Mechanism = elf": None,
    "two: Mechanism = atif": "expression has type Module",
    "three: Adapter = aider.CLI": None,
    "four: Adapter = elf": "expression has type Module",
}
"""Line of Python -> what is wrong with it, None for those that are right."""

HEAD = """
from pathlib import Path
from harness import agents, trajectories
from harness.agents import aider
from harness.agents.base import Adapter
from harness.agents.session import Session
from harness.containers.container import DockerContainer
from harness.containers.ports import Container
from harness.injection import mechanisms
from harness.injection.mechanisms import elf
from harness.injection.mechanisms.base import InjectionTarget, Mechanism
from harness.models.trial import TrialSpec
from harness.trajectories import atif

def a_container(made: DockerContainer) -> Container:
    return made

def ask(
    target: InjectionTarget, spec: TrialSpec, session: Session, path: Path, container: Container
) -> None:
"""


def test_a_type_checker_refuses_what_is_not_there(tmp_path: Path) -> None:
    """A name that no Protocol has, a missing argument and a module that is none are errors."""
    file = tmp_path / "asked.py"
    file.write_text(HEAD + "".join(f"    {line}\n" for line in LINES))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(file)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    first = HEAD.count("\n") + 1
    found = {
        int(number) - first: message
        for number, message in re.findall(r"asked\.py:(\d+): error: (.*)", done.stdout)
    }
    wrong = {i: why for i, why in enumerate(LINES.values()) if why is not None}
    assert found.keys() == wrong.keys(), done.stdout + done.stderr
    assert all(why in found[i] for i, why in wrong.items()), done.stdout


@pytest.mark.parametrize(
    ("change", "needs"),
    [
        pytest.param({}, Needs(), id="the control needs nothing"),
        pytest.param({"mechanism": "net"}, Needs(), id="nor does the packet filter"),
        pytest.param({"mechanism": "script"}, Needs(scripts=("inject", "present")), id="scripts"),
        pytest.param(
            {"mechanism": "script", "schedule": {"times": 2}},
            Needs(scripts=("inject", "present", "heal")),
            id="a script that heals, where it ends by itself",
        ),
        pytest.param({"mechanism": "model"}, Needs(model_channel=True), id="a model"),
        pytest.param(
            {"mechanism": "exec_filter", "settings": {"kind": "open"}},
            Needs(exec_filter=("open",)),
            id="a kind of call",
        ),
        pytest.param({"mechanism": "exec_filter"}, Needs(), id="executions are always seen"),
        pytest.param(
            {"mechanism": "replace_files", "settings": {"image": "system_files"}},
            Needs(images=("system_files",)),
            id="an image",
        ),
    ],
)
def test_a_mechanism_says_what_it_needs(change: dict[str, object], needs: Needs) -> None:
    """All that the rest of the harness must know of a mechanism it is told by `needs`."""
    fault = Fault.model_validate({**CONTROL.model_dump(), **change})
    assert mechanisms.needs(fault) == needs
