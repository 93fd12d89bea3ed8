"""Which simple commands does a shell text run?  A reader, not a shell: it expands nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.shelltext.shellframe import Frame
from harness.shelltext.wrappers import acting, executed, peeled, script

_CODE = re.compile(
    r"""(?P<blank>[ \t\r]+|\\\n)
    |(?P<newline>\n)
    |(?P<ansi>\$'(?:[^'\\]+|\\.)*'?)
    |(?P<single>'[^']*'?)
    |(?P<quote>\$?")
    |(?P<arithmetic>\$\(\()
    |(?P<open>\$\(|[<>]\()
    |(?P<brace>\$\{)
    |(?P<tick>`)
    |(?P<document><<-?(?!<))
    |(?P<redirect>&>>?|<<<|>>|>\||<>|[<>]&?)
    |(?P<operator>;;&|;;|;&|&&|\|\||\|&|[;|&])
    |(?P<paren>[()])
    |(?P<escape>\\.)
    |(?P<plain>[^\s'"\\$`;|&()<>]+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_TEXT = re.compile(
    r"""(?P<plain>[^"\\$`{}()]+)
    |(?P<escape>\\.)
    |(?P<arithmetic>\$\(\()
    |(?P<open>\$\()
    |(?P<brace>\$\{)
    |(?P<tick>`)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_DELIMITER = re.compile(r"""[ \t]*((?:'[^']*'|"[^"]*"|\\.|[^\s'"\\;|&()<>])+)""")
_IDLE = frozenset(
    (
        ":",
        "cd",
        "echo",
        "export",
        "false",
        "popd",
        "printf",
        "pushd",
        "pwd",
        "set",
        "sleep",
        "true",
        "wait",
    )
)
_DEPTH = 8
"""Scripts within scripts (`bash -c`, `eval`) that are read; deeper ones are words."""


def commands(text: str) -> list[str]:
    """Return the simple commands of a shell text, each as its words joined by single blanks.

    Quotes, redirections, leading assignments, wrappers such as `sudo` or `timeout 5`, and the
    folder of a system program are gone.  What `$(...)`, backquotes, `bash -c`, `eval` and
    `find -exec` run is there; a substitution's place in a word reads `$()`.  Comments and
    here-documents are no commands, unless a shell is fed with them.  Never raises; takes time
    linear in the text.
    """
    return [" ".join(argv) for argv in _Reader(text, _DEPTH).read()]


def deeds(text: str) -> list[str]:
    """Return the commands that do more than talk.

    Without `echo`, `grep` and their like, and without the message of a `git commit`: what stands
    in those is text, whatever it looks like.
    """
    found = (acting(argv) for argv in _Reader(text, _DEPTH).read())
    return [" ".join(argv) for argv in found if argv]


def operation(text: str) -> frozenset[str]:
    """Return what a shell text does, without its waiting, talking and changing of folders."""
    found = frozenset(commands(text))
    return frozenset(c for c in found if c.split(" ", 1)[0] not in _IDLE) or found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """A here-document whose body follows the line."""

    words: list[str]
    end: re.Pattern[str]
    literal: bool


class _Reader:
    """One pass over a text, with what is open on a stack."""

    def __init__(self, text: str, depth: int, *, document: bool = False) -> None:
        self.text = text
        self.depth = depth
        self.at = 0
        self.found: list[list[str]] = []
        self.stack = [Frame(closer="", silent=document)]
        self.ticks = 0
        self.documents: list[_Document] = []
        if document:
            self.push_text("", "")

    def read(self) -> list[list[str]]:
        while self.at < len(self.text):
            pattern = _CODE if self.stack[-1].owner is None else _TEXT
            token = pattern.match(self.text, self.at)
            assert token is not None  # `other` takes any character
            self.at = token.end()
            self.take(token.lastgroup or "", token.group())
        while self.stack:
            self.pop()
        return self.found

    def take(self, kind: str, text: str) -> None:
        """Go on by one token."""
        frame = self.stack[-1]
        match kind:
            case "open":
                self.push(")", place="$()")
            case "arithmetic":
                self.push_text(text, ")", ")")
            case "brace":
                self.push_text(text, "}")
            case "quote":
                self.push_text("", '"')
            case "tick":
                self.tick()
            case _ if frame.owner is not None:
                self.take_text(frame, frame.owner, text)
            case _:
                self.take_code(frame, kind, text)

    def take_text(self, frame: Frame, owner: Frame, text: str) -> None:
        if text == frame.closer:
            self.pop()
        elif text == "(" and frame.closer == ")":
            self.push_text(text, ")")
        elif text == '"' and frame.closer in {"}", ")"}:
            self.push_text("", '"')
        elif len(text) > 1 and text[0] == "\\" and text[1] in '$`"\\\n':
            owner.extend(text[1].strip("\n"))
        else:
            owner.extend(text)

    def take_code(  # noqa: C901 - one case a kind of token
        self, frame: Frame, kind: str, text: str
    ) -> None:
        if frame.test and frame.word == ["]]"]:
            frame.end_word()
        if frame.test and kind in {"operator", "paren", "redirect", "document"}:
            kind = "plain"
        match kind:
            case "blank":
                self.blank(frame, text)
            case "newline":
                self.end_command(frame)
                self.skip_documents()
            case "ansi" | "single":
                frame.extend(text.removeprefix("$").strip("'"))
            case "document" | "redirect":
                self.redirect(frame, text)
            case "operator":
                self.end_command(frame)
                frame.pattern |= frame.cases > 0 and text.startswith((";;", ";&"))
            case "paren":
                self.paren(frame, text)
            case "escape":
                frame.extend(text[1])
            case _ if frame.word is None and text[0] == "#":
                self.at = _index(self.text, "\n", self.at)
            case _:
                frame.extend(text)

    def blank(self, frame: Frame, text: str) -> None:
        if text != "\\\n":
            frame.end_word()

    def push(self, closer: str, *, place: str = "", silent: bool = False) -> None:
        self.stack.append(Frame(closer=closer, place=place, silent=silent))

    def push_text(self, opening: str, *closers: str) -> None:
        top = self.stack[-1]
        owner = top.owner or top
        owner.extend(opening)
        for closer in closers:
            self.stack.append(Frame(closer=closer, owner=owner, place=closer.strip('"')))

    def pop(self) -> None:
        frame = self.stack.pop()
        if frame.owner is None:
            self.end_command(frame)
            self.ticks -= frame.closer == "`"
        if frame.place and self.stack:
            (frame.owner or self.stack[-1].owner or self.stack[-1]).extend(frame.place)

    def tick(self) -> None:
        """Open a backquote, or close the open one with all that is open in it."""
        if not self.ticks:
            self.ticks = 1
            self.push("`", place="$()")
            return
        while self.ticks:
            self.pop()

    def paren(self, frame: Frame, text: str) -> None:
        follows = self.text[self.at : self.at + 1]
        if text == ")":
            self.close(frame)
        elif frame.last() == "=":
            self.push(")", silent=True)
        elif frame.word is not None and frame.last() in "!@?*+":
            self.push_text(text, ")")
        elif follows == "(":
            frame.words = ["for"]  # arithmetic, of a `for` or of its own: no command
            self.push_text(text, ")")
        elif follows == ")":
            frame.word, frame.words = None, []  # a function's name
            self.push(")")
        elif not frame.pattern:
            self.end_command(frame)
            self.push(")")

    def close(self, frame: Frame) -> None:
        in_case = frame.cases
        self.end_command(frame)
        if frame.pattern:
            frame.pattern = False
        elif frame.closer == ")" and frame.cases == in_case:
            self.pop()

    def redirect(self, frame: Frame, text: str) -> None:
        if frame.word is not None and "".join(frame.word).isdecimal():
            frame.word = None
        frame.end_word()
        found = _DELIMITER.match(self.text, self.at) if text in {"<<", "<<-"} else None
        if found is None:
            frame.target = text
            return
        self.at = found.end()
        delimiter = re.sub(r"""['"\\]""", "", found[1])
        tabs = r"\t*" if text == "<<-" else ""
        self.documents.append(
            _Document(
                words=frame.words,
                end=re.compile(rf"^{tabs}{re.escape(delimiter)}$", re.MULTILINE),
                literal=delimiter != found[1],
            )
        )

    def skip_documents(self) -> None:
        for document in self.documents:
            end = document.end.search(self.text, self.at)
            body = self.text[self.at : end.start() if end else None]
            self.at = _index(self.text, "\n", end.end()) if end else len(self.text)
            self.read_document(document, body)
        self.documents.clear()

    def read_document(self, document: _Document, body: str) -> None:
        run = script(peeled(document.words), body)
        if self.depth and (run == body or not document.literal):
            inner = _Reader(body, self.depth - 1, document=run != body)
            self.found.extend(inner.read())

    def end_command(self, frame: Frame) -> None:
        words, fed = frame.end_command()
        argv = peeled(words)
        run = script(argv, fed)
        if run is not None and self.depth:
            self.found.extend(_Reader(run, self.depth - 1).read())
        elif argv:
            self.found.extend(executed(argv))


def _index(text: str, what: str, start: int) -> int:
    at = text.find(what, start)
    return len(text) if at < 0 else at
