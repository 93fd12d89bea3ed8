"""The errors that the door (the command line) turns into exit codes."""


class HarnessError(Exception):
    """The harness or its machine failed: this says nothing about any agent (exit code 3)."""


class InputError(HarnessError):
    """What the user handed in is wrong; nothing was started (exit code 2)."""


class SandboxError(HarnessError):
    """The sandbox machinery (engine, image, container, channel) failed."""


class NothingSelected(HarnessError):  # noqa: N818 - it is an answer rather than a mishap
    """The selection matches no trial (exit code 5)."""
