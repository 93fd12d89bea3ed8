from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from minisweagent.agents.default import DefaultAgent
from minisweagent.environments.local import LocalEnvironment
from minisweagent.models.test_models import DeterministicToolcallModel, make_toolcall_output

from harness import trajectories
from harness.errors import InputError
from harness.trajectories import imported, trajectory
from harness.trajectories.trajectory import Problem, Step, Trajectory

FAILED = "cat: a: No such file or directory"


def put(path: Path, document: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def one(path: Path) -> Trajectory:
    reading = trajectories.read(path)
    assert () == reading.problems
    (found,) = reading.trajectories
    return found


def told(found: Trajectory) -> list[tuple[str, int | None, str | None, str | None]]:
    return [(s.command, s.exit_code, s.output, s.message) for s in found.steps]


# --- the plain form --------------------------------------------------------------------------

TEXTS = st.none() | st.text(max_size=10)
STEPS = st.builds(
    Step,
    command=st.text(max_size=10),
    exit_code=st.none() | st.integers(),
    stdout=TEXTS,
    stderr=TEXTS,
    output=TEXTS,
    pipestatus=st.lists(st.integers(0, 255), max_size=3).map(tuple),
    seconds=st.none() | st.floats(0, 1e6),
    message=TEXTS,
    extra=st.dictionaries(st.text("xyz", min_size=1), st.integers()),
)


@given(STEPS)
def test_a_plain_step_survives(step: Step) -> None:
    """A step written in the plain form and read again is the same step, extras included."""
    assert step == trajectory.step(json.loads(json.dumps(trajectory.record(step))))


def test_what_a_plain_step_does_not_say_is_unknown() -> None:
    """A step needs its command alone."""
    expected = Step(command="ls")
    assert (expected, None, "") == (
        trajectory.step({"command": "ls"}),
        expected.exit_code,
        expected.text,
    )


@pytest.mark.parametrize(
    ("line", "place", "why"),
    [
        pytest.param("{", ":2", "not JSON", id="no JSON"),
        pytest.param("[1]", ":2", "must be an object", id="no object"),
        pytest.param('{"exit_code": 1}', ":2", "needs `command`", id="no command"),
        pytest.param('{"command": 1}', ":2", "must be a text", id="a command that is none"),
        pytest.param('{"command": "", "exit_code": "1"}', ":2", "whole number", id="a text code"),
        pytest.param('{"command": "", "exit_code": true}', ":2", "whole number", id="a truth"),
        pytest.param('{"command": "", "seconds": "1"}', ":2", "a number", id="seconds as text"),
        pytest.param('{"command": "", "pipestatus": [1.5]}', ":2", "whole numbers", id="a half"),
    ],
)
def test_a_broken_line_is_named_and_the_rest_is_read(
    tmp_path: Path, line: str, place: str, why: str
) -> None:
    """A broken line is a problem with file, line and reason; the others are steps."""
    path = put(tmp_path / "a.jsonl", f'{{"command": "ls"}}\n{line}\n\n{{"command": "pwd"}}\n')
    reading = trajectories.read(path)
    (problem,) = reading.problems
    assert [f"{path}{place}", True] == [problem.where, why in problem.why]
    assert ["ls", "pwd"] == [step.command for step in reading.trajectories[0].steps]


# --- the others ------------------------------------------------------------------------------


def test_mini_swe_agent_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the real mini-swe-agent saves is read: commands, exit codes, raw outputs, words."""
    monkeypatch.chdir(tmp_path)
    calls = [("look", "cat a"), ("make it", "echo hi > a; cat a")]
    end = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"
    outputs = [
        make_toolcall_output(words, [{"id": f"c{n}", "function": {"name": "bash"}}],
                             [{"command": command, "tool_call_id": f"c{n}"}])
        for n, (words, command) in enumerate([*calls, ("done", end)])
    ]  # fmt: skip
    agent = DefaultAgent(
        DeterministicToolcallModel(outputs=outputs), LocalEnvironment(cwd=str(tmp_path)),
        system_template="s", instance_template="{{task}}",
    )  # fmt: skip
    agent.run("t")
    agent.save(tmp_path / "task-1.traj.json")
    found = one(tmp_path / "task-1.traj.json")
    expected = [("cat a", 1, FAILED + "\n", "look"), ("echo hi > a; cat a", 0, "hi\n", "make it")]
    assert expected == told(found)[:2]
    assert (end, None) == told(found)[2][:2]
    assert ("task-1", "mini-swe-agent", None) == (found.task, found.agent, found.solved)
    assert "Submitted" == found.extra["info"]["exit_status"]


def test_mini_swe_agent_version_1(tmp_path: Path) -> None:
    """In version 1 commands and exit codes stand in the messages' text."""
    messages = [
        {"role": "user", "content": "task"},
        {"role": "assistant", "content": "look\n```bash\ncat a\n```"},
        {"role": "user", "content": f"<returncode>1</returncode>\n<output>\n{FAILED}\n</output>"},
        {"role": "assistant", "content": "no command here"},
        {"role": "user", "content": "Please give one command"},
    ]
    found = one(put(tmp_path / "x.traj.json", {"info": {}, "messages": messages, "own": 1}))
    assert [("cat a", 1, FAILED)] == [row[:3] for row in told(found)]
    assert 1 == found.extra["own"]


def test_mini_swe_agent_time_out(tmp_path: Path) -> None:
    """An exception of the environment is no exit code, and its text is part of the output."""
    action = {"command": "sleep 99", "tool_call_id": "1"}
    extra = {"raw_output": "", "returncode": -1, "exception_info": "timed out after 30 seconds"}
    messages = [
        {"role": "assistant", "content": None, "extra": {"actions": [action]}},
        {"role": "tool", "tool_call_id": "1", "content": "", "extra": extra},
    ]
    found = one(put(tmp_path / "x.traj.json", {"messages": messages}))
    assert [("sleep 99", None, "timed out after 30 seconds", None)] == told(found)


def test_swe_agent(tmp_path: Path) -> None:
    """SWE-agent's steps have an action and an observation; exit codes it does not record."""
    steps = [
        {"action": "cat a\n", "observation": FAILED, "thought": "look", "response": "look cat a",
         "execution_time": 0.5, "state": {"working_dir": "/x"}},
        {"observation": "no action"},
    ]  # fmt: skip
    path = put(tmp_path / "i-1.traj", {"trajectory": steps, "info": {"exit_status": "submitted"}})
    reading = trajectories.read(path)
    (found,) = reading.trajectories
    assert [("cat a", None, FAILED, "look")] == told(found)
    assert (0.5, {"state": {"working_dir": "/x"}}) == (found.steps[0].seconds, found.steps[0].extra)
    assert (Problem(where=f"{path}: step 2", why="`action` is no text"),) == reading.problems


def atif(**changes: Any) -> dict[str, Any]:
    call = {"tool_call_id": "c1", "function_name": "bash", "arguments": {"command": "cat a"}}
    steps = [
        {"step_id": 1, "source": "user", "message": "task"},
        {"step_id": 2, "source": "agent", "message": "look", "tool_calls": [call],
         "observation": {"results": [{"source_call_id": "c1", "content": FAILED}]},
         "extra": {"exit_code": 1}},
        {"step_id": 3, "source": "agent", "message": "it is not there"},
    ]  # fmt: skip
    agent = {"name": "terminus-2", "version": "2", "model_name": "m"}
    return {
        "schema_version": "ATIF-v1.4",
        "session_id": "s",
        "agent": agent,
        "steps": steps,
    } | changes


@pytest.mark.parametrize("version", [f"ATIF-v1.{minor}" for minor in range(9)])
def test_atif(tmp_path: Path, version: str) -> None:
    """All versions of ATIF are read; unknown fields and closing words are kept."""
    found = one(put(tmp_path / "t.json", atif(schema_version=version, notes="n", new={"x": 1})))
    assert [("cat a", 1, FAILED, "look")] == told(found)
    assert ("s", "terminus-2", "m", None) == (found.id, found.agent, found.model, found.solved)
    kept = [found.extra[key] for key in ("notes", "new", "final_message")]
    assert ["n", {"x": 1}, "it is not there"] == kept
    assert 2 == found.steps[0].extra["step_id"]


def test_atif_calls_that_share_an_answer(tmp_path: Path) -> None:
    """Keystrokes in one go that were answered by one screen are one step."""
    keys = [
        {"tool_call_id": k, "function_name": "bash_command", "arguments": {"keystrokes": k}}
        for k in ("cd x\n", "ls\n")
    ]
    step = {"step_id": 1, "source": "agent", "message": "", "tool_calls": keys,
            "observation": {"results": [{"content": "$ ls\na"}]}}  # fmt: skip
    found = one(put(tmp_path / "t.json", atif(steps=[step])))
    assert [("cd x\nls", None, "$ ls\na", None)] == told(found)


def test_atif_calls_with_answers_of_their_own(tmp_path: Path) -> None:
    """Calls that were answered one by one are steps of their own, whatever the order."""
    calls = [
        {"tool_call_id": i, "function_name": "bash", "arguments": {"command": i}} for i in "ab"
    ]
    results = [{"source_call_id": i, "content": i * 2} for i in "ba"]
    step = {"step_id": 1, "source": "agent", "message": "m", "tool_calls": calls,
            "observation": {"results": results}}  # fmt: skip
    found = one(put(tmp_path / "t.json", atif(steps=[step])))
    assert [("a", None, "aa", "m"), ("b", None, "bb", None)] == told(found)


def test_atif_leaves_out_what_was_copied(tmp_path: Path) -> None:
    """Steps copied from an earlier trajectory are not counted again."""
    copied = [{**step, "is_copied_context": True} for step in atif()["steps"]]
    assert () == one(put(tmp_path / "t.json", atif(steps=copied))).steps


def test_atif_with_agents_within(tmp_path: Path) -> None:
    """The trajectories of called agents stand beside the caller's; a broken one is a problem."""
    inner = [atif(session_id="inner"), {"schema_version": "ATIF-v1.7", "steps": 1}]
    reading = trajectories.read(put(tmp_path / "t.json", atif(subagent_trajectories=inner)))
    assert ["s", "inner"] == [found.id for found in reading.trajectories]
    assert [f"{tmp_path}/t.json: s.2"] == [problem.where for problem in reading.problems]


def test_openhands_version_0(tmp_path: Path) -> None:
    """An observation belongs to the action that it names as its cause."""
    events = [
        {"id": 0, "source": "user", "action": "message", "args": {"content": "task"}},
        {"id": 1, "source": "agent", "action": "run",
         "args": {"command": "cat a", "thought": "look"}},
        {"id": 2, "observation": "run", "cause": 1, "content": FAILED,
         "extras": {"metadata": {"exit_code": 1}}},
        {"id": 3, "source": "agent", "action": "read", "args": {"path": "/b"}},
        {"id": 4, "observation": "error", "cause": 3, "content": "File not found: /b"},
        {"id": 5, "source": "agent", "action": "finish", "args": {}},
    ]  # fmt: skip
    expected = [
        ("cat a", 1, FAILED, "look"),
        ('read {"path": "/b"}', None, "File not found: /b", None),
    ]
    assert expected == told(one(put(tmp_path / "t.json", events)))
    rows = json.dumps({"instance_id": "i", "history": events, "test_result": {"resolved": False}})
    found = one(put(tmp_path / "output.jsonl", rows + "\n"))
    assert ("i", False, expected) == (found.task, found.solved, told(found))


def test_openhands_version_1(tmp_path: Path) -> None:
    """The events of the newer kind, one a file, are read in the order of their numbers."""
    action = {"id": "x", "kind": "ActionEvent", "tool_name": "terminal", "source": "agent",
              "action": {"kind": "TerminalAction", "command": "cat a"},
              "thought": [{"type": "text", "text": "look"}]}  # fmt: skip
    seen = {"kind": "ObservationEvent", "action_id": "x", "tool_name": "terminal",
            "observation": {"content": [{"type": "text", "text": FAILED}],
                            "exit_code": 1}}  # fmt: skip
    put(tmp_path / "c" / "events" / "event-00010-b.json", seen)
    put(tmp_path / "c" / "events" / "event-00009-a.json", action)
    put(tmp_path / "c" / "events" / "event-00011-c.json", "{")
    reading = trajectories.read(tmp_path / "c")
    assert [("cat a", 1, FAILED, "look")] == told(reading.trajectories[0])
    assert 1 == len(reading.problems)


def inspect_sample() -> dict[str, Any]:
    call = {"id": "1", "function": "bash", "arguments": {"cmd": "cat a"}, "type": "function"}
    messages = [
        {"role": "user", "content": "task"},
        {"role": "assistant", "content": [{"type": "text", "text": "look"}], "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "function": "bash", "content": "attachment://h"},
    ]
    events = [
        {"event": "tool", "id": "1", "function": "bash"},
        {"event": "sandbox", "action": "exec", "cmd": "cat a", "result": 1},
        {"event": "model"},
        {"event": "sandbox", "action": "exec", "cmd": "score", "result": 0},
    ]
    return {"id": "task-1", "epoch": 2, "messages": messages, "events": events, "own": 1,
            "attachments": {"h": FAILED}, "scores": {"s": {"value": "I"}}}  # fmt: skip


def test_inspect_archive(tmp_path: Path) -> None:
    """A sample of an `.eval` archive has its exit codes in the sandbox's events."""
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", json.dumps({"eval": {"model": "m", "solver": "react"}}))
        archive.writestr("samples/task-1_epoch_2.json", json.dumps(inspect_sample()))
        archive.writestr("samples/b.json", "[]")
    reading = trajectories.read(path)
    (found,) = reading.trajectories
    assert [("cat a", 1, FAILED, "look")] == told(found)
    assert ("task-1+2", "react", "m", False, 1) == (
        found.id, found.agent, found.model, found.solved, found.extra["own"],
    )  # fmt: skip
    assert [f"{path}: samples/b.json"] == [problem.where for problem in reading.problems]


def test_inspect_json(tmp_path: Path) -> None:
    """The JSON form of a log is read alike."""
    log = {"eval": {"model": "m"}, "samples": [inspect_sample()]}
    assert [("cat a", 1, FAILED, "look")] == told(one(put(tmp_path / "log.json", log)))


@pytest.mark.parametrize(
    ("value", "solved"),
    [("C", True), ("I", False), (1, True), (0, False), (0.5, None), ("P", None), ({}, None)],
)
def test_inspect_scores(tmp_path: Path, value: object, solved: bool | None) -> None:
    """Right and wrong are outcomes; partial credit is none that we know."""
    log = {"eval": {}, "samples": [inspect_sample() | {"scores": {"s": {"value": value}}}]}
    assert solved is one(put(tmp_path / "log.json", log)).solved


def test_terminal_bench(tmp_path: Path) -> None:
    """An episode is a step, and its screen is what the next one was asked with."""
    trial = {"trial_name": "t.1-of-1", "task_id": "t", "is_resolved": True, "failure_mode": "unset"}
    put(tmp_path / "results.json", {"results": [trial, 7]})
    put(tmp_path / "run_metadata.json", {"agent_name": "terminus", "model_name": "m"})
    logs = tmp_path / "t" / "t.1-of-1" / "agent-logs"
    keys = [{"keystrokes": "cat a\n"}, {"keystrokes": "ls\n"}]
    put(logs / "episode-0" / "response.json", {"explanation": "look", "commands": keys})
    put(logs / "episode-1" / "prompt.txt", FAILED)
    put(logs / "episode-1" / "response.txt", 'so: {"analysis": "no", "commands": []} done')
    put(logs / "episode-10" / "response.txt", "<keystrokes>make\n</keystrokes>")
    put(logs / "episode-2" / "response.txt", "no object")
    put(tmp_path / "t" / "t.1-of-1" / "panes" / "post-agent.txt", "$ make")
    reading = trajectories.read(tmp_path)
    (found,) = reading.trajectories
    assert [
        ("cat a\nls", None, FAILED, "look"), ("", None, None, "no"), ("make", None, "$ make", None),
    ] == told(found)  # fmt: skip
    assert ("t", "terminus", "m", True) == (found.task, found.agent, found.model, found.solved)
    assert 2 == len(reading.problems)


# --- finding and naming ----------------------------------------------------------------------


def test_a_folder_is_searched(tmp_path: Path) -> None:
    """Files of any known format are found in a folder; where they are is part of their ids."""
    put(tmp_path / "a" / "t.json", atif())
    put(tmp_path / "b" / "x.jsonl", '{"command": "ls"}')
    put(tmp_path / "b" / "other.json", {"no": "trajectory"})
    assert ["a/s", "b/x"] == [found.id for found in trajectories.read(tmp_path).trajectories]


@pytest.mark.parametrize("name", ["nothing", "other.json", "folder"])
def test_nothing_known(tmp_path: Path, name: str) -> None:
    """What is missing, or of no known format, is the user's mistake, and says so."""
    put(tmp_path / "other.json", {"no": "trajectory"})
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=name):
        trajectories.read(tmp_path / name)


@pytest.mark.parametrize("name", trajectories.FOREIGN)
@pytest.mark.parametrize("content", ["{", "[]", "{}", "null", '{"steps": 3}', "\x00\xff"])
def test_a_broken_file_is_a_problem(tmp_path: Path, name: str, content: str) -> None:
    """A file that is not what its format wants never ends the program."""
    path = put(tmp_path / "file", content)
    try:
        reading = trajectories.read(path, name)
    except InputError:
        return
    assert all(str(path) in problem.where for problem in reading.problems)
    assert not any(found.steps for found in reading.trajectories)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["steps", "source", "message", "tool_calls", "observation", "results", "content",
             "arguments", "messages", "extra", "actions", "role", "trajectory", "action", "history",
             "samples", "eval", "events", "scores", "agent", "args", "kind", "id", "cause"]
        ),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON, st.sampled_from(["atif", "mini-swe-agent", "swe-agent", "openhands", "inspect"]))
def test_any_json_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, document: object, name: str
) -> None:
    """Whatever JSON a file holds, it is read or is a problem."""
    path = put(tmp_path_factory.mktemp("any") / "file.json", json.dumps(document))
    trajectories.TABLE[name].read(path)


def test_an_import_is_read_again(tmp_path: Path) -> None:
    """What an import wrote is read as it was: steps, outcome, extras."""
    found = Trajectory(
        id="a/b c", task="t", agent="x", model="m", solved=False, extra={"k": [1]},
        steps=(Step(command="ls", exit_code=0, output="ü", extra={"own": 1}),),
    )  # fmt: skip
    imported.write(trajectory.Reading((found,)), "plain", tmp_path)
    assert found == one(tmp_path)
