"""What aider notes of its git commands' failures, as this version of it writes them down."""

from __future__ import annotations

import pytest

from harness.agents.aider import failures

COMMIT = """\
> Applied edit to inkpot/slug.py  
> Unable to commit: Cmd('git') failed due to: exit code(128)  
> cmdline: git commit -m Mend slugs  
>  
> Co-authored-by: aider (openai/gpt-5) <aider@aider.chat> -- /work/inkpot/slug.py  
> stderr: 'fatal: Unable to create '/work/.git/index.lock': File exists.  
>  
> remove the file manually to continue.'  
"""  # noqa: W291 - as it is written
COMMAND = (
    "git commit -m Mend slugs\n\nCo-authored-by: aider (openai/gpt-5) <aider@aider.chat>"
    " -- /work/inkpot/slug.py"
)
FATAL = "fatal: Unable to create '/work/.git/index.lock': File exists.\n\nremove the file manually"
ADD = """\
> Unable to add a.py: Cmd('git') failed due to: exit code(1)  
> cmdline: git add a.py  
> stdout: 'hint'  
> stderr: 'no'  
"""  # noqa: W291


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param("", [], id="nothing yet"),
        pytest.param("> Applied edit to a.py  \nCmd('git') may fail\n", [], id="no failure"),
        pytest.param(COMMIT, [(COMMAND, 128, "", f"{FATAL} to continue.")], id="many lines"),
        pytest.param(ADD, [("git add a.py", 1, "hint", "no")], id="both streams"),
        pytest.param(
            ADD + "\nI see.\n\n" + ADD, [("git add a.py", 1, "hint", "no")] * 2, id="twice"
        ),
    ],
)
def test_failures(history: str, expected: list[tuple[str, int, str, str]]) -> None:
    """Each failed command with its exit code and streams, in order."""
    read = [(command, s.exit_code, s.stdout, s.stderr) for command, s in failures(history)]
    assert expected == read
