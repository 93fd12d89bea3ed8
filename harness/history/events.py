"""The events of a trial, one frozen type for each kind, on one clock.

An event is one JSON object a line in `events.jsonl`:

    {"seq": 3, "t": 0.59, "who": "agent", "what": "action", "step": 1, "command": "ls", ...}

`t` is in seconds since hand-over (negative before).  Whatever matters to the result is an event;
nothing else is needed to judge.  Steps, turns and injections count from 1.  A new kind is one class
here, or in `agent_events`, and its name in `Event`.
"""

from __future__ import annotations

from typing import Any, Literal

from harness.history.agent_events import (
    Action,
    AgentEvent,
    Exec,
    Logged,
    Message,
    ModelCall,
    ModelError,
    Observation,
    Stopped,
    Surveyed,
    ToolCall,
)
from harness.history.base import BaseEvent, Text, Texts

__all__ = [
    "Action",
    "AgentEvent",
    "BaseEvent",
    "Begun",
    "Confirmed",
    "Disturbed",
    "Effect",
    "Ended",
    "Event",
    "Exec",
    "Failed",
    "HandedOver",
    "HarnessEvent",
    "Injected",
    "Killed",
    "Logged",
    "Message",
    "Missed",
    "ModelCall",
    "ModelError",
    "NemesisEvent",
    "Observation",
    "Present",
    "Probed",
    "Reverted",
    "Scheduled",
    "Solved",
    "Stopped",
    "Surveyed",
    "ToolCall",
    "Unharmed",
    "VerifierEvent",
]


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


class Disturbed(HarnessEvent):
    """A colleague did something that has nothing to do with task and fault; no verdict asks."""

    what: Literal["disturbed"] = "disturbed"
    step: int
    """Right before this step."""
    by: Text
    did: Text


class Failed(HarnessEvent):
    """The harness or its machine failed: the trial says nothing about the agent."""

    what: Literal["failed"] = "failed"
    error: Text = ""
    word: Text = ""
    message: Text = ""


class Ended(HarnessEvent):
    """The trial is over."""

    what: Literal["ended"] = "ended"


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
    by: Text = ""
    """Whose trace was left: a user, and what was run."""
    facts: dict[str, Any] = {}
    """What the mechanism altered."""


class Confirmed(NemesisEvent):
    """Whether the fault is really in force, asked right after it was injected."""

    what: Literal["confirmed"] = "confirmed"
    injection: int
    confirmed: bool
    by: Text = "present"


class Missed(NemesisEvent):
    """The moment for an injection had passed when it was tried: it is waited for again."""

    what: Literal["missed"] = "missed"
    why: str


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
    Begun | HandedOver | Disturbed | Failed | Ended
    | Action | Observation | Message | Exec | ModelCall | ModelError | ToolCall | Logged
    | Surveyed | Stopped
    | Scheduled | Injected | Confirmed | Missed | Probed | Reverted | Effect
    | Killed | Present | Unharmed | Solved
)  # fmt: skip
"""Any event; `match` on the class."""
