"""The events of a trial, one frozen type for each kind, on one clock.

An event is one JSON object a line in `events.jsonl`:

    {"seq": 3, "t": 0.59, "who": "agent", "what": "action", "step": 1, "command": "ls", ...}

`t` is in seconds since hand-over (negative before).  Whatever matters to the result is an event;
nothing else is needed to judge.  Steps, turns and injections count from 1.  A new kind is one class
here and its name in `Event`.
"""

from __future__ import annotations

from typing import Any, Literal

from harness.history.base import BaseEvent, Numbers, Text, Texts


class HarnessEvent(BaseEvent):
    """Of the harness itself."""

    who: Literal["harness"] = "harness"


class Begun(HarnessEvent):
    """The sandbox is about to be made; by these versions of the harness and of the engine."""

    what: Literal["begun"] = "begun"
    harness: Text = ""
    engine: Text = ""
    image: Text = ""
    exec_filter: Literal["seccomp", "text"] = "text"
    """`seccomp`: executions are seen; `text`: commands are matched as they were typed."""


class HandedOver(HarnessEvent):
    """The agent's clock starts."""

    what: Literal["handed_over"] = "handed_over"
    before: float | None = None
    """Seconds from the first event until now; earlier events carry `t` from that origin."""


class Failed(HarnessEvent):
    """The harness or its machine failed: the trial says nothing about the agent."""

    what: Literal["failed"] = "failed"
    error: Text = ""
    word: Text = ""
    message: Text = ""


class Ended(HarnessEvent):
    """The trial is over."""

    what: Literal["ended"] = "ended"


class AgentEvent(BaseEvent):
    """Of the agent."""

    who: Literal["agent"] = "agent"


class Action(AgentEvent):
    """The agent runs a command: a step begins."""

    what: Literal["action"] = "action"
    step: int
    """From 1."""
    command: Text
    message: Text | None = None
    """The words that came with it."""


class Observation(AgentEvent):
    """What came back: the step is over."""

    what: Literal["observation"] = "observation"
    step: int
    stdout: Text = ""
    stderr: Text = ""
    exit_code: int | None = None
    pipestatus: Numbers | None = None
    seconds: float | None = None
    timed_out: bool = False
    died: bool = False
    """The shell ended."""
    cut: bool = False
    """The output is shortened."""
    note: Text | None = None
    """What the channel had to say: a time-out, a new shell."""
    artifacts: Texts = ()
    """sha256 of the whole stdout and stderr, where they are shortened."""
    digest: Text | None = None
    """State after the step."""
    changed: bool = False
    """The digest differs from the one before."""
    paths: Texts = ()
    """What of the state differs: paths, `port N`."""


class Message(AgentEvent):
    """The agent's own words."""

    what: Literal["message"] = "message"
    text: Text
    final: bool = False
    """Nothing follows; the last line carries the claim."""


class Exec(AgentEvent):
    """A program that the agent's processes execute, as the exec filter sees it."""

    what: Literal["exec"] = "exec"
    step: int
    argv: Texts = ()
    pid: int | None = None
    parent: int | None = None


class ModelCall(AgentEvent):
    """The agent's model answered.  Tokens are None where the provider does not say."""

    what: Literal["model_call"] = "model_call"
    turn: int
    model: Text = ""
    format: Text = ""
    tools: bool = False
    media: Text = ""
    prompt: int | None = None
    completion: int | None = None
    cached: int | None = None
    usd: float | None = None
    seconds: float | None = None
    text: Text = ""
    broken: bool = False
    """A fault altered the answer."""
    request: Text = ""
    response: Text = ""


class ModelError(AgentEvent):
    """The agent's model gave no answer."""

    what: Literal["model_error"] = "model_error"
    turn: int
    status: int | None = None
    """The HTTP status, where there was one."""
    message: Text = ""
    by: Literal["fault", "model", "gateway"] = "gateway"
    request: Text = ""


class ToolCall(AgentEvent):
    """The agent uses a tool that is no shell."""

    what: Literal["tool_call"] = "tool_call"
    tool: Text
    arguments: Any = None
    """As parsed from JSON; None where that failed, then `raw` has the text."""
    raw: Text | None = None


class Logged(AgentEvent):
    """Something that the agent wrote beside its work."""

    what: Literal["logged"] = "logged"
    name: Text
    artifacts: Texts = ()


class Surveyed(AgentEvent):
    """Whether a step changed anything at all that the next step could notice."""

    what: Literal["surveyed"] = "surveyed"
    step: int
    changed: bool


class Stopped(AgentEvent):
    """The agent's part is over."""

    what: Literal["stopped"] = "stopped"
    how: Literal["ended", "crashed", "cut-off"]
    word: Text = ""
    """ended, crashed, timed out, out of steps, budget spent"""
    why: Text = ""


class NemesisEvent(BaseEvent):
    """Of the fault."""

    who: Literal["nemesis"] = "nemesis"


class Scheduled(NemesisEvent):
    """The fault waits for its trigger."""

    what: Literal["scheduled"] = "scheduled"
    fault: Text
    when: dict[str, Any] = {}
    schedule: dict[str, Any] = {}


class Injected(NemesisEvent):
    """The mechanism has done its work; whether it worked is `confirmed` next."""

    what: Literal["injected"] = "injected"
    injection: int
    facts: dict[str, Any] = {}
    """What the mechanism altered."""


class Confirmed(NemesisEvent):
    """Whether the fault is really in force, asked right after it was injected."""

    what: Literal["confirmed"] = "confirmed"
    injection: int
    confirmed: bool
    by: Text = "present"


class Probed(NemesisEvent):
    """A look at the fault after a step."""

    what: Literal["probed"] = "probed"
    step: int | None = None
    present: bool | None = None
    need: bool | None = None
    """Whether what the task needs works."""


class Reverted(NemesisEvent):
    """The harness itself ended the fault."""

    what: Literal["reverted"] = "reverted"
    injection: int
    by: Text = "harness"
    why: Text = ""


class Effect(NemesisEvent):
    """The fault had an effect on the agent, as its mechanism or the commands count them."""

    what: Literal["effect"] = "effect"
    count: int
    """How many there have been since the injection."""
    step: int | None = None
    pid: int | None = None


class VerifierEvent(BaseEvent):
    """Of the last look."""

    who: Literal["verifier"] = "verifier"


class Killed(VerifierEvent):
    """What the agent left running was ended."""

    what: Literal["killed"] = "killed"
    killed: Texts = ()
    survivors: Texts = ()
    """Undeclared processes that outlived it: the trial is invalid."""


class Present(VerifierEvent):
    """The last look at the fault."""

    what: Literal["present"] = "present"
    present: bool | None = None
    need: bool | None = None


class Unharmed(VerifierEvent):
    """The protected paths that differ."""

    what: Literal["unharmed"] = "unharmed"
    changed: Texts


class Solved(VerifierEvent):
    """What the task's verifier said."""

    what: Literal["solved"] = "solved"
    solved: bool
    exit_code: int | None = None
    output: Text = ""
    seconds: float | None = None


Event = (
    Begun | HandedOver | Failed | Ended
    | Action | Observation | Message | Exec | ModelCall | ModelError | ToolCall | Logged
    | Surveyed | Stopped
    | Scheduled | Injected | Confirmed | Probed | Reverted | Effect
    | Killed | Present | Unharmed | Solved
)  # fmt: skip
"""Any event; `match` on the class."""
