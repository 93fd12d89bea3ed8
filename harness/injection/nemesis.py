"""The fault in one trial: scheduled, injected, confirmed, probed, reverted.  Each is an event."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from harness.containers.ports import Container
from harness.containers.process_scripts import Process
from harness.containers.processes import find_arrivals, list_processes
from harness.containers.shell import Result
from harness.containers.sidecars.exec_calls import Call
from harness.containers.sidecars.exec_filter import Tree
from harness.errors import SandboxError
from harness.history.events import (
    Confirmed,
    Effect,
    Event,
    Injected,
    Missed,
    Probed,
    Reverted,
    Scheduled,
)
from harness.history.steps import Step
from harness.history.writer import History
from harness.injection import triggers
from harness.injection.mechanisms import TABLE
from harness.injection.mechanisms.base import Facts, InjectionTarget
from harness.injection.protected import Protected
from harness.injection.watch import Watch
from harness.patterns import any_matches

_COME_AGAIN = frozenset(("exec", "after", "opened", "connect"))
"""Triggers whose event may come again."""
TRIES = 20
"""How often an injection that finds nothing to break is tried."""


class Nemesis:
    """Inject the fault when its trigger holds, and look at it without being seen.

    `instead` is called when the fault is due, in place of the injection.
    """

    def __init__(
        self,
        target: InjectionTarget,
        sandbox: Container,
        history: History,
        protected: Protected,
        exec_filter: Tree | None = None,
        instead: Callable[[InjectionTarget], None] | None = None,
    ) -> None:
        self._exec_filter = exec_filter
        self._instead = instead
        self._watch = Watch(target.fault.when, sandbox.probes, exec_filter)
        self.target = target
        self._sandbox = sandbox
        self._fault = target.fault
        self._how = TABLE[target.fault.mechanism]
        self._history = history
        self._facts: Facts = {}
        self._refused = False
        """The last injection could not be made."""
        self._injections = 0
        self._since = 0
        """Where in the history the present life of the fault began."""
        self._in_force = False
        self._waiting = not target.fault.control
        self.protected = protected
        self.world: set[Process] = set()
        """The processes that are the sandbox's own, or the fault's: no work of the agent's."""
        missing = self._how.available(target)
        if missing is not None:
            raise SandboxError(f"{self._fault.id} cannot happen here: {missing}")
        history.add(
            Scheduled(
                fault=self._fault.id,
                when=self._fault.when.model_dump(mode="json"),
                schedule=self._fault.schedule.model_dump(mode="json"),
            )
        )

    def attach_shell(self, act: Callable[[str], Result]) -> None:
        """Lend the agent's own shell to a fault that replays what an earlier attempt did."""
        self.target = replace(self.target, act=act)

    @property
    def in_force(self) -> bool:
        """Say whether the fault was injected and is not known to be gone."""
        return self._in_force

    def start(self) -> None:
        """Inject now if the fault is there from the start (before the agent's clock runs)."""
        if not self._waiting:
            return
        if self._fault.when.kind == "start":
            self._inject()
        else:
            self._watch.arm()

    def at_exec_filter(self, call: Call) -> None:
        """Look at one call that the filter has seen; a held one goes on after that."""
        now = self._history.now()
        if call.verb == "did" and self._in_force:
            self._effect(call.number, pid=call.pid)
        elif call.verb == "over" and self._waiting and self._watch.at_end(call.pid):
            self._inject()
        elif call.verb == "hit" and self._exec_filter is not None:
            if self._waiting and self._watch.at_call(call, now):
                self._inject()
            self._exec_filter.answer(call, follow=self._watch.follows(call))

    def watch(self, pending: str | None = None) -> None:
        """Inject or revert what is due.  Called before and after each command and while it runs.

        `pending` is the command that waits at the exec filter, None when none does.
        """
        elapsed = self._history.now()
        if self._waiting and self._watch.at_look(self._steps(), pending, elapsed):
            self._inject()
        elif self._in_force and self._spent(elapsed):
            self._revert()

    def look(self, step: int, command: str, *, changed: bool, output: str) -> None:
        """After a step: count its effect on the agent, and see whether the fault is still there."""
        if not self._in_force:
            return
        if self._ask_for_effects(step):
            return
        if (
            self._fault.schedule.kind == "times"
            and not self._how.COUNTS
            and self._hit(command, output)
        ):
            self._effect(1 + len(self._effects()), step=step)
        elif changed or any_matches(self._fault.evidence.repairs, command):
            self._probe(step)

    def _ask_for_effects(self, step: int) -> bool:
        """Record what the mechanism has counted meanwhile; say whether that ended the fault."""
        count = self._how.counted(self.target)
        if count > max((e.count for e in self._effects()), default=0):
            self._effect(count, step=step)
        return not self._in_force

    def count_effect(self, count: int) -> None:
        """Record an effect that the mechanism has counted by itself."""
        if self._in_force:
            self._effect(count)

    def _effect(self, count: int, *, step: int | None = None, pid: int | None = None) -> None:
        self._history.add(Effect(count=count, step=step, pid=pid))
        self.watch()

    def final(self) -> tuple[bool | None, bool | None]:
        """Return (present, need) as they are now, asked with the limit of a probe."""
        if self._injections == 0:
            return None, None
        answers = self._how.present(self.target), self._how.need(self.target)
        self._how.leave(self.target)
        return answers

    def _inject(self) -> None:
        self._waiting = False
        if self._instead is not None:
            self._watch.disarm()
            self._instead(self.target)
            return
        with self._adding_to_the_world():
            why = self._break()
        self._watch.disarm()  # not before: what comes next is held while it is injected
        if why is None:
            self._record(confirmed=True)
            self._in_force = True
        elif self._fault.when.kind == "during" or self._came_too_soon():
            self._history.add(Missed(why=why))
            self._wait_again()
        else:
            raise SandboxError(why)

    def _came_too_soon(self) -> bool:
        """Say whether nothing was done, for what the fault needs is not there yet.

        Of an event that comes again, and not for ever.
        """
        tries = sum(isinstance(event, Missed) for event in self._history.events)
        again = self._fault.when.kind in _COME_AGAIN and tries < TRIES
        refused = self._refused and self._fault.inject is not None
        return again and refused and self._how.present(self.target) is False

    def _break(self) -> str | None:
        """Inject, and see that the symptom shows; return why it does not."""
        self._refused = False
        try:
            self._facts = self._how.inject(self.target)
        except SandboxError as error:
            self._refused = True
            return str(error)
        if self._how.present(self.target) is True:
            return None
        if self._fault.when.kind != "during":
            self._record(confirmed=False)
        return f"{self._fault.id}: injected, and its symptom does not show"

    def _record(self, *, confirmed: bool) -> None:
        self._injections += 1
        shown = {key: value for key, value in self._facts.items() if not key.startswith("_")}
        company = self.target.company
        by = company.leave_trace(self._fault) if company is not None and confirmed else ""
        self._history.add(Injected(injection=self._injections, by=by, facts=shown))
        self._history.add(Confirmed(injection=self._injections, confirmed=confirmed))

    def _probe(self, step: int) -> None:
        present, need = self._how.present(self.target), self._how.need(self.target)
        self._history.add(Probed(present=present, need=need, step=step))
        if present is False:
            self._gone()

    def _revert(self) -> None:
        with self._adding_to_the_world():
            self._how.heal(self.target, self._facts)
        self._history.add(Reverted(injection=self._injections, why=self._fault.schedule.kind))
        if self._how.present(self.target) is True:
            raise SandboxError(f"{self._fault.id}: reverted, and its symptom still shows")
        self._gone()

    def _spent(self, elapsed: float) -> bool:
        steps = self._history.steps.all
        return triggers.spent(self._fault.schedule, self._life(), steps, elapsed)

    def _gone(self) -> None:
        self._in_force = False
        if self._injections <= self._fault.repeat:
            self._since = len(self._history.events)
            self._wait_again()

    def _wait_again(self) -> None:
        self._waiting = True
        self._watch.arm()

    @contextlib.contextmanager
    def _adding_to_the_world(self) -> Iterator[None]:
        before = list_processes(self._sandbox.probes)
        with self.protected.excusing():
            yield
        self.world |= find_arrivals(before, list_processes(self._sandbox.probes), self.world)

    def _life(self) -> Sequence[Event]:
        return self._history.events[self._since :]

    def _steps(self) -> Sequence[Step]:
        """Return the steps that began since the fault was last gone."""
        steps = self._history.steps.all
        return steps if not self._since else [s for s in steps if s.action.seq >= self._since]

    def _effects(self) -> Sequence[Effect]:
        return [event for event in self._life() if isinstance(event, Effect)]

    def _hit(self, command: str, output: str) -> bool:
        evidence = self._fault.evidence
        return any_matches(evidence.touches, command) or any_matches(evidence.seen, output)
