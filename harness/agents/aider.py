"""aider (a Python package): it edits files and commits, and runs no command its model suggests.

Its model gets no tools, so that its steps are its own executions, of git above all; what they
answer is not seen.
"""

from harness.agents import cli
from harness.agents.modelled import OPENAI, Home

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
        "--no-analytics", "--no-gitignore", "--no-detect-urls", "--message", "The task: {task}",
    ),
    env={
        "OPENAI_API_BASE": "{url}/v1",
        "OPENAI_API_KEY": "{key}",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    },
    model="gpt-5",
    home=Home(**{**OPENAI.model_dump(), "format": "chat"}),
    tools=False,
)  # fmt: skip
