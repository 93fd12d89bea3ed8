"""Six questions to a body of trajectories: what errors decide, and which errors do.

Recovery in solved and unsolved trials, the agents' profiles, the categories, the types, what mends
them, the hardest tasks.  The unit is the episode (`harness.error_taxonomy.episodes`): one error,
however often it was run into.  Rates come with their number and Wilson interval of 95 %.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TypeVar

from harness.analysis.metrics import Rate, rate
from harness.error_taxonomy.answers import (
    Archetype,
    Fix,
    Insights,
    Landmark,
    Profile,
    Side,
    TaskShown,
    TypeShown,
)
from harness.error_taxonomy.episodes import Episode
from harness.error_taxonomy.error_report import ErrorReport
from harness.error_taxonomy.taxonomy import Taxonomy

K = TypeVar("K")
T = TypeVar("T")


def insights(
    reports: Sequence[ErrorReport], taxonomy: Taxonomy, problems: Iterable[object] = ()
) -> Insights:
    """Answer the six questions; an empty body of trajectories is answered with zeros."""
    episodes = _episodes(reports)
    solved = _side([a for a in reports if a.trajectory.solved is True])
    unsolved = _side([a for a in reports if a.trajectory.solved is False])
    return Insights(
        trials=len(reports),
        steps=sum(len(a.findings) for a in reports),
        errors=len(episodes),
        recovery=_recovery(episodes),
        solved=solved,
        unsolved=unsolved,
        gap=_gap(solved.recovery, unsolved.recovery),
        profiles=_profiles(reports),
        categories=_categories(episodes, taxonomy),
        types=_types(reports, taxonomy),
        tasks=_tasks(reports),
        problems=tuple(str(problem) for problem in problems),
    )


def _episodes(reports: Iterable[ErrorReport]) -> list[Episode]:
    return list(chain.from_iterable(report.episodes for report in reports))


def _recovery(episodes: Iterable[Episode]) -> Rate:
    return rate(episode.recovered for episode in episodes)


def _fatal(episodes: Iterable[Episode]) -> Rate:
    return rate(episode.fatal for episode in episodes if episode.fatal is not None)


def _side(reports: Sequence[ErrorReport]) -> Side:
    episodes = _episodes(reports)
    per_trial = len(episodes) / len(reports) if reports else None
    return Side(
        trials=len(reports),
        errors=len(episodes),
        errors_per_trial=per_trial,
        recovery=_recovery(episodes),
    )


def _gap(solved: Rate, unsolved: Rate) -> float | None:
    if solved.share is None or unsolved.share is None:
        return None
    return 100 * (solved.share - unsolved.share)


def _profiles(reports: Sequence[ErrorReport]) -> tuple[Profile, ...]:
    groups = _group(reports, lambda a: (a.trajectory.agent or "", a.trajectory.model or ""))
    plain = [_profile(group) for _, group in sorted(groups.items())]
    return tuple(p.model_copy(update={"archetype": _archetype(p, plain)}) for p in plain)


def _profile(reports: Sequence[ErrorReport]) -> Profile:
    episodes = _episodes(reports)
    first = reports[0].trajectory
    return Profile(
        agent=first.agent,
        model=first.model,
        trials=len(reports),
        errors=len(episodes),
        errors_per_trial=len(episodes) / len(reports),
        recovery=_recovery(episodes),
        fatal=_fatal(episodes),
        archetype=None,
    )


def _archetype(profile: Profile, others: Sequence[Profile]) -> Archetype | None:
    shares = [p.recovery.share for p in others if p.recovery.share is not None]
    if len(others) < 2 or profile.recovery.share is None:  # noqa: PLR2004 - one alone has no equals
        return None
    many = profile.errors_per_trial > sum(p.errors_per_trial for p in others) / len(others)
    if profile.recovery.share >= sum(shares) / len(shares):
        return "persistent" if many else "steady"
    return "overwhelmed" if many else "brittle"


def _categories(episodes: Sequence[Episode], taxonomy: Taxonomy) -> tuple[Landmark, ...]:
    groups = _group(episodes, lambda e: taxonomy.by_id[e.error_type].category)
    found = [
        Landmark(
            category=category.id,
            name=category.name,
            errors=len(group),
            share=len(group) / len(episodes),
            recovery=_recovery(group),
            fatal=_fatal(group),
        )
        for category in taxonomy.categories
        if (group := groups.get(category.id))
    ]
    return tuple(sorted(found, key=lambda one: (-one.errors, one.category)))


def _types(reports: Sequence[ErrorReport], taxonomy: Taxonomy) -> tuple[TypeShown, ...]:
    each = [(report, episode) for report in reports for episode in report.episodes]
    groups = _group(each, lambda pair: pair[1].error_type)
    found = [_type(name, group, taxonomy) for name, group in groups.items()]
    return tuple(sorted(found, key=lambda t: (t.recovery.share or 0, -t.errors, t.error_type)))


def _type(name: str, each: Sequence[tuple[ErrorReport, Episode]], taxonomy: Taxonomy) -> TypeShown:
    episodes = [episode for _, episode in each]
    report, episode = next(((a, e) for a, e in each if e.line), each[0])
    return TypeShown(
        error_type=name,
        category=taxonomy.by_id[name].category,
        errors=len(each),
        recovery=_recovery(episodes),
        fatal=_fatal(episodes),
        steps_to_recover=_median([e.length for e in episodes if e.length is not None]),
        example=episode.line,
        trajectory=report.trajectory.id,
        step=episode.steps[0],
        fixes=_fixes(episodes),
    )


def _fixes(episodes: Sequence[Episode]) -> tuple[Fix, ...]:
    kinds = Counter(episode.fix for episode in episodes if episode.fix)
    shortest: dict[str, str] = {}
    for episode in episodes:
        if episode.fix and episode.remedy:
            known = shortest.get(episode.fix)
            shortest[episode.fix] = min(filter(None, (known, episode.remedy[-1])), key=len)
    return tuple(
        Fix(kind=kind, times=times, example=shortest.get(kind, ""))
        for kind, times in kinds.most_common()
    )


def _tasks(reports: Sequence[ErrorReport]) -> tuple[TaskShown, ...]:
    groups = _group(reports, lambda report: report.trajectory.task)
    found = [_task(group) for group in groups.values()]
    return tuple(sorted(found, key=lambda t: (-t.errors_per_trial, -t.errors, t.task or "")))


def _task(reports: Sequence[ErrorReport]) -> TaskShown:
    errors = len(_episodes(reports))
    by_agent = _group(reports, lambda a: (a.trajectory.agent, a.trajectory.model))
    known = [a.trajectory.solved for a in reports if a.trajectory.solved is not None]
    return TaskShown(
        task=reports[0].trajectory.task,
        trials=len(reports),
        agents=len(by_agent),
        errors=errors,
        errors_per_trial=errors / len(reports),
        agents_with_errors=sum(bool(_episodes(group)) for group in by_agent.values()),
        solved=rate(known),
    )


def _group(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: defaultdict[K, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)


def _median(lengths: Sequence[int]) -> float | None:
    if not lengths:
        return None
    ordered = sorted(lengths)
    half = len(ordered) // 2
    return (ordered[half] + ordered[~half]) / 2
