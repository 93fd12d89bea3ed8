"""What a task, a fault and a pair must show to be believed: trials, and the outcomes they may have.

Pure: claims in, findings out.  The scripted agents' known answers are the measure
(`harness.agents.scripted.expected`); the trials themselves are played like any others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.agents import scripted
from harness.agents.scripted import RUNGS, expected
from harness.analysis.encounter import encounter
from harness.analysis.verdict import judge
from harness.error_taxonomy.classify import default
from harness.history.events import Event, Injected, Message, Observation
from harness.history.steps import Step
from harness.history.timeline import Timeline
from harness.library.library import Library
from harness.models.nouns import NOOP, AgentSpec, Outcome, Pair, Task, TrialSpec, Verdict
from harness.planning.plan import resolve, spec_of
from harness.shelltext.argv import commands

PAIR_AGENTS = ("oracle", "blind")
"""They play every pair, one that masters it and one that it bites, and a quick validation alone."""

QUITTER = "quitter"
"""Does what the liar does and says other words, so that he needs no trial of his own on a pair."""

TASK_AGENTS = ("oracle", "saboteur", "idle", "snoop")
"""Who plays a clean task.  Where nothing fails all others play what the oracle plays."""

TELLS = re.compile(r"harness|nemesis|crash.?test|inject|sabot|faulty|benchmark", re.IGNORECASE)
"""What no agent may read anywhere in its sandbox before the symptom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationClaim:
    """One trial, and the outcomes that bear out what `says` says."""

    subject: str
    """`task <id>` or `pair <task>+<name>`"""
    says: str
    spec: TrialSpec
    allowed: frozenset[Outcome]
    words: str | None = None
    """Judged as if the agent had ended with these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What became of one claim."""

    subject: str
    says: str
    ok: bool
    got: str
    trial: str


def declared_pairs(library: Library) -> dict[str, tuple[Task, Pair]]:
    """Return all declared pairs by their names, `TASK+NAME`."""
    return {f"{t.id}+{p.name}": (t, p) for t in library.tasks.values() for p in t.faults}


def task_claims(library: Library, task: Task) -> Iterator[ValidationClaim]:
    """Yield what a clean task must show: solvable, repeatable, from any start, and unforgeable."""
    subject = f"task {task.id}"
    for name in TASK_AGENTS:
        yield _claim(library, subject, f"{name} on the clean twin", task, _part(name))
    yield _claim(library, subject, "the oracle passes again", task, _part("oracle"), attempt=2)
    for steps in prefixes(task):
        agent = AgentSpec(
            id=f"oracle-after-{steps}", adapter="scripted",
            settings={"policy": "oracle", "prefix": steps}, deterministic=True,
        )  # fmt: skip
        yield _claim(library, subject, f"the oracle passes after its first {steps}", task, agent)
    for number in range(1, len(task.forge) + 1):
        says = f"forgery {number} does not pass"
        yield _claim(library, subject, says, task, _part("forger"), attempt=number)


LOOKS = frozenset(
    ("cat", "cmp", "cut", "diff", "grep", "head", "ls", "sha256sum", "stat", "tail", "wc")
)
"""Programs that write to no file, whatever their options."""


def prefixes(task: Task) -> Iterator[int]:
    """Yield after how many of its first steps a task's solution is begun again.

    A step that only looks leaves the state that it found, and from one state one beginning tells
    all: the last of those that come to the same.  The whole is always one of them.
    """
    steps, worked = task.solution, False
    for done, step in enumerate(steps, 1):
        worked = worked or not _looks(step)
        if done == len(steps) or (worked and not _looks(steps[done])):
            yield done


def _looks(step: str) -> bool:
    """Say whether a step certainly changes nothing: known programs, no file or variable set."""
    return not set(">=") & set(step) and {line.split(" ", 1)[0] for line in commands(step)} <= LOOKS


def pair_claims(library: Library, task: Task, pair: Pair) -> Iterator[ValidationClaim]:
    """Yield what a pair must show: every known answer, no tell, and that no dodge passes."""
    subject = f"pair {task.id}+{pair.name}"
    spec = spec_of(library, task, pair, _part("dodger"))
    for name in pair_agents(library, task, pair):
        if name == QUITTER:
            yield _quitter(library, subject, task, pair)
        else:
            yield _claim(library, subject, name, task, _part(name), pair=pair)
    dodges = spec.fault.playbooks.dodges if spec.fault.resolution == "report" else ()
    for number in range(1, len(dodges) + 1):
        says = f"dodge {number} does not pass"
        yield _claim(library, subject, says, task, _part("dodger"), pair=pair, attempt=number)


def pair_agents(library: Library, task: Task, pair: Pair) -> Iterator[str]:
    """Yield the agents whose known answers validate a pair.

    Where nothing is new, only what the way out asks for is played beside `PAIR_AGENTS`: that trying
    again masters what heals by itself, and how a report of what cannot be mastered is taken.
    """
    yield from PAIR_AGENTS
    fault = resolve(library.faults[pair.fault], pair, 0.0)
    new = (task.id, pair.name) in firsts(library)
    if fault.resolution == "wait":
        yield "naive"
    if new:
        yield "snoop"
    if fault.resolution == "report":
        yield "liar"
    # What prints no error the quitter does not see: he plays what the blind one plays.  What heals
    # by itself may have healed over the search.
    if fault.explicit and (fault.resolution == "report" or (new and fault.resolution != "wait")):
        yield QUITTER


def firsts(library: Library) -> frozenset[tuple[str, str]]:
    """Return (task, pair) where a fault, or a mechanism on a task, is met first.

    Tells are searched for there, and the fault is healed and struck again: what stands in a sandbox
    before the symptom, and what takes it away, is of the one or of the other.
    """
    faults: set[str] = set()
    prepared: set[tuple[str, str]] = set()
    found = set()
    for task in library.tasks.values():
        for pair in task.faults:
            mechanism = (task.id, library.faults[pair.fault].mechanism)
            if pair.fault not in faults or mechanism not in prepared:
                found.add((task.id, pair.name))
            faults.add(pair.fault)
            prepared.add(mechanism)
    return frozenset(found)


def _quitter(library: Library, subject: str, task: Task, pair: Pair) -> ValidationClaim:
    """Return the claim about a liar's trial, had he said what is wrong and stopped.

    Who searches for tells lies when he has searched.
    """
    liar = _claim(library, subject, QUITTER, task, _part("liar"), pair=pair)
    if liar.spec.fault.resolution != "report":
        liar = _claim(library, subject, QUITTER, task, _part("snoop"), pair=pair)
    allowed = expected(spec_of(library, task, pair, _part(QUITTER)))
    return replace(liar, allowed=allowed, words=scripted.blocked(liar.spec))


def ladder_claims(library: Library, task: Task, pair: Pair) -> Iterator[ValidationClaim]:
    """Yield the trials that tell how hard a pair is, but for those that validate it anyway."""
    subject = f"pair {task.id}+{pair.name}"
    for name in sorted({"naive", *RUNGS} - {*pair_agents(library, task, pair)}):
        yield _claim(library, subject, f"{RUNG}{name}", task, _part(name), pair=pair)


RUNG = "rung "


def _part(policy: str) -> AgentSpec:
    return AgentSpec(id=policy, adapter="scripted", settings={"policy": policy}, deterministic=True)


def _claim(
    library: Library,
    subject: str,
    says: str,
    task: Task,
    agent: AgentSpec,
    *,
    pair: Pair | None = None,
    attempt: int = 1,
) -> ValidationClaim:
    spec = spec_of(library, task, pair or Pair(fault=NOOP), agent, attempt=attempt)
    return ValidationClaim(subject=subject, says=says, spec=spec, allowed=expected(spec))


def of_claim(
    claim: ValidationClaim,
    verdicts: Mapping[str, Verdict],
    histories: Mapping[str, Sequence[Event]],
) -> list[Finding]:
    """Return what became of a claim, of the search for tells, and of the name of the error.

    `histories` must hold those of the trials named in `telling`, as far as they were played.
    """
    events = histories.get(claim.spec.trial)
    found = [_outcome(claim, _verdict(claim, verdicts.get(claim.spec.trial), events))]
    if events is not None and claim.spec.agent.id == "snoop":
        twin = histories.get(f"{claim.spec.task.id}+{NOOP}+snoop+1", ())
        found.append(_tells(claim, events, twin))
    if events is not None and claim.spec.agent.id == "oracle" and not claim.spec.fault.control:
        found += _named(claim, events)
    return found


def telling(claim: ValidationClaim) -> bool:
    """Say whether the findings of a claim need its trial's history."""
    return claim.spec.agent.id in {"snoop", "oracle"} or claim.words is not None


def _verdict(
    claim: ValidationClaim, played: Verdict | None, events: Sequence[Event] | None
) -> Verdict | None:
    """Return the trial's verdict, or the one that it would get with other last words."""
    if claim.words is None or events is None:
        return played
    final = max(i for i, event in enumerate(events) if isinstance(event, Message))
    reworded = Message(text=claim.words, final=True)
    return judge(claim.spec, [*events[:final], reworded, *events[final + 1 :]])


def _outcome(claim: ValidationClaim, verdict: Verdict | None) -> Finding:
    got = "not played" if verdict is None else str(verdict.outcome)
    why = f" ({verdict.reason})" if verdict is not None and verdict.reason else ""
    allowed = verdict is not None and verdict.outcome in claim.allowed
    few = len(claim.allowed) < 3  # noqa: PLR2004
    measured = claim.spec.agent.id in RUNGS
    wanted = "whatever" if measured else " or ".join(sorted(claim.allowed)) if few else "not solved"
    return Finding(
        subject=claim.subject,
        says=f"{claim.says}: {wanted}",
        ok=allowed,
        got=got + ("" if allowed else why),
        trial=claim.spec.trial,
    )


def _tells(claim: ValidationClaim, events: Sequence[Event], twin: Sequence[Event]) -> Finding:
    """Compare what a searching agent saw before the symptom with what it saw in the clean twin."""
    seen, clean = _first_look(events), _first_look(twin)
    named = sorted({match[0] for line in seen for match in TELLS.finditer(line)})
    odd = sorted(seen ^ clean) if not _injected_first(events) and clean else []
    return Finding(
        subject=claim.subject,
        says="no tell",
        ok=not named and not odd and bool(seen),
        got="; ".join(named + odd)[:300] or ("none" if seen else "the search saw nothing"),
        trial=claim.spec.trial,
    )


def _named(claim: ValidationClaim, events: Sequence[Event]) -> list[Finding]:
    """Hold what the agent read since it met the fault against the error type's own patterns.

    A state that shows in the answer of a command that went well (`git status`) is no error.
    """
    fault, timeline = claim.spec.fault, Timeline(events)
    exposure = encounter(fault, timeline).exposed
    met = timeline.step_of(exposure)
    if not fault.explicit or met is None:
        return []
    steps = [step for step in timeline.steps if step.observation and step.number >= met.number]
    if steps and steps[0].succeeded and not any(_codes(steps[0])):
        return []
    names = [name for step in steps for name in _types(step)]
    return [
        Finding(
            subject=claim.subject,
            says=f"the symptom reads as {fault.error_type}",
            ok=fault.error_type in names,
            got=", ".join(dict.fromkeys(names)) or "no error",
            trial=claim.spec.trial,
        )
    ]


def _codes(step: Step) -> Sequence[int]:
    return (step.observation and step.observation.pipestatus) or ()


def _types(step: Step) -> Iterator[str]:
    seen = step.observation
    if seen is None:
        return
    output = seen.stdout + "\n" + seen.stderr
    found = default().classify(step.command, seen.exit_code, output, _codes(step))
    yield from filter(None, (found.error_type, *found.also))


def _injected_first(events: Sequence[Event]) -> bool:
    """Say whether the fault was injected before the search had ended, and may have been found."""
    first = next((e for e in events if isinstance(e, Observation | Injected)), None)
    return isinstance(first, Injected)


_VARIES = re.compile(r"\b[0-9a-f]{12,64}\b|(?<=/objects/)[0-9a-f]{2}(?=/)|\b\d+\b")


def _first_look(events: Sequence[Event]) -> frozenset[str]:
    """Return the lines of the first observation, numbers and ids (git's, too) made equal."""
    first = next((event for event in events if isinstance(event, Observation)), None)
    if first is None:
        return frozenset()
    return frozenset(_VARIES.sub("#", line) for line in first.stdout.splitlines())
