import pytest

from harness.error_taxonomy.outputs import LIMIT, clean, drop_code, edges, line_at, own_lines


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        pytest.param("plain\n", b"plain\n", id="nothing to do"),
        pytest.param("\x1b[1;31mError:\x1b[0m no", b"Error: no", id="colours"),
        pytest.param("\x1b]0;title\x07$ ls", b"$ ls", id="a window title"),
        pytest.param("10%\r20%\rdone", b"10%\n20%\ndone", id="a progress bar"),
        pytest.param("a\r\nb", b"a\nb", id="DOS line ends"),
        pytest.param("x.sh: 2: foo\r: not found", b"x.sh: 2: foo^M: not found", id="a script's"),
        pytest.param("\ud800", b"?", id="half a surrogate pair"),
    ],
)
def test_clean(output: str, expected: bytes) -> None:
    """What a reader sees is kept, what a terminal obeys is not."""
    assert expected == clean(output)


def test_clean_keeps_both_ends_of_a_long_output() -> None:
    """Of a long output the head and the tail are kept, and the size is bounded."""
    text = clean("first" + "x" * 5 * LIMIT + "last")
    assert (True, True, True) == (
        text.startswith(b"first"),
        text.endswith(b"last"),
        len(text) <= LIMIT + 1,
    )


def test_code_removed() -> None:
    """The source lines that a traceback quotes go; its frames and the exception stay."""
    frame = b'  File "a.py", line 1, in f\n'
    text = b"Traceback:\n" + frame + b'    raise KeyError("x")\n    ^^^^^\nValueError: y\n'
    assert b'Traceback:\n  File "a.py", line 1, in f\nValueError: y\n' == drop_code(text)


def test_own_lines() -> None:
    """Only lines that begin with a name and a colon are a program's own."""
    text = b"cat: x: No such file\nerror: from the file\ncatalog: no"
    assert b"cat: x: No such file" == own_lines(text, [b"cat"])


@pytest.mark.parametrize(("lines", "kept"), [(30, 30), (31, 30), (500, 30)])
def test_edges(lines: int, kept: int) -> None:
    """The first and the last fifteen lines are the edges."""
    assert kept == edges(b"\n".join(b"%d" % i for i in range(lines))).count(b"\n") + 1


@pytest.mark.parametrize(("offset", "line"), [(0, b"ab"), (1, b"ab"), (3, b"c"), (5, b"")])
def test_line_at(offset: int, line: bytes) -> None:
    """An offset names the line around it."""
    assert line == line_at(b"ab\nc\n", offset)
