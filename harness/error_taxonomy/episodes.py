"""From errors to episodes: which errors belong together, whether and how they were overcome.

All by rule, from the commands and what was found in their outputs alone; the rules are in
`docs/errors.md`.  Whether the task was solved decides nothing but fatality.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harness.error_taxonomy.classify import Finding
from harness.error_taxonomy.operations import Likeness, acts, likeness
from harness.trajectories.trajectory import Step

Fix = Literal[
    "installed", "edited", "altered state", "different tool", "changed arguments", "retried"
]
"""What came between an error and its end, the most telling first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """An error, from the step that ran into it to the one that overcame it."""

    error_type: str
    """Of its first step."""
    steps: tuple[int, ...]
    """The steps (from 1) that ran into it."""
    line: str | None = None
    """What the first of them printed about it."""
    recovered_at: int | None = None
    """The step that overcame it; None: none did."""
    fix: Fix | None = None
    inspected: bool = False
    """The agent looked at something between the error and its end."""
    remedy: tuple[str, ...] = ()
    """The commands that made the difference, as they were given."""
    fatal: bool | None = None
    """The last error still active at the end of an unsolved trial; None: solved is unknown."""

    @property
    def recovered(self) -> bool:
        """Whether the agent overcame it."""
        return self.recovered_at is not None

    @property
    def length(self) -> int | None:
        """Steps from the error to the one that overcame it; None while it is active."""
        return None if self.recovered_at is None else self.recovered_at - self.steps[0]


def episodes(
    steps: Sequence[Step], findings: Sequence[Finding], *, solved: bool | None = None
) -> list[Episode]:
    """Return the episodes of a trajectory, in the order of their first steps.

    `findings` holds what each step ran into.
    """
    closed: list[Episode] = []
    active: list[Episode] = []
    for number, (step, finding) in enumerate(zip(steps, findings, strict=True), start=1):
        if finding.error_type is None:
            ended = {e: like for e in active if (like := _overcomes(e, step, steps)) is not None}
            closed += [_close(episode, number, like, steps) for episode, like in ended.items()]
            active = [episode for episode in active if episode not in ended]
        else:
            active = _with_error(active, number, finding, steps)
    found = sorted([*closed, *active], key=lambda episode: episode.steps[0])
    return _with_fatality(found, solved)


def _with_error(
    active: list[Episode], number: int, finding: Finding, steps: Sequence[Step]
) -> list[Episode]:
    """Return the active episodes after an error: it goes on with one of them, or begins another."""
    for place, episode in reversed(list(enumerate(active))):
        if _continues(episode, number, finding, steps):
            longer = replace(episode, steps=(*episode.steps, number))
            return [*active[:place], longer, *active[place + 1 :]]
    error_type = finding.error_type or ""
    return [*active, Episode(error_type=error_type, steps=(number,), line=finding.line)]


def _continues(episode: Episode, number: int, finding: Finding, steps: Sequence[Step]) -> bool:
    """Say whether an error is the same one again: the same act, or its type on the same thing."""
    like = likeness(steps[episode.steps[-1] - 1].command, steps[number - 1].command)
    return like == "same" or (like is not None and finding.error_type == episode.error_type)


def _overcomes(episode: Episode, step: Step, steps: Sequence[Step]) -> Likeness | None:
    """Say how a step without an error ends an episode: it does what an earlier one tried."""
    if step.exit_code not in (0, None):
        return None
    tried = (steps[number - 1].command for number in (episode.steps[0], episode.steps[-1]))
    return next((like for t in tried if (like := likeness(t, step.command)) is not None), None)


def _close(episode: Episode, number: int, like: Likeness, steps: Sequence[Step]) -> Episode:
    between = [step.command for step in steps[episode.steps[0] : number - 1]]
    did = [acts(command) for command in between]
    inside = acts(steps[number - 1].command) - {"runs", "inspects", "waits"}
    fix = _fix(frozenset().union(*did) | inside, like)
    telling = {"installed": "installs", "edited": "edits", "altered state": "alters"}.get(fix)
    remedy = [command for command, act in zip(between, did, strict=True) if telling in act]
    return replace(
        episode,
        recovered_at=number,
        fix=fix,
        inspected=any("inspects" in act for act in did),
        remedy=tuple(remedy) or (steps[number - 1].command,),
    )


def _fix(did: frozenset[str], like: Likeness) -> Fix:
    if like == "other":
        return "different tool"
    if "installs" in did:
        return "installed"
    if "edits" in did:
        return "edited"
    if "alters" in did:
        return "altered state"
    return "changed arguments" if like == "altered" else "retried"


def _with_fatality(found: list[Episode], solved: bool | None) -> list[Episode]:
    if solved is None:
        return found
    active = [episode for episode in found if not episode.recovered]
    last = max(active, key=lambda episode: episode.steps[-1], default=None)
    return [replace(e, fatal=not solved and e is last) for e in found]
