"""At the end of a trial everything the agent started dies, and nothing else does."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.containers.engine import Engine
from harness.containers.ports import Container, ContainerSpec
from harness.containers.process_scripts import Process
from harness.containers.processes import (
    Seen,
    find_arrivals,
    find_listeners,
    kill,
    kin,
    list_processes,
)
from harness.injection.mechanisms.script import TERMINAL
from harness.models.task import Limits, Survivor, Task
from harness.trial.verifier import Ground, find_survivors

# --- who belongs to whom -------------------------------------------------------------------


def seen(parent: int, session: int = 0) -> Seen:
    """Return what a process shows."""
    return Seen(name="x", parent=parent, session=session or parent)


BEFORE: dict[Process, Seen] = {(1, "0"): seen(0), (10, "5"): seen(1, 10), (20, "6"): seen(0, 20)}
WORLD: set[Process] = {(1, "0"), (10, "5")}


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        pytest.param({}, set(), id="nobody"),
        pytest.param({(30, "9"): seen(1, 30)}, {30}, id="a daemon of the fault's"),
        pytest.param({(30, "9"): seen(10, 10)}, {30}, id="a worker of the sandbox's"),
        pytest.param({(30, "9"): seen(20, 20)}, set(), id="the agent's child"),
        pytest.param({(30, "9"): seen(1, 20)}, set(), id="the agent's orphan"),
        pytest.param(
            {(30, "9"): seen(31, 30), (31, "9"): seen(20, 31)}, set(), id="the agent's grandchild"
        ),
        pytest.param({(10, "9"): seen(1, 10)}, {10}, id="a process id used again"),
    ],
)
def test_which_processes_came_with_an_injection(
    new: Mapping[Process, Seen], expected: set[int]
) -> None:
    """What a fault starts is of the world; what the agent starts meanwhile is not."""
    came = find_arrivals(BEFORE, {**BEFORE, **new}, WORLD)
    assert {process[0] for process in came} == expected


@given(st.dictionaries(st.integers(2, 12), st.integers(0, 12), max_size=10), st.integers(2, 12))
def test_kin_is_closed(parents: dict[int, int], root: int) -> None:
    """A process with a relative for a parent is a relative, and no other is."""
    table: dict[Process, Seen] = {(pid, ""): seen(parent, 99) for pid, parent in parents.items()}
    family = {pid for pid, _ in kin(table, {root})} | {root}
    for pid, parent in parents.items():
        assert ((pid, "") in kin(table, {root})) == (parent in family)


# --- in a sandbox --------------------------------------------------------------------------


@pytest.fixture
def fresh(engine: Engine, images: Mapping[str, str]) -> Iterator[Container]:
    """Return a workbench of one's own."""
    with engine.container(
        images["workbench"], ContainerSpec(name="tests", limits=Limits(pids=128))
    ) as container:
        yield container


def start(container: Container, command: str, user: str = "root") -> None:
    """Have an agent run a command and leave."""
    with closing(container.agent.shell(user=user, cwd="/tmp")) as shell:
        shell.run(command, seconds=1)
        time.sleep(0.1)


@pytest.mark.container
@pytest.mark.parametrize(
    "command",
    [
        pytest.param("sleep 300 &", id="a job"),
        pytest.param("setsid sleep 300 &", id="in another session"),
        pytest.param("(sleep 300 & sleep 300 &) & exit", id="orphans"),
        pytest.param("setsid bash -c 'setsid sleep 300 & exit' & sleep 0.1", id="forked twice"),
        pytest.param("nohup bash -c 'trap \"\" TERM HUP INT; while :; do :; done' &", id="deaf"),
        pytest.param("exec -a 'a) R 1 1 (b' sleep 300 & disown", id="under another name"),
        pytest.param(
            "cp /usr/bin/sleep '/tmp/(a\nb) S 1'; '/tmp/(a\nb) S 1' 300 &",
            id="with a newline and brackets in its name",
        ),
        pytest.param("f() { f | f & sleep 300; }; f", id="a fork bomb"),
        pytest.param("while :; do (sleep 0.01 &) ; done &", id="one after the other"),
        pytest.param("kill -STOP $$", id="a stopped shell"),
        pytest.param("while :; do kill -9 -1; done &", id="a killer"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("user", ["root", "nobody"])
def test_what_an_agent_starts_dies(fresh: Container, command: str, user: str) -> None:
    """No way of starting a process outlives the end of the agent."""
    known = list_processes(fresh.probes).keys()
    start(fresh, command, user)
    killed, survivors = kill(fresh, known, set())
    assert killed
    assert survivors == []
    assert list_processes(fresh.probes) == {}


@pytest.mark.container
def test_setup_and_fault_live_on(fresh: Container) -> None:
    """Processes that were there before the agent stay, and so do the workers they start anew."""
    fresh.probes.script("nginx; setsid sleep 301 </dev/null >/dev/null 2>&1 &", "setup")
    time.sleep(0.3)
    before = list_processes(fresh.probes)
    start(fresh, "nginx -s reload; sleep 0.3; sleep 302 &")
    killed, survivors = kill(fresh, before.keys(), set())
    assert "sleep" in killed
    assert survivors == []
    assert sorted(p.name for p in list_processes(fresh.probes).values()) == sorted(
        p.name for p in before.values()
    )


@pytest.mark.container
def test_an_agent_that_kills_everything_kills_no_sandbox(fresh: Container) -> None:
    """`kill -9 -1` ends the agent's processes and the harness's shells; the sandbox is there."""
    fresh.probes.ask("true")
    start(fresh, "kill -9 -1; kill -9 1; pkill -9 bash; pkill sleep")
    assert kill(fresh, set(), set())[1] == []
    assert fresh.probes.script("echo here", "ask").stdout == b"here\n"


# --- daemons that belong to the goal -------------------------------------------------------


def ground_of(engine: Engine, image: str, tmp_path: object, *survives: Survivor) -> Ground:
    """Return what the checker stands on for a task with these daemons."""
    task = Task(
        title="t", instruction="i", sandbox="workbench", solution=("true",), damage="true",
        survives=survives,
    )  # fmt: skip
    return Ground(engine=engine, image=image, task=task, folder=tmp_path)  # type: ignore[arg-type]


NGINX = Survivor(exe="/usr/sbin/nginx", port=80)


@pytest.mark.container
@pytest.mark.parametrize(
    ("command", "left"),
    [
        pytest.param("nginx", {"nginx"}, id="the daemon, and its workers"),
        pytest.param("nginx; sleep 300 &", {"nginx"}, id="but nothing else"),
        pytest.param("nginx -c /dev/null -g 'events {}' &", set(), id="one that does not listen"),
        pytest.param(
            "cp /usr/bin/python3.11 /tmp/n; mv /tmp/n /usr/sbin/nginx;"
            " nginx -m http.server 80 & sleep 0.5",
            set(),
            id="another program in its place",
        ),
        pytest.param(
            "cp -a /usr/sbin/nginx /tmp/keep; cp /usr/bin/python3.11 /usr/sbin/nginx;"
            " nginx -m http.server 80 & sleep 0.5; mv /tmp/keep /usr/sbin/nginx",
            set(),
            id="another program, and the right one put back",
        ),
        pytest.param("python3 -m http.server 80 & sleep 0.5", set(), id="another program there"),
        pytest.param(
            "exec -a /usr/sbin/nginx python3 -m http.server 80 & sleep 0.5",
            set(),
            id="under its name",
        ),
    ],
)
def test_declared_daemons_are_spared(
    engine: Engine,
    images: Mapping[str, str],
    fresh: Container,
    tmp_path: object,
    command: str,
    left: set[str],
) -> None:
    """The pristine executable that listens on the port survives, and no impostor does."""
    known = list_processes(fresh.probes).keys()
    start(fresh, command)
    ground = ground_of(engine, images["workbench"], tmp_path, NGINX)
    _, survivors = kill(fresh, known, find_survivors(ground, fresh.probes))
    assert survivors == []
    assert {
        p.name for process, p in list_processes(fresh.probes).items() if process not in known
    } == left


@pytest.mark.container
def test_daemons_of_other_users_are_found(fresh: Container) -> None:
    """A daemon that runs as a user of its own is known by its executable, too."""
    start(fresh, "runuser -u redis -- redis-server --daemonize yes --port 6400; sleep 0.2")
    assert len(find_listeners(fresh.probes, "/usr/bin/redis-server", 6400)) == 1
    assert find_listeners(fresh.probes, "/usr/bin/redis-server", 6401) == set()


@pytest.mark.container
@pytest.mark.parametrize(
    ("script", "program", "held"),
    [
        pytest.param(
            "setsid sleep 303 </dev/null >/dev/null 2>&1 &",
            "sleep",
            {"0": "/dev/null", "1": "/dev/null", "2": "/dev/null"},
            id="a daemon",
        ),
        pytest.param(
            TERMINAL + "terminal 'cat /etc/shells -' 'seen\n'; sleep 0.3",
            "cat",
            {"0": "/dev/pts/0", "1": "/dev/pts/0", "2": "/dev/pts/0"},
            id="a program at a terminal",
        ),
    ],
)
def test_what_we_start_holds_nothing_of_ours(
    fresh: Container, script: str, program: str, held: Mapping[str, str]
) -> None:
    """A process that a script starts is what it says, and shows no pipe of the control shell's."""
    fresh.probes.script(script, "start")
    look = f"cd /proc/$(pgrep -x {program}) && readlink exe && find fd -type l -printf '%f %l\\n'"
    exe, *links = fresh.probes.script(look, "look").stdout.decode().splitlines()
    assert exe == f"/usr/bin/{program}"
    assert dict(link.split() for link in links) == held
