"""What a command is to patterns, and where it runs: `harness.shelltext.placed`, `settled`."""

from __future__ import annotations

import pytest

from harness.shelltext.placed import read


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param("rm b -rf a", ["rm -rf /w/b /w/a"], id="options first, whole paths"),
        pytest.param("cd a; rm ../b/ ./c", ["cd a", "rm /w/b /w/a/c"], id="going elsewhere"),
        pytest.param("cd - && rm b", ["cd -", "rm b"], id="back to where it was: unknown"),
        pytest.param("cd $X && rm b /c", ["cd $X", "rm b /c"], id="nobody knows where"),
        pytest.param("(cd a); rm b", ["cd a", "rm b"], id="a subshell: unknown from there"),
        pytest.param("rm $X/b ~/c *.d", ["rm $X/b ~/c *.d"], id="what the shell fills in"),
        pytest.param("rm -- -f", ["rm /w/-f"], id="a file like an option"),
        pytest.param("chmod 600 a", ["chmod 600 /w/a"], id="a mode is no file"),
        pytest.param("sqlite3 a.db b", ["sqlite3 /w/a.db b"], id="nor is a query"),
        pytest.param("sqlite3 a.db <<< DROP", ["sqlite3 /w/a.db\nDROP"], id="a client is fed"),
        pytest.param("git push", ["git -C /w push"], id="git's folder"),
        pytest.param("git -C a push -f", ["git -C /w/a push -f"], id="another folder"),
        pytest.param("git -C $X log", ["git -C $X log"], id="a folder that is not known"),
        pytest.param(
            "git --git-dir=/r/.git -c a=b log", ["git -C /r log -c a=b"], id="general options"
        ),
        pytest.param("echo rm x; grep rm y", ["", ""], id="talk"),
        pytest.param(
            "git -C /r commit -qm 'rm -rf .git' -n", ["git -C /r commit -qm -n"], id="a message"
        ),
        pytest.param("bash -c 'rm x'", ["rm /w/x"], id="a script is what it runs"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_what_patterns_see(text: str, seen: list[str]) -> None:
    """One act has one wording, however it was typed."""
    assert [each.text for each in read(text, "/w")[0]] == seen
