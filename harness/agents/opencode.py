"""opencode (npm: opencode-ai), a single program; speaks the chat format."""

from harness.agents import cli
from harness.agents.model_settings import OPENAI, Home

CONFIG = """
{"model": "gateway/{model}", "autoupdate": false, "share": "disabled",
 "permission": {"*": "allow"},
 "provider": {"gateway": {"npm": "@ai-sdk/openai-compatible", "name": "gateway",
  "options": {"baseURL": "{url}/v1", "apiKey": "{key}"},
  "models": {"{model}": {"name": "{model}"}}}}}
""".strip()

CLI = cli.Cli(
    version="1.18.33",
    install="""
npm install --prefix /opt/agent --no-audit --no-fund --ignore-scripts opencode-ai@{version};
mkdir -p /opt/agent/bin;
cp $(find /opt/agent/node_modules -path '*baseline/bin/opencode' -not -path '*musl*' | head -n 1)
 /opt/agent/bin/ || cp $(find /opt/agent/node_modules/opencode-linux-* -name opencode
 -size +1M | head -n 1) /opt/agent/bin/
""".strip(),
    finish="COPY --from=install /opt/agent/bin/ /usr/local/bin/",
    command=("opencode", "run", "-m", "gateway/{model}", "{task}"),
    env={
        "OPENCODE_CONFIG_CONTENT": CONFIG,
        "OPENCODE_DISABLE_AUTOUPDATE": "1",
        "OPENCODE_DISABLE_MODELS_FETCH": "1",
        "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
    },
    model="gpt-5",
    home=Home(**{**OPENAI.model_dump(), "format": "chat"}),
)
