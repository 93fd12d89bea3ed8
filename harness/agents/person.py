"""A person at a terminal, in the agent's seat: what the agent would see, and nothing else."""

from __future__ import annotations

import sys

from harness.agents import base
from harness.agents.session import Session
from harness.models.trial import AgentSpec, TrialSpec
from harness.shelltext.parse import parse

PERSON = AgentSpec(id="person", adapter="person")

HOW = """\
You have the agent's seat: one shell, one command at a time. A line that begins with # is what you
say with your next command. `exit`, or the end of the input, ends your work.
"""

LEAVES = ("exit", "logout", "quit")

Settings = base.Settings
ready = base.ready
layer = base.no_layer
endpoint = base.no_endpoint
model_of = base.no_model


def play(spec: TrialSpec, session: Session) -> None:
    """Show the instruction, then run what is typed until the person leaves with some last words."""
    _show(f"{HOW}\n{spec.task.instruction.rstrip()}\n\n")
    said: list[str] = []
    while (command := _read()) is not None and command.strip() not in LEAVES:
        if _is_word(command):
            said.append(command.strip().lstrip("#").strip())
        elif command.strip():
            seen = session.do(command, " ".join(said) or None)
            said = []
            _show(_told(seen.text, seen.exit_code, seen.note))
    _show("\nYour last words, with the STATUS line; an empty line ends them.\n")
    session.say("\n".join([*said, *_last_words()]))


def _is_word(command: str) -> bool:
    lines = [line for line in command.splitlines() if line.strip()]
    return bool(lines) and all(line.lstrip().startswith("#") for line in lines)


def _read() -> str | None:
    """Return a command, with the lines that it still wants; None at the end of the input."""
    lines: list[str] = []
    while True:
        line = _line("> " if lines else "$ ")
        if line is None:
            return "\n".join(lines) if lines else None
        lines.append(line)
        text = "\n".join(lines)
        if parse(text).complete and not line.endswith("\\"):
            return text


def _last_words() -> list[str]:
    lines: list[str] = []
    while line := _line(""):
        lines.append(line)
    return lines


def _line(prompt: str) -> str | None:
    _show(prompt)
    line = sys.stdin.readline()
    return line.rstrip("\n") if line else None


def _told(text: str, exit_code: int | None, note: str | None) -> str:
    whole = text if not text or text.endswith("\n") else f"{text}\n"
    ended = f"[exit {exit_code}]\n" if exit_code else ""
    return whole + ended + (f"[{note}]\n" if note else "")


def _show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
