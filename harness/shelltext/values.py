"""What a shell text is read as."""

from __future__ import annotations

from typing import Literal, NamedTuple

Operator = Literal["&&", "||", "|", "&", ";", ""]
"""What joins a command to the next one: `;` also for a new line, `|` also for `|&`."""

Place = Literal["", "word", "document"]
"""Where a command stands: in the text itself (a subshell or function too), in a substitution within
a word of the next command, or in one within a here-document."""


class Redirection(NamedTuple):
    """A redirection; that of `2>>log` is ("2", ">>", "log")."""

    descriptor: str
    operator: str
    target: str
    """A word; of a here-document (`<<`) its body."""

    @property
    def feeds(self) -> bool:
        """Whether the target is the text itself that is read: a here-document or here-string."""
        return self.operator.startswith("<<")

    @property
    def writes(self) -> bool:
        """Whether a file takes what is printed; devices and standard error do not count."""
        to_file = self.operator in {">", ">>", ">|", "&>", "&>>"} and self.descriptor in {"", "1"}
        return to_file and not self.target.startswith("/dev/")

    @property
    def hushes(self) -> bool:
        """Whether it takes away the complaints of a program."""
        errors = self.descriptor == "2" or self.operator.startswith("&")
        return errors and ">" in self.operator and self.target == "/dev/null"


class Command(NamedTuple):
    """A simple command; without words it is the redirections of a group or loop.

    Quotes are gone from its words; the place of a substitution in a word reads `$()`.
    """

    words: tuple[str, ...]
    redirections: tuple[Redirection, ...]
    operator: Operator
    """The one that follows."""
    place: Place

    @property
    def fed(self) -> str | None:
        """The text on its standard input, if it is in the script."""
        return next((r.target for r in reversed(self.redirections) if r.feeds), None)

    @property
    def documented(self) -> bool:
        """Whether it has a here-document."""
        return any(redirection.operator in {"<<", "<<-"} for redirection in self.redirections)


class Script(NamedTuple):
    """A shell text: the commands that run, in the order in which they end."""

    commands: tuple[Command, ...]
    complete: bool
    """Whether nothing is left open, so that a line after it is a command of its own."""
