"""Limits and mounts in real containers: what a program meets there, and how it ends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from harness.containers.container import DockerContainer
from harness.containers.engine import Engine
from harness.containers.ports import ContainerSpec
from harness.containers.shell import Shell
from harness.containers.sidecars.namespaces import NamespaceSidecars
from harness.errors import SandboxError
from harness.injection.mechanisms import limits, mount
from harness.injection.mechanisms.base import InjectionTarget
from harness.models.fault import Fault
from harness.models.trigger import Trigger

GREEDY = "python3 -c \"print(len(b'x' * (200 << 20)))\""
MANY = (
    "python3 -c \"import os; [os.fork() or os._exit(os.system('sleep 0.2')) for _ in range(20)]\""
)
DURING = Trigger(kind="step", value=2)


@pytest.fixture(scope="module")
def roomy(engine: Engine, images: Mapping[str, str]) -> Iterator[DockerContainer]:
    """Return a container of this module's own."""
    with engine.container(images["workbench"], ContainerSpec(name="mounts")) as running:
        running.probes.script("mkdir -p -m 700 /work/out; chown 1000:1000 /work/out", "a folder")
        running.probes.script("echo old > /work/out/a; ln -s a /work/out/b", "content")
        yield running


@pytest.fixture
def target(
    engine: Engine, images: Mapping[str, str], roomy: DockerContainer
) -> Iterator[InjectionTarget]:
    """Return where a fault may strike, with helpers beside it."""
    sidecars = NamespaceSidecars(engine=engine, image=images["helpers"], container=roomy)
    with contextlib.closing(sidecars):
        yield InjectionTarget(
            fault=Fault(title="t", category="c", error_type="e"),
            container=roomy,
            user="root",
            fetch=engine.fetch,
            sidecars=sidecars,
        )


@pytest.fixture
def shell(roomy: DockerContainer) -> Iterator[Shell]:
    """Return a shell that works in the folder, as an agent's might."""
    with contextlib.closing(roomy.agent.shell(cwd="/work/out")) as made:
        yield made


def struck(
    target: InjectionTarget, settings: dict[str, Any], when: Trigger | None = None
) -> InjectionTarget:
    """Return the site of a fault with these settings."""
    fault = target.fault.model_copy(
        update={"settings": settings, "when": when or Trigger(kind="start")}
    )
    return InjectionTarget(
        fault=fault,
        container=target.container,
        user="root",
        fetch=target.fetch,
        sidecars=target.sidecars,
        act=target.act,
    )


def tried(container: DockerContainer, command: str) -> tuple[int | None, str]:
    """Return exit code and output of a command in a shell of its own."""
    result = container.probes.ask(f"bash -c '{command.replace(chr(39), chr(34))}'", seconds=20)
    return result.exit_code, (result.stdout + result.stderr).decode()


@pytest.mark.container
@pytest.mark.parametrize(
    ("settings", "command", "code", "words"),
    [
        pytest.param({"memory": 64 << 20}, GREEDY, 137, "", id="out of memory"),
        pytest.param({"pids": 12}, MANY, 1, "Resource temporarily unavailable", id="no process"),
    ],
)
def test_a_lowered_limit(
    target: InjectionTarget, settings: dict[str, Any], command: str, code: int, words: str
) -> None:
    """The kernel enforces a lowered limit on what runs next; healed, the same command goes well."""
    here = struck(target, settings)
    assert limits.present(here) is False
    facts = limits.inject(here)
    assert limits.present(here) is True
    assert facts == settings
    found = here.container.probes.ask(command, seconds=20)
    assert found.exit_code == code
    assert words in found.stderr.decode()
    limits.heal(here, facts)
    assert limits.present(here) is False
    assert here.container.probes.ask(command, seconds=20).exit_code == 0


@pytest.mark.container
def test_a_slow_processor(target: InjectionTarget) -> None:
    """With a hundredth of a processor the same work takes many times as long."""
    here, work = struck(target, {"cpus": 0.03}), "i=0; while ((i++ < 60000)); do :; done"
    before = here.container.probes.ask(work).seconds
    facts = limits.inject(here)
    slow = here.container.probes.ask(work).seconds
    limits.heal(here, facts)
    assert slow > 4 * before


@pytest.mark.container
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({"path": "/work/out"}, "Read-only file system", id="read-only folder"),
        pytest.param({"path": "/"}, "Read-only file system", id="read-only root"),
        pytest.param({"path": "/work/out", "room": 4096}, "No space left", id="no room"),
        pytest.param({"path": "/work/out", "files": 0}, "No space left", id="no more files"),
    ],
)
def test_a_mount(
    target: InjectionTarget, roomy: DockerContainer, settings: dict[str, Any], words: str
) -> None:
    """Writing fails with the kernel's words, what lies there is as before; healed, it succeeds."""
    here = struck(target, settings)
    write = "head -c 50000 /dev/zero > /work/out/new"
    look = "cat /work/out/a /work/out/b; stat -c '%a %u' /work/out /work/out/a; ls /work/out"
    before = roomy.probes.ask(look).stdout
    for _ in range(2):
        assert mount.present(here) is False
        facts = mount.inject(here)
        assert mount.present(here) is True
        assert roomy.probes.ask(look).stdout == before
        result = roomy.probes.ask(write)
        assert result.exit_code != 0
        assert words in result.stderr.decode()
        roomy.probes.ask("rm -f /work/out/new")
        mount.heal(here, facts)
        assert mount.present(here) is False
        assert roomy.probes.ask(write).exit_code == 0
        roomy.probes.ask("rm -f /work/out/new")
    mount.leave(here)
    assert " /work/out " not in roomy.probes.ask("cat /proc/mounts").stdout.decode()


@pytest.mark.container
def test_what_is_left_can_be_read(target: InjectionTarget, roomy: DockerContainer) -> None:
    """What was written into the small file system, and what was removed, the engine sees after."""
    here = struck(target, {"path": "/work/out", "room": 65536})
    mount.inject(here)
    roomy.probes.script("echo new > /work/out/n; rm /work/out/b", "work")
    mount.leave(here)
    assert roomy.probes.read("/work/out/n") is not None
    assert roomy.probes.read("/work/out/b") is None
    assert (roomy.probes.read("/work/out/a") or (b"",))[0] == b"old\n"
    roomy.probes.script("rm /work/out/n; ln -s a /work/out/b", "as before")


@pytest.mark.container
def test_a_shell_in_the_folder(
    target: InjectionTarget, roomy: DockerContainer, shell: Shell
) -> None:
    """At the start the agent's shell is led into the mount; later a strike past it is refused."""
    with pytest.raises(SandboxError, match="busy"):
        mount.inject(struck(target, {"path": "/work/out"}, DURING))
    here = struck(target, {"path": "/work/out"})
    begun = InjectionTarget(
        fault=here.fault, container=roomy, user="root", fetch=here.fetch, sidecars=here.sidecars,
        act=lambda command: shell.run(command, seconds=5),
    )  # fmt: skip
    mount.inject(begun)
    assert shell.run("echo x > here", seconds=5).exit_code != 0
    mount.heal(begun, {})
    assert shell.run("echo x > here && rm here; echo $OLDPWD", seconds=5).stdout == b"\n"


@pytest.mark.parametrize(
    ("shape", "settings", "words"),
    [
        pytest.param(limits, {}, "at least one", id="no limit"),
        pytest.param(limits, {"memory": 1000}, "greater than", id="less than the engine takes"),
        pytest.param(limits, {"pids": 0}, "greater than", id="no process at all"),
        pytest.param(mount, {"path": "work"}, "pattern", id="not absolute"),
        pytest.param(mount, {"path": "/", "room": 1}, "only become read-only", id="a small root"),
    ],
)
def test_settings_that_cannot_be(shape: Any, settings: dict[str, Any], words: str) -> None:
    """Settings that no engine or kernel could follow are told before anything runs."""
    with pytest.raises(ValidationError, match=words):
        shape.Settings.model_validate(settings)


def test_no_helper() -> None:
    """Without a helper beside the container a mount is not available, and says why."""
    fault = Fault(title="t", category="c", error_type="e", settings={"path": "/work"})
    bare = InjectionTarget(fault=fault, container=None, user="root", fetch=lambda *_: None)  # type: ignore[arg-type]
    assert "no helper" in (mount.available(bare) or "")
