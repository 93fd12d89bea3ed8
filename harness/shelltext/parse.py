"""A shell text is read into small values: a reader, not a shell, which expands nothing.

What bash would refuse is read as far as it goes: the commands that can be made out are there.
"""

from __future__ import annotations

import re
from functools import lru_cache

from harness.shelltext.documents import DELIMITER, Document
from harness.shelltext.frames import Code, Draft, Quotes
from harness.shelltext.values import Command, Operator, Script

_CODE = re.compile(
    r"""(?P<next>[ \t\r]+[^\s'"\\$`;|&()<>\#][^\s'"\\$`;|&()<>]*)
    |(?P<plain>[^\s'"\\$`;|&()<>\#][^\s'"\\$`;|&()<>]*)
    |(?P<blank>[ \t\r]+)
    |(?P<newline>\n)
    |(?P<enclosed>'[^']*'|"[^"\\$`]*")
    |(?P<quote>\$?")
    |(?P<operator>;;&|;;|;&|&(?!>)&?|\|\||\|&|[;|])
    |(?P<arithmetic>\$\(\()
    |(?P<open>\$\(|[<>]\()
    |(?P<redirect>&>>?|<<<|<<-?|>>|>\||<>|[<>]&?)
    |(?P<brace>\$\{)
    |(?P<tick>`)
    |(?P<paren>[()])
    |(?P<joint>\\\n)
    |(?P<escape>\\.)
    |(?P<ansi>\$'(?:[^'\\]++|\\.)*+')
    |(?P<torn>\$?'.*|\\\Z)
    |(?P<hash>\#)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_QUOTED = re.compile(
    r"""(?P<plain>[^"\\$`{}()]+)
    |(?P<escape>\\.)
    |(?P<arithmetic>\$\(\()
    |(?P<open>\$\()
    |(?P<brace>\$\{)
    |(?P<tick>`)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_MEANINGS: dict[str, Operator] = {"&&": "&&", "||": "||", "|": "|", "|&": "|", "&": "&"}
_DEPTH = 8
"""Here-documents within here-documents that are read."""


@lru_cache(maxsize=256)
def parse(text: str) -> Script:
    """Read a shell text.  Never raises; takes time linear in the text."""
    return _Reader(text, _DEPTH).read()


class _Reader:
    """One pass over a text, with what is open on a stack."""

    def __init__(self, text: str, depth: int) -> None:
        self.text = text
        self.depth = depth
        self.at = 0
        self.top = Code("")
        self.stack: list[Code | Quotes] = [self.top]
        self.drafts: list[Draft] = []
        self.ticks = False
        self.documents: list[Document] = []
        self.torn = False
        """Something can no longer be closed."""

    def read(self) -> Script:
        self.scan()
        torn = self.torn or self.documents or len(self.stack) > 1
        self.close()
        found = [Command(tuple(d.words), tuple(d.redirections), d.operator, d.place)
                 for d in self.drafts]  # fmt: skip
        return Script(tuple(found), not torn and self.top.complete)

    def read_document(self) -> list[Draft]:
        """Read the text as a here-document, in which only substitutions are code."""
        self.top.silent = True
        self.stack.append(Quotes("", self.top))
        self.scan()
        self.close()
        for draft in self.drafts:
            draft.place = "document"
        return self.drafts

    def close(self) -> None:
        while self.stack:
            self.pop()

    def scan(self) -> None:
        size = len(self.text)
        while self.at < size:
            frame = self.stack[-1]
            if isinstance(frame, Quotes):
                token, code = _QUOTED.match(self.text, self.at), frame.owner
            else:
                token, code = _CODE.match(self.text, self.at), frame
            assert token is not None  # `other` takes any character
            self.at = token.end()
            kind, text = token.lastgroup, token.group()
            if kind == "next":
                code.end_word()
                code.word = [text.lstrip(" \t\r")]
            elif kind == "plain":
                code.extend(text)
            elif self.opens(code, kind, text):
                continue
            elif isinstance(frame, Quotes):
                self.take_quoted(frame, text)
            else:
                self.take(code, kind, text)

    def opens(self, code: Code, kind: str | None, text: str) -> bool:
        """Open what begins with this token, if anything does."""
        match kind:
            case "quote":
                self.quote(code, "", '"')
            case "open":
                self.stack.append(Code(")", "word", "$()"))
            case "arithmetic":
                self.quote(code, text, "))")
            case "brace":
                self.quote(code, text, "}")
            case "tick" if self.ticks:
                while self.ticks:  # it closes all that is open in the first one
                    self.pop()
            case "tick":
                self.ticks = True
                self.stack.append(Code("`", "word", "$()"))
            case _:
                return False
        return True

    def quote(self, code: Code, opening: str, closers: str) -> None:
        code.extend(opening)
        self.stack += [Quotes(closer, code) for closer in closers]

    def take_quoted(self, quotes: Quotes, text: str) -> None:
        if text == quotes.closer:
            self.pop()
        elif text == "(" and quotes.closer == ")":
            self.quote(quotes.owner, text, ")")
        elif text == '"' and quotes.closer in {"}", ")"}:
            self.quote(quotes.owner, "", '"')
        elif len(text) > 1 and text[1] in '$`"\\\n':
            quotes.owner.extend(text[1].strip("\n"))
        else:
            quotes.owner.extend(text)

    def take(  # noqa: C901 - one case a kind of token
        self, code: Code, kind: str | None, text: str
    ) -> None:
        """Go on by one token of code that opens nothing."""
        match kind:
            case "blank":
                code.end_word()
            case "newline":
                self.end_command(code, ";")
                self.skip_documents()
            case "enclosed":
                code.extend(text[1:-1])
            case "operator" | "redirect" | "paren" if code.tests():
                code.extend(text)
            case "operator":
                self.end_command(code, _MEANINGS.get(text, ";"))
                code.pattern |= code.cases > 0 and text.startswith((";;", ";&"))
            case "redirect":
                self.redirect(code, text)
            case "paren":
                self.paren(code, text)
            case "escape":
                code.extend(text[1])
            case "joint":
                pass
            case "hash" if code.word is None:
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            case "ansi" | "torn":
                self.torn |= kind == "torn"
                code.extend(text.removeprefix("$").strip("'"))
            case _:
                code.extend(text)

    def pop(self) -> None:
        frame = self.stack.pop()
        if isinstance(frame, Quotes):
            frame.owner.extend(frame.closer.strip('"'))
            return
        self.end_command(frame, "")
        frame.close()
        self.ticks &= frame.closer != "`"
        around = self.stack[-1] if self.stack else None
        if around is not None and frame.shown:
            (around if isinstance(around, Code) else around.owner).extend(frame.shown)
        elif isinstance(around, Code) and not frame.silent:
            around.resume(frame)

    def paren(self, code: Code, text: str) -> None:
        follows = self.text[self.at : self.at + 1]
        if text == ")":
            self.end_command(code, "")
            if code.pattern:
                code.pattern = False
            elif code.closer == ")":
                self.pop()
        elif code.ending() == "=":
            self.stack.append(Code(")", silent=True))
        elif follows == "(" or (code.word is not None and code.ending() in "!@?*+"):
            self.quote(code, text, ")")  # arithmetic, or a pattern
        elif follows == ")":
            code.word, code.words = None, []  # a function's name
            self.stack.append(Code(")", code.place))
        elif not code.pattern:
            self.end_command(code, "")
            self.stack.append(Code(")", code.place))

    def end_command(self, code: Code, operator: Operator) -> None:
        draft = code.end_command(operator)
        if draft is not None:
            self.drafts.append(draft)

    def redirect(self, code: Code, operator: str) -> None:
        word = "".join(code.word or ())
        descriptor = word if word.isdecimal() else ""
        if descriptor:
            code.word = None
        code.end_word()
        code.redirecting = descriptor, operator
        found = DELIMITER.match(self.text, self.at) if operator in {"<<", "<<-"} else None
        if found is not None:
            self.at = found.end()
            code.extend("")
            code.end_word()
            self.documents.append(Document(code.redirections, found[1]))

    def skip_documents(self) -> None:
        for document in self.documents:
            body, after = document.take(self.text, self.at)
            self.torn |= after is None
            self.at = len(self.text) if after is None else after
            if self.depth and not document.literal and ("$(" in body or "`" in body):
                self.drafts += _Reader(body, self.depth - 1).read_document()
        self.documents.clear()
