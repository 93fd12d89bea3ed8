"""A shell text is read into values, and what is left open is known, as bash would have it."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.shelltext.parse import parse
from harness.shelltext.values import Command, Redirection


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("A=1 sudo x", [Command(("A=1", "sudo", "x"), (), "", "")], id="every word"),
        pytest.param(
            "a | b $(c) && d",
            [
                Command(("a",), (), "|", ""),
                Command(("c",), (), "", "word"),
                Command(("b", "$()"), (), "&&", ""),
                Command(("d",), (), "", ""),
            ],
            id="how they are joined, and where they stand",
        ),
        pytest.param(
            "a 2>>e &>f <&3 <<< 'x y'",
            [
                Command(
                    ("a",),
                    (
                        Redirection("2", ">>", "e"),
                        Redirection("", "&>", "f"),
                        Redirection("", "<&", "3"),
                        Redirection("", "<<<", "x y"),
                    ),
                    "",
                    "",
                )
            ],
            id="redirections",
        ),
        pytest.param(
            "a <<-E >f\n\tb $(c)\n\tE\n",
            [
                Command(
                    ("a",),
                    (Redirection("", "<<-", "\tb $(c)\n"), Redirection("", ">", "f")),
                    "",
                    "",
                ),
                Command(("c",), (), "", "document"),
            ],
            id="a here-document",
        ),
        pytest.param(
            "while a; do b; done > f",
            [
                Command(("a",), (), ";", ""),
                Command(("b",), (), ";", ""),
                Command((), (Redirection("", ">", "f"),), "", ""),
            ],
            id="a loop's redirection",
        ),
    ],
)
def test_parse(text: str, expected: list[Command]) -> None:
    """A text is its simple commands, with all that is said about each."""
    assert list(parse(text).commands) == expected


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
        pytest.param("ls # \\", True, id="a backslash in a comment"),
        pytest.param("echo '<<EOF'", True, id="a here-document that is text"),
        pytest.param("echo $((1 << 2))", True, id="a shift"),
        pytest.param("echo 'a", False, id="an open quote"),
        pytest.param('echo "$(a', False, id="an open substitution"),
        pytest.param("if a; then b", False, id="an open if"),
        pytest.param("if a; then b; fi", True, id="a closed if"),
        pytest.param("case x in a) b;;", False, id="an open case"),
        pytest.param("f() { a; ", False, id="an open function"),
        pytest.param("for ((;;)); do a; done; ((x++))", True, id="arithmetic"),
        pytest.param("ls | " + "#" * 99_999 + "\nwc", True, id="a long comment in a pipeline"),
    ],
)
def test_complete(text: str, expected: bool) -> None:
    """A text is complete if a line after it is a command of its own."""
    assert parse(text).complete is expected


_WORDS = """$( ) ( ` " ' \\ ; && | # <<E <<-E <<'E' <<< > 2>&1 { } ${ $(( (( a=( case x in esac ;;
a) for i do done if then fi f() $' bash -c"""
PIECES = st.sampled_from([*_WORDS.split(), "\n", "\nE\n", "\n\tE\n", "\\\n"])


@given(st.lists(PIECES, min_size=1, max_size=8), st.sampled_from(["", " "]))
@settings(max_examples=400, deadline=None)
def test_nothing_complete_takes_the_next_line(pieces: list[str], between: str) -> None:
    """Bash agrees: behind a complete text that it reads, a line stands alone."""
    text = between.join(pieces)
    complete = parse(text).complete and _reads(text)
    assert not (complete and _reads(f"{text}\n\n)\n"))


def _reads(text: str) -> bool:
    """Say whether bash finds no error in a text, of which it runs nothing."""
    ran = subprocess.run(["bash", "-n"], input=text.encode(), capture_output=True, check=False)
    return ran.returncode == 0
