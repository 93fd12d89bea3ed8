"""A recorded trial played again, up to some step and on from there: each replay is a trial.

Anything between a replay and a trial would have to be shown to be sound; so nothing is: the
same container, shell, exec filter, fault and checks, and an agent whose every move is known.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from harness.agents.continuation import Way, ways
from harness.analysis.assessment import Assessment
from harness.attribution import labels
from harness.attribution.document import Blame, Necessity, Probe
from harness.attribution.equivalence import Classes, classes, over
from harness.attribution.fidelity import Fidelity, fidelity, replayable
from harness.attribution.placement import pauses, place
from harness.attribution.search import Found, search
from harness.history.events import Event
from harness.history.store import TrialFolder
from harness.history.timeline import Timeline
from harness.models.trial import AgentSpec
from harness.models.verdict import Outcome, Verdict
from harness.trial.resources import Resources
from harness.trial.trial import play

Parts = tuple[Way | tuple[str, ...], ...]

TRIES = 2
"""How often a replay is played that diverges, or in which the harness fails."""


class Experiment:
    """One trial, and what has been played of it again.

    `scratch` is an empty folder for the replays' histories.
    """

    def __init__(
        self, recorded: TrialFolder, resources: Resources, scratch: Path, stop: threading.Event
    ) -> None:
        self.spec = recorded.read_spec()
        self.events = recorded.read_events()
        self.commands = _commands(self.events)
        self.probes: list[Probe] = []
        self._resources = resources
        self._scratch = scratch
        self._stop = stop
        self._placed = place(self.spec, self.events)
        self._pauses = pauses(self.spec, self.events)
        self._horizon = replayable(self.events) + 1
        """The first step that cannot be played again as it was."""
        self.classes: Classes = tuple(range(len(self.commands) + 1))

    def passes(self, way: Way, k: int) -> bool | None:
        """Play the first k steps and a way on; None: what came of it cannot be known."""
        if k >= self._horizon:
            return None
        diverged: set[int | None] = set()
        for _ in range(TRIES):
            probe = self.probe(way, (self.commands[:k], way), k)
            if probe.passed is not None:
                return probe.passed
            diverged.add(probe.diverged)
        self._horizon = max((step for step in diverged if step is not None), default=self._horizon)
        return None

    def again(self) -> Probe:
        """Play all steps once more, as they were, and see which of them change anything."""
        steps = len(self.commands)
        probe, events = self._probe("as it was", (self.commands,), steps, survey=True)
        self.classes = classes(self.spec, events, steps, (probe.diverged or steps + 1) - 1)
        return probe

    def probe(self, name: str, parts: Parts, k: int) -> Probe:
        """Play the parts, of which the first k steps are the record's, and keep what came of it."""
        return self._probe(name, parts, k)[0]

    def _probe(
        self, name: str, parts: Parts, k: int, *, survey: bool = False
    ) -> tuple[Probe, list[Event]]:
        began = time.monotonic()
        verdict, events = self._played(parts, survey=survey)
        like = fidelity(self.events, events, k)
        passed = _passed(verdict, like)
        played = _commands(events)
        probe = Probe(
            way=name,
            k=k,
            passed=passed,
            outcome=verdict.outcome,
            diverged=like.diverged,
            alike=round(like.share, 4),
            seconds=round(time.monotonic() - began, 3),
            then=played[k:] if passed else (),
        )
        self.probes.append(probe)
        return probe, events

    def _played(self, parts: Parts, *, survey: bool = False) -> tuple[Verdict, list[Event]]:
        settings = {"parts": parts, "pauses": self._pauses, "survey": survey}
        agent = AgentSpec(id="again", adapter="continued", settings=settings, deterministic=True)
        folder = TrialFolder(self._scratch / str(len(self.probes)))
        folder.path.mkdir()
        spec = self._placed.model_copy(update={"agent": agent})
        return play(spec, self._resources, folder, self._stop), folder.read_events()


def _passed(verdict: Verdict, like: Fidelity) -> bool | None:
    """Say whether a replay passes: solved, and nothing harmed; None if it cannot be believed."""
    if like.diverged is not None or verdict.outcome is Outcome.INVALID:
        return None
    return bool(verdict.solved) and verdict.outcome is not Outcome.HARMFUL


CHANCE = labels.Point(None, None, "played again as it was it passes: chance had a part in it")


def find_first_wrong_step(made: Experiment) -> Blame:
    """Find the first wrong step of a trial."""
    began = time.monotonic()
    chance = made.again().passed
    found = {} if chance else _searched(made)
    point = CHANCE if chance else labels.point(found)
    necessity = None if point.step is None else necessary(made, point.step)
    return Blame(
        trial=made.spec.trial,
        seed=made.spec.seed,
        steps=len(made.commands),
        step=point.step,
        reason=point.reason,
        exposed=Assessment(made.spec, made.events).exposed_step,
        no_return=point.step,
        between=point.between,
        value_drop=labels.drop(found),
        necessity=necessity,
        ways=found,
        changing=made.classes[1:],
        probes=tuple(made.probes),
        fidelity=_mean([probe.alike for probe in made.probes]),
        seconds=round(time.monotonic() - began, 3),
    )


def _searched(made: Experiment) -> dict[str, Found]:
    """Search by each way on; where the first was lost is where the next are looked at first."""
    steps, some = len(made.commands), made.classes
    near, found = steps + 1, dict[str, Found]()
    for way in ways(made.spec):
        found[way] = over(some, steps, near, partial(_search, made, some, way))
        near = found[way].step or near
    return found


def _search(made: Experiment, some: Classes, way: Way, last: int, near: int) -> Found:
    chance = random.Random(f"{made.spec.seed} {made.spec.trial} {way}")
    return search(lambda n: made.passes(way, some[n]), last, chance, near)


def necessary(made: Experiment, step: int) -> Necessity:
    """Play the trial without a step: left out, left out and the oracle at the end, or replaced."""
    before, after = made.commands[: step - 1], made.commands[step:]
    tries: tuple[tuple[str, Parts], ...] = (
        ("without it", (before, after)),
        ("without it, and the oracle at the end", (before, after, "oracle")),
        ("with the oracle in its place", (before, "oracle", after)),
    )
    unknown = False
    for name, parts in tries:
        passed = made.probe(name, parts, step - 1).passed
        if passed:
            return Necessity(causal=True, by=f"the trial passes {name}")
        unknown |= passed is None
    tried = "; ".join(name for name, _ in tries)
    return Necessity(causal=None if unknown else False, by=f"the trial fails as well: {tried}")


def _commands(events: Sequence[Event]) -> tuple[str, ...]:
    return tuple(step.command for step in Timeline(events).steps)


def _mean(shares: Sequence[float]) -> float:
    return round(sum(shares) / len(shares), 4) if shares else 1.0
