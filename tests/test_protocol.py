"""What is typed for one command: whatever its text, bash answers as it does without us."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.containers.shell_protocol import (
    START,
    Ending,
    _can_be_followed,
    ending,
    mark,
    scrubbed,
    typed,
)

TOKEN = "0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ls", True, id="a command"),
        pytest.param("", True, id="nothing"),
        pytest.param("ls &", True, id="a background job"),
        pytest.param("cat <<EOF\na\nEOF", True, id="a closed here-document"),
        pytest.param("cat <<'E F'\na\nE F", True, id="a quoted end with a blank"),
        pytest.param('cat <<"EOF"\na\nEOF\n', True, id="a quoted end"),
        pytest.param("cat <<\\EOF\na\\\nEOF", True, id="a quoted document joins no lines"),
        pytest.param("cat <<-EOF\n\ta\n\tEOF", True, id="tabs before the end, allowed"),
        pytest.param("cat <<A - <<B\na\nA\nb\nB", True, id="two on a line"),
        pytest.param("cat <<A\nA\ncat <<A\nA", True, id="one after the other"),
        pytest.param("cat <<< word", True, id="a here-string"),
        pytest.param("cat <<EOF\n<<X\nEOF", True, id="what is in a document opens none"),
        pytest.param("cat <<EOF\na", False, id="an open here-document"),
        pytest.param("cat <<EOF\na\n\tEOF", False, id="tabs before the end, not allowed"),
        pytest.param("cat <<EOF\na\n EOF", False, id="a blank before the end"),
        pytest.param("cat <<EOF\na\nEOF ", False, id="a blank after the end"),
        pytest.param("cat <<EOF\na\\\nEOF", False, id="a joined line hides the end"),
        pytest.param("cat <<A\nA\ncat <<A\nb", False, id="the second is open"),
        pytest.param("cat <<A - <<B\na\nB\nb\nA", False, id="in the wrong order"),
        pytest.param("cat <<!\nb", False, id="an odd end"),
        pytest.param("cat <<", False, id="no end at all"),
        pytest.param("ls |", False, id="an unfinished pipeline"),
        pytest.param("ls |& # why not\n\n", False, id="and a comment after it"),
        pytest.param("ls &&", False, id="an unfinished and"),
        pytest.param("ls ||\\\n", False, id="an unfinished or"),
        pytest.param("ls \\", False, id="a backslash at the end"),
        pytest.param("ls \\\\", True, id="two of them"),
    ],
)
def test_a_line_follows_only_what_is_complete(text: str, expected: bool) -> None:
    """A line that is appended must neither finish a pipeline nor end up in a file."""
    assert _can_be_followed(text) is expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(b"", None, id="nothing yet"),
        pytest.param(b"e 0 hBs 17.5 0 \n", None, id="a byte short"),
        pytest.param(b"p 0 0 \n ", None, id="the pipes only"),
        pytest.param(
            b"e 3 hBs 17.5 42 \n ",
            Ending(exit_code=3, pipestatus=None, moment=17.5, job=42, size=18),
            id="no pipes",
        ),
        pytest.param(
            b"p 1 0 1 \n \n%se 0 hBsxv 17,25 0 \n " % TOKEN.encode(),
            Ending(exit_code=1, pipestatus=(0, 1), tracing="xv", moment=17.25, size=55),
            id="with pipes, and a decimal comma",
        ),
        pytest.param(
            b"p 2 2 \n noise 7 \n%se 0 hBs  0 \n  more" % TOKEN.encode(),
            Ending(exit_code=2, pipestatus=(2,), size=54),
            id="a background job speaks in between, and after; no clock",
        ),
    ],
)
def test_the_end_of_a_command_is_read(after: bytes, expected: Ending | None) -> None:
    """Exit code and PIPESTATUS are the command's; what follows the ending is left alone."""
    assert ending(after, TOKEN) == expected


@given(st.text(alphabet=st.characters(exclude_categories=())), st.integers(0, 255))
def test_any_text_can_be_typed(text: str, code: int) -> None:
    """No text fails to be encoded, none carries a NUL, and none shows the mark itself."""
    data = typed(text, TOKEN, Ending(exit_code=code, pipestatus=None, tracing="x"))
    assert b"\0" not in data
    assert mark(TOKEN) not in data
    assert data.endswith(b"\n")


def test_lines_of_the_protocol_are_taken_out_of_standard_error() -> None:
    """A syntax error quotes the line that follows an unfinished command: it is not shown."""
    said = b"bash: near `printf'\nbash: `printf '\\n%s'\nafter" % TOKEN.encode()
    assert scrubbed(said, TOKEN) == b"bash: near `printf'\nafter"
    assert scrubbed(b"any\n", TOKEN) == b"any\n"


def test_a_new_shell_has_nothing_to_put_back() -> None:
    """The first command finds `$?` at 0."""
    assert typed("true", TOKEN, START).startswith(b":\nbuiltin eval")
