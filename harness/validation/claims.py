"""What tasks and pairs claim: trials, and the outcomes they may have.  Pure.

The scripted agents' known answers are the measure (`harness.agents.scripted.expected`); the trials
themselves are played like any others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from harness.agents import scripted
from harness.agents.scripted import BASELINES, known_outcomes
from harness.library.library import Library
from harness.models.fault import NOOP
from harness.models.task import Pair, Task
from harness.models.trial import AgentSpec, TrialSpec
from harness.models.verdict import Outcome
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
    for number in range(1, len(task.routes) + 1):
        says = f"route {number} passes"
        yield _claim(library, subject, says, task, _agent("stranger"), attempt=number)
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
    if task.routes:
        route = task.faults.index(pair) % len(task.routes) + 1
        says = "another route is judged as well"
        yield _claim(library, subject, says, task, _agent("stranger"), pair=pair, attempt=route)
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
    # by itself may be gone when the search is over.
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
    allowed = known_outcomes(spec_of(library, task, pair, _agent(QUITTER)))
    return replace(liar, allowed=allowed, words=scripted.last_words(liar.spec))


def difficulty_claims(library: Library, task: Task, pair: Pair) -> Iterator[ValidationClaim]:
    """Yield the trials that measure how hard a pair is, but for those that validate it anyway."""
    subject = f"pair {task.id}+{pair.name}"
    for name in sorted({"naive", *BASELINES} - {*pair_agents(library, task, pair)}):
        yield _claim(library, subject, f"{BASELINE}{name}", task, _agent(name), pair=pair)


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
    return ValidationClaim(subject=subject, says=says, spec=spec, allowed=known_outcomes(spec))
