"""Rules for a trigger: it waits for a fact that any agent's way brings about, not for a wording."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from harness.library.diagnostics import Diagnostic
from harness.library.templates import substitute
from harness.library.yaml_positions import Document, Loc
from harness.models.trigger import PROGRAMS, Trigger
from harness.shelltext.programs import BUILTINS, SHELLS, looks

_NAME = re.compile(r"[\w.+*?@-]+")
_SHELL = re.compile(r"[;&|<>()$`\"'\\\s]")


def check(
    document: Document, loc: Loc, when: Trigger | None, values: Mapping[str, str]
) -> Iterator[Diagnostic]:
    """Find what only one way of typing, or no execution at all, would meet."""
    for way in when.ways if when is not None else ():
        if way.kind in PROGRAMS:
            for why in (*_programs(way, values), *_arguments(way, values)):
                yield document.at(loc, "E411", why)


def _programs(way: Trigger, values: Mapping[str, str]) -> Iterator[str]:
    first = {substitute(glob, values) for globs in way.args for glob in globs}
    for name in (substitute(each, values) for each in way.value):
        if not _NAME.fullmatch(name):
            yield f"`{name}`: name a program, without its folder and arguments"
        elif name in BUILTINS | SHELLS:
            yield f"`{name}` is the shell's own: no program of that name is executed"
        elif looks(name) or any(looks(name, verb) for verb in first):
            yield (
                f"`{name}` only looks, and agents look in ways of their own: wait for what is"
                " {opened: PATH}, or for a step"
            )


def _arguments(way: Trigger, values: Mapping[str, str]) -> Iterator[str]:
    for glob in (substitute(each, values) for globs in way.args for each in globs):
        if glob.startswith("-"):
            yield f"`{glob}` is an option, which others write otherwise: name what it is about"
        elif _SHELL.search(glob):
            yield f"`{glob}` is no word of a program's: quotes, blanks and operators are gone"
