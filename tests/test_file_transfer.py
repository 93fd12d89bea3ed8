"""Files go in and out of sandboxes through the file transfer as they would through the engine."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.containers.archive import fingerprint, tarball
from harness.containers.container import DockerContainer
from harness.containers.engine import Engine
from harness.containers.ports import ContainerSpec
from harness.containers.probes import mounted
from harness.containers.sidecars.file_transfer import FileTransfer, open_file_transfer
from harness.containers.sidecars.namespaces import NamespaceSidecars
from harness.errors import SandboxError

pytestmark = pytest.mark.container

ZOO = r"""
mkdir -p /work/zoo/deep/er /work/zoo/empty && cd /work/zoo
head -c 300000 /dev/urandom > large; : > nothing; printf 'a\0b' > binary
printf x > 'a name with  blanks'; printf x > -n; printf x > "$(printf 'new\nline')"
printf x > "$(printf '\377')"
printf x > "$(printf 'n%.0s' {1..200})"
ln -s large link; ln -s /nowhere/at/all dangling; ln -s / up; ln large twin
mkfifo pipe; chmod 4755 large; chmod 1777 deep; chown 1000:7 binary; chmod 0 nothing
printf inner > deep/er/file; touch -d '2001-02-03 04:05:06' deep/er/file
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
"""


Both = tuple[DockerContainer, DockerContainer]
"""One container, as the engine reaches it and as the file transfer does."""


@pytest.fixture(scope="module")
def carrier(images: Mapping[str, str]) -> Iterator[FileTransfer]:
    with (
        Engine({"harness.run": "tests"}) as engine,
        open_file_transfer(engine, images["helpers"]) as made,
    ):
        assert made is not None
        yield made


@pytest.fixture(scope="module")
def there(engine: Engine, images: Mapping[str, str], carrier: FileTransfer) -> Iterator[Both]:
    """Return one container twice: as the engine reaches it, and as the file transfer does."""
    with engine.container(images["workbench"], ContainerSpec(name="file_transfer")) as plain:
        plain.probes.script(ZOO, "zoo")
        yield plain, DockerContainer(engine.api, plain.id, plain.spec, carrier)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/work/zoo", id="a folder of all kinds"),
        pytest.param("/work/zoo/large", id="a file"),
        pytest.param("/work/zoo/link", id="a link, not what it points to"),
        pytest.param("/work/zoo/dangling", id="a link to nothing"),
        pytest.param("/work/zoo/up/work/zoo/deep", id="a way through a link"),
        pytest.param("/work/zoo/pipe", id="a pipe, unopened"),
        pytest.param("/work/zoo/empty", id="an empty folder"),
        pytest.param("/work/zoo/a name with  blanks", id="blanks"),
        pytest.param("/work/zoo/-n", id="a name like an option"),
        pytest.param("/work/zoo/new\nline", id="a line break"),
        pytest.param("/work/zoo/nothing", id="a file that may not be read"),
        pytest.param("/work/nowhere", id="nothing"),
        pytest.param("/work/zoo/dangling/below", id="below a link to nothing"),
        pytest.param("/etc/hosts", id="a file that the engine mounted"),
        pytest.param("/etc", id="a folder that holds one"),
    ],
)
def test_what_comes_out_is_what_the_engine_would_bring(there: Both, path: str) -> None:
    """Names, kinds, modes, owners and contents are the same, and so is what is not there."""
    plain, carried = there
    assert fingerprint(plain.probes.get(path)) == fingerprint(carried.probes.get(path))


def test_nothing_is_below_a_file(there: Both) -> None:
    """Where the engine fails, the file transfer says that there is nothing."""
    assert there[1].probes.get("/work/zoo/large/below") is None


def test_times_come_along(there: Both) -> None:
    """A file's time of change is brought out, in whole seconds."""
    found = there[1].probes.read("/work/zoo/deep/er/file")
    assert found is not None
    assert 981173106 == found[1].mtime


def test_no_link_leads_out(there: Both) -> None:
    """Inside a container there is nothing but that container, wherever a link points."""
    plain, carried = there
    plain.probes.script(
        "ln -sfn /proc/1/root/../../.. /work/out; ln -sfn ../../../../../.. /work/far", ""
    )
    assert carried.probes.get("/work/out/file_transfer") is None
    assert carried.probes.get("/work/far/file_transfer") is None
    assert carried.probes.get("/work/far/etc/debian_version") is not None


def test_what_is_mounted_over_a_folder_stays_out(
    engine: Engine, images: Mapping[str, str], carrier: FileTransfer
) -> None:
    """The file_transfer sees the container's own file system, as the engine does."""
    with engine.container(images["workbench"], ContainerSpec(name="file_transfer")) as plain:
        plain.probes.script("mkdir /work/below; echo below > /work/below/file", "below")
        sidecars = NamespaceSidecars(engine=engine, image=images["helpers"], container=plain)
        try:
            sidecars.mounts().give("tmpfs /work/below")
            plain.probes.script("echo above > /work/below/file", "above")
            found = DockerContainer(engine.api, plain.id, plain.spec, carrier).probes.read(
                "/work/below/file"
            )
        finally:
            sidecars.close()
    assert found is not None
    assert found[0] == b"below\n"


def test_more_than_the_limit_is_nothing(there: Both, carrier: FileTransfer) -> None:
    """Beyond the limit nothing comes, and the next order is served."""
    pid = there[0].first_pid()
    assert carrier.get(pid, "/work/zoo/large", 1000) is None
    assert carrier.get(pid, "/work/zoo/binary", 1000) is not None


def test_what_goes_in_is_there_as_it_was_sent(
    there: Both,
) -> None:
    """Content, mode, owner and time arrive, folders on the way are made, links are followed."""
    plain, carried = there
    plain.probes.script("ln -sfn /srv /work/away", "")
    for container, name in ((plain, "one"), (carried, "two")):
        container.probes.put(_archive(name))
    one, two = plain.probes.get("/opt/one/box"), plain.probes.get("/opt/two/box")
    assert fingerprint(one) == fingerprint(two) != fingerprint(None)
    listed = "cd /opt/{}; find box new/way/* -printf '%p %m %U:%G %T@ %y %l\n' | sort"
    assert (
        plain.probes.ask(listed.format("one")).stdout
        == plain.probes.ask(listed.format("two")).stdout
    )
    through = plain.probes.read("/srv/two")
    assert through is not None
    assert through[0] == b"through a link"


def _archive(name: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for path, kind, mode, content in (
            (f"opt/{name}/box", tarfile.DIRTYPE, 0o750, b""),
            (f"opt/{name}/box/run", tarfile.REGTYPE, 0o4755, b"#!/bin/sh\n"),
            (f"opt/{name}/box/link", tarfile.SYMTYPE, 0o777, b""),
            (f"opt/{name}/new/way/file", tarfile.REGTYPE, 0o600, b"x" * 200_000),
            (f"work/away/{name}", tarfile.REGTYPE, 0o644, b"through a link"),
        ):
            member = tarfile.TarInfo(path)
            member.type, member.mode, member.size = kind, mode, len(content)
            member.uid, member.gid, member.mtime = 1000, 7, 981173106
            member.linkname = "run" if kind == tarfile.SYMTYPE else ""
            tar.addfile(member, io.BytesIO(content) if content else None)
    return made.getvalue()


def test_what_cannot_be_made_is_told_and_harms_no_other(
    there: Both,
) -> None:
    """A file where a folder is needed is an error with the name; the next order is served."""
    plain, carried = there
    plain.probes.script("echo x > /opt/file", "")
    with pytest.raises(SandboxError, match="opt/file/below"):
        carried.probes.put(
            tarball({"/opt/file/below": (b"x", 0o644), "/opt/after": (b"y" * 99999, 0o644)})
        )
    carried.probes.put(tarball({"/opt/next": (b"z", 0o644)}))
    assert plain.probes.exists("/opt/next")


def test_a_hard_link_is_left_to_the_engine(there: Both, carrier: FileTransfer) -> None:
    """An archive that holds what the file transfer cannot make goes the engine's way, whole."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        first, second = tarfile.TarInfo("opt/first"), tarfile.TarInfo("opt/second")
        second.type, second.linkname = tarfile.LNKTYPE, "opt/first"
        tar.addfile(first)
        tar.addfile(second)
    plain, carried = there
    assert not carrier.put(plain.first_pid(), made.getvalue())
    carried.probes.put(made.getvalue())
    assert plain.probes.ask("stat -c %h /opt/first").stdout == b"2\n"


def test_many_ask_at_once(there: Both) -> None:
    """Threads share one file_transfer and get their own answers."""
    carried = there[1]

    def turn(number: int) -> bytes:
        carried.probes.put(tarball({f"/opt/t{number}": (b"%d" % number * 1000, 0o644)}))
        found = carried.probes.read(f"/opt/t{number}")
        return found[0] if found else b""

    with ThreadPoolExecutor(4) as pool:
        assert [b"%d" % n * 1000 for n in range(40)] == list(pool.map(turn, range(40)))


def test_a_file_transfer_that_is_gone_says_so(
    engine: Engine, images: Mapping[str, str], there: Both
) -> None:
    """Once its sidecar has ended every order is an error of the machinery, at once."""
    with (
        Engine({"harness.run": "tests"}) as own,
        open_file_transfer(own, images["helpers"]) as doomed,
    ):
        assert doomed is not None
        (sidecar,) = [
            c["Id"] for c in engine.api.containers() if _pid(engine, c["Id"]) == doomed.pid
        ]
        engine.api.kill(sidecar)
        for _ in range(2):
            with pytest.raises(SandboxError, match="file transfer"):
                doomed.get(there[0].first_pid(), "/work", 1 << 20)


def _pid(engine: Engine, container: str) -> int:
    return int(engine.api.inspect_container(container)["State"]["Pid"])


def test_which_paths_are_the_engines() -> None:
    """The engine's own files, and what holds them, are its to carry; their neighbours are not."""
    assert ["/etc", "/", "/etc/hosts", "/etc/"] == [
        p for p in ("/etc", "/", "/etc/hosts", "/etc/host", "/work", "/etc/") if mounted(p)
    ]
