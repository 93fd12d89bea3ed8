"""What is typed for one command: whatever its text, bash answers as it does without us."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.containers.shell_protocol import (
    START,
    Ending,
    mark,
    read_ending,
    render_command,
    scrub,
)

TOKEN = "0123456789abcdef01234567"


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
    assert read_ending(after, TOKEN) == expected


@given(st.text(alphabet=st.characters(exclude_categories=())), st.integers(0, 255))
def test_any_text_can_be_typed(text: str, code: int) -> None:
    """No text fails to be encoded, none carries a NUL, and none shows the mark itself."""
    data = render_command(text, TOKEN, Ending(exit_code=code, pipestatus=None, tracing="x"))
    assert b"\0" not in data
    assert mark(TOKEN) not in data
    assert data.endswith(b"\n")


def test_lines_of_the_protocol_are_taken_out_of_standard_error() -> None:
    """A syntax error quotes the line that follows an unfinished command: it is not shown."""
    said = b"bash: near `printf'\nbash: `printf '\\n%s'\nafter" % TOKEN.encode()
    assert scrub(said, TOKEN) == b"bash: near `printf'\nafter"
    assert scrub(b"any\n", TOKEN) == b"any\n"


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        pytest.param("ls | wc", True, id="complete"),
        pytest.param("ls |", False, id="an unfinished pipeline"),
        pytest.param("cat > f <<E\na", False, id="an open here-document"),
    ],
)
def test_a_line_follows_only_what_is_complete(text: str, asks: bool) -> None:
    """The question for PIPESTATUS must neither finish a pipeline nor end up in a file."""
    assert (b"PIPESTATUS" in render_command(text, TOKEN)) is asks


def test_a_new_shell_has_nothing_to_put_back() -> None:
    """The first command finds `$?` at 0."""
    assert render_command("true", TOKEN, START).startswith(b":\nbuiltin eval")
