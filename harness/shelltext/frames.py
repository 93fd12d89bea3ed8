"""What is open while a shell text is read: a list of commands, or quotes within a word."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from harness.shelltext.values import Operator, Place, Redirection

_HEADERS = frozenset(("for", "select", "case"))
_OPENING = frozenset(("if", "while", "until", "{"))
_CLOSING = frozenset(("fi", "done", "esac", "}"))
_KEYWORDS = _OPENING | _CLOSING | {"then", "elif", "else", "do", "!", "coproc", "function"}
UNFINISHED = frozenset(("&&", "||", "|"))
"""Operators that want another command."""


@dataclass(slots=True)
class Draft:
    """A command whose operator, or whose here-document, may still follow."""

    words: list[str]
    redirections: list[Redirection]
    operator: Operator
    place: Place


@dataclass(slots=True)
class Quotes:
    """A part of a word in which blanks and operators are text."""

    closer: str
    owner: Code


@dataclass(slots=True)
class Code:
    """A list of commands: the text, a subshell or a substitution."""

    closer: str
    place: Place = ""
    shown: str = ""
    """What stands for it in the word around it."""
    silent: bool = False
    """Its words are no commands: an array's."""
    words: list[str] = field(default_factory=list)
    word: list[str] | None = None
    redirections: list[Redirection] = field(default_factory=list)
    redirecting: tuple[str, str] | None = None
    """Descriptor and operator of the redirection whose target the next word is."""
    last: Draft | None = None
    """The command that ended last, unless a keyword came after it."""
    wanted: bool = False
    """An operator wants another command."""
    compounds: int = 0
    """How many of `if`, `while`, `{`... wait for their ends."""
    cases: int = 0
    pattern: bool = False
    """The next words are a `case` pattern."""
    test: bool = False
    """Between `[[` and `]]`."""

    @property
    def complete(self) -> bool:
        """Whether nothing in it waits for more."""
        return not (self.wanted or self.redirecting or self.test or self.compounds > 0)

    def extend(self, text: str) -> None:
        """Go on with the word, or begin one."""
        if self.word is None:
            self.word = [text]
        else:
            self.word.append(text)

    def tests(self) -> bool:
        """Say whether an operator is a word here: between `[[` and `]]`."""
        if self.test and self.word == ["]]"]:
            self.end_word()
        return self.test

    def ending(self) -> str:
        """Return the last character of the word so far."""
        return self.word[-1][-1:] if self.word else ""

    def end_word(self) -> None:
        """Put the finished word where it belongs: among the words, or to its redirection."""
        if self.word is None:
            return
        word = self.word[0] if len(self.word) == 1 else "".join(self.word)
        self.word = None
        if self.redirecting:
            self.redirections.append(Redirection(*self.redirecting, word))
            self.redirecting = None
            return
        self.words.append(word)
        if word == "[[":
            self.test = self.test or self._first()
        elif word == "]]":
            self.test = False

    def _first(self) -> bool:
        return all(word in _KEYWORDS for word in islice(self.words, len(self.words) - 1))

    def end_command(self, operator: Operator) -> Draft | None:
        """Return the command that ends here, if it is one that runs."""
        self.end_word()
        words, redirections = self.words, self.redirections
        if not (words or redirections):
            self._follow(operator)
            return None
        self.words, self.redirections, self.test = [], [], False
        self.wanted = operator in UNFINISHED
        self.last = None
        if not self.silent:
            words = self._after_keywords(words)
            if words or redirections:
                self.last = Draft(words, redirections, operator, self.place)
        return self.last

    def _follow(self, operator: Operator) -> None:
        """Take an operator behind a subshell, or an empty line."""
        if operator and self.last is not None and not self.last.operator:
            self.last.operator = operator
            self.wanted = operator in UNFINISHED

    def close(self) -> None:
        """End it: the semicolon or new line behind its last command joins nothing."""
        if self.last is not None and self.last.operator == ";":
            self.last.operator = ""

    def resume(self, inner: Code) -> None:
        """Go on behind a subshell that was closed: what follows it follows its last command."""
        self.last = inner.last
        self.wanted = False

    def _after_keywords(self, words: list[str]) -> list[str]:
        at = 0
        while at < len(words) and words[at] in _KEYWORDS:
            self._count(words[at])
            at += 2 if words[at] == "function" else 1
        if self.pattern or at >= len(words) or words[at].startswith("(("):
            return []
        if words[at] in _HEADERS:
            self.compounds += 1
            self.pattern = words[at] == "case"
            self.cases += self.pattern
            return []
        return words[at:] if at else words

    def _count(self, word: str) -> None:
        if word == "esac":
            self.cases = max(0, self.cases - 1)
            self.pattern = False
        if not self.pattern:
            self.compounds += (word in _OPENING) - (word in _CLOSING)
