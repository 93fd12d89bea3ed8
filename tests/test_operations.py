from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.error_taxonomy.operations import acts, likeness


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("ls -l; cat a", {"inspects"}, id="looks"),
        pytest.param("sleep 5", {"waits"}, id="waits"),
        pytest.param("sudo apt-get install -y jq", {"installs"}, id="a package"),
        pytest.param("python3 -m pip install x", {"installs"}, id="through the interpreter"),
        pytest.param("python3 -m venv .venv", {"installs"}, id="an environment"),
        pytest.param("sed -i s/a/b/ f", {"edits"}, id="in place"),
        pytest.param("sed s/a/b/ f", {"runs"}, id="not in place"),
        pytest.param("cat > f <<'X'\nhello\nX", {"edits", "inspects"}, id="a here-document"),
        pytest.param("chmod +x f && ./f", {"alters", "runs"}, id="two acts"),
        pytest.param("make 2>&1 > /dev/null", {"runs"}, id="no file is written"),
        pytest.param("git status", {"inspects"}, id="git looks"),
        pytest.param("git config user.name x", {"alters"}, id="git alters"),
        pytest.param("", set(), id="nothing"),
    ],
)
def test_acts(line: str, expected: set[str]) -> None:
    """A line's acts are those of its commands."""
    assert expected == acts(line)


@pytest.mark.parametrize(
    ("tried", "line", "expected"),
    [
        pytest.param("make test", "make  test", "same", id="blanks do not matter"),
        pytest.param("cd x && pytest -q", "pytest -q", "same", id="one command of a line"),
        pytest.param("pip install x", "pip install --user x", "altered", id="another option"),
        pytest.param("python3 a.py", ".venv/bin/python a.py", "altered", id="another version"),
        pytest.param("apt-get install redis", "apt-get install redis-server", "altered", id="like"),
        pytest.param("pytest tests/test_a.py", "pytest", "altered", id="about more"),
        pytest.param("pip install x", "pip install y", None, id="about something else"),
        pytest.param("git commit", "git push", None, id="another verb"),
        pytest.param("make", "make clean", None, id="another goal"),
        pytest.param("curl http://h/a.tgz", "wget http://h/a.tgz", "other", id="another tool"),
        pytest.param("python3 app.py", "cat app.py", None, id="to look is not to try"),
        pytest.param("./run.sh", "chmod +x run.sh", None, id="to mend is not to try"),
        pytest.param("cat a.txt", "ls a.txt", "other", id="a look for a look"),
        pytest.param("python3 app.py", "echo app.py", None, id="to talk is not to try"),
        pytest.param("", "ls", None, id="nothing was tried"),
    ],
)
def test_likeness(tried: str, line: str, expected: str | None) -> None:
    """A later line takes up an earlier one, more or less closely, or does not."""
    assert expected == likeness(tried, line)


@given(st.text(alphabet="ab ./-|&;'\"\n", max_size=30), st.text(max_size=20))
def test_any_lines_can_be_compared(one: str, other: str) -> None:
    """No line is too odd; a line is the same as itself."""
    assert likeness(one, other) in {"same", "altered", "other", None}
    assert likeness(one, one) == "same"
