"""Anthropic's Claude Code (npm: @anthropic-ai/claude-code); speaks the messages format."""

from harness.agents import cli
from harness.agents.model_settings import ANTHROPIC

CLI = cli.Cli(
    version="2.1.330",
    install="""
npm install --prefix /opt/agent --no-audit --no-fund @anthropic-ai/claude-code@{version};
mkdir -p /opt/agent/bin;
cp $(find /opt/agent/node_modules -name claude -size +1M -not -path '*musl*' | head -n 1)
 /opt/agent/bin/
""".strip(),
    finish="COPY --from=install /opt/agent/bin/ /usr/local/bin/",
    command=(
        "claude", "-p", "{task}", "--model", "{model}", "--dangerously-skip-permissions",
        "--output-format", "stream-json", "--verbose",
    ),
    env={
        "ANTHROPIC_BASE_URL": "{url}",
        "ANTHROPIC_API_KEY": "{key}",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "IS_SANDBOX": "1",
    },
    model="claude-opus-4-8",
    home=ANTHROPIC,
    exit_code=r"\A(?:Error: )?Exit code (\d+)$",
    silent_success=True,
)  # fmt: skip
