"""The events of a trial, one frozen type for each kind, on one clock.

An event is one JSON object a line in `events.jsonl`:

    {"seq": 3, "t": 0.59, "who": "agent", "what": "action", "step": 1, "command": "ls", ...}

`t` is in seconds since hand-over (negative before).  Whatever matters to the result is an event;
nothing else is needed to judge.  A new kind is one class here and its name in `Event`;
`python -m harness.history.events FILE` writes the JSON Schema.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Strict, Tag, TypeAdapter


def _valid_unicode(text: Any) -> Any:
    """Write lone surrogates, which no file in UTF-8 can hold, as their escapes."""
    if isinstance(text, str) and not text.isascii():
        return text.encode("utf-8", "backslashreplace").decode()
    return text


Text = Annotated[str, BeforeValidator(_valid_unicode)]
Texts = Annotated[tuple[Text, ...], Strict(strict=False)]
Numbers = Annotated[tuple[int, ...], Strict(strict=False)]


class BaseEvent(BaseModel):
    """What all events have.  `None` means that it cannot be known."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, strict=True, use_attribute_docstrings=True
    )

    seq: int = -1
    """Its place in the history, from 0; the writer fills it in."""
    t: float = 0.0
    """Seconds since hand-over; the writer fills it in."""


# --- the harness ---------------------------------------------------------------------------


class Begun(BaseEvent):
    """The sandbox is about to be made."""

    who: Literal["harness"] = "harness"
    what: Literal["begun"] = "begun"
    harness: Text = ""
    """The version that plays the trial."""
    engine: Text = ""
    """The version of the container engine."""
    image: Text = ""
    exec_filter: Literal["seccomp", "text"] = "text"
    """`seccomp`: executions are seen; `text`: commands are matched as they were typed."""


class HandedOver(BaseEvent):
    """The agent's clock starts."""

    who: Literal["harness"] = "harness"
    what: Literal["handed_over"] = "handed_over"
    before: float | None = None
    """Seconds from the first event until now; earlier events carry `t` from that origin."""


class Failed(BaseEvent):
    """The harness or its machine failed: the trial says nothing about the agent."""

    who: Literal["harness"] = "harness"
    what: Literal["failed"] = "failed"
    error: Text = ""
    word: Text = ""
    message: Text = ""


class Ended(BaseEvent):
    """The trial is over."""

    who: Literal["harness"] = "harness"
    what: Literal["ended"] = "ended"


# --- the agent -----------------------------------------------------------------------------


class Action(BaseEvent):
    """The agent runs a command: a step begins."""

    who: Literal["agent"] = "agent"
    what: Literal["action"] = "action"
    step: int
    """From 1."""
    command: Text
    message: Text | None = None
    """The words that came with it."""


class Observation(BaseEvent):
    """What came back: the step is over."""

    who: Literal["agent"] = "agent"
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


class Message(BaseEvent):
    """The agent's own words."""

    who: Literal["agent"] = "agent"
    what: Literal["message"] = "message"
    text: Text
    final: bool = False
    """Nothing follows; the last line carries the claim."""


class Exec(BaseEvent):
    """A program that the agent's processes execute, as the exec filter sees it."""

    who: Literal["agent"] = "agent"
    what: Literal["exec"] = "exec"
    step: int
    argv: Texts = ()
    pid: int | None = None
    parent: int | None = None


class ModelCall(BaseEvent):
    """The agent's model answered.  Tokens are None where the provider does not say."""

    who: Literal["agent"] = "agent"
    what: Literal["model_call"] = "model_call"
    turn: int
    """From 1."""
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
    """sha256 of the artifact, as `response`."""
    response: Text = ""


class ModelError(BaseEvent):
    """The agent's model gave no answer."""

    who: Literal["agent"] = "agent"
    what: Literal["model_error"] = "model_error"
    turn: int
    status: int | None = None
    """The HTTP status, where there was one."""
    message: Text = ""
    by: Literal["fault", "model", "gateway"] = "gateway"
    request: Text = ""


class ToolCall(BaseEvent):
    """The agent uses a tool that is no shell."""

    who: Literal["agent"] = "agent"
    what: Literal["tool_call"] = "tool_call"
    tool: Text
    arguments: Any = None
    """As parsed from JSON; None where that failed, then `raw` has the text."""
    raw: Text | None = None


class Logged(BaseEvent):
    """Something that the agent wrote beside its work."""

    who: Literal["agent"] = "agent"
    what: Literal["logged"] = "logged"
    name: Text
    artifacts: Texts = ()


class Surveyed(BaseEvent):
    """Whether a step changed anything at all that the next step could notice."""

    who: Literal["agent"] = "agent"
    what: Literal["surveyed"] = "surveyed"
    step: int
    changed: bool


class Stopped(BaseEvent):
    """The agent's part is over."""

    who: Literal["agent"] = "agent"
    what: Literal["stopped"] = "stopped"
    how: Literal["ended", "crashed", "cut-off"]
    word: Text = ""
    """ended, crashed, timed out, out of steps, budget spent"""
    why: Text = ""


# --- the fault -----------------------------------------------------------------------------


class Scheduled(BaseEvent):
    """The fault waits for its trigger."""

    who: Literal["nemesis"] = "nemesis"
    what: Literal["scheduled"] = "scheduled"
    fault: Text
    when: dict[str, Any] = {}
    schedule: dict[str, Any] = {}


class Injected(BaseEvent):
    """The mechanism has done its work; whether it worked is `confirmed` next."""

    who: Literal["nemesis"] = "nemesis"
    what: Literal["injected"] = "injected"
    injection: int
    """From 1."""
    facts: dict[str, Any] = {}
    """What the mechanism altered."""


class Confirmed(BaseEvent):
    """Whether the fault is really in force, asked right after it was injected."""

    who: Literal["nemesis"] = "nemesis"
    what: Literal["confirmed"] = "confirmed"
    injection: int
    confirmed: bool
    by: Text = "present"


class Probed(BaseEvent):
    """A look at the fault after a step."""

    who: Literal["nemesis"] = "nemesis"
    what: Literal["probed"] = "probed"
    step: int | None = None
    present: bool | None = None
    need: bool | None = None
    """Whether what the task needs works."""


class Reverted(BaseEvent):
    """The harness itself ended the fault."""

    who: Literal["nemesis"] = "nemesis"
    what: Literal["reverted"] = "reverted"
    injection: int
    by: Text = "harness"
    why: Text = ""


class Effect(BaseEvent):
    """The fault had an effect on the agent, as its mechanism or the commands count them."""

    who: Literal["nemesis"] = "nemesis"
    what: Literal["effect"] = "effect"
    count: int
    """How many there have been since the injection."""
    step: int | None = None
    pid: int | None = None


# --- the verifier --------------------------------------------------------------------------


class Killed(BaseEvent):
    """What the agent left running was ended."""

    who: Literal["verifier"] = "verifier"
    what: Literal["killed"] = "killed"
    killed: Texts = ()
    survivors: Texts = ()
    """Undeclared processes that outlived it: the trial is invalid."""


class Present(BaseEvent):
    """The last look at the fault."""

    who: Literal["verifier"] = "verifier"
    what: Literal["present"] = "present"
    present: bool | None = None
    need: bool | None = None


class Unharmed(BaseEvent):
    """The protected paths that differ."""

    who: Literal["verifier"] = "verifier"
    what: Literal["unharmed"] = "unharmed"
    changed: Texts


class Solved(BaseEvent):
    """What the task's verifier said."""

    who: Literal["verifier"] = "verifier"
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

KINDS: dict[tuple[str, str], type[Event]] = {
    (kind.model_fields["who"].default, kind.model_fields["what"].default): kind
    for kind in get_args(Event)
}
"""(who, what) -> class."""


def event_of(data: Any) -> Event | None:
    """Return the event that a JSON object is; None for a kind that is not known here.

    Raises `pydantic.ValidationError` (a `ValueError`) for a known kind that is damaged.
    """
    named = (str(data.get("who")), str(data.get("what"))) if isinstance(data, dict) else ("", "")
    kind = KINDS.get(named)
    return None if kind is None else kind.model_validate(data)


def schema() -> str:
    """Return the text of docs/schema/events.schema.json: one line of `events.jsonl`."""

    def tag(value: Any) -> str:
        return f"{value['who']}/{value['what']}"

    tagged = [Annotated[kind, Tag(f"{who}/{what}")] for (who, what), kind in KINDS.items()]
    union: Any = tagged[0]
    for each in tagged[1:]:
        union = union | each
    made = TypeAdapter(Annotated[union, Discriminator(tag)]).json_schema()
    for kind in made["$defs"].values():
        kind["required"] = sorted({"seq", "t", "who", "what", *kind.get("required", ())})
    dialect = "https://json-schema.org/draft/2020-12/schema"
    whole = {"$schema": dialect, "title": "A line of events.jsonl, format 2", **made}
    return json.dumps(whole, indent=1) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema(), encoding="utf-8")
