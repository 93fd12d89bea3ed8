"""The real agents, unmodified, against the scripted model: installed, struck, judged.

The scenarios are the model's part: known behaviour, so that each verdict is known too.  Where the
package index cannot be reached the installed agents cannot be had; in CI that is a failure.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from harness.errors import InstallFailed
from harness.gateway import recording
from harness.history.base import BaseEvent
from harness.history.events import (
    Action,
    Effect,
    Exec,
    Failed,
    Injected,
    Logged,
    Message,
    ModelCall,
    Observation,
    Stopped,
)  # fmt: skip
from harness.history.store import TrialFolder
from harness.history.timeline import Timeline
from harness.library.library import Library
from harness.library.load import load
from harness.models.task import Limits, Pair
from harness.models.trial import AgentSpec, TrialSpec
from harness.models.trigger import Schedule, Trigger
from harness.models.verdict import Outcome, Verdict
from harness.planning.plan import spec_of
from harness.trial import resources
from harness.trial.compatibility import playable
from harness.trial.resources import Resources
from harness.trial.trial import play

pytestmark = [
    pytest.mark.container,
    pytest.mark.filterwarnings("default"),  # mini-swe-agent brings a library with many
]

SLUG = """\
cat > inkpot/slug.py <<'END' && python3 -m unittest
import re
import unicodedata


def slugify(title):
    plain = "".join(c for c in unicodedata.normalize("NFD", title) if not unicodedata.combining(c))
    words = re.sub(r"['\\u2019]", "", plain.lower())
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-") or "untitled"


def unique(slug, taken):
    if slug not in taken:
        return slug
    number = 2
    while f"{slug}-{number}" in taken:
        number += 1
    return f"{slug}-{number}"
END"""
COMMIT = 'git add inkpot/slug.py && git commit -m "Mend slugs"'
REPAIR = "pgrep -a git; unlink .git/index.lock"
DONE = {"say": "The fix is committed.\n\nSTATUS: done"}

RECOVERS: list[dict[str, Any]] = [
    {"say": "Let me look.", "run": "cat README.md"},
    {"say": "Now the fix.", "run": SLUG},
    {"say": "Commit.", "run": COMMIT},
    {"when": r"index\.lock", "say": "A stale lock is left of a crashed git.", "run": REPAIR},
    {"say": "Again.", "run": COMMIT},
    DONE,
]
MISSES = [{"say": "Now the fix.", "run": SLUG}, {"say": "Commit.", "run": COMMIT}, DONE]
SUBMIT = {
    "say": "The fix is committed.",
    "run": "printf 'COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT\\nSTATUS: done\\n'",
}
"""How mini-swe-agent ends: with a command."""


E = TypeVar("E", bound=BaseEvent)


@dataclass(frozen=True)
class Played:
    """A trial that is over."""

    verdict: Verdict
    timeline: Timeline
    folder: TrialFolder

    def all(self, kind: type[E]) -> list[E]:
        return list(self.timeline.of(kind))

    def commands(self) -> list[str]:
        return [step.command for step in self.timeline.steps]

    def executed(self, before: Injected | None = None) -> list[str]:
        known = (e for e in self.all(Exec) if before is None or e.seq < before.seq)
        return [" ".join(event.argv) for event in known]


@pytest.fixture(scope="module")
def library() -> Library:
    return load()


@pytest.fixture(scope="module")
def shared(library: Library) -> Iterator[Resources]:
    """Return resources with the helpers running and the gateway open, no agent installed yet."""
    model = agent("model", MISSES)
    specs = [spec(library, model)]
    made = resources.prepare(library, specs, "tests", print)
    with (
        resources.with_helpers(made, specs, print) as helped,
        resources.with_gateway(helped, specs) as ready,
    ):
        yield ready


def agent(adapter: str, turns: Sequence[Mapping[str, Any]], **settings: Any) -> AgentSpec:
    if adapter == "mini-swe-agent":
        turns = [SUBMIT if turn is DONE else turn for turn in turns]
    settings = {"scenario": {"turns": turns, "aside": "A title"}, **settings}
    return AgentSpec(id=adapter, adapter=adapter, settings=settings, deterministic=True)


def spec(library: Library, who: AgentSpec, fault: str = "git_index_locked") -> TrialSpec:
    task = library.tasks["fix-slug"]
    pair = next((p for p in task.faults if p.name == fault), Pair(fault=fault))
    return spec_of(library, task, pair, who)


def installed(shared: Resources, wanted: TrialSpec) -> Resources:
    """Return the resources with the agent's image layer, which is built once for all."""
    try:
        layers = dict(resources._layers([wanted], shared.images, print))
    except InstallFailed as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"the package index cannot be reached: {error}"[:300])
    return replace(shared, layers=layers)


def played(shared: Resources, wanted: TrialSpec, tmp_path: Path) -> Played:
    folder = TrialFolder(tmp_path / wanted.trial)
    folder.path.mkdir()
    folder.write_spec(wanted)
    verdict = play(wanted, installed(shared, wanted), folder, threading.Event())
    return Played(verdict, Timeline(folder.read_events()), folder)


REAL = ["codex", "claude-code", "gemini-cli", "opencode", "openhands", "mini-swe-agent", "model"]


@pytest.mark.parametrize("adapter", REAL)
def test_an_agent_that_repairs_has_recovered(
    adapter: str, library: Library, shared: Resources, tmp_path: Path
) -> None:
    """The lock appears right before its `git commit`; it removes it and commits."""
    trial = played(shared, spec(library, agent(adapter, RECOVERS)), tmp_path)
    assert (Outcome.RECOVERED, "done") == (trial.verdict.outcome, trial.verdict.claimed), trial
    assert [SLUG, COMMIT, REPAIR, COMMIT] == [c.rstrip("\n") for c in trial.commands()[1:5]]
    codes = [seen.exit_code for seen in trial.all(Observation)][:5]
    if adapter == "opencode":
        assert {None} == set(codes), "it tells no exit codes"
    else:
        assert [0, 0, 128, 0] == [
            *codes[:2],
            *([128] if codes[2] in {1, 128} else [codes[2]]),
            codes[4],
        ]
    executed = trial.executed()
    assert executed.count("git commit -m Mend slugs") == 2
    assert "unlink .git/index.lock" in executed
    before = trial.executed(before=trial.timeline.first(Injected))
    # opencode's own snapshots, which it takes beside its work.
    before = [each for each in before if "/opencode/snapshot/" not in each]
    assert before[-1] == "git add inkpot/slug.py", (
        "a held execution is recorded behind the injection"
    )
    calls = trial.all(ModelCall)
    assert all((100, 20) == (call.prompt, call.completion) for call in calls)
    assert all((trial.folder.path / "artifacts" / call.response).is_file() for call in calls)


@pytest.mark.parametrize("adapter", REAL)
def test_an_agent_that_does_not_look_has_missed(
    adapter: str, library: Library, shared: Resources, tmp_path: Path
) -> None:
    """Its commit fails, and it claims success all the same."""
    trial = played(shared, spec(library, agent(adapter, MISSES)), tmp_path)
    assert (Outcome.MISSED, True) == (trial.verdict.outcome, trial.verdict.false_success), trial


def test_openhands_says_its_last_words_with_a_tool(
    library: Library, shared: Resources, tmp_path: Path
) -> None:
    """Its model ends by calling `finish`; a model of the chat format is talked to in that."""
    turns = [
        {"say": "Look.", "run": "printf 'a\\033[31mb\\033[0m\\n'; (exit 3)"},
        {"tool": {"finish": {"message": "I may not.\n\nSTATUS: blocked"}}},
    ]
    trial = played(shared, spec(library, agent("openhands", turns, model="gpt-4o")), tmp_path)
    said = [message.text for message in trial.all(Message)]
    assert (["I may not.\n\nSTATUS: blocked"], "blocked") == (said, trial.verdict.claimed)
    assert {"chat"} == {call.format for call in trial.all(ModelCall)}
    [seen] = trial.all(Observation)
    assert (True, 3) == (seen.stdout.startswith("ab\n"), seen.exit_code), seen


def test_aider_meets_what_its_own_commit_answers(
    library: Library, shared: Resources, tmp_path: Path
) -> None:
    """It commits by itself, and notes how that failed; its model is told nothing of it."""
    code = SLUG.split("\n", 1)[1].removesuffix("END")
    turns = [{"say": f"inkpot/slug.py\n```\n{code}```\n\nSTATUS: done"}, {"say": "Mend slugs"}]
    args = ["--edit-format", "whole", "inkpot/slug.py"]
    who = agent("aider", [], scenario={"turns": turns}, args=args)
    trial = played(shared, spec(library, who), tmp_path)
    assert (Outcome.MISSED, True) == (trial.verdict.outcome, trial.verdict.false_success), trial
    steps = zip(trial.all(Action), trial.all(Observation), strict=True)
    codes = {action.command.split()[1]: seen.exit_code for action, seen in steps}
    assert (128, None) == (codes["commit"], codes["rev-list"])


# --- how agents end ------------------------------------------------------------------------


def ended(trial: Played) -> tuple[str, str]:
    """Return (whose failure it is, its word)."""
    failed = trial.all(Failed)
    if failed:
        return "harness", failed[0].word
    return "agent", trial.all(Stopped)[0].word


def test_a_spent_budget_is_the_agents_own(
    library: Library, shared: Resources, tmp_path: Path
) -> None:
    """The answer that goes beyond the budget is not given; the trial counts."""
    who = agent("model", RECOVERS, budget={"tokens": 300})
    trial = played(shared, spec(library, who), tmp_path)
    assert ("agent", "budget spent") == ended(trial)
    assert [120, 240, 360] == [120 * (i + 1) for i in range(len(trial.all(ModelCall)))]
    assert (2, "cut-off") == (len(trial.all(Action)), trial.verdict.claimed)


def test_a_budget_in_money_needs_prices_and_is_kept(
    library: Library, shared: Resources, tmp_path: Path
) -> None:
    """100 prompt and 20 answer tokens at 10 and 50 USD a million cost 0.002 USD."""
    prices = {"gpt-5": {"prompt": 10, "completion": 50}}
    who = agent("model", RECOVERS, budget={"usd": 0.003}, prices=prices)
    trial = played(shared, spec(library, who), tmp_path)
    assert ("agent", "budget spent") == ended(trial)
    assert [0.002, 0.002] == [call.usd for call in trial.all(ModelCall)]


@pytest.mark.parametrize("adapter", ["model", "codex"])
def test_an_unreachable_model_is_not_the_agents(
    adapter: str,
    library: Library,
    shared: Resources,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody answers where the provider should be: the trial is invalid, and says why."""
    monkeypatch.setattr("harness.gateway.models.TRIES", 1)
    who = AgentSpec(
        id=adapter, adapter=adapter, settings={"provider": {"base_url": "http://127.0.0.1:9"}}
    )
    trial = played(shared, spec(library, who), tmp_path)
    assert (Outcome.INVALID, ("harness", "model unreachable")) == (
        trial.verdict.outcome, ended(trial),
    )  # fmt: skip


def test_a_crash_is_the_agents_own(library: Library, shared: Resources, tmp_path: Path) -> None:
    """A program that does not know its own options ends badly, and the trial counts."""
    trial = played(
        shared, spec(library, agent("codex", MISSES, args=["--no-such-option"])), tmp_path
    )
    assert (("agent", "crashed"), Outcome.UNEXPOSED) == (ended(trial), trial.verdict.outcome)


def test_time_is_up_for_a_program(library: Library, shared: Resources, tmp_path: Path) -> None:
    """What runs on at the limit is ended, and the time is the agent's."""
    wanted = spec(library, agent("model", [{"say": "wait", "run": "sleep 30"}, DONE]))
    hurried = wanted.task.model_copy(update={"limits": Limits(seconds=2, step_seconds=60)})
    trial = played(shared, wanted.model_copy(update={"task": hurried}), tmp_path)
    assert (("agent", "timed out"), "cut-off") == (ended(trial), trial.verdict.claimed)


def test_a_planted_key_is_nowhere(
    library: Library, shared: Resources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key stands in no file of the trial, and not in the sandbox."""
    monkeypatch.setenv("PLANTED_KEY", "sk-planted-key-0123456789")
    turns = [{"say": "look", "run": "env; cat /proc/*/environ | tr '\\0' '\\n'"}, DONE]
    who = agent("codex", turns, env_from="PLANTED_KEY")
    trial = played(shared, spec(library, who), tmp_path)
    assert "OPENAI_API_KEY=sk-" in trial.all(Observation)[0].stdout
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if b"planted-key" in path.read_bytes()]


# --- replay --------------------------------------------------------------------------------


def test_a_recorded_trial_runs_again_without_its_model(
    library: Library, shared: Resources, tmp_path: Path
) -> None:
    """Same answers, same steps, same verdict; and after two answers the model goes on live."""
    first = played(shared, spec(library, agent("codex", RECOVERS)), tmp_path)
    again = agent("codex", [], replay={"trial": str(first.folder.path)})
    again = again.model_copy(
        update={"settings": {"replay": again.settings["replay"]}, "id": "again"}
    )
    second = played(shared, spec(library, again), tmp_path)
    assert first.verdict.outcome == second.verdict.outcome == Outcome.RECOVERED
    assert first.commands() == second.commands()
    assert recording.read_recording(
        first.timeline.events, first.folder.path / "artifacts"
    ) == recording.read_recording(second.timeline.events, second.folder.path / "artifacts")
    live = agent("codex", [DONE], replay={"trial": str(first.folder.path), "after": 2})
    third = played(shared, spec(library, live.model_copy(update={"id": "live"})), tmp_path)
    assert (2, Outcome.UNEXPOSED) == (len(third.all(Action)), third.verdict.outcome)


# --- the model fails -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("adapter", "fault", "effects"),
    [
        pytest.param("codex", "model_rate_limited", 2, id="Codex waits for a rate limit"),
        pytest.param("codex", "model_stream_cut", 1, id="Codex asks again after a cut stream"),
        pytest.param("claude-code", "model_overloaded", 2, id="Claude Code outwaits overload"),
        pytest.param("model", "model_rate_limited", 2, id="rate limit"),
        pytest.param("model", "model_call_malformed", 1, id="malformed call"),
    ],
)
def test_an_agent_outlasts_its_failing_model(
    adapter: str, fault: str, effects: int, library: Library, shared: Resources, tmp_path: Path
) -> None:
    """The fault is met as often as its schedule says, counted at the gateway, and outlasted."""
    turns = [*MISSES[:2], {"say": "Look.", "run": "git log -1"}, DONE]
    trial = played(shared, spec(library, agent(adapter, turns), fault), tmp_path)
    counted = [effect.count for effect in trial.all(Effect)]
    assert list(range(1, effects + 1)) == counted
    assert (True, Outcome.RECOVERED) == (trial.verdict.exposed, trial.verdict.outcome), trial


def test_an_agent_that_gives_up_on_its_model_has_missed(
    library: Library, shared: Resources, tmp_path: Path
) -> None:
    """An injected fault is no infrastructure: that the agent ends by it is the agent's own."""
    wanted = spec(library, agent("model", MISSES), "model_overloaded")
    endless = {"when": Trigger(kind="step", value=1), "schedule": Schedule(kind="permanent")}
    lasting = wanted.fault.model_copy(update=endless)
    trial = played(shared, wanted.model_copy(update={"fault": lasting}), tmp_path)
    assert (("agent", "crashed"), Outcome.MISSED) == (ended(trial), trial.verdict.outcome)


def test_an_agent_without_a_model_at_the_gateway_is_skipped(library: Library) -> None:
    """A scripted agent cannot meet a model's fault: the reason is said."""
    oracle = AgentSpec(id="oracle", adapter="scripted", settings={"policy": "oracle"})
    specs = [spec(library, oracle, "model_rate_limited"), spec(library, agent("model", MISSES))]
    notes: list[str] = []
    assert [specs[1]] == playable(specs, notes.append)
    assert [f"skipped: {specs[0].trial}: its model is not at the gateway"] == notes


# --- any command line ----------------------------------------------------------------------

OWN = """\
mkdir -p /tmp/log && echo thinking > /tmp/log/own.txt
{fix}
git add inkpot/slug.py && git commit -m "Mend slugs" || {{
    pgrep git; unlink .git/index.lock; {commit}
}}
echo 'STATUS: done'
"""


def test_an_unheard_command_is_seen_by_its_executions(
    library: Library, shared: Resources, tmp_path: Path
) -> None:
    """No model at the gateway: each program that its process executes is a step; it is judged."""
    script = OWN.format(fix=SLUG, commit=COMMIT)
    settings = {"command": ["bash", "-c", script], "logs": ["/tmp/log/own.txt"]}
    who = AgentSpec(id="own", adapter="command", settings=settings)
    trial = played(shared, spec(library, who), tmp_path)
    assert (Outcome.RECOVERED, "done") == (trial.verdict.outcome, trial.verdict.claimed), trial
    assert "git commit -m Mend slugs" in trial.commands()
    assert {None} == {seen.exit_code for seen in trial.all(Observation)}
    log = next(log for log in trial.all(Logged) if log.name == "/tmp/log/own.txt")
    path = trial.folder.path / "artifacts" / log.artifacts[0]
    assert path.read_text() == "thinking\n"


def test_a_commands_install_is_an_image_layer(
    library: Library, shared: Resources, tmp_path: Path
) -> None:
    """What `install` leaves is there when the command begins, for the agent's user."""
    install = "printf 'echo from the layer; echo STATUS: blocked' > /opt/own.sh\n"
    settings = {"command": ["sh", "/opt/own.sh"], "install": install}
    who = AgentSpec(id="own", adapter="command", settings=settings)
    trial = played(shared, spec(library, who), tmp_path)
    last = trial.all(Message)[-1].text
    assert ("from the layer\nSTATUS: blocked\n", "blocked") == (last, trial.verdict.claimed)


def test_a_failed_install_is_not_the_agents(library: Library, shared: Resources) -> None:
    """Nothing starts; the error carries the last lines of the build."""
    settings = {"command": ["x"], "install": "echo no such thing; exit 3"}
    wanted = spec(library, AgentSpec(id="own", adapter="command", settings=settings))
    with pytest.raises(InstallFailed, match="install failed"):
        dict(resources._layers([wanted], shared.images, print))
    assert InstallFailed.word == "install failed"


def test_a_command_with_a_model_at_the_gateway_is_heard(
    library: Library, shared: Resources, tmp_path: Path
) -> None:
    """Its tool calls are its steps, whatever program it is; its key is the trial's token."""
    settings = {
        "command": ["python3", "-c", CLIENT, "{url}", "{key}"],
        "scenario": {"turns": [{"say": "Look.", "run": "cat README.md"}, DONE]},
        "exit_code": r"^exit (\d+)$",
    }
    who = AgentSpec(id="own", adapter="command", settings=settings)
    trial = played(shared, spec(library, who), tmp_path)
    assert ["cat README.md"] == trial.commands()
    assert [0] == [seen.exit_code for seen in trial.all(Observation)]
    assert (2, "done") == (len(trial.all(ModelCall)), trial.verdict.claimed)


CLIENT = """
import json, subprocess, sys, urllib.request
url, key = sys.argv[1:]
said = [{"role": "user", "content": "go"}]
tool = {"type": "function", "function": {"name": "bash", "parameters": {
    "type": "object", "properties": {"command": {"type": "string"}}}}}
while True:
    body = json.dumps({"model": "m", "messages": said, "tools": [tool]}).encode()
    headers = {"authorization": "Bearer " + key, "content-type": "application/json"}
    asked = urllib.request.Request(url + "/v1/chat/completions", body, headers)
    answer = json.load(urllib.request.urlopen(asked))["choices"][0]["message"]
    said.append(answer)
    for call in answer.get("tool_calls") or []:
        command = json.loads(call["function"]["arguments"])["command"]
        ran = subprocess.run(command, shell=True, capture_output=True, text=True)
        content = f"exit {ran.returncode}\\n{ran.stdout}"
        said.append({"role": "tool", "tool_call_id": call["id"], "content": content})
    if not answer.get("tool_calls"):
        break
"""
