"""What the harness costs over the engine's own calls: `python tests/bench/overhead.py`.

Whole trials: the same task's containers, files, commands and check, once by raw API calls (an
exec a command) and once by the harness, in interleaved pairs.  Single commands: in the harness's
shell, in a trial's session, by raw execs, by mini-swe-agent's own environment, and in a local bash
fed by a pipe, which is the floor.  It prints medians and changes nothing; see --help.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from harness.agents.registry import find_agent
from harness.agents.session import Session
from harness.containers.archive import join, pack
from harness.containers.container import DockerContainer
from harness.containers.engine import Engine
from harness.containers.ports import ContainerSpec
from harness.containers.sidecars.exec_filter import ExecFilter
from harness.history.store import TrialFolder
from harness.history.writer import History
from harness.injection.mechanisms.base import InjectionTarget
from harness.injection.nemesis import Nemesis
from harness.injection.protected import Protected
from harness.library.library import Library
from harness.library.load import load
from harness.models.fault import NOOP
from harness.models.task import Pair
from harness.models.trial import TrialSpec
from harness.planning.plan import spec_of
from harness.trial.environment import UID
from harness.trial.resources import Resources, prepare, with_helpers
from harness.trial.trial import play

TRIAL_TARGET, COMMAND_TARGET = 1.5, 0.005
"""How much longer a trial may take than the raw calls; what a command may cost more (seconds)."""


# --- whole trials --------------------------------------------------------------------------


def raw_trial(engine: Engine, spec: TrialSpec, made: Resources) -> None:
    """Do what a trial does, with the engine's calls and nothing else."""
    task, api, folder = spec.task, engine.api, made.task_folders[spec.task.id]
    image = made.images[task.sandbox]
    with raw_box(engine, image) as container:
        uid = UID[spec.sandbox.user]
        files = [pack(folder / src, dst, uid=uid) for src, dst in task.files.items()]
        api.put_archive(container, "/", join(files))
        raw_exec(engine, container, task.setup or ":", "root", "/")
        for command in task.solution:
            raw_exec(engine, container, command, spec.sandbox.user, task.workdir)
        outputs = [b"".join(api.get_archive(container, path)[0]) for path in task.outputs]
    with raw_box(engine, image) as fresh:
        for path, archive in zip(task.outputs, outputs, strict=True):
            api.put_archive(fresh, str(Path(path).parent), archive)
        api.put_archive(fresh, "/", join([pack(folder / "verify", "verify", top=0o700)]))
        code = raw_exec(engine, fresh, (folder / task.verify).read_text(), "root", "/verify")
    if code != 0:
        raise SystemExit(f"the raw trial does not pass: exit {code}")


@contextlib.contextmanager
def raw_box(engine: Engine, image: str) -> Iterator[str]:
    """Run a container like the harness's."""
    host = engine.api.create_host_config(network_mode="none", mem_limit=1 << 30, pids_limit=512)
    container = engine.api.create_container(image, command=["sleep", "infinity"], host_config=host)[
        "Id"
    ]
    try:
        engine.api.start(container)
        yield container
    finally:
        engine.api.remove_container(container, force=True)


def raw_exec(engine: Engine, container: str, command: str, user: str, cwd: str) -> int:
    """Run one command by an exec of its own and return its exit code."""
    made = engine.api.exec_create(container, ["bash", "-c", command], user=user, workdir=cwd)["Id"]
    engine.api.exec_start(made)
    return int(engine.api.exec_inspect(made)["ExitCode"])


def trials(engine: Engine, spec: TrialSpec, made: Resources, pairs: int) -> None:
    """Time pairs of a raw and a harness trial and print their medians and ratios."""
    raw, ours = [], []
    for number in range(pairs):
        both = [(raw, lambda: raw_trial(engine, spec, made)), (ours, lambda: our_trial(spec, made))]
        for times, run in both if number % 2 else reversed(both):
            times.append(timed(run))
    ratios = sorted(mine / theirs for mine, theirs in zip(ours, raw, strict=True))
    print(f"a trial of {spec.task.id}, {len(spec.task.solution)} commands, {pairs} pairs")
    print(f"  raw calls  {spread(raw, 's')}\n  harness    {spread(ours, 's')}")
    median = statistics.median(ratios)
    print(
        f"  ratio      {median:.2f} (pairs from {ratios[0]:.2f} to {ratios[-1]:.2f};"
        f" target {TRIAL_TARGET})"
    )


def our_trial(spec: TrialSpec, made: Resources) -> None:
    """Play a trial."""
    with tempfile.TemporaryDirectory() as folder:
        verdict = play(spec, made, TrialFolder(Path(folder)), threading.Event())
    if verdict.outcome != "passed":
        raise SystemExit(f"the trial does not pass: {verdict.reason}")


# --- single commands -----------------------------------------------------------------------


def commands(engine: Engine, spec: TrialSpec, made: Resources, count: int) -> None:
    """Time single commands by every way there is, and print what each takes."""
    few = max(10, count // 10)
    print(f"\na command, {count} times each, by an exec of its own {few} times")
    for command in (":", "/bin/true"):
        with contextlib.ExitStack() as stack:
            container = stack.enter_context(
                engine.container(made.image(spec), ContainerSpec(name="bench"))
            )
            ways = _ways(stack, engine, container, spec, made)
            rows = {name: repeated(run, command, count) for name, run in ways.items()}
            rows["raw exec"] = repeated(raw(engine, container), command, few)
            peer = stack.enter_context(mini(engine, made.image(spec)))
            rows["mini-swe-agent"] = repeated(peer, command, few)
        print(f"  {command}")
        for name, times in rows.items():
            print(f"    {name:<20} {spread(times, 'ms')}")
        ours, floor = (statistics.median(rows[name]) for name in ("a session, gated", FLOOR))
        target = f"(target {COMMAND_TARGET * 1000:.0f} ms)"
        print(f"    a session over the floor: {(ours - floor) * 1000:.2f} ms {target}")


FLOOR = "floor: a local bash"
Way = Callable[[str], object]


def _ways(
    stack: contextlib.ExitStack,
    engine: Engine,
    container: DockerContainer,
    spec: TrialSpec,
    made: Resources,
) -> dict[str, Way]:
    return {
        FLOOR: stack.enter_context(local()),
        "our shell": shell(stack, container),
        "our shell, gated": shell(stack, container, made.exec_filter),
        "a session": session(stack, engine, container, spec, None),
        "a session, gated": session(stack, engine, container, spec, made.exec_filter),
    }


def repeated(run: Way, command: str, count: int) -> list[float]:
    """Return how long each of many runs takes, in seconds."""
    return [timed(lambda: run(command)) for _ in range(count)]


def raw(engine: Engine, container: DockerContainer) -> Way:
    """Give the engine's own exec."""
    return lambda command: raw_exec(engine, container.id, command, "root", "/")


@contextlib.contextmanager
def local() -> Iterator[Way]:
    """Give a bash of this machine, fed by a pipe."""
    with subprocess.Popen(
        ["/bin/bash", "--noprofile", "--norc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as bash:
        assert bash.stdin is not None
        assert bash.stdout is not None
        asks, answers = bash.stdin, bash.stdout

        def run(command: str) -> None:
            asks.write(f"{command}\necho end\n".encode())
            asks.flush()
            answers.readline()

        yield run
        asks.close()


def shell(
    stack: contextlib.ExitStack,
    container: DockerContainer,
    exec_filter: ExecFilter | None = None,
) -> Way:
    """Give the harness's shell."""
    tree = (
        None if exec_filter is None else stack.enter_context(contextlib.closing(exec_filter.tree()))
    )
    opened = stack.enter_context(contextlib.closing(container.agent.shell(exec_filter=tree)))
    return lambda command: opened.run(command, seconds=10)


def session(
    stack: contextlib.ExitStack,
    engine: Engine,
    container: DockerContainer,
    spec: TrialSpec,
    exec_filter: ExecFilter | None,
) -> Way:
    """Give a trial's session: events, state digest, nemesis."""
    history = History(io.StringIO(), time.monotonic)
    target = InjectionTarget(fault=spec.fault, container=container, user="root", fetch=engine.fetch)
    tree = (
        None if exec_filter is None else stack.enter_context(contextlib.closing(exec_filter.tree()))
    )
    limits = spec.task.limits.model_copy(update={"steps": 1_000_000, "seconds": 3600})
    task = spec.task.model_copy(
        update={"limits": limits, "watch": ("/etc/nginx",), "workdir": "/work"}
    )
    nemesis = Nemesis(
        target, container, history, Protected((), target.fault, container.probes), tree
    )
    made = Session(task, container, nemesis, history, lambda _: "", threading.Event(), tree)
    stack.enter_context(contextlib.closing(made))
    made.open()
    made.hand_over()
    return made.do


@contextlib.contextmanager
def mini(engine: Engine, image: str) -> Iterator[Way]:
    """Give mini-swe-agent's own environment: `docker exec` by the command line."""
    os.environ.setdefault("MSWEA_SILENT_STARTUP", "1")
    logging.disable(logging.INFO)
    from minisweagent.environments.docker import DockerEnvironment  # noqa: PLC0415

    environment = DockerEnvironment(image=image, run_args=["--rm", "--network", "none"])
    try:
        yield lambda command: environment.execute({"command": command})
    finally:
        engine.api.remove_container(environment.container_id, force=True)
        environment.container_id = None  # its own way takes ten seconds


# --- numbers -------------------------------------------------------------------------------


def timed(run: Callable[[], object]) -> float:
    """Return how long something takes, in seconds."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def spread(times: list[float], unit: str) -> str:
    """Return median and 90th percentile, in s or ms."""
    factor = 1000 if unit == "ms" else 1
    ordered = sorted(times)
    p90 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.9))]
    return (
        f"median {statistics.median(ordered) * factor:8.2f} {unit}  p90 {p90 * factor:8.2f} {unit}"
    )


def spec_named(library: Library, name: str) -> TrialSpec:
    """Return the control trial of a task, played by the oracle."""
    return spec_of(library, library.tasks[name], Pair(fault=NOOP), find_agent("oracle"))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", default="fix-slug", help="whose control trial is timed")
    parser.add_argument("--pairs", type=int, default=7, help="pairs of trials")
    parser.add_argument("--commands", type=int, default=200, help="times a command is run")
    asked = parser.parse_args()
    library = load()
    spec = spec_named(library, asked.task)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with Engine({"harness.run": "bench"}) as engine:
        bare = prepare(library, [spec], "bench", print)
        with with_helpers(bare, [spec], print) as made:
            our_trial(spec, made)
            trials(engine, spec, made, asked.pairs)
            commands(engine, spec, made, asked.commands)


if __name__ == "__main__":
    main()
