import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from harness.organic.literals import alternatives
from harness.organic.taxonomy import load

SOURCES = [pattern.re for kind in load().types for pattern in kind.patterns]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("refused", [{"refused"}], id="a plain string is its own need"),
        pytest.param("(?i)Re[fv]used", [{"refused", "revused"}], id="a small class multiplies"),
        pytest.param("git: (no|bad) ref", [{"git: no ref", "git: bad ref"}], id="so do branches"),
        pytest.param("colou?r", [{"color", "colour"}], id="what may be missing, both ways"),
        pytest.param("port .* in use", [{"port "}, {" in use"}], id="two pieces are both needed"),
        pytest.param("(?:ab)+c", [{"ab"}, {"c"}], id="a repetition needs its body once"),
        pytest.param(r"\d+", [], id="digits need nothing"),
    ],
)
def test_clauses(pattern: str, expected: list[set[str]]) -> None:
    """A single alternative lists the strings that a match cannot do without."""
    (clauses,) = alternatives(pattern)
    assert [frozenset(clause) for clause in expected] == list(clauses)


def test_alternatives_are_kept_apart() -> None:
    """Branches with needs of their own stay alternatives."""
    found = alternatives(r"disk \d+ full|quota \S+ hit")
    assert [({"disk "}, {" full"}), ({"quota "}, {" hit"})] == [tuple(map(set, c)) for c in found]


@pytest.mark.parametrize("pattern", ["a*", "(?:x|)y?", r"\w+|error"])
def test_nothing_needed(pattern: str) -> None:
    """A pattern that can match without any fixed string says so."""
    assert [()] == alternatives(pattern)


WORDS = st.sampled_from(["ab", "A", "no", "Port ", "x", "é", " "])
PIECES = st.one_of(
    WORDS,
    WORDS.map(lambda w: f"(?:{w}|zz)"),
    WORDS.map(lambda w: f"(?:{w})?"),
    WORDS.map(lambda w: f"(?:{w})+"),
    WORDS.map(lambda w: f"(?:{w})" + "{0,2}"),
    st.sampled_from([r"\d", ".*", "[abc]", "[^q]", "^", "$", r"\b", "(?:a|.)"]),
)


@given(
    pattern=st.lists(
        st.lists(PIECES, min_size=1, max_size=5).map("".join), min_size=1, max_size=3
    ).map("|".join),
    text=st.lists(st.one_of(WORDS, st.sampled_from("1zq\n")), max_size=12).map("".join),
)
def test_never_too_strong(pattern: str, text: str) -> None:
    """Whatever matches holds the strings of at least one alternative."""
    if re2.search("(?m)" + pattern, text):
        lower = text.lower()
        assert any(
            all(any(string in lower for string in clause) for clause in clauses)
            for clauses in alternatives(pattern)
        )


def test_every_pattern_of_the_taxonomy_needs_a_string() -> None:
    """No pattern of ours has to be run on every output."""
    assert [] == [source for source in SOURCES if not all(alternatives(source))]
