"""The errors that the door (the command line) turns into exit codes."""

from __future__ import annotations

from typing import ClassVar


class HarnessError(Exception):
    """The harness or its machine failed: this says nothing about any agent (exit code 3)."""

    word: ClassVar[str] = "harness failed"
    """What failed, in the history of a trial."""


class InputError(HarnessError):
    """What the user handed in is wrong; nothing was started (exit code 2)."""


class SandboxError(HarnessError):
    """The sandbox machinery (engine, image, container, channel) failed."""

    word = "sandbox failed"


class InstallFailed(HarnessError):  # noqa: N818 - it is what happened
    """An agent could not be installed."""

    word = "install failed"


class ModelUnreachable(HarnessError):  # noqa: N818
    """An agent's model, or the way to it, failed."""

    word = "model unreachable"


class NothingSelected(HarnessError):  # noqa: N818 - it is an answer rather than a mishap
    """The selection matches no trial (exit code 5)."""
