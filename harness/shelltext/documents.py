"""A here-document: its body, and the line that ends it."""

from __future__ import annotations

import re

from harness.shelltext.values import Redirection

DELIMITER = re.compile(r"""[ \t]*((?:'[^']*'|"[^"]*"|\\.|[^\s'"\\;|&()<>])+)""")
_QUOTES = re.compile(r"""['"\\]""")


class Document:
    """A here-document whose body follows the line."""

    def __init__(self, redirections: list[Redirection], word: str) -> None:
        """Take the redirections of its command, the last of which it is, and its end as written."""
        delimiter = _QUOTES.sub("", word)
        self.literal = delimiter != word
        """Nothing in it is expanded, and no lines are joined."""
        tabs = r"\t*" if redirections[-1].operator == "<<-" else ""
        self._end = re.compile(rf"^{tabs}{re.escape(delimiter)}$", re.MULTILINE)
        self._redirections = redirections
        self._place = len(redirections) - 1

    def take(self, text: str, at: int) -> tuple[str, int | None]:
        """Return the body that begins at a place, and where the text goes on; None: never."""
        end = self._find_end(text, at)
        body = text[at : end.start() if end else None]
        redirection = self._redirections[self._place]
        self._redirections[self._place] = redirection._replace(target=body)
        return body, end and end.end()

    def _find_end(self, text: str, at: int) -> re.Match[str] | None:
        start = at
        while end := self._end.search(text, start):
            if self.literal or not _joined(text, at, end.start()):
                return end
            start = end.end()
        return None


def _joined(text: str, start: int, line: int) -> bool:
    """Say whether a line goes on with the one before it; the text begins at `start`."""
    slashes = line - 1
    while slashes > start and text[slashes - 1] == "\\":
        slashes -= 1
    return (line - 1 - slashes) % 2 == 1
