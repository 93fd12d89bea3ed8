"""What became of a claim, read off the verdict and the history of its trial.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.agents.scripted import BASELINES
from harness.analysis.encounter import encounter
from harness.analysis.verdict import judge
from harness.error_taxonomy.classify import default
from harness.history.events import Event, Injected, Message, Observation
from harness.history.steps import Step
from harness.history.timeline import Timeline
from harness.models.fault import NOOP
from harness.models.verdict import Verdict
from harness.validation.claims import PROBE, ValidationClaim

LEAKS = re.compile(r"harness|nemesis|crash.?test|inject|sabot|faulty|benchmark", re.IGNORECASE)
"""What no agent may read anywhere in its sandbox before the symptom."""


FEW = 2
"""So many allowed outcomes are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What became of one claim."""

    subject: str
    says: str
    ok: bool
    got: str
    trial: str


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
        found += _check_name(claim, events)
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
        says=f"{claim.says}: {_say_wanted(claim)}",
        ok=allowed,
        got=got + ("" if allowed else why),
        trial=claim.spec.trial,
    )


def _say_wanted(claim: ValidationClaim) -> str:
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


def _check_name(claim: ValidationClaim, events: Sequence[Event]) -> list[Finding]:
    """Hold what the agent read since it met the fault against the error type's own patterns.

    A state that shows in the answer of a command that went well (`git status`) is no error.
    """
    fault, timeline = claim.spec.fault, Timeline(events)
    exposure = encounter(fault, claim.spec.task, timeline).exposed
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
