"""What a container test asks a sandbox."""

from __future__ import annotations

from harness.containers.container import DockerContainer
from harness.shelltext.quoting import text_of


def said(container: DockerContainer, script: str) -> str:
    """Return what a script prints."""
    return text_of(container.probes.script(script, "look").stdout)
