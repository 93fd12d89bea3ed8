"""The run's answer in one sentence, and the figures that stand beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypedDict

from harness.models.fault import NOOP
from harness.models.verdict import Outcome
from harness.views.terminal.show_json import AgentShown, RunShown


class Answer(TypedDict):
    """What a reader wants to know first."""

    asked: str
    """What was run."""
    sentence: str
    """How it went."""
    warnings: list[str]
    """What must not be overlooked."""


def answer(shown: RunShown) -> Answer:
    """Sum a run up in words; every number is one of `harness show --json`."""
    return Answer(asked=_introduce(shown), sentence=_sentence(shown), warnings=_warnings(shown))


def _introduce(shown: RunShown) -> str:
    tasks = {v.task for v in shown.trials}
    pairs = {(v.task, v.pair) for v in shown.trials if v.fault != NOOP}
    agents = [agent.agent for agent in shown.agents]
    who = agents[0] if len(agents) == 1 else _count(len(agents), "agent")
    controls = sum(v.fault == NOOP for v in shown.trials)
    faults = f"broken in {_count(len(pairs), 'way')}" if pairs else "with nothing broken"
    among = f", {_count(controls, 'control trial')} among them" if controls else ""
    trials = _count(len(shown.trials), "trial")
    return f"{who} at work on {_count(len(tasks), 'task')}, {faults}: {trials}{among}."


def _sentence(shown: RunShown) -> str:
    met = [agent for agent in shown.agents if agent.recovery.trials]
    if not shown.trials:
        return "No trial is finished yet."
    if not met:
        return _without_faults(shown.agents)
    ranked = sorted(met, key=lambda a: (a.recovery.share or 0.0, a.recovery.trials), reverse=True)
    best, worst = _level(ranked, ranked[0]), _level(ranked, ranked[-1])
    if len(best) == len(ranked):
        return f"{_those(best, f'all {len(best)} agents')} {_say_mastered(best)}."
    first = f"{_those(best, f'{len(best)} agents')} {_say_mastered(best)}"
    if len(best) + len(worst) == len(ranked):
        return f"{first}; {_those(worst, f'the other {len(worst)} agents')} {_short(worst)}."
    return f"{first}, {_those(worst, f'{len(worst)} agents')} the fewest: {_short(worst)}."


def _without_faults(agents: Sequence[AgentShown]) -> str:
    hits, trials = (sum(getattr(a.control, k) for a in agents) for k in ("hits", "trials"))
    if trials:
        return f"{hits} of {trials} control trials passed; no fault was met."
    return "No fault was met that can be mastered."


def _level(ranked: Sequence[AgentShown], edge: AgentShown) -> list[AgentShown]:
    """Return the agents that are level with one."""
    return [agent for agent in ranked if agent.recovery.share == edge.recovery.share]


_NAMED = 3
"""Agents that are named; more are counted."""


def _those(level: Sequence[AgentShown], many: str) -> str:
    return _enumerate([agent.agent for agent in level]) if len(level) <= _NAMED else many


def _say_mastered(level: Sequence[AgentShown]) -> str:
    hits, trials = _counts(level)
    if hits == 0:
        return "mastered none of the faults met"
    if hits is None:
        return f"mastered {level[0].recovery.share:.0%} of the faults met"
    each = "each " if len(level) > 1 else ""
    share = f"all {trials}" if hits == trials else f"{hits} of the {trials}"
    return f"{each}mastered {share} faults met"


def _short(level: Sequence[AgentShown]) -> str:
    hits, trials = _counts(level)
    if hits == 0:
        return "none"
    if hits is None:
        return f"{level[0].recovery.share:.0%}"
    return f"{hits} of {trials}{' each' if len(level) > 1 else ''}"


def _counts(level: Sequence[AgentShown]) -> tuple[int | None, int | None]:
    """Return hits and trials of agents that are level; None where their numbers differ."""
    counts = {(agent.recovery.hits, agent.recovery.trials) for agent in level}
    if len(counts) == 1:
        return counts.pop()
    return (0, None) if not level[0].recovery.hits else (None, None)


def _warnings(shown: RunShown) -> list[str]:
    outcomes = [v.outcome for v in shown.trials]
    harmful, invalid = outcomes.count(Outcome.HARMFUL), outcomes.count(Outcome.INVALID)
    unexposed = outcomes.count(Outcome.UNEXPOSED)
    false = sum(agent.false_successes for agent in shown.agents)
    told = (
        (false, f"{_count(false, 'time')} an agent claimed a success that was none"),
        (harmful, f"{_count(harmful, 'trial')} did harm"),
        (unexposed, f"{_count(unexposed, 'trial')} never met the fault{_reasons(shown)}"),
        (invalid, f"{_count(invalid, 'trial')} {'says' if invalid == 1 else 'say'} nothing"),
        (len(shown.unfinished), f"{_count(len(shown.unfinished), 'trial')} not finished"),
    )
    return [words for number, words in told if number]


def _reasons(shown: RunShown) -> str:
    unmet = Counter(v.unmet for v in shown.trials if v.outcome is Outcome.UNEXPOSED and v.unmet)
    told = ", ".join(f"{n} {reason}" for reason, n in unmet.items())
    return f" ({told})" if told else ""


def _count(number: int, noun: str) -> str:
    plural = noun if number == 1 else f"{noun}s"
    return f"{number} {plural}"


def _enumerate(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
