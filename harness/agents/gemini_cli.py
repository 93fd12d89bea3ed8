"""Google's Gemini CLI (npm: @google/gemini-cli), with a Node.js of its own; its own wire format."""

from harness.agents import cli
from harness.agents.modelled import GOOGLE, Settings
from harness.gateway.desk import Model
from harness.models import AgentSpec, Spec
from harness.session import Session

__all__ = ["LINE", "Settings", "layer", "model_of", "play", "ready"]

LINE = "sandbox"

ROOT = "/opt/agent/node_modules"

SETTINGS = (
    '{"security": {"auth": {"selectedType": "gemini-api-key"}},'
    ' "general": {"enableAutoUpdate": false},'
    ' "privacy": {"usageStatisticsEnabled": false}, "telemetry": {"enabled": false}}'
)
"""With a base URL in its environment alone it asks for a way to log in that it does not have."""

CLI = cli.Cli(
    version="0.61.0",
    install=f"""
npm install --prefix /opt/agent --no-audit --no-fund node@22 @google/gemini-cli@{{version}};
echo '{SETTINGS}' > {ROOT}/@google/settings.json
""".strip(),
    finish=f"""
COPY --from=install {ROOT}/node/bin/ {ROOT}/node/bin/
COPY --from=install {ROOT}/@google/ {ROOT}/@google/
COPY --from=install {ROOT}/@lydell/ {ROOT}/@lydell/
""".strip(),
    command=(
        f"{ROOT}/node/bin/node", f"{ROOT}/@google/gemini-cli/bundle/gemini.js",
        "-m", "{model}", "--approval-mode", "yolo", "-p", "{task}",
    ),
    env={
        "GEMINI_API_KEY": "{key}",
        "GOOGLE_GEMINI_BASE_URL": "{url}",
        "GEMINI_CLI_TRUST_WORKSPACE": "true",
        "GEMINI_CLI_SYSTEM_SETTINGS_PATH": f"{ROOT}/@google/settings.json",
    },
    model="gemini-2.5-pro",
    home=GOOGLE,
    exit_code=r"^Exit Code: (\d+)$",
    silent_success=True,
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
