"""Does the server hold everybody's commits, the page made of them, and the tag?"""

import os
import subprocess
import sys
import tempfile

SITE = "https://git.internal:8443/site.git"
PAGE = """<ul>
  <li>Ferry: from the first of May</li>
  <li>Lido: open in summer</li>
  <li>Mole: closed in winter</li>
  <li>Pier: open all year</li>
</ul>
"""


def run(*words: str) -> str:
    """Return what a program prints; stop where it fails."""
    done = subprocess.run(words, capture_output=True, text=True, env=ENVIRONMENT, check=False)
    return done.stdout if done.returncode == 0 else sys.exit(f"{words}: {done.stderr}")


def expect(name: str, fits: bool) -> None:
    """Stop with a message where something does not fit."""
    if not fits:
        sys.exit(name)


ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
address = run("dig", "+short", "@127.0.0.11", "git.internal").split()
expect("the server has no address", bool(address))
resolve = f"http.curloptResolve=git.internal:8443:{address[0]}"
with tempfile.TemporaryDirectory() as folder:
    run("git", "-c", resolve, "-c", "http.sslVerify=false", "clone", "-q", "--mirror", SITE, folder)
    os.chdir(folder)
    log = run("git", "log", "--format=%an: %s", "main")
    for line in ("Ines Moor: List the mole", "Ines Moor: Start the site", "dev: List the ferry"):
        expect(f"main has no commit `{line}`", line in log.splitlines())
    expect("main has no page of all places", run("git", "show", "main:page.html") == PAGE)
    expect("v1.2 is not on main's page", run("git", "show", "v1.2:page.html") == PAGE)
    run("git", "merge-base", "--is-ancestor", "v1.2", "main")
    expect("draft is not as it was", "Nothing here" in run("git", "show", "draft:draft.txt"))
