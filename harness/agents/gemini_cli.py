"""Google's Gemini CLI (npm: @google/gemini-cli), with a Node.js of its own; its own wire format."""

from harness.agents import cli
from harness.agents.model_settings import GOOGLE

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
