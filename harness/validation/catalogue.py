"""The library in one page: what can go wrong, on which work, and what of it is validated.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.error_taxonomy.taxonomy import Taxonomy
from harness.injection.triggers import runs
from harness.library.library import Library
from harness.models.fault import Fault
from harness.models.task import Pair, Task
from harness.models.trigger import FILES, PROGRAMS
from harness.models.verdict import Outcome
from harness.planning.plan import resolve
from harness.validation.claims import BASELINE, TASK_AGENTS, pair_agents, prefixes
from harness.validation.findings import Finding

EARLY = 2
"""What is injected after so many finished steps is injected in the middle."""

BASELINES = {"naive": "retry", "follower": "advice", "restarter": "restart"}
"""Difficulty baselines, the lowest first: the policy, and what mastering by it is called."""

INSIGHT = "insight"
"""What no baseline masters."""

MASTERED = {Outcome.RECOVERED, Outcome.WORKED_AROUND}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One pair, as it is played."""

    task: Task
    pair: Pair
    fault: Fault
    """With the pair's overrides."""
    done: int | None
    """Steps of the oracle that are finished before it; None: a clock or a file decides."""
    validated: bool
    """Every claim about it and its task without the fault was played and held."""
    shown: bool
    """The oracle was played and masters it, and an agent that does not look fails."""
    mastered_by: str | None
    """What masters it; None: not measured."""


def rows(library: Library, findings: Sequence[Finding]) -> list[Row]:
    """Return all declared pairs with what is known of them."""
    by_subject: dict[str, list[Finding]] = {}
    for finding in findings:
        by_subject.setdefault(finding.subject, []).append(finding)
    return [
        _row(library, task, pair, by_subject)
        for task in library.tasks.values()
        for pair in task.faults
    ]


def _row(library: Library, task: Task, pair: Pair, known: Mapping[str, list[Finding]]) -> Row:
    own = known.get(f"pair {task.id}+{pair.name}", [])
    clean = known.get(f"task {task.id}", [])
    fault = resolve(library.faults[pair.fault], pair, 0.0)
    return Row(
        task=task,
        pair=pair,
        fault=fault,
        done=steps_before(task, fault),
        validated=_holds(pair_agents(library, task, pair), own)
        and _holds(clean_claims(task), clean),
        shown=all(one.ok for one in own) and _shown(fault, {_whose(one) for one in own}),
        mastered_by=mastered_by(own),
    )


def _shown(fault: Fault, played: set[str]) -> bool:
    """Say whether both were played: the oracle, and an agent that does not look."""
    heedless = {"blind"} if fault.resolution == "wait" else {"blind", "naive"}
    return "oracle" in played and not heedless.isdisjoint(played)


def clean_claims(task: Task) -> list[str]:
    """Return what must be said of a task."""
    return [
        *(f"{name} in the control trial" for name in TASK_AGENTS),
        "the oracle passes again",
        *(f"the oracle passes after its first {done}" for done in prefixes(task)),
        *(f"route {i + 1} passes" for i in range(len(task.routes))),
        *(f"forgery {i + 1} does not pass" for i in range(len(task.forge))),
    ]


def _holds(claims: Iterable[str], findings: Sequence[Finding]) -> bool:
    played = {_whose(finding) for finding in findings}
    return set(claims) <= played and all(one.ok for one in findings)


def _whose(finding: Finding) -> str:
    """Return what the claim says, without the outcomes it allows."""
    return finding.says.partition(":")[0]


def steps_before(task: Task, fault: Fault) -> int | None:
    """Return how many of the oracle's steps are finished when a fault is injected."""
    kind, value = fault.when.kind, fault.when.value
    if kind == "start":
        return 0
    if kind == "step":
        return int(value) - 1
    if kind in PROGRAMS:
        at = [i for i, command in enumerate(task.solution) if runs(fault.when, command)]
        return at[0] if at else None
    return None


def mastered_by(own: Sequence[Finding]) -> str | None:
    """Return what the lowest difficulty baseline that masters a pair is called."""
    got = {finding.says.removeprefix(BASELINE).partition(":")[0]: finding.got for finding in own}
    if not set(BASELINES) <= set(got):
        return None
    masters = (name for policy, name in BASELINES.items() if got[policy].split(" ")[0] in MASTERED)
    return next(masters, INSIGHT)


# --- the page ------------------------------------------------------------------------------


def page(library: Library, taxonomy: Taxonomy, findings: Sequence[Finding]) -> str:
    """Return the page as Markdown."""
    known = rows(library, findings)
    faults = [fault for fault in library.faults.values() if not fault.control]
    parts = [
        "# What can go wrong\n",
        "Written by `harness validate pair --page`; every number here is counted or played.\n",
        _summary(library, taxonomy, faults, known),
        "\n## By category\n",
        MEANING,
        _table(("category", "error types", "of", "faults", "pairs", "shown", "validated"),
               _categories(taxonomy, faults, known)),
        "\n## Of which kind\n",
        _table(("kind", "faults", "pairs"), _kinds(faults, known)),
        "\n## How hard\n",
        DIFFICULTY,
        _table(("mastered by", "pairs"), _difficulties(known)),
        "\n## Faults\n",
        _table(("fault", "error type", "resolution", "injected", "lasts", "pairs, shown, validated",
                "what happened"),
               _faults(faults, known)),
        "\n## Tasks\n",
        _table(("task", "sandbox", "steps", "pairs, shown, validated", "the work"),
               _tasks(library, known)),
    ]  # fmt: skip
    return "\n".join(parts)


MEANING = """\
A pair is *shown* when the oracle, which knows the resolution, masters it and an agent that does not
look fails, both played in containers; it is *validated* when both of these and its task without the
fault hold, and what the resolution asks for: trying again masters what heals by itself, no bypass
attempt passes where nothing helps.  Of each fault, and of each mechanism on a task, one pair is
also played by the leak probe, which searches the sandbox and then claims success.
"""

DIFFICULTY = """\
The lowest *difficulty baseline* that masters a pair, a policy that knows nothing of the fault:
trying the failing step again (`naive`), running what the error message advises (`follower`),
beginning the work anew (`restarter`); else it takes insight.
"""


def _summary(
    library: Library, taxonomy: Taxonomy, faults: Sequence[Fault], known: Sequence[Row]
) -> str:
    types = {fault.error_type for fault in faults}
    late = sum(row.done is None or row.done >= EARLY for row in known)
    at_start = [row.fault for row in known if row.fault.when.kind == "start"]
    seeded = len({fault.id for fault in at_start if fault.resolution != "wait"})
    long = sum(len(task.solution) >= 10 for task in library.tasks.values())  # noqa: PLR2004
    return (
        f"{len(types)} of the taxonomy's {len(taxonomy.types)} error types, in"
        f" {len({fault.category for fault in faults})} of {len(taxonomy.categories)} categories;"
        f" {len(faults)} faults, {seeded} of them seeded broken states;"
        f" {len(library.tasks)} tasks, {long} of ten steps or more;"
        f" {len(known)} pairs, {sum(row.shown for row in known)} shown and"
        f" {sum(row.validated for row in known)} of them validated,"
        f" {_share(late, len(known))} injected after the second step.\n"
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "none"


def _categories(
    taxonomy: Taxonomy, faults: Sequence[Fault], known: Sequence[Row]
) -> Iterator[tuple[object, ...]]:
    for category in taxonomy.categories:
        own = [fault for fault in faults if fault.category == category.id]
        pairs = [row for row in known if row.fault.category == category.id]
        whole = sum(kind.category == category.id for kind in taxonomy.types)
        types = len({fault.error_type for fault in own})
        shown, valid = sum(row.shown for row in pairs), sum(row.validated for row in pairs)
        yield category.id, types, whole, len(own), len(pairs), shown, valid


KINDS: dict[str, Callable[[Fault], bool]] = {
    "explicit: an error is printed": lambda fault: fault.explicit,
    "implicit: no error is printed": lambda fault: not fault.explicit,
    "transient: it heals by itself": lambda fault: fault.schedule.transient,
    "lasting": lambda fault: not fault.schedule.transient,
    "resolution: repair": lambda fault: fault.resolution == "repair",
    "resolution: work around it": lambda fault: fault.resolution == "workaround",
    "resolution: wait": lambda fault: fault.resolution == "wait",
    "resolution: report it": lambda fault: fault.resolution == "report",
    "injected at the start": lambda fault: fault.when.kind == "start",
    "injected before or after a program, at a step or a time": lambda fault: (
        fault.when.kind in {"exec", "after", "step", "seconds"}
    ),
    "injected at what happens to a file, or a connection": lambda fault: (
        fault.when.kind in {*FILES, "connect", "holds"}
    ),
    "injected while a program runs": lambda fault: fault.when.kind == "during",
}


def _kinds(faults: Sequence[Fault], known: Sequence[Row]) -> Iterator[tuple[object, ...]]:
    by_id = {fault.id: [fault] for fault in faults}
    for row in known:
        by_id.setdefault(row.fault.id, []).append(row.fault)
    for name, fits in KINDS.items():
        some = sum(any(fits(each) for each in forms) for forms in by_id.values())
        yield name, some, sum(fits(row.fault) for row in known)


def _difficulties(known: Sequence[Row]) -> Iterator[tuple[object, ...]]:
    count = Counter(row.mastered_by or "not measured" for row in known)
    for name in (*BASELINES.values(), INSIGHT, "not measured"):
        if count[name]:
            yield name, count[name]


def _faults(faults: Sequence[Fault], known: Sequence[Row]) -> Iterator[tuple[object, ...]]:
    for fault in sorted(faults, key=lambda fault: (fault.category, fault.error_type, fault.id)):
        own = [row for row in known if row.fault.id == fault.id]
        moments = sorted({row.fault.when.kind for row in own} or {fault.when.kind})
        outs = sorted({row.fault.resolution for row in own} or {fault.resolution})
        counts = _count(own)
        lasts = fault.schedule.kind if fault.explicit else f"{fault.schedule.kind}, implicit"
        yield (
            f"`{fault.id}`", fault.error_type, ", ".join(outs), ", ".join(moments), lasts, counts,
            fault.title,
        )  # fmt: skip


def _tasks(library: Library, known: Sequence[Row]) -> Iterator[tuple[object, ...]]:
    for task in library.tasks.values():
        own = [row for row in known if row.task.id == task.id]
        yield f"`{task.id}`", task.sandbox, len(task.solution), _count(own), task.title


def _count(own: Sequence[Row]) -> str:
    """Return how many pairs there are, shown and validated."""
    return f"{len(own)}, {sum(row.shown for row in own)}, {sum(row.validated for row in own)}"


def _table(head: Sequence[str], body: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return (
        "\n".join("| " + " | ".join(_cell(each) for each in line) + " |" for line in lines) + "\n"
    )


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
