"""aider (a Python package): it edits files and commits, and runs no command its model suggests.

Its model gets no tools, so that its steps are its own executions, of git above all.  How a git
command failed it notes in its history of the chat, before it goes on; of others nothing is seen.
"""

import re

from harness.agents import cli
from harness.agents.model_settings import OPENAI, Home
from harness.agents.session import Session
from harness.agents.step_output import StepOutput
from harness.agents.steps_from_execs import Witness, unknown

HISTORY = "/tmp/.aider.chat.history.md"

FAILURE = re.compile(
    r"^Cmd\('git'\) failed due to: exit code\((\d+)\)\ncmdline: (.*?)\n"
    r"(?:stdout: '(.*?)'\n)?stderr: '(.*?)'$",
    re.MULTILINE | re.DOTALL,
)


def failures(history: str) -> list[tuple[str, StepOutput]]:
    """Return (command, how it ended) of each failed git command that a history tells of."""
    lines = (line.removeprefix(">").strip() for line in history.splitlines())
    text = re.sub(r"^.*(?=Cmd\('git'\) failed)", "", "\n".join(lines), flags=re.MULTILINE)
    return [
        (command, StepOutput(stdout=out, stderr=err, exit_code=int(code)))
        for code, command, out, err in FAILURE.findall(text)
    ]


def witness(session: Session) -> Witness:
    """Return what reads each failure off the history once, in the order of the commands."""
    told = 0

    def ended(command: str) -> StepOutput:
        nonlocal told
        if not command.startswith("git "):
            return unknown(command)
        history = session.peek(f"cat {HISTORY}").stdout.decode(errors="replace")
        for number, (failed, seen) in enumerate(failures(history)[told:], told + 1):
            if failed.split() == command.split():
                told = number
                return seen
        return unknown(command)

    return ended


CLI = cli.Cli(
    version="0.86.2",
    packages=("ca-certificates", "python3-venv"),
    install="""
python3 -m venv /opt/agent;
/opt/agent/bin/pip install --no-cache-dir --disable-pip-version-check aider-chat=={version};
find /opt/agent -name __pycache__ -prune -exec rm -rf {} +
""".strip(),
    finish="COPY --from=install /opt/agent/ /opt/agent/",
    command=(
        "/opt/agent/bin/aider", "--model", "openai/{model}", "--yes-always", "--no-pretty",
        "--no-check-update", "--no-show-model-warnings", "--no-show-release-notes",
        "--no-analytics", "--no-gitignore", "--no-detect-urls",
        "--chat-history-file", HISTORY, "--message", "The task: {task}",
    ),
    env={
        "OPENAI_API_BASE": "{url}/v1",
        "OPENAI_API_KEY": "{key}",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    },
    model="gpt-5",
    home=Home(**{**OPENAI.model_dump(), "format": "chat"}),
    tools=False,
    witness=witness,
)  # fmt: skip
