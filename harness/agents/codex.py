"""OpenAI's Codex CLI (npm: @openai/codex), a static program; speaks the responses format."""

from harness.agents import cli
from harness.agents.model_settings import OPENAI

PROVIDER = (
    'model_providers.gateway={name="gateway",base_url="{url}/v1",'
    'env_key="OPENAI_API_KEY",wire_api="responses"}'
)

CLI = cli.Cli(
    version="0.169.0",
    install="""
npm install --prefix /opt/agent --no-audit --no-fund @openai/codex@{version};
mkdir -p /opt/agent/bin;
cp $(find /opt/agent/node_modules -path '*/bin/codex' -size +1M | head -n 1) /opt/agent/bin/
""".strip(),
    finish="COPY --from=install /opt/agent/bin/ /usr/local/bin/",
    command=(
        "codex", "exec", "--json", "--skip-git-repo-check",
        "--dangerously-bypass-approvals-and-sandbox",
        "-c", 'model_provider="gateway"',
        "-c", PROVIDER,
        "-m", "{model}", "{task}",
    ),
    env={"OPENAI_API_KEY": "{key}"},
    model="gpt-5",
    home=OPENAI,
    exit_code=r"^Process exited with code (\d+)$",
)  # fmt: skip
