"""What kind of act a command is, and whether two commands are tries at the same thing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from harness.shelltext import programs
from harness.shelltext.commands import commands
from harness.shelltext.parse import parse

Act = Literal["inspects", "waits", "installs", "edits", "alters", "runs"]
"""Looks, lets time pass, gets a package, changes a file, changes other state; the rest."""

Likeness = Literal["same", "altered", "other"]
"""The same words; the same program with other arguments; another program on the same objects."""

SHORT = 4
"""characters; shorter names are alike by chance"""

ALIKE = 0.6
"""How alike (0 to 1) two operands must be to be taken for spellings of one thing."""

_INSTALLS = re.compile(
    r"^(?:\S*(?:apt|apt-get|aptitude|dnf|yum|apk|brew|snap|conda|mamba|gem|cargo|go|npm|pnpm|yarn|"
    r"pip\d?(?:\.\d+)?|pipx|uv|poetry|pipenv|bundle|composer|cpan|cpanm|luarocks|opam|dpkg|rpm"
    r"|npx) "
    r"(?:\S+ )*?(?:install|add|get|i|ci|sync|-i|-S|require|download|update|upgrade|configure)\b"
    r"|\S*python[\d.]* -m (?:pip|venv|ensurepip)\b|\S*virtualenv\b|uv venv\b|corepack enable)"
)
_EDITS = re.compile(
    r"^(?:sed (?:\S+ )*(?:-i|--in-place|-\w*i)|tee |patch|ed |ex |vim? |nano |perl (?:\S+ )*-\w*i|"
    r"git (?:apply|am|checkout|restore|revert|merge|cherry-pick|stash)|dos2unix|truncate |dd |"
    r"apply_patch|edit|edit_file|str_replace\S*|write|write_file|create|insert|black |ruff |"
    r"prettier |gofmt |isort )"
)


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command as words."""

    words: tuple[str, ...]

    @property
    def program(self) -> str:
        """Its program, without the folder and the version in the name."""
        return self.words[0].rsplit("/", 1)[-1].rstrip("0123456789.") or self.words[0]

    @property
    def verb(self) -> str:
        """What a program of many verbs (`git`, `npm`, `python -m`) is told to do; '' for others."""
        plain = [word for word in self.words[1:] if not word.startswith("-")]
        many = self.program in programs.MANY or self.words[1:2] == ("-m",)
        return plain[0] if many and plain else ""

    @property
    def operands(self) -> frozenset[str]:
        """What it is about: its words that are neither options nor the verb."""
        plain = [word for word in self.words[1:] if word[0] not in "-<>&$"]
        return frozenset(word.strip("'\"./") for word in plain[bool(self.verb) :]) - {""}


@lru_cache(maxsize=4096)
def read(line: str) -> tuple[Command, ...]:
    """Return the simple commands of a shell line."""
    return tuple(Command(tuple(words)) for text in commands(line) if (words := text.split()))


@lru_cache(maxsize=4096)
def acts(line: str) -> frozenset[Act]:
    """Return what a shell line does."""
    found = {_act(command) for command in read(line)}
    redirections = [each for command in parse(line).commands for each in command.redirections]
    feeds = any(each.feeds for each in redirections)
    if any(each.writes for each in redirections) and (feeds or found <= {"inspects"}):
        found.add("edits")
    return frozenset(found)


def _act(command: Command) -> Act:
    program, verb = command.program, "".join(command.words[1:2])
    text = " ".join((program, *command.words[1:]))
    if _INSTALLS.match(text):
        return "installs"
    if _EDITS.match(text):
        return "edits"
    if programs.looks(program, verb) or text.endswith((" --version", " --help")):
        return "inspects"
    if programs.waits(program):
        return "waits"
    return "alters" if programs.alters(program) else "runs"


@lru_cache(maxsize=1 << 14)
def likeness(tried: str, line: str) -> Likeness | None:
    """Say how a shell line takes up what another one tried; None: it does not."""
    if " ".join(tried.split()) == " ".join(line.split()):
        return "same"
    found = {_like(one, other) for one in _tries(tried) for other in read(line)}
    levels: tuple[Likeness, ...] = ("same", "altered", "other")
    return next((level for level in levels if level in found), None)


def _tries(line: str) -> tuple[Command, ...]:
    """Return the commands that a line was about: not those that only wait or talk."""
    found = read(line)
    real = tuple(c for c in found if _act(c) != "waits" and not programs.chats(c.program))
    return real or found


def _like(tried: Command, other: Command) -> Likeness | None:
    if tried.words == other.words:
        return "same"
    if tried.program == other.program:
        return "altered" if tried.verb == other.verb and _same_thing(tried, other) else None
    if _act(tried) != _act(other) or programs.chats(other.program):
        return None
    return "other" if _telling(tried.operands & other.operands) else None


def _same_thing(tried: Command, other: Command) -> bool:
    """Say whether a command is about what another one was about, about more, or a like name."""
    if not other.operands or tried.operands & other.operands:
        return True
    return any(_alike(a, b) for a in tried.operands for b in other.operands)


def _alike(one: str, other: str) -> bool:
    if min(len(one), len(other)) < SHORT:
        return False
    if one.startswith(other) or other.startswith(one):
        return True
    matcher = SequenceMatcher(None, one[:200], other[:200], autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _telling(operands: frozenset[str]) -> bool:
    """Say whether shared operands name something: a path, a URL, a file, a longer name."""
    return any(len(o) > SHORT or "." in o or "/" in o for o in operands)
