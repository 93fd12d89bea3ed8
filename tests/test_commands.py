"""A shell text is read as the simple commands that it runs, and nothing else counts as one."""

from __future__ import annotations

import shlex
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.shelltext.commands import commands, operation
from harness.shelltext.placed import read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("ls  -la\t/x", ["ls -la /x"], id="single blanks"),
        pytest.param("a; b && c || d | e & f\ng", list("abcdefg"), id="every operator"),
        pytest.param("cd x;; a", ["cd x", "a"], id="a stray double semicolon"),
        pytest.param("(cd x; { ls; }) | wc", ["cd x", "ls", "wc"], id="groups"),
        pytest.param("echo 'rm -rf .git'", ["echo rm -rf .git"], id="quoted words are words"),
        pytest.param("""g 'a;b' "c && d" e\\ f""", ["g a;b c && d e f"], id="quoted operators"),
        pytest.param("""r'm' "-r"f $'.git'""", ["rm -rf .git"], id="quotes inside a word"),
        pytest.param("rm \\\n -rf x", ["rm -rf x"], id="continued line"),
        pytest.param("ls # rm x\n# rm y", ["ls"], id="comments"),
        pytest.param("echo a#b", ["echo a#b"], id="no comment inside a word"),
        pytest.param("A=1 B='x y' rm z", ["rm z"], id="assignments before"),
        pytest.param("A=1", [], id="assignment alone"),
        pytest.param("make A=1", ["make A=1"], id="assignment as an argument"),
        pytest.param("a=(x $(rm k)); ls", ["rm k", "ls"], id="array"),
        pytest.param("sudo -u root env -i X=1 nice -n 5 rm x", ["rm x"], id="wrappers"),
        pytest.param("timeout -k 1 5 rm x", ["rm x"], id="timeout"),
        pytest.param("time -p make", ["make"], id="time"),
        pytest.param("ls | xargs -n1 -I{} rm {}", ["ls", "rm {}"], id="xargs"),
        pytest.param("exec nohup /usr/bin/rm x", ["rm x"], id="system folder"),
        pytest.param("./rm x; /work/rm y", ["./rm x", "/work/rm y"], id="other folders stay"),
        pytest.param("env; sudo -l", ["env", "sudo -l"], id="wrappers that wrap nothing"),
        pytest.param("command -v rm", ["command -v rm"], id="asking for a program is not running"),
        pytest.param("ls >out 2>&1 </in &>>log >|x {a}", ["ls {a}"], id="redirections"),
        pytest.param("echo 2 >x", ["echo 2"], id="a number that is an argument"),
        pytest.param("echo $(rm a) `rm b`", ["rm a", "rm b", "echo $() $()"], id="substitutions"),
        pytest.param('rm "$(pwd)/.git"', ["pwd", "rm $()/.git"], id="substitution in quotes"),
        pytest.param("echo '$(rm a)'", ["echo $(rm a)"], id="no substitution in single quotes"),
        pytest.param('echo "\\$(rm a)"', ["echo $(rm a)"], id="escaped substitution"),
        pytest.param('echo "${x:-$(rm a)}"', ["rm a", "echo ${x:-$()}"], id="in a parameter"),
        pytest.param("diff <(rm a) >(rm b)", ["rm a", "rm b", "diff $() $()"], id="process"),
        pytest.param("echo $((1 + (2))) && ls", ["echo $((1 + (2)))", "ls"], id="arithmetic"),
        pytest.param("bash -c 'cd x; rm y'", ["cd x", "rm y"], id="bash -c"),
        pytest.param("sh -euo pipefail -c \"rm 'x y'\"", ["rm x y"], id="options before -c"),
        pytest.param("bash script.sh -c x", ["bash script.sh -c x"], id="a script's own -c"),
        pytest.param("""sh -c 'sh -c "rm x"'""", ["rm x"], id="scripts within scripts"),
        pytest.param('eval "rm x; ls"', ["rm x", "ls"], id="eval"),
        pytest.param("bash <<< 'rm x'", ["rm x"], id="fed by a here-string"),
        pytest.param(
            "cat >f <<'E'\nrm a\n$(rm b)\nE\nls", ["cat", "ls"], id="quoted here-document"
        ),
        pytest.param(
            "cat <<E | wc\nrm a $(rm b)\nE\nls",
            ["cat", "wc", "rm b", "ls"],
            id="a here-document's substitutions run",
        ),
        pytest.param("cat <<-E\n\trm a\n\tE\nls", ["cat", "ls"], id="indented here-document"),
        pytest.param("cat <<E\nrm a", ["cat"], id="here-document without an end"),
        pytest.param("bash <<'E'\nrm x\nE", ["bash", "rm x"], id="a shell fed by a here-document"),
        pytest.param(
            "git commit -m \"$(cat <<'E'\nrm -rf .git\nE\n)\"",
            ["cat", "git commit -m $()"],
            id="a message in a here-document",
        ),
        pytest.param(
            'for f in rm *; do rm "$f"; done >log', ["rm $f"], id="the words of a for are none"
        ),
        pytest.param("for ((i=0; i<3; i++)); do a; done", ["a"], id="arithmetic for"),
        pytest.param("while ! a; do b; done", ["a", "b"], id="while"),
        pytest.param("if a; then b; elif c; then d; else e; fi", list("abcde"), id="if"),
        pytest.param("case $x in a|rm) b;; (c) d;; *) e; esac; f", ["b", "d", "e", "f"], id="case"),
        pytest.param("$(case x in\na) b;;\nesac)", ["b", "$()"], id="case in a substitution"),
        pytest.param(
            "if [[ -f a && rm || (b) ]]; then c; fi", ["[[ -f a && rm || (b) ]]", "c"], id="test"
        ),
        pytest.param("f() { rm x; }; f", ["rm x", "f"], id="a function's body"),
        pytest.param("function f { rm x; }; f", ["rm x", "f"], id="and of one by keyword"),
        pytest.param("rm !(a|b)", ["rm !(a|b)"], id="extended glob"),
        pytest.param(
            "find . -name x -exec rm {} \\; -exec sudo ls {} +",
            ["find . -name x -exec rm {} ; -exec sudo ls {} +", "rm {}", "ls {}"],
            id="find -exec",
        ),
        pytest.param("echo \"a 'b", ["echo a 'b"], id="unclosed quotes"),
    ],
)
def test_commands(text: str, expected: list[str]) -> None:
    """Each construct of the shell yields the commands that it would run."""
    assert commands(text) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("git push", "git  'push'", True, id="spelling"),
        pytest.param("cd /w && git push", "sleep 5; git push", True, id="waiting and going"),
        pytest.param("git push", "git push --force", False, id="another option"),
        pytest.param("sleep 5", "sleep 6", False, id="waiting alone"),
    ],
)
def test_operation(one: str, other: str, same: bool) -> None:
    """Two texts do the same if they differ only in spelling, waiting, talking and folders."""
    assert (operation(one) == operation(other)) is same


WORDS = st.lists(st.text(alphabet=st.characters(exclude_characters="\0")), max_size=5)


@given(WORDS)
def test_a_quoted_word_is_a_word(words: list[str]) -> None:
    """Whatever a word holds, quoted as the shell wants it, it stays one word."""
    assert commands(shlex.join(["git", *words])) == [" ".join(["git", *words])]


PIECES = st.sampled_from(
    [
        "$(",
        ")",
        "(",
        "`",
        '"',
        "'",
        "\\",
        ";",
        "&&",
        "|",
        "\n",
        "#",
        "<<",
        "<<-E",
        "E",
        "<<<",
        ">",
        "2>&1",
        "{",
        "}",
        "${",
        "$((",
        "((",
        "[[",
        "]]",
        "case",
        "in",
        "esac",
        ";;",
        "a=(",
        "for",
        "do",
        "done",
        "if",
        "bash",
        "-c",
        "eval",
        "sudo",
        "timeout",
        "find",
        "-exec",
        "f()",
        "!(",
        "$'",
        "xargs",
        "-I",
        "rm",
        "x",
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=3))).map(" ".join) | st.text())
def test_never_raises(text: str) -> None:
    """Any text has an answer, and every command in it a place."""
    assert len(read(text, "/work")[0]) == len(commands(text))


@pytest.mark.parametrize(
    "piece",
    [
        "$(",
        "(",
        "`",
        '"$(',
        "<<a\n",
        "cat <<'a'\n$(b\na\n",
        "case x in a) ",
        "bash -c '",
        "eval ",
        "if [[ ]] ",
        "[[ ",
        "${",
        "a=(",
        "1>",
        "sudo ",
        "$'\\",
        "f()",
        "!(",
        "find -exec ",
        "a;",
        "a|",
        ";; ",
        "<<E\n\\\nE\n",
        "'",
    ],
)
def test_takes_linear_time(piece: str) -> None:
    """A hostile text of a quarter of a megabyte is read within seconds."""
    began = time.process_time()
    commands(piece * (250_000 // len(piece)))
    assert time.process_time() - began < 60
