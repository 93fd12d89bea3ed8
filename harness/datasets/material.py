"""One trial made ready for export: its steps as shown to the agent, without secrets.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from harness.analysis.assessment import Assessment
from harness.analysis.detection import Detection
from harness.attribution.document import Blame
from harness.datasets.records import Provenance
from harness.datasets.redact import redact
from harness.error_taxonomy.error_report import ErrorReport
from harness.history.events import Action, Event, Message, ModelCall, Observation, ToolCall
from harness.models.trial import TrialSpec
from harness.models.verdict import MASTERED, Outcome, Verdict

EXEMPLARY = MASTERED | {Outcome.PASSED, Outcome.REPORTED}
"""Outcomes worth imitating."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One step: what the agent said and ran, and what came back."""

    step: int
    said: str
    """The words that came with the command; empty if there were none."""
    command: str
    answer: str | None
    """What came back, and the exit code; None where nothing did."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """A trial and all that is known of it."""

    spec: TrialSpec
    events: Sequence[Event]
    verdict: Verdict | None
    blame: Blame | None
    errors: ErrorReport | None
    """The errors in it, injected or not."""
    run: Mapping[str, Any]
    """run.json"""
    history: str
    """sha256 of its events.jsonl"""

    @cached_property
    def assessment(self) -> Assessment:
        """What is read off its history."""
        return Assessment(self.spec, self.events)

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """The steps, in order."""
        said: list[str] = []
        turns = []
        for event in self.assessment.timeline.events:
            match event:
                case Message() if not event.final:
                    said.append(event.text)
                case Action():
                    step = self.assessment.timeline.step(event.step)
                    turns.append(_turn(event, step.observation if step else None, said))
                    said = []
        return tuple(turns)

    @property
    def final(self) -> str:
        """The agent's last words; empty if there are none."""
        return redact(self.assessment.timeline.final_message)

    @cached_property
    def detection(self) -> Detection | None:
        """The signal and the reactions, without secrets."""
        found = self.assessment.detection
        if found is None or found.signal.line is None:
            return found
        signal = found.signal.model_copy(update={"line": redact(found.signal.line)})
        return found.model_copy(update={"signal": signal})

    @property
    def instruction(self) -> str:
        """What the agent was told."""
        return redact(self.spec.task.instruction)

    @property
    def exemplary(self) -> bool:
        """Whether it is worth imitating."""
        return self.verdict is not None and self.verdict.outcome in EXEMPLARY

    @property
    def unfit(self) -> str | None:
        """Why nothing can be made of it, if nothing can."""
        if self.verdict is None or self.verdict.outcome is Outcome.INVALID:
            return "not finished, or invalid"
        if self.assessment.timeline.first(ToolCall) is not None:
            return "the agent used tools that are no shell"
        return None if self.turns else "no steps"

    @cached_property
    def provenance(self) -> Provenance:
        """Where every record of this trial comes from."""
        spec, verdict = self.spec, self.verdict
        call = self.assessment.timeline.first(ModelCall)
        model = spec.agent.settings.get("model") or (call.model if call else None)
        return Provenance(
            run=str(self.run.get("id") or ""),
            trial=spec.trial,
            task=spec.task.id,
            fault=spec.fault.id,
            pair=spec.pair,
            category=spec.fault.category,
            error_type=spec.fault.error_type,
            agent=spec.agent.id,
            model=str(model) if model else None,
            attempt=spec.attempt,
            seed=spec.seed,
            outcome=verdict.outcome if verdict else None,
            harness=str(self.run.get("version") or ""),
            judge=verdict.judge if verdict else None,
            digests=spec.digests,
            history=self.history,
        )


def _turn(action: Action, seen: Observation | None, said: Sequence[str]) -> Turn:
    words = [each for each in (*said, action.message) if each]
    return Turn(
        step=action.step,
        said=redact("\n\n".join(words)),
        command=redact(action.command),
        answer=None if seen is None else redact(_answer(seen)),
    )


def _answer(seen: Observation) -> str:
    output = "\n".join(stream.rstrip("\n") for stream in (seen.stdout, seen.stderr) if stream)
    last = f"(exit code {'unknown' if seen.exit_code is None else seen.exit_code})"
    return f"{output}\n{last}" if output else last
