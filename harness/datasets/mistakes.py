"""Where a trial went wrong, and what would have passed from there.  Pure.

The first wrong step is what `harness blame` found by replays.  What would have passed is, first,
another trial of the same run that took the same steps up to there, in the same states, and passed;
else the way on of a replay that passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.attribution.document import Blame, Probe
from harness.attribution.fidelity import fidelity
from harness.datasets.material import Material, Turn
from harness.datasets.records import Action, Why
from harness.datasets.redact import redact


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A blamed step, and a continuation from before it that passes."""

    step: int
    why: Why
    way: tuple[Action, ...]
    """What passes in place of the blamed step and all that follows."""
    source: str
    method: str
    fidelity: float


NOT_BLAMED = "no first wrong step is known (harness blame RUN TRIAL)"
NO_WAY = "no passing continuation of the steps before the wrong one is on record"


def mistake(made: Material, others: Iterable[Material]) -> Mistake | str:
    """Return the first mistake of a trial and its correction, or why there is none."""
    blame = made.blame
    if blame is None or blame.step is None:
        return NOT_BLAMED
    taken = next((t for t in others if (_branches(made, t, blame.step))), None)
    if taken is not None:
        like = fidelity(made.events, taken.events, blame.step - 1)
        return Mistake(
            step=blame.step,
            why=_why(blame),
            way=tuple(action_of(turn) for turn in taken.turns[blame.step - 1 :]),
            source=f"trial {taken.spec.trial}",
            method="the step by replays, the continuation by another trial from the same states",
            fidelity=round(like.share, 4),
        )
    return _by_replays(blame)


def _branches(made: Material, other: Material, step: int) -> bool:
    """Say whether another trial took the same steps up to one, another there, and passed."""
    same_work = (other.spec.task.id, other.spec.pair) == (made.spec.task.id, made.spec.pair)
    if not same_work or not other.exemplary or other.unfit or len(other.turns) < step:
        return False
    mine, its = ([turn.command for turn in each.turns[:step]] for each in (made, other))
    if mine[:-1] != its[:-1] or mine[-1:] == its[-1:]:
        return False
    return fidelity(made.events, other.events, step - 1).diverged is None


def _by_replays(blame: Blame) -> Mistake | str:
    probe = _best(blame)
    if probe is None or blame.step is None:
        return NO_WAY
    return Mistake(
        step=blame.step,
        why=_why(blame),
        way=tuple(Action(message=None, command=redact(each)) for each in probe.then),
        source=f"replay: {probe.way}",
        method="the step and the continuation by replays",
        fidelity=probe.alike,
    )


def _best(blame: Blame) -> Probe | None:
    """Return the replay that passed from right before the blamed step, whole ways on first.

    A way on whose last pass is known to reach that far passed as well from where the state was the
    same: steps that change nothing are not asked about.
    """
    last = (blame.step or 0) - 1
    reach = {name: found.low for name, found in blame.ways.items()}
    fits = [
        probe
        for probe in blame.probes
        if probe.passed
        and probe.then
        and (probe.k == last or (probe.k < last <= reach.get(probe.way, -1)))
    ]
    return min(fits, key=lambda p: (p.way not in reach, -p.k), default=None)


def _why(blame: Blame) -> Why:
    step = blame.step or 0
    found = blame.necessity
    return Why(
        reason=blame.reason,
        passes_until=step - 1,
        fails_from=step,
        causal=found.causal if found else None,
        necessity=found.by if found else None,
        replays=blame.replays,
    )


def action_of(turn: Turn) -> Action:
    """Return a step as what the agent did."""
    return Action(message=turn.said or None, command=turn.command)


def learns_from(made: Material) -> int:
    """Return the step behind the last one that ran into an error: before it all is context.

    1 where no step did.
    """
    found = made.errors
    errors = [n for n, f in enumerate(found.findings, 1) if f.error_type] if found else []
    met = made.detection.signal.step if made.detection else None
    return max([*errors, met or 0, 0]) + 1


def right_until(made: Material) -> int | None:
    """Return how many steps have a way on that passes behind them; None: unknown."""
    if made.exemplary:
        return len(made.turns)
    blame = made.blame
    return None if blame is None or blame.step is None else blame.step - 1


def before(made: Material, step: int) -> Sequence[Turn]:
    """Return the turns before a step."""
    return made.turns[: step - 1]
