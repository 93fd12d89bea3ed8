import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.shelltext.masking import masks, pieces


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("make", [("make", "")], id="one command"),
        pytest.param(
            "cd x && make | tail", [("cd x", "&&"), ("make", "|"), ("tail", "")], id="three"
        ),
        pytest.param("a || b; c &", [("a", "||"), ("b", ";"), ("c", "&")], id="every operator"),
        pytest.param("a\nb", [("a", ";"), ("b", "")], id="a new line is a semicolon"),
        pytest.param("make 2>&1 |& tee log", [("make", "|"), ("tee log", "")], id="redirections"),
        pytest.param("x &> log", [("x", "")], id="both streams to a file"),
        pytest.param("echo 'a; b | c' \"d && e\"", [("echo a; b | c d && e", "")], id="quotes"),
        pytest.param("a # b; c", [("a", "")], id="a comment"),
        pytest.param("(a; b) | c", [("a", ";"), ("b", "|"), ("c", "")], id="behind a subshell"),
        pytest.param("a $(b; c) && d", [("a $()", "&&"), ("d", "")], id="within a word"),
        pytest.param("a;\n", [("a", "")], id="nothing follows"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_pieces(line: str, expected: list[tuple[str, str]]) -> None:
    """A line falls into pieces at its operators, not at what only looks like one."""
    assert expected == [(" ".join(p.command.words), p.command.operator) for p in pieces(line)]


def test_pieces_leave_documents_out() -> None:
    """The body of a here-document is no command."""
    text = "cat <<EOF | wc\na; $(b) && c\nEOF"
    assert ["|", ""] == [piece.command.operator for piece in pieces(text)]


def test_a_piece_runs_what_its_words_need() -> None:
    """The commands of substitutions belong to the word that they make."""
    (piece,) = pieces('sudo cat "$(ls x)"')
    assert piece.program == "sudo"
    assert piece.runs == [["ls", "x"], ["cat", "$()"]]


@pytest.mark.parametrize(
    ("line", "hides"),
    [
        pytest.param("make", False, id="its own exit code"),
        pytest.param("make && ./run", False, id="and then"),
        pytest.param("make | tail", True, id="a pipe"),
        pytest.param("make || true", True, id="or true"),
        pytest.param("make; echo done", True, id="something afterwards"),
        pytest.param("make;\n", False, id="nothing afterwards"),
        pytest.param("(make; true) && ./run", True, id="in a subshell"),
        pytest.param("bash -c 'make; true'", True, id="in a script"),
        pytest.param("echo $(make)", True, id="in a word"),
        pytest.param("echo 'make; true' '$(make)'", False, id="in quotes"),
        pytest.param("cat > f <<'E'\nmake; $(make)\nE", False, id="in a quoted here-document"),
        pytest.param("[[ -e x ]]; make", False, id="only a test before"),
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
    """Whatever the text, it has pieces, and no other operators."""
    assert masks(line) in {True, False}
    assert all(p.command.operator in {"", "&&", "||", "|", "&", ";"} for p in pieces(line))
