import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hyperscan
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.error_taxonomy.outputs import clean
from harness.error_taxonomy.pattern_set import Patterns
from harness.error_taxonomy.taxonomy import load
from harness.patterns import compile_pattern

KINDS = load().types
SOURCES = [pattern.re for kind in KINDS for pattern in kind.patterns]
PATTERNS = Patterns(SOURCES)
CAPTURED = (Path(__file__).parent / "capture").rglob("*.json")
OUTPUTS = [one["out"] for path in sorted(CAPTURED) for one in json.loads(path.read_text())]
LINES = [line for output in OUTPUTS for line in output.splitlines()]
SYMPTOMS = [symptom for kind in KINDS for symptom in kind.symptoms]


def alone(text: bytes) -> list[int]:
    return [i for i, _ in enumerate(SOURCES) if PATTERNS.found(i, text)]


@pytest.mark.parametrize("texts", [pytest.param(OUTPUTS, id="outputs"), SYMPTOMS])
def test_real_texts(texts: list[str]) -> None:
    """All patterns at once find what each of them finds alone, by another engine."""
    for text in texts:
        seen = clean(text)
        assert alone(seen) == PATTERNS.matching(seen)


@settings(max_examples=200)
@given(st.lists(st.sampled_from([*LINES, *SYMPTOMS, "", "\n"]), max_size=8).map("\n".join))
def test_lines_together(text: str) -> None:
    """The same holds for lines and symptoms that follow each other."""
    seen = clean(text)
    assert alone(seen) == PATTERNS.matching(seen)


@settings(max_examples=200)
@given(st.lists(st.sampled_from([*LINES, *SYMPTOMS]), max_size=8).map("\n".join))
def test_the_last_place(text: str) -> None:
    """The last place is the last of all."""
    seen = clean(text)
    for place in PATTERNS.matching(seen):
        assert list(PATTERNS.starts(place, seen))[-1] == PATTERNS.last(place, seen)


def test_no_place() -> None:
    """What is not there has none."""
    assert Patterns(["x"]).last(0, b"y") is None


def test_threads_scan_at_once() -> None:
    """Each thread has room of its own to scan in."""
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: PATTERNS.matching(clean(text)), SYMPTOMS * 4))
    assert found == [PATTERNS.matching(clean(text)) for text in SYMPTOMS] * 4


def test_the_end_of_the_text() -> None:
    r"""`\z` is the end of the text, `$` the end of any line."""
    both = Patterns([r"error\z", "error$"])
    assert [0, 1] == both.matching(b"an error")
    assert [1] == both.matching(b"an error\nmore")


def test_the_engines_are_linear_ones() -> None:
    """What an engine cannot do in linear time it refuses."""
    with pytest.raises(ValueError, match="look-around"):
        compile_pattern("(?!x)y")
    with pytest.raises(hyperscan.error):
        Patterns([r"(?!x)y"]).matching(b"y")
