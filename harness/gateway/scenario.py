r"""A model that plays a script: known behaviour for real agents, without a model.

    turns:
      - say: Let me look.
        run: git status
      - when: 'index\.lock'        # plays only if the last tool result matches
        say: A stale lock is in the way.
        run: rm -f .git/index.lock
      - say: |
          Done.

          STATUS: done

At each request the first turn not yet played whose `when` matches (none: always) is played.  When
nothing is left the last words are said again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import Field

from harness.gateway.turns import SHELLS, Answer, Request, ToolCall, Usage
from harness.models.values import CheckedRegex, Frozen
from harness.patterns import matches


class Line(Frozen):
    """One answer of the scripted model."""

    when: CheckedRegex | None = None
    """Searched in the tool results since the last answer, and in the user's words."""
    say: str = ""
    run: str | tuple[str, ...] = ()
    """Shell commands, one a tool call."""
    tool: dict[str, dict[str, Any]] = Field(default={})
    """Other tools: name -> arguments."""
    again: bool = False
    """May be played more than once."""


class Scenario(Frozen):
    """A script, with the tokens that each answer claims to have cost."""

    turns: tuple[Line, ...] = Field(min_length=1)
    tokens: Usage = Usage(prompt=100, completion=20)
    aside: str | None = None
    """What requests that offer no tools get (titles, summaries); None: a turn like all others."""


def player(scenario: Scenario) -> Callable[[Request], Answer]:
    """Return a model that plays the scenario once from its beginning.

    A request that comes again, because its answer was lost, gets the same answer.
    """
    played: set[int] = set()
    given: dict[str, Answer] = {}
    last = Line(say="STATUS: blocked - the script is over")

    def choose(request: Request) -> Line:
        nonlocal last
        heard = "\n".join([*(result.text for result in request.results), request.text])
        for i, line in enumerate(scenario.turns):
            ready = line.when is None or matches(line.when, heard)
            if i not in played and ready:
                if not line.again:
                    played.add(i)
                last = line
                return line
        return Line(say=last.say)

    def play(request: Request) -> Answer:
        if scenario.aside is not None and not request.tools:
            return spoken(Line(say=scenario.aside), request, scenario.tokens)
        key = request.model_dump_json(exclude={"tools"})
        if key not in given:
            given[key] = spoken(choose(request), request, scenario.tokens)
        return given[key]

    return play


def spoken(line: Line, request: Request, tokens: Usage) -> Answer:
    """Return a line as an answer to this request, in the tools that the agent offers."""
    commands = (line.run,) if isinstance(line.run, str) else line.run
    calls = [shell_call(command, request) for command in commands]
    calls += [(name, arguments) for name, arguments in line.tool.items()]
    named = tuple(
        ToolCall(id=f"call_{request.turns + 1}_{i}", name=name, arguments=arguments)
        for i, (name, arguments) in enumerate(calls)
    )
    return Answer(text=line.say, calls=named, usage=tokens, model=request.model)


def shell_call(command: str, request: Request) -> tuple[str, dict[str, Any]]:
    """Return (tool, arguments) of a shell command, fitted to the schema the agent offers."""
    name = next((n for n in request.tools if n.lower() in SHELLS), None)
    if name is None:
        return "bash", {"command": command}
    schema: Mapping[str, Any] = request.tools[name].get("properties") or {}
    key = "cmd" if "cmd" in schema and "command" not in schema else "command"
    listed = "array" in json.dumps(schema.get(key, {}).get("type", ""))
    arguments: dict[str, Any] = {key: ["bash", "-lc", command] if listed else command}
    required = request.tools[name].get("required") or []
    return name, arguments | {k: _filler(schema.get(k, {})) for k in required if k != key}


def _filler(schema: Mapping[str, Any]) -> Any:
    """Return something that fits a property whose value does not matter."""
    if schema.get("enum"):
        return schema["enum"][0]
    return {"string": "run", "boolean": False, "number": 10000, "integer": 10000}.get(
        str(schema.get("type")), ""
    )
