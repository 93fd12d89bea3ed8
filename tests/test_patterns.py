import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.organic.patterns import Patterns, compiled
from harness.organic.taxonomy import load

SOURCES = [pattern.re for kind in load().types for pattern in kind.patterns]
TEXTS = [symptom for kind in load().types for symptom in kind.symptoms]
PATTERNS = Patterns(SOURCES)


def alone(text: bytes) -> list[int]:
    return [i for i, _ in enumerate(SOURCES) if PATTERNS.found(i, text)]


def test_the_symptoms_one_by_one() -> None:
    """All patterns at once find what each of them finds alone."""
    for text in TEXTS:
        assert alone(text.encode()) == PATTERNS.matching(text.encode())


@settings(max_examples=25)
@given(st.lists(st.sampled_from([*TEXTS, "", "ok", "\n"]), max_size=3).map("\n".join))
def test_symptoms_together(text: str) -> None:
    """The same holds for symptoms that follow each other."""
    assert alone(text.encode()) == PATTERNS.matching(text.encode())


def test_the_end_of_the_text() -> None:
    r"""`\Z` is the end of the text, `$` the end of any line."""
    both = Patterns([r"error\Z", "error$"])
    assert [0, 1] == both.matching(b"an error")
    assert [1] == both.matching(b"an error\nmore")


def test_a_pattern_without_strings_is_always_tried() -> None:
    """A pattern that needs no string is found as well."""
    assert [0] == Patterns([r"^\d+$"]).matching(b"a\n12\nb")


def test_the_engine_is_the_linear_one() -> None:
    """What the engine cannot do in linear time it refuses."""
    with pytest.raises(re2.error):
        compiled("(?!x)y")
