"""`harness show` and `harness judge`: what they print, to whom, and what they never print."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.assessment import Assessment
from harness.analysis.verdict import judge
from harness.commands.judge import judge_
from harness.commands.show import find_trial, show
from harness.errors import InputError
from harness.history.events import (
    Action,
    Confirmed,
    Ended,
    Event,
    Exec,
    Failed,
    HandedOver,
    Injected,
    Killed,
    Message,
    Observation,
    Present,
    Probed,
    Solved,
    Stopped,
    Unharmed,
)  # fmt: skip
from harness.history.reader import event_of
from harness.history.store import Run
from harness.models.trial import TrialSpec
from harness.models.verdict import Outcome
from harness.views.terminal.sanitize import line, plain, shorten
from harness.views.terminal.show_json import schema
from harness.views.terminal.story import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMA = Path(__file__).parent.parent / "docs" / "schema" / "show.schema.json"
HOSTILE = "\x1b[2J\x1b]0;owned\x07 [red]x[/red] \u202eevil\u2028 \x9b31m \udcff\r:boom:"
LOCKED = "fatal: index.lock: File exists."
NOOP = {"id": "noop", "title": "Nothing", "category": "none", "error_type": "none"}
LOCK = {
    "id": "git_index_locked",
    "title": "A stale lock",
    "category": "git",
    "error_type": "lock",
    "when": {"exec": "git", "args": ["commit"]},
    "evidence": {"seen": [r"index\.lock: File exists"], "says": ["stale lock"]},
}


def spec_of(
    task: str, fault: dict[str, Any] = LOCK, agent: str = "oracle", **changes: Any
) -> TrialSpec:
    """Return the spec of one trial."""
    return TrialSpec.model_validate(
        {
            "trial": f"{task}+{fault['id']}+{agent}+1",
            "pair": fault["id"],
            "attempt": 1,
            "seed": 0,
            "task": {
                "id": task,
                "title": f"The task {task}",
                "instruction": "i",
                "sandbox": "s",
                "solution": ["true"],
                "damage": "false",
            },
            "fault": {**fault, **changes},
            "agent": {"id": agent, "adapter": agent},
            "sandbox": {"id": "s", "title": "s"},
        }
    )


def history(*, repair: str | None = "rm .git/lock", said: str = "STATUS: done") -> list[Event]:
    """Return a trial that met the lock at 1 s, and perhaps removed it at 3 s."""
    fixed: list[Event] = [
        Action(t=3.0, step=2, command=repair or "", message="A stale lock."),
        Observation(t=3.5, step=2, exit_code=0),
        Probed(t=3.6, present=False, step=2),
    ]
    rows: list[Event] = [
        HandedOver(t=0.0),
        Action(t=1.0, step=1, command="git commit -m x"),
        Injected(t=1.1, injection=1, facts={"path": ".git/index.lock"}),
        Confirmed(t=1.2, injection=1, confirmed=True),
        Exec(t=1.3, step=1, argv=("git", "commit"), pid=7, parent=1),
        Observation(t=2.0, step=1, stderr=LOCKED, exit_code=128, seconds=0.8),
        *(fixed if repair else []),
        Message(t=4.0, text=said, final=True),
        Stopped(t=4.1, how="ended"),
        Killed(t=5.0, killed=("sleep",)),
        Present(t=5.1, present=not repair),
        Unharmed(t=5.2, changed=()),
        Solved(t=5.3, solved=bool(repair), output="ok"),
        Ended(t=5.4),
    ]
    return [event.model_copy(update={"seq": n}) for n, event in enumerate(rows)]


def clean() -> list[Event]:
    """Return a control trial that passed."""
    events = (event for event in history() if event.who != "nemesis")
    return [
        event.model_copy(update={"present": None}) if isinstance(event, Present) else event
        for event in events
    ]


def record(run: Run, spec: TrialSpec, events: Sequence[Event]) -> None:
    """Put a finished trial into a run."""
    folder = run.trial(spec)
    with folder.events() as stream:
        stream.writelines(json.dumps(event.model_dump()) + "\n" for event in events)
    folder.finish(judge(spec, events))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a run of two agents, one trial of it unfinished."""
    where = tmp_path / "run"
    planned = ["commit+git_index_locked+naive+1", "never+begun+x+1"]
    with Run.create(where, {"trials": planned}) as run:
        record(run, spec_of("commit"), history())
        record(run, spec_of("commit", NOOP), clean())
        record(run, spec_of("commit", agent="naive"), history(repair=None))
        record(
            run,
            spec_of("report", resolution="report", agent="naive"),
            history(repair=None, said="A stale lock.\nSTATUS: blocked - locked"),
        )
        record(run, spec_of("broken", agent="naive"), history()[:4])
        run.trial(spec_of("half"))
    return where


GRID = """\
task   fault            naive      oracle
broken git_index_locked ? invalid
commit git_index_locked ✗ missed   ✓ recovered
       noop                        ✓ passed
report git_index_locked ! reported

"""

NAIVE = """\
  recovered 0 of 1 that met a fault: 0% (95 % interval 0% to 79%)
  reported 1 of 1 that met a fault beyond mastering: 100% (95 % interval 21% to 100%)
  not counted: 1 invalid
  claimed done, not solved: 1

"""

ORACLE = """\
  recovered 1 of 1 that met a fault: 100% (95 % interval 21% to 100%)
  passed 1 of 1 control trials: 100% (95 % interval 21% to 100%)

2 not finished: never+begun+x+1, half+git_index_locked+oracle+1
"""

NAIVE_TABLE = """\
outcome    task   fault            solved noticed recovered seconds
? invalid  broken git_index_locked ?
✗ missed   commit git_index_locked no                          4.10
! reported report git_index_locked no       +2.00              4.10
"""

ORACLE_TABLE = """\
outcome     task   fault            solved noticed recovered seconds
✓ recovered commit git_index_locked yes      +1.00     +1.50    4.10
✓ passed    commit noop             yes                         4.10
"""

RUN_TEXT = f"{GRID}naive\n{NAIVE_TABLE}{NAIVE}oracle\n{ORACLE_TABLE}{ORACLE}"
BRIEF_TEXT = f"{GRID}naive\n{NAIVE}oracle\n{ORACLE}"

STORY_TEXT = """\
commit+git_index_locked+oracle+1
task   The task commit
fault  A stale lock
✓ recovered: solved, the fault is gone: repaired by the agent, or a transient one outlasted
claimed: done
signal in step 1, stderr: fatal: index.lock: File exists.
then   repaired (2)

    0.00 │        hand-over: the agent's clock starts
    1.00 │   1 $  git commit -m x
    1.10 │ FAULT  injected: path=.git/index.lock
    1.20 █ FAULT  confirmed
    2.00 █        exit 128, 0.80 s
         █          fatal: index.lock: File exists.
         █        <- exposed
    3.00 █   2 $  rm .git/lock
         █          A stale lock.
         █        <- noticed
    3.50 █        exit 0
    3.60 │ FAULT  gone
    4.00 │        says, finally
         │          STATUS: done
    4.10 │        stops: ended
    5.00 │ check  ends sleep
    5.10 │ check  the fault: gone
    5.20 │ check  unharmed
    5.30 │ check  solved
         │          ok
    5.40 │        the trial is over
"""


def test_a_run_is_a_table(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run is shown side by side and agent by agent; what does not count stands apart."""
    assert show(path) == 0
    assert capsys.readouterr().out == RUN_TEXT


def test_brief_is_side_by_side_alone(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--brief leaves out the tables that repeat it."""
    assert show(path, brief=True) == 0
    assert capsys.readouterr().out == BRIEF_TEXT


def test_a_trial_is_a_story(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A trial is told step by step, with the fault's life beside."""
    assert show(path, "commit+git_index_locked+oracle") == 0
    assert capsys.readouterr().out == STORY_TEXT


def test_the_whole_story_has_executions_and_uncut_texts(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--full adds what the exec filter saw and cuts nothing."""
    assert show(path, "commit+git_index_locked+oracle", full=True) == 0
    executed = "    1.30 █        executes git commit\n"
    with_executions = STORY_TEXT.replace("confirmed\n", f"confirmed\n{executed}")
    assert capsys.readouterr().out == with_executions


@pytest.mark.parametrize(
    ("trial", "kind"),
    [
        pytest.param(None, "run", id="a run"),
        pytest.param("commit+git_index_locked+oracle", "trial", id="a finished trial"),
        pytest.param("half", "trial", id="a trial that has only begun"),
        pytest.param("noop", "trial", id="a control trial"),
    ],
)
def test_json_fits_its_schema(
    path: Path, trial: str | None, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json, standard output is one document that fits docs/schema/show.schema.json."""
    assert show(path, trial, json_=True) == 0
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert document["kind"] == kind


def test_the_schema_is_up_to_date() -> None:
    """The documented schema is what `python -m harness.views.terminal.show_json` writes."""
    assert SCHEMA.read_text(encoding="utf-8") == schema()


@pytest.mark.parametrize(
    ("part", "trial"),
    [
        pytest.param("commit+noop+oracle+1", "commit+noop+oracle+1", id="the whole id"),
        pytest.param("noop", "commit+noop+oracle+1", id="a part that fits once"),
        pytest.param("half", "half+git_index_locked+oracle+1", id="an unfinished trial"),
    ],
)
def test_a_trial_is_named_by_any_part_that_fits_once(path: Path, part: str, trial: str) -> None:
    """A part of an id is enough."""
    assert find_trial(Run.open(path).folders(), part).trial == trial


@pytest.mark.parametrize(
    ("part", "message"),
    [
        pytest.param("commit", "fits more than one trial; there are:\n  commit", id="ambiguous"),
        pytest.param("zzz", "'zzz' fits no trial; there are:\n  broken", id="unknown"),
    ],
)
def test_a_trial_that_cannot_be_told_is_the_users_mistake(
    path: Path, part: str, message: str
) -> None:
    """The error lists the candidates."""
    with pytest.raises(InputError, match=r"there are:\n") as caught:
        find_trial(Run.open(path).folders(), part)
    assert message in str(caught.value)


def test_an_exact_id_wins_over_longer_ones(tmp_path: Path) -> None:
    """Attempt 1 is not ambiguous because there is an attempt 10."""
    with Run.create(tmp_path / "run", {}) as run:
        for attempt in (1, 10):
            spec = spec_of("t").model_copy(update={"trial": f"t+f+a+{attempt}"})
            record(run, spec, history())
        assert find_trial(run.folders(), "t+f+a+1").trial == "t+f+a+1"


@pytest.mark.parametrize("command", ["show", "judge"])
@pytest.mark.parametrize(
    ("argument", "message"),
    [
        pytest.param([], "name a run's folder, such as", id="missing"),
        pytest.param(["-"], "name a run's folder, such as", id="a dash"),
        pytest.param(["/nowhere"], "/nowhere is no run", id="no folder"),
        pytest.param(["--nonsense"], "unknown option --nonsense", id="unknown option"),
    ],
)
def test_a_wrong_run_is_exit_code_2(command: str, argument: list[str], message: str) -> None:
    """What the user got wrong is said on standard error, with the remedy."""
    done = harness(command, *argument)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def harness(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", "harness", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Return a run in which every text is out to deceive the terminal."""
    events = [
        _hostile(event)
        for event in history(repair=f"rm {HOSTILE}", said=f"{HOSTILE}\nSTATUS: done")
    ]
    with Run.create(tmp_path / "hostile", {"trials": [HOSTILE]}) as run:
        record(run, spec_of("t", title=HOSTILE.replace("\udcff", "")), events)
        record(run, spec_of("f"), [Failed(t=1.0, message=HOSTILE)])
    return tmp_path / "hostile"


def _hostile(event: Event) -> Event:
    match event:
        case Exec():
            return Exec(t=event.t, step=event.step, argv=(HOSTILE, HOSTILE))
        case Observation():
            return Observation(t=event.t, step=event.step, stdout=HOSTILE * 40)
        case Injected():
            facts = {HOSTILE: HOSTILE}
            return Injected(t=event.t, injection=event.injection, facts=facts)
    return event


@pytest.mark.parametrize(
    "arguments", [[], ["t+git"], ["f+git"], ["t+git", "--full"], ["--json"], ["t+git", "--json"]]
)
def test_without_a_terminal_nothing_but_text(hostile: Path, arguments: list[str]) -> None:
    """Into a pipe goes printable text alone, whatever the trajectory holds."""
    done = harness("show", str(hostile), *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(c == "\n" or c.isprintable() for c in done.stdout)
    if "--full" not in arguments and "--json" not in arguments:
        assert max(map(len, done.stdout.split("\n"))) <= 100


@pytest.mark.parametrize("arguments", [[], ["t+git"], ["f+git"], ["t+git", "--full"]])
def test_on_a_terminal_only_our_own_colours(hostile: Path, arguments: list[str]) -> None:
    """On a terminal the only control sequences are colours (SGR)."""
    shown = on_a_terminal("show", str(hostile), *arguments)
    assert "\x1b[" in shown
    rest = "".join(part.partition("m")[2] for part in f"m{shown}".split("\x1b["))
    codes = [part.partition("m")[0] for part in shown.split("\x1b[")[1:]]
    assert all(set(code) <= set("0123456789;") for code in codes)
    assert all(c in "\r\n" or c.isprintable() for c in rest)


def on_a_terminal(*arguments: str) -> str:
    """Run the command line with a terminal for its standard output; return what it printed."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "90"}
    env.pop("NO_COLOR", None)
    with subprocess.Popen(
        [sys.executable, "-m", "harness", *arguments], stdout=theirs, stderr=theirs, env=env
    ) as process:
        os.close(theirs)
        parts = []
        while data := _read(ours):
            parts.append(data)
    os.close(ours)
    assert process.returncode == 0
    return b"".join(parts).decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # the other end is closed
        return b""


def test_an_encoding_without_our_signs_is_no_error(path: Path) -> None:
    """A terminal that knows ASCII alone gets question marks, not an exception."""
    done = harness("show", str(path), env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "? recovered commit" in done.stdout


@given(st.text(st.characters(exclude_categories=())))
def test_plain_text_is_printable_and_keeps_what_is(text: str) -> None:
    """Text made plain is printable but for lines and tabs; printable text stays as it is."""
    made = plain(text)
    assert all(c in "\n\t" or c.isprintable() for c in made)
    assert line(text).isprintable()
    assert plain(made) == made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [""], id="nothing"),
        pytest.param("a\nb\n", ["a", "b"], id="short"),
        pytest.param("a\nb\nc\nd\ne\nf", ["a", "… 3 lines …", "e", "f"], id="the middle goes"),
        pytest.param("abcdefghijk", ["abcdefghi…"], id="a long line"),
    ],
)
def test_shortened(text: str, expected: list[str]) -> None:
    """Long texts lose their middle, long lines their end."""
    assert shorten(text, 4, 10) == expected


JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.none())


@given(st.lists(st.sampled_from(history())), st.sampled_from(["t", "step", "facts", "x"]), JSON)
def test_every_history_can_be_told(events: list[Event], key: str, value: Any) -> None:
    """A torn or disordered history is told as far as it goes; no event is lost on the way."""
    spec = spec_of("t")
    damaged = [event for each in events if (event := _with(each, key, value)) is not None]
    shown = tell(Assessment(spec, [*events, *damaged]), None)
    told = [*events, *damaged]
    if not any(isinstance(event, Injected) for event in told):
        told = [event for event in told if not isinstance(event, Present)]
    assert [(e.who, e.what) for e in shown.entries] == [(e.who, e.what) for e in told]


def _with(event: Event, key: str, value: Any) -> Event | None:
    """Return the event with another field, read anew; None where it cannot be read."""
    try:
        return event_of({**event.model_dump(mode="json"), key: value})
    except ValueError:
        return None


# --- judge ---------------------------------------------------------------------------------


def spoil(path: Path) -> None:
    """Put an older rule's verdict into the run."""
    folder = Run.open(path).folder("commit+git_index_locked+oracle+1")
    verdict = folder.read_verdict()
    assert verdict is not None
    folder.finish(verdict.model_copy(update={"outcome": Outcome.DETECTED, "noticed": None}))


def test_judging_again_mends_and_says_what_changed(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A verdict that the rules no longer give is replaced, the others are left alone."""
    spoil(path)
    before = {p: p.stat().st_mtime_ns for p in path.glob("trials/*/verdict.json")}
    assert judge_(path) == 0
    assert capsys.readouterr().out == (
        "commit+git_index_locked+oracle+1: outcome detected -> recovered; noticed null -> true\n"
        "5 judged by rules 3: 1 changed\n"
    )
    verdict = Run.open(path).finished()["commit+git_index_locked+oracle+1"]
    assert verdict.outcome is Outcome.RECOVERED
    touched = {p.parent.name for p, old in before.items() if p.stat().st_mtime_ns != old}
    assert touched == {"commit+git_index_locked+oracle+1"}


def test_a_dry_run_writes_nothing(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--dry-run says the same and leaves every file as it was."""
    spoil(path)
    before = {p: p.read_bytes() for p in path.rglob("*") if p.is_file()}
    assert judge_(path, dry_run=True, json_=True) == 0
    assert json.loads(capsys.readouterr().out) == {
        "format": 1,
        "judge": 3,
        "judged": 5,
        "written": False,
        "changed": [
            {
                "trial": "commit+git_index_locked+oracle+1",
                "changes": {
                    "outcome": {"old": "detected", "new": "recovered"},
                    "noticed": {"old": None, "new": True},
                },
            }
        ],
    }
    assert {p: p.read_bytes() for p in path.rglob("*") if p.is_file()} == before


def test_a_damaged_history_is_judged_invalid(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be read any more says nothing about the agent."""
    file = path / "trials" / "commit+noop+oracle+1" / "events.jsonl"
    file.write_text("{\n{}\n")
    assert judge_(path) == 0
    assert "commit+noop+oracle+1: outcome passed -> invalid" in capsys.readouterr().out


def test_a_run_that_is_being_written_is_not_judged(path: Path) -> None:
    """While somebody writes trials, verdicts are not rewritten."""
    spoil(path)
    with Run.resume(path):
        done = harness("judge", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "is being written by process" in done.stderr
