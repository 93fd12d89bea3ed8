"""Each noun has one name: words that were replaced do not come back, in code, docs and tests.

docs/glossary.md has the words that we use.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLACES = (
    "harness/**/*.py",
    "docs/**/*.md",
    "docs/ci/*",
    "changes/*.md",
    "*.md",
    "Makefile",
    "action.yml",
)
NAMES = "tests/**/test_*.py"
"""Of these only the names of files and tests are searched."""
TITLES = dict.fromkeys(
    ("docs/faults.md", "docs/plays.md"), "names of tasks and faults speak of the world"
)

OTHERS = {"docs/glossary.md": "it names what others call it"}


@dataclass(frozen=True, kw_only=True)
class Word:
    """A replaced word, and the one that stands for it.

    `pattern` is searched in lines whose identifiers are spelt as words (`spelt`).  `allowed` maps
    path globs to the reason why the word may stand there.
    """

    pattern: str
    right: str
    allowed: Mapping[str, str] = field(default_factory=dict)


WORDS = (
    Word(pattern=r"clean twins?|twins?", right="control trial, control"),
    Word(pattern=r"ways? out", right="resolution"),
    Word(pattern=r"porters?", right="file transfer"),
    Word(pattern=r"lifelines?", right="model tunnel"),
    Word(pattern=r"desks?", right="model channel", allowed=TITLES),
    Word(pattern=r"tapes?", right="recording"),
    Word(pattern=r"kits?", right="resources"),
    Word(pattern=r"campaigns?", right="scheduler, run"),
    Word(pattern=r"rosters?", right="registry"),
    Word(pattern=r"organic", right="not injected, error taxonomy"),
    Word(pattern=r"judgements?", right="analysis, verdict"),
    Word(pattern=r"snoops?|snooping", right="leak probe"),
    Word(pattern=r"rungs?|ladders?", right="difficulty baseline"),
    Word(pattern=r"dodgers?|dodging", right="bypasser, bypass attempt"),
    Word(pattern=r"prove[sdn]?|proving|proofs?", right="validate, validation, evidence"),
    Word(pattern=r"struck|strik(?:es?|ing)", right="inject, injected, injection"),
    Word(pattern=r"(?:fault|injection|not) took|took hold|struck, took", right="confirmed"),
    Word(pattern=r"(?<!until )healed", right="reverted"),
    Word(pattern=r"(?<!type )checkers?", right="verifier", allowed=OTHERS),
    Word(pattern=r"deeds?", right="reaction, command"),
    Word(
        pattern=r"command gates?|(?:the|our) gate(?= (?:sees|records|holds|stands))",
        right="exec filter",
    ),
    Word(pattern=r"wish(?:es)?", right="spec, what is asked for"),
    Word(pattern=r"(?<!busy )box(?:es)?(?!=)", right="container"),
    Word(pattern=r"sites?(?=\.(?:fault|probes|container)|: injection|\)| *->)", right="target"),
    Word(pattern=r"how manieth", right="the n-th"),
    Word(pattern=r"(?<!as )nobody|no one", right="a plain subject", allowed=TITLES),
    Word(pattern=r"who(?:m|so)?ever", right="a plain subject", allowed=TITLES),
)


def spelt(line: str) -> str:
    """Return a line in small letters with its identifiers as words: `cleanTwin` as `clean twin`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", line)
    return re.sub(r"[_-]", " ", apart).lower()


@cache
def lines() -> tuple[tuple[str, int, str], ...]:
    """Return every line that is searched: path, number, text."""
    prose = (each for place in PLACES for each in _lines(place))
    names = (each for each in _lines(NAMES) if "def test_" in each[2])
    return (*prose, *names)


def _lines(place: str) -> Iterator[tuple[str, int, str]]:
    for path in sorted(ROOT.glob(place)):
        yield path.relative_to(ROOT).as_posix(), 0, f"def {path.stem}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            yield path.relative_to(ROOT).as_posix(), number, line


def found(word: Word) -> Iterator[str]:
    """Yield where a word stands and may not, and what to write."""
    pattern = re.compile(rf"\b(?:{word.pattern})\b")
    for path, number, line in lines():
        match = pattern.search(spelt(line))
        if match and not any(fnmatch(path, glob) for glob in word.allowed):
            yield f"{path}:{number}: {match[0]!r}, say {word.right}: {line.strip()}"


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.pattern)
def test_a_replaced_word_stays_away(word: Word) -> None:
    """A word that was replaced stands nowhere but where a reason is given."""
    places = list(found(word))
    assert not places, "\n".join(places)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("def clean_twin(self):", True, id="an identifier"),
        pytest.param("class CleanTwin:", True, id="a class"),
        pytest.param('"""Return the clean twin."""', True, id="prose"),
        pytest.param("twinkle, between", False, id="a part of another word"),
    ],
)
def test_how_a_word_is_found(line: str, *, expected: bool) -> None:
    """Identifiers and prose are searched alike, for whole words."""
    assert bool(re.search(rf"\b(?:{WORDS[0].pattern})\b", spelt(line))) is expected
