"""The append-only events of a trial: agent, nemesis, checker and harness on one clock.

An event is one JSON object a line in `events.jsonl`:

    {"seq": 0, "t": -0.31, "who": "harness", "what": "begun", ...}

`t` is in seconds since hand-over (negative before).  `who` is agent | nemesis | checker |
harness.  Whatever matters to the result is an event; nothing else is needed to judge.

| who     | what       | fields                                                               |
|---------|------------|----------------------------------------------------------------------|
| harness | begun      | image, versions, gate (seccomp or text)                              |
| harness | handed_over|                                                                      |
| harness | failed     | error, word, message: the trial says nothing about the agent         |
| harness | ended      |                                                                      |
| agent   | acts       | step (from 1), command, message (the words that came with it) or null |
| agent   | sees       | step, stdout, stderr, exit_code or null, pipestatus or null, seconds,|
|         |            | timed_out, died (the shell ended), cut (output shortened), artifacts,|
|         |            | digest (state after the step) or null, changed (digest differs),     |
|         |            | paths: [what of it differs: paths, `port N`]                         |
| agent   | says       | text, final (true: nothing follows)                                  |
| agent   | stopped    | how: "ended" (by itself), "crashed" or "cut-off"; word: ended,       |
|         |            | crashed, timed out, out of steps, budget spent; why                  |
| agent   | asked      | its model: turn (from 1), model, format, tools, media, prompt,       |
|         |            | completion, cached (tokens or null), usd or null, seconds, text,     |
|         |            | broken (by a fault), request and response (artifacts)                |
| agent   | unanswered | its model gave no answer: turn, status, message, by: "fault",        |
|         |            | "model" or "gateway", request (artifact)                             |
| agent   | uses       | a tool that is no shell: tool, arguments or null, raw                |
| agent   | logged     | name, artifacts: what it wrote beside its work                       |
| agent   | execs      | step, argv, pid, parent: a program that its processes execute (seen  |
|         |            | by the command gate, where that is in force)                         |
| nemesis | scheduled  | fault, when, schedule                                                |
| nemesis | struck     | strike (from 1), facts (what the mechanism altered)                  |
| nemesis | took       | strike, took: bool, by: "present" or "counter"                       |
| nemesis | probed     | present: bool or null, need: bool or null, step                      |
| nemesis | healed     | strike, by: "harness", why                                           |
| nemesis | effect     | count, and step or pid: the mechanism's or the commands' counter     |
| checker | killed     | killed: [names], survivors: [names] (undeclared: trial invalid)      |
| checker | present    | present: bool or null, need: bool or null                            |
| checker | unharmed   | changed: [protected paths that differ]                               |
| checker | solved     | solved: bool, exit_code, output, seconds                             |
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

Event = dict[str, Any]


class History:
    """Write events as they happen: in memory for the nemesis, on disk for everybody else."""

    def __init__(self, stream: IO[str], clock: Callable[[], float]) -> None:
        self.events: list[Event] = []
        self._stream = stream
        self._clock = clock
        self._origin = clock()

    def now(self) -> float:
        """Seconds since hand-over (before it: since the trial began, as a negative guess of 0)."""
        return self._clock() - self._origin

    def hand_over(self) -> None:
        """Start the agent's clock: from here on `t` counts from zero."""
        shift = self.now()
        self._origin += shift
        self.add("harness", "handed_over", before=round(shift, 4))

    def add(self, who: str, what: str, **fields: Any) -> Event:
        """Append one event, whole, and flush it."""
        event: Event = {
            "seq": len(self.events),
            "t": round(self.now(), 4),
            "who": who,
            "what": what,
            **fields,
        }
        self.events.append(event)
        self._stream.write(json.dumps(event, ensure_ascii=False) + "\n")
        self._stream.flush()
        return event


def read(path: Path) -> list[Event]:
    """Return the events of a stored history; a torn last line (a killed writer) is left out."""
    lines = path.read_text(encoding="utf-8", errors="surrogatepass").split("\n")
    return [json.loads(line) for line in lines[:-1] if line]


def of(events: Sequence[Event], who: str, what: str) -> Iterator[Event]:
    """Return the events of one kind, in order."""
    return (e for e in events if e["who"] == who and e["what"] == what)
