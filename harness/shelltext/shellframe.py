"""What a reader of shell text has open: a list of commands, or a part of a word in quotes."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

_HEADERS = frozenset(("for", "select", "case"))
_KEYWORDS = frozenset(
    (
        "if",
        "then",
        "elif",
        "else",
        "fi",
        "while",
        "until",
        "do",
        "done",
        "esac",
        "{",
        "}",
        "!",
        "coproc",
    )
)


@dataclass(slots=True, kw_only=True)
class Frame:
    """Something opened and not yet closed: code, or (with an owner) a part of a code's word."""

    closer: str
    owner: Frame | None = None
    place: str = ""
    """What stands for it in the word around it."""
    silent: bool = False
    """Its words are no commands: an array's."""
    words: list[str] = field(default_factory=list)
    word: list[str] | None = None
    target: str = ""
    """The redirection whose target the next word is."""
    fed: str | None = None
    """A here-string."""
    cases: int = 0
    pattern: bool = False
    """The next words are a `case` pattern."""
    test: bool = False
    """Between `[[` and `]]`."""

    def extend(self, text: str) -> None:
        """Go on with the word, or begin one."""
        self.word = [] if self.word is None else self.word
        self.word.append(text)

    def last(self) -> str:
        """Return the last character of the word so far."""
        return self.word[-1][-1:] if self.word else ""

    def end_word(self) -> None:
        """Put the finished word where it belongs: among the words, or to its redirection."""
        if self.word is None:
            return
        word, self.word = "".join(self.word), None
        if self.target:
            self.fed = word if self.target == "<<<" else self.fed
            self.target = ""
            return
        self.words.append(word)
        self.test = word != "]]" and (self.test or (word == "[[" and self._first()))

    def _first(self) -> bool:
        return all(word in _KEYWORDS for word in islice(self.words, len(self.words) - 1))

    def end_command(self) -> tuple[list[str], str | None]:
        """Return the words of the command that ends here, and the text it is fed with."""
        self.end_word()
        words, fed = self.words, self.fed
        self.words, self.fed, self.target, self.test = [], None, "", False
        return ([], None) if self.silent else (self._after_keywords(words), fed)

    def _after_keywords(self, words: list[str]) -> list[str]:
        at = 0
        while at < len(words) and words[at] in _KEYWORDS:
            self._esac(words[at])
            at += 1
        if self.pattern or words[at : at + 1] == ["function"]:
            return []
        if at < len(words) and words[at] in _HEADERS:
            self.cases += words[at] == "case"
            self.pattern = words[at] == "case"
            return []
        return words[at:]

    def _esac(self, word: str) -> None:
        if word == "esac":
            self.cases = max(0, self.cases - 1)
            self.pattern = False
