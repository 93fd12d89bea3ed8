"""OpenAI's Codex CLI (npm: @openai/codex), a static program; speaks the responses format."""

from harness.agents import cli
from harness.agents.modelled import OPENAI, Settings
from harness.gateway.desk import Model
from harness.models import AgentSpec, Spec
from harness.session import Session

__all__ = ["LINE", "Settings", "layer", "model_of", "play", "ready"]

LINE = "sandbox"

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


def ready(agent: AgentSpec) -> None:
    """Say before any container starts what is missing."""
    cli.ready(CLI, agent)


def layer(agent: AgentSpec) -> str:
    """Return the Dockerfile of its image layer."""
    return cli.layer(CLI, agent)


def model_of(agent: AgentSpec) -> Model:
    """Return its model."""
    return cli.model_of(CLI, agent)


def play(spec: Spec, session: Session) -> None:
    """Run it on the task."""
    cli.play(CLI, spec, session)
