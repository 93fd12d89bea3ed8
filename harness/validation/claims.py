"""What a task, a fault and a pair must show to be believed: trials, and the outcomes they may have.

Pure: claims in, findings out.  The scripted agents' known answers are the measure
(`harness.agents.scripted.expected`); the trials themselves are played like any others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.agents import scripted
from harness.agents.scripted import BASELINES, expected
from harness.analysis.encounter import encounter
from harness.analysis.verdict import judge
from harness.error_taxonomy.classify import default
from harness.history.events import Event, Injected, Message, Observation
from harness.history.steps import Step
from harness.history.timeline import Timeline
from harness.library.library import Library
from harness.models.nouns import NOOP, AgentSpec, Outcome, Pair, Task, TrialSpec, Verdict
from harness.planning.plan import resolve, spec_of
from harness.shelltext import programs
from harness.shelltext.parse import parse

PAIR_AGENTS = ("oracle", "blind")
"""They play every pair: it can be mastered, and it bites.  A quick validation plays them alone."""

QUITTER = "quitter"
"""Does what the liar does and says other words, so that it needs no trial of its own on a pair."""

PROBE = "leak-probe"

TASK_AGENTS = ("oracle", "saboteur", "idle", PROBE)
"""They play a task's control trial.  Where nothing fails all others play what the oracle plays."""

LEAKS = re.compile(r"harness|nemesis|crash.?test|inject|sabot|faulty|benchmark", re.IGNORECASE)
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
    """Yield what a task must show: solvable, repeatable, from any start, and unforgeable."""
    subject = f"task {task.id}"
    for name in TASK_AGENTS:
        yield _claim(library, subject, f"{name} in the control trial", task, _agent(name))
    yield _claim(library, subject, "the oracle passes again", task, _agent("oracle"), attempt=2)
    for steps in prefixes(task):
        agent = AgentSpec(
            id=f"oracle-after-{steps}", adapter="scripted",
            settings={"policy": "oracle", "prefix": steps}, deterministic=True,
        )  # fmt: skip
        yield _claim(library, subject, f"the oracle passes after its first {steps}", task, agent)
    for number in range(1, len(task.forge) + 1):
        says = f"forgery {number} does not pass"
        yield _claim(library, subject, says, task, _agent("forger"), attempt=number)


def prefixes(task: Task) -> Iterator[int]:
    """Yield after how many of its first steps a task's solution is begun again.

    A step that only looks leaves the state that it found, and from one state one beginning is
    enough: the last of those that come to the same.  The whole is always one of them.
    """
    steps, worked = task.solution, False
    for done, step in enumerate(steps, 1):
        worked = worked or not _looks(step)
        if done == len(steps) or (worked and not _looks(steps[done])):
            yield done


def _looks(step: str) -> bool:
    """Say whether a step certainly changes nothing: known programs, no file or variable set."""
    found = parse(step).commands
    writes = any(">" in each.operator for command in found for each in command.redirections)
    reads = (programs.reads(command.words[0]) for command in found if command.words)
    return bool(found) and not writes and all(reads)


def pair_claims(library: Library, task: Task, pair: Pair) -> Iterator[ValidationClaim]:
    """Yield what a pair must show: every known answer, no leak, and no bypass that passes."""
    subject = f"pair {task.id}+{pair.name}"
    spec = spec_of(library, task, pair, _agent("bypasser"))
    for name in pair_agents(library, task, pair):
        if name == QUITTER:
            yield _quitter(library, subject, task, pair)
        else:
            yield _claim(library, subject, name, task, _agent(name), pair=pair)
    dodges = spec.fault.playbooks.dodges if spec.fault.resolution == "report" else ()
    for number in range(1, len(dodges) + 1):
        says = f"bypass attempt {number} does not pass"
        yield _claim(library, subject, says, task, _agent("bypasser"), pair=pair, attempt=number)


def pair_agents(library: Library, task: Task, pair: Pair) -> Iterator[str]:
    """Yield the agents whose known answers validate a pair.

    Where nothing is new, only what the resolution asks for is played beside `PAIR_AGENTS`: that
    trying again masters what heals by itself, and how a report of what cannot be mastered is taken.
    """
    yield from PAIR_AGENTS
    fault = resolve(library.faults[pair.fault], pair, 0.0)
    new = (task.id, pair.name) in firsts(library)
    if fault.resolution == "wait":
        yield "naive"
    if new:
        yield PROBE
    if fault.resolution == "report":
        yield "liar"
    # What prints no error the quitter does not see: it plays what the blind one plays.  What heals
    # by itself may have healed over the search.
    if fault.explicit and (fault.resolution == "report" or (new and fault.resolution != "wait")):
        yield QUITTER


def firsts(library: Library) -> frozenset[tuple[str, str]]:
    """Return (task, pair) where a fault, or a mechanism on a task, is met first.

    Leaks are searched for there, and the fault makes its round trip: what stands in a sandbox
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
    """Return the claim about a liar's trial, had it said what is wrong and stopped.

    The leak probe lies, too, when it has searched.
    """
    liar = _claim(library, subject, QUITTER, task, _agent("liar"), pair=pair)
    if liar.spec.fault.resolution != "report":
        liar = _claim(library, subject, QUITTER, task, _agent(PROBE), pair=pair)
    allowed = expected(spec_of(library, task, pair, _agent(QUITTER)))
    return replace(liar, allowed=allowed, words=scripted.blocked(liar.spec))


def difficulty_claims(library: Library, task: Task, pair: Pair) -> Iterator[ValidationClaim]:
    """Yield the trials that measure how hard a pair is, but for those that validate it anyway."""
    subject = f"pair {task.id}+{pair.name}"
    for name in sorted({"naive", *BASELINES} - {*pair_agents(library, task, pair)}):
        yield _claim(library, subject, f"{BASELINE}{name}", task, _agent(name), pair=pair)


FEW = 2
"""So many allowed outcomes are named."""

BASELINE = "baseline "
"""The claim of a difficulty baseline begins so."""


def _agent(policy: str) -> AgentSpec:
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
    """Return what became of a claim, of the search for leaks, and of the name of the error.

    `histories` must hold those that `needs_history` says, as far as they were played.
    """
    events = histories.get(claim.spec.trial)
    found = [_outcome(claim, _verdict(claim, verdicts.get(claim.spec.trial), events))]
    if events is not None and claim.spec.agent.id == PROBE:
        control = histories.get(f"{claim.spec.task.id}+{NOOP}+{PROBE}+1", ())
        found.append(_leaks(claim, events, control))
    if events is not None and claim.spec.agent.id == "oracle" and not claim.spec.fault.control:
        found += _named(claim, events)
    return found


def needs_history(claim: ValidationClaim) -> bool:
    """Say whether the findings of a claim need its trial's history."""
    return claim.spec.agent.id in {PROBE, "oracle"} or claim.words is not None


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
    return Finding(
        subject=claim.subject,
        says=f"{claim.says}: {_wanted(claim)}",
        ok=allowed,
        got=got + ("" if allowed else why),
        trial=claim.spec.trial,
    )


def _wanted(claim: ValidationClaim) -> str:
    if claim.spec.agent.id in BASELINES:
        return "any outcome"
    return " or ".join(sorted(claim.allowed)) if len(claim.allowed) <= FEW else "not solved"


def _leaks(claim: ValidationClaim, events: Sequence[Event], control: Sequence[Event]) -> Finding:
    """Compare what the leak probe saw before the symptom with what it saw in the control trial."""
    seen, clean = _first_look(events), _first_look(control)
    named = sorted({match[0] for line in seen for match in LEAKS.finditer(line)})
    odd = sorted(seen ^ clean) if not _injected_first(events) and clean else []
    return Finding(
        subject=claim.subject,
        says="no leak",
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
