"""A recorded trial played again, up to some step and on from there: each replay is a trial.

Whatever stands between a replay and a trial would have to be proven sound; so nothing does: the
same container, shell, gate, fault and checks, and an agent whose every move is known.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from harness.agents.continued import Way, ways
from harness.blame import labels
from harness.blame.document import Blame, Necessity, Probe
from harness.blame.fidelity import Fidelity, fidelity, replayable
from harness.blame.placed import pauses, placed
from harness.blame.search import Found, search
from harness.judgement.life import Life, life
from harness.judgement.reading import Log
from harness.models import AgentSpec, Outcome, Spec, Verdict
from harness.record.history import Event, of
from harness.record.store import TrialFolder
from harness.report.deeds import exposed_step
from harness.trial import Kit, play

Parts = tuple[Way | tuple[str, ...], ...]

TRIES = 2
"""How often a replay is played that diverges, or in which the harness fails."""


class Experiment:
    """One trial, and what has been played of it again.

    `scratch` is an empty folder for the replays' histories.
    """

    def __init__(
        self, recorded: TrialFolder, kit: Kit, scratch: Path, stop: threading.Event
    ) -> None:
        self.spec = recorded.read_spec()
        self.events = recorded.read_events()
        self.commands = tuple(e["command"] for e in of(self.events, "agent", "acts"))
        self.probes: list[Probe] = []
        self._kit = kit
        self._scratch = scratch
        self._stop = stop
        self._placed = placed(self.spec, self.events)
        self._pauses = pauses(self.spec, self.events)
        self._horizon = replayable(self.events) + 1
        """The first step that cannot be played again as it was."""

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

    def probe(self, name: str, parts: Parts, k: int) -> Probe:
        """Play the parts, of which the first k steps are the record's, and keep what came of it."""
        began = time.monotonic()
        verdict, events = self._played(parts)
        like = fidelity(self.events, events, k)
        probe = Probe(
            way=name,
            k=k,
            passed=_passed(verdict, like),
            outcome=verdict.outcome,
            diverged=like.diverged,
            alike=round(like.share, 4),
            seconds=round(time.monotonic() - began, 3),
        )
        self.probes.append(probe)
        return probe

    def _played(self, parts: Parts) -> tuple[Verdict, list[Event]]:
        settings = {"parts": parts, "pauses": self._pauses}
        agent = AgentSpec(id="again", adapter="continued", settings=settings, deterministic=True)
        folder = TrialFolder(self._scratch / str(len(self.probes)))
        folder.path.mkdir()
        spec = self._placed.model_copy(update={"agent": agent})
        return play(spec, self._kit, folder, self._stop), folder.read_events()


def _passed(verdict: Verdict, like: Fidelity) -> bool | None:
    """Say whether a replay passes: solved, and nothing harmed; None if it cannot be believed."""
    if like.diverged is not None or verdict.outcome is Outcome.INVALID:
        return None
    return bool(verdict.solved) and verdict.outcome is not Outcome.HARMFUL


def blamed(made: Experiment) -> Blame:
    """Find the first wrong step of a trial."""
    began = time.monotonic()
    found = _searched(made)
    point = labels.point(found)
    necessity = None if point.step is None else necessary(made, point.step)
    return Blame(
        trial=made.spec.trial,
        seed=made.spec.seed,
        steps=len(made.commands),
        step=point.step,
        reason=point.reason,
        exposed=_exposed(made.spec, made.events),
        no_return=point.step,
        between=point.between,
        value_drop=labels.drop(found),
        necessity=necessity,
        ways=found,
        probes=tuple(made.probes),
        fidelity=_mean([probe.alike for probe in made.probes]),
        seconds=round(time.monotonic() - began, 3),
    )


def _searched(made: Experiment) -> dict[str, Found]:
    """Search by each way on; where the first was lost is where the next are looked at first."""
    steps = len(made.commands)
    near, found = steps + 1, dict[str, Found]()
    for way in ways(made.spec):
        chance = random.Random(f"{made.spec.seed} {made.spec.trial} {way}")
        found[way] = search(lambda k, way=way: made.passes(way, k), steps, chance, near)  # type: ignore[misc]
        near = found[way].step or near
    return found


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


def _exposed(spec: Spec, events: Sequence[Event]) -> int | None:
    log = Log(events)
    return exposed_step(log, Life() if spec.fault.control else life(spec.fault, log))


def _mean(shares: Sequence[float]) -> float:
    return round(sum(shares) / len(shares), 4) if shares else 1.0
