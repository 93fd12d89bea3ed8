import json
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.error_taxonomy.classify import NOTHING, Finding, default
from harness.error_taxonomy.taxonomy import ErrorType, load

TAXONOMY = load()
CLASSIFY = default().classify

NOT_FOUND = "bash: line 1: jq: command not found"
REFUSED = "curl: (7) Failed to connect to localhost port 80: Connection refused"


def named(
    command: str, code: int | None, output: str, pipestatus: Sequence[int] = ()
) -> str | None:
    return CLASSIFY(command, code, output, pipestatus).error_type


@pytest.mark.parametrize(
    ("command", "code", "output", "expected"),
    [
        pytest.param("jq .", 127, NOT_FOUND, "command_not_found", id="a plain error"),
        pytest.param("jq .", None, NOT_FOUND, "command_not_found", id="sure, exit code unknown"),
        pytest.param("ls x", None, "ls: x: No such file or directory", None, id="unsure, unknown"),
        pytest.param("./run", 0, REFUSED, None, id="exit 0, and nothing could hide a failure"),
        pytest.param(
            "./run | tail", 0, REFUSED, "connection_refused_unreachable", id="a pipe could"
        ),
        pytest.param("./run 2>/dev/null | tail", 0, REFUSED, None, id="its complaints are hushed"),
        pytest.param(
            "./run; echo ok", 0, REFUSED + "\nall tests passed", None, id="it came through"
        ),
        pytest.param("./a.out", 139, "", "process_crash_segfault", id="the exit code alone"),
        pytest.param(
            "./a.out", -11, "", "process_crash_segfault", id="a signal as Python tells it"
        ),
        pytest.param("./a.out", 137, "disk full", "out_of_memory", id="against a weaker pattern"),
        pytest.param("x 2>/dev/null", 127, "", "command_not_found", id="silent, but telling"),
        pytest.param("false", 1, "", None, id="exit 1 without a word"),
        pytest.param("cat app.log", 0, REFUSED, None, id="a viewer shows a log"),
        pytest.param(
            "cat app.log nope",
            1,
            f"{REFUSED}\ncat: nope: No such file or directory",
            "file_not_found",
            id="a viewer fails itself",
        ),
        pytest.param(
            "make report",
            0,
            "sort: cannot read: a.tsv: No such file\nmake: [Makefile:3: b] Error 2 (ignored)",
            "exit_status_masked",
            id="make was told to ignore errors",
        ),
        pytest.param(
            "make clean",
            0,
            "rm a.o\nrm: cannot remove 'a.o': No such file or directory\n"
            "make: [Makefile:2: clean] Error 1 (ignored)",
            None,
            id="make was told that a removal may fail",
        ),
        pytest.param("grep -r refused .", 1, "", None, id="grep says no"),
        pytest.param("diff a b", 1, "1c1\n< x\n---\n> y", "output_mismatch", id="a lone diff"),
        pytest.param(
            "diff a b && echo same", 1, "1c1\n< x\n---\n> y", None, id="diff as a question"
        ),
        pytest.param(
            "make",
            2,
            "main.c:1:1: error: expected ';'\nmake: *** [all] Error 1",
            "compile_error",
            id="the cause beats the wrapper",
        ),
        pytest.param(
            "sudo ls",
            0,
            "sudo: unable to resolve host box: Name or service not known",
            None,
            id="a line that is always ignored",
        ),
        pytest.param(
            "pip install x",
            1,
            "(from versions: none)\nConnection refused",
            "connection_refused_unreachable",
            id="barred by another symptom",
        ),
        pytest.param(
            "python a.py",
            1,
            'Traceback (most recent call last):\n  File "a.py", line 1, in f\n'
            '    raise E("Connection refused")\nValueError: x',
            "value_key_index_error",
            id="quoted source is not what was said",
        ),
    ],
)
def test_rules(command: str, code: int | None, output: str, expected: str | None) -> None:
    """Each rule at the head of the taxonomy has a row where it names and one where it does not."""
    assert expected == named(command, code, output)


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        pytest.param((1, 0), "connection_refused_unreachable", id="a stage failed"),
        pytest.param((0, 0), None, id="none did"),
        pytest.param((141, 0), None, id="its reader had enough"),
    ],
)
def test_pipestatus(stages: Sequence[int], expected: str | None) -> None:
    """The exit codes of a pipeline's stages decide where the last one hides them."""
    assert expected == named("./run 2>&1 && x", 0, REFUSED, stages)


def test_a_finding_says_what_it_rests_on() -> None:
    """The line, the other types and the masking stand beside the type."""
    output = f"{REFUSED}\n{NOT_FOUND}\n"
    expected = Finding(
        error_type="command_not_found",
        also=("connection_refused_unreachable",),
        masked=True,
        line=NOT_FOUND,
    )
    assert expected == CLASSIFY("a; jq", 0, output)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param((REFUSED, NOT_FOUND), "command_not_found", id="one way"),
        pytest.param((NOT_FOUND, REFUSED), "connection_refused_unreachable", id="the other"),
    ],
)
def test_a_tie_goes_to_the_last_line(lines: tuple[str, str], expected: str) -> None:
    """Of two types of one priority the one seen last wins."""
    assert expected == named("./run", 1, "\n".join(lines))


@pytest.mark.parametrize(
    ("kind", "symptom"),
    [
        pytest.param(kind, symptom, id=f"{kind.id}-{i}")
        for kind in TAXONOMY.types
        if kind.exits != "rule"
        for i, symptom in enumerate(kind.symptoms)
        if not symptom.startswith("(")
    ],
)
def test_symptoms(kind: ErrorType, symptom: str) -> None:
    """Every symptom that the taxonomy quotes is found to be of its type."""
    command = "diff a b" if kind.id == "output_mismatch" else "run"
    found = [CLASSIFY(command, code, symptom) for code in kind.exit_codes or (1,)]
    assert any(kind.id in (finding.error_type, *finding.also) for finding in found), found


def test_the_exit_code_may_be_anything() -> None:
    """No exit code is unheard of."""
    assert [NOTHING] * 4 == [CLASSIFY("x", code, "fine") for code in (None, 0, 255, -64)]


MEGABYTE = 1 << 20

NASTY = {
    "nearly a pattern": "error: could not find the ",
    "a pattern": "connection refused ",
    "usage texts": "usage: x\n  -a\n",
    "tracebacks": 'Traceback (most recent call last):\n  File "a", line 1\n    x\n',
    "half escapes": "\x1b[0",
    "carriage returns": "\r",
    "one letter": "a",
    "empty lines": "\n",
}


def work(text: str, size: int) -> float:
    """Return the CPU seconds for an output that repeats a text."""
    output = (text * (size // len(text) + 1))[:size]
    start = time.process_time()
    CLASSIFY("./run | tail", 0, output)
    return time.process_time() - start


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in NASTY.items()])
def test_time_is_bounded_for_any_output(text: str) -> None:
    """A megabyte costs no more than the part that is looked at at all, whatever it says."""
    work(text, 1 << 12)
    assert work(text, MEGABYTE) < 8 * max(work(text, 1 << 16), 0.02)


@pytest.mark.parametrize("text", ["'", "$(", "a|", "<<A\n", '"`', "((("])
def test_time_is_bounded_for_any_command(text: str) -> None:
    """A hundred kilobytes of open brackets and quotes are read in seconds, not hours."""
    start = time.process_time()
    CLASSIFY(text * (100_000 // len(text)), 1, "connection refused")
    assert time.process_time() - start < 60


CAPTURED = Path(__file__).parent / "capture"


@pytest.mark.parametrize(
    ("files", "least"),
    [
        pytest.param([CAPTURED / "blind.json"], 0.95, id="never tuned on"),
        pytest.param(sorted(CAPTURED.glob("development/*.json")), 0.97, id="tuned on"),
    ],
)
def test_real_outputs(files: list[Path], least: float) -> None:
    """Errors are named as often as the goals ask, and harmless outputs as seldom."""
    rows = [row for file in files for row in json.loads(file.read_text(encoding="utf-8"))]
    right = [(row["type"], named(row["cmd"], row["rc"], row["out"]) or "none") for row in rows]
    errors = [name in labels for labels, name in right if labels != ["none"]]
    calm = [name == "none" for labels, name in right if labels == ["none"]]
    assert sum(errors) / len(errors) >= least
    assert sum(calm) / len(calm) >= 0.99
