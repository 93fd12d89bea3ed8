"""What one step of an agent's came to: as the agent gets to see it, and as it is recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.containers.shell import Result
from harness.containers.state import State
from harness.history.events import Observation
from harness.shelltext.quoting import text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutput:
    r"""What the agent gets to see of a step.  Bytes that are no UTF-8 show as `\xNN`."""

    stdout: str
    stderr: str
    exit_code: int | None
    """None: unknown, the command was ended by the time limit."""
    timed_out: bool = False
    note: str = ""
    """What the channel has to say: a time-out, a new shell."""

    @property
    def text(self) -> str:
        """Both streams and the note, as one text."""
        return "\n".join(
            part.rstrip("\n") for part in (self.stdout, self.stderr, self.note) if part
        )


def show(result: Result, seconds: float) -> StepOutput:
    """Return what the agent sees of a command that had so many seconds."""
    return StepOutput(
        stdout=text_of(result.stdout),
        stderr=text_of(result.stderr),
        exit_code=result.exit_code,
        timed_out=result.timed_out,
        note=_note(result, seconds),
    )


def _note(result: Result, seconds: float) -> str:
    if result.timed_out:
        return f"(ended after the time limit of {seconds:.3g} s; a new shell was opened)"
    if result.died:
        return "(the shell ended; a new one was opened)"
    return ""


def observe(
    step: int,
    output: StepOutput,
    result: Result | None,
    state: State,
    artifact: Callable[[bytes], str],
) -> Observation:
    """Return the event of a step that has ended.

    `result` has what only our own shell can tell; `artifact` keeps bytes and returns their sha256.
    """
    event = Observation(
        step=step,
        stdout=output.stdout,
        stderr=output.stderr,
        exit_code=output.exit_code,
        timed_out=output.timed_out,
        note=output.note or None,
        digest=state.digest,
        changed=state.changed,
        paths=state.paths,
    )
    return event if result is None else event.model_copy(update=_facts(result, artifact))


def _facts(result: Result, artifact: Callable[[bytes], str]) -> dict[str, object]:
    status = result.pipestatus
    return {
        "pipestatus": tuple(status) if status is not None else None,
        "seconds": round(result.seconds, 4),
        "died": result.died,
        "cut": result.cut,
        "artifacts": tuple(artifact(whole) for whole in result.whole or ()),
    }
