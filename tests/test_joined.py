import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.shelltext.joined import masks, pieces


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("make", [("make", "")], id="one command"),
        pytest.param(
            "cd x && make | tail", [("cd x", "&&"), ("make", "|"), ("tail", "")], id="three"
        ),
        pytest.param("a || b; c &", [("a", "||"), ("b", ";"), ("c", "&")], id="every operator"),
        pytest.param("a\nb", [("a", ";"), ("b", "")], id="a new line is a semicolon"),
        pytest.param(
            "make 2>&1 |& tee log", [("make 2>&1", "|"), ("tee log", "")], id="redirections"
        ),
        pytest.param("x &> log", [("x &> log", "")], id="both streams to a file"),
        pytest.param(
            "echo 'a; b | c' \"d && e\"", [("echo 'a; b | c' \"d && e\"", "")], id="quotes"
        ),
        pytest.param("a # b; c", [("a # b; c", "")], id="a comment"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_pieces(line: str, expected: list[tuple[str, str]]) -> None:
    """A line falls into pieces at its operators, not at what only looks like one."""
    assert expected == [(piece.text.strip(), piece.operator) for piece in pieces(line)]


def test_pieces_leave_documents_out() -> None:
    """The body of a here-document is no command."""
    assert ["|", ""] == [piece.operator for piece in pieces("cat <<EOF | wc\na; b && c\nEOF")]


@pytest.mark.parametrize(
    ("line", "hides"),
    [
        pytest.param("make", False, id="its own exit code"),
        pytest.param("make && ./run", False, id="and then"),
        pytest.param("make | tail", True, id="a pipe"),
        pytest.param("make || true", True, id="or true"),
        pytest.param("make; echo done", True, id="something afterwards"),
        pytest.param("./serve & sleep 1", True, id="in the background"),
        pytest.param("cd x; make", False, id="only a change of folder before"),
        pytest.param("ls dist 2>/dev/null || echo none", False, id="its complaints are hushed"),
    ],
)
def test_masks(line: str, hides: bool) -> None:
    """A failure is hidden where something follows it whatever it was."""
    assert hides == masks(line)


@given(st.text(alphabet="ab '\"\\|&;<>\n$()`#EOF-", max_size=60))
def test_any_text_can_be_read(line: str) -> None:
    """Whatever the text, it has pieces, and all of them come from it."""
    assert all(piece.operator in {"", "&&", "||", "|", "&", ";"} for piece in pieces(line))
