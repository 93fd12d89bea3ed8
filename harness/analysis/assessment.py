"""All that is read off one trial, each part worked out once and on demand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from harness.analysis.detection import Detection, detection
from harness.analysis.encounter import Encounter, encounter
from harness.analysis.reactions import Reaction, reactions
from harness.history.events import Event
from harness.history.timeline import Timeline
from harness.models.trial import TrialSpec


class Assessment:
    """A trial's spec and timeline, and how the agent fared with the fault."""

    def __init__(self, spec: TrialSpec, events: Sequence[Event]) -> None:
        self.spec = spec
        self.timeline = Timeline(events)

    @cached_property
    def encounter(self) -> Encounter:
        """How the agent fared with the fault."""
        return encounter(self.spec.fault, self.spec.task, self.timeline)

    @cached_property
    def exposed_step(self) -> int | None:
        """The step in which the agent first ran into the fault."""
        step = self.timeline.step_of(self.encounter.exposed)
        return None if step is None else step.number

    @cached_property
    def reactions(self) -> dict[int, Reaction]:
        """Step -> what the agent made of the fault in it."""
        return reactions(self.spec.fault, self.timeline, self.encounter)

    @cached_property
    def detection(self) -> Detection | None:
        """What should have told the agent, and what it made of that."""
        return detection(self.spec.fault, self.timeline, self.encounter)
