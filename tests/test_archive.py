"""Files between host and sandboxes: what counts as a change, and what may reach the verifier."""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harness.containers.archive import fingerprint, join, only_file, pack, tarball
from harness.containers.carry import carry
from harness.containers.engine import Engine
from harness.containers.ports import Container, ContainerSpec
from harness.errors import SandboxError

KINDS = {
    "file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE, "link": tarfile.SYMTYPE,
    "hard": tarfile.LNKTYPE, "pipe": tarfile.FIFOTYPE, "char": tarfile.CHRTYPE,
    "block": tarfile.BLKTYPE,
}  # fmt: skip


def member(name: str, kind: str = "file", to: str = "", **header: Any) -> tarfile.TarInfo:
    """Return a header; a file's content is its own name."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname = KINDS[kind], to
    made.mode = 0o755
    made.size = len(name.encode()) if kind == "file" else 0
    for key, value in header.items():
        setattr(made, key, value)
    return made


def archive(*members: tarfile.TarInfo) -> bytes:
    """Return a tar archive of these members."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for each in members:
            tar.addfile(each, io.BytesIO(each.name.encode()) if each.isreg() else None)
    return stream.getvalue()


# --- fingerprints --------------------------------------------------------------------------

FOLDER = (member("d", "dir"), member("d/a"), member("d/b"), member("d/l", "link", "a"))


def test_times_and_order_are_no_change() -> None:
    """To touch a file, or to list a folder in another order, changes no fingerprint."""
    later = [member(m.name, _kind(m), m.linkname, mtime=99) for m in FOLDER]
    assert fingerprint(archive(*reversed(later))) == fingerprint(archive(*FOLDER))


def _kind(header: tarfile.TarInfo) -> str:
    return next(name for name, kind in KINDS.items() if kind == header.type)


def test_a_hard_link_is_no_change() -> None:
    """A file that is stored as a link to its equal has the same content."""
    equal = member("d/b", "hard", "d/a")
    copy = io.BytesIO()
    with tarfile.open(fileobj=copy, mode="w") as tar:
        tar.addfile(member("d/a"), io.BytesIO(b"d/a"))
        tar.addfile(member("d/b", size=3), io.BytesIO(b"d/a"))
    assert fingerprint(archive(member("d/a"), equal)) == fingerprint(copy.getvalue())


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(archive(*FOLDER[:-1]), id="one less"),
        pytest.param(archive(*FOLDER, member("d/c")), id="one more"),
        pytest.param(archive(*FOLDER[:-1], member("d/l", "link", "b")), id="another target"),
        pytest.param(archive(*FOLDER[:-1], member("d/l", "dir")), id="another kind"),
        pytest.param(archive(member("d", "dir", mode=0o700), *FOLDER[1:]), id="mode"),
        pytest.param(archive(member("d", "dir", uid=5), *FOLDER[1:]), id="owner"),
        pytest.param(archive(member("d", "dir", gid=5), *FOLDER[1:]), id="group"),
        pytest.param(None, id="all gone"),
    ],
)
def test_content_mode_and_owner_are_changes(changed: bytes | None) -> None:
    """Whatever a bystander could notice changes the fingerprint."""
    assert fingerprint(changed) != fingerprint(archive(*FOLDER))


def test_content_is_a_change() -> None:
    """One byte is enough."""
    made = tarball({"/d/a": (b"x", 0o644)})
    assert fingerprint(made) != fingerprint(made.replace(b"x\0\0\0", b"y\0\0\0"))


def test_nothing_has_no_fingerprint() -> None:
    """What is not there is not the same as something empty."""
    assert fingerprint(None) == {}
    assert fingerprint(archive()) is not None


# --- packing -------------------------------------------------------------------------------


def test_a_folder_is_packed_with_its_executables(tmp_path: Path) -> None:
    """Owner and top mode are as asked for; of the modes below only the executable bit is kept."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "run").write_text("#!/bin/sh\n")
    (tmp_path / "sub" / "run").chmod(0o700)
    (tmp_path / "note").write_text("n")
    (tmp_path / "note").chmod(0o600)
    rows = {m.name: (m.mode, m.uid, content) for m, content in pack(tmp_path, "/w/x", uid=7)}
    assert rows == {
        "w/x": (0o755, 7, b""),
        "w/x/note": (0o644, 7, b"n"),
        "w/x/sub": (0o755, 7, b""),
        "w/x/sub/run": (0o755, 7, b"#!/bin/sh\n"),
    }
    assert pack(tmp_path / "none", "/w") == []
    assert pack(tmp_path, "/w", top=0o700)[0][0].mode == 0o700


def test_links_are_not_packed(tmp_path: Path) -> None:
    """A task's files are regular files and folders: anything else is named as an error."""
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(SandboxError, match="link: only regular files"):
        pack(tmp_path, "/w")


def test_only_a_regular_file_is_a_file() -> None:
    """An archive that begins with a folder or a link holds no one file."""
    found = only_file(archive(member("a")))
    assert found is not None
    assert found[0] == b"a"
    assert only_file(archive(member("a", "dir"))) is None
    assert only_file(archive(member("a", "link", "b"))) is None


# --- what is carried -----------------------------------------------------------------------

TOP = member("out", "dir")


def names(members: Sequence[tarfile.TarInfo], path: str = "/work/out") -> list[str]:
    """Return the names that are carried from the archive of a path."""
    return [header.name for header, _ in carry({path: archive(*members)})]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        pytest.param([TOP, member("out/a")], ["work/out", "work/out/a"], id="a file"),
        pytest.param([member("out")], ["work/out"], id="the path is a file"),
        pytest.param([TOP, member("out/d", "dir"), member("out/d/a")],
                     ["work/out", "work/out/d", "work/out/d/a"], id="folders"),
        pytest.param([TOP, member("out/p", "pipe")], ["work/out"], id="no pipe"),
        pytest.param([TOP, member("out/p", "char")], ["work/out"], id="no device"),
        pytest.param([TOP, member("out/p", "block")], ["work/out"], id="no disk"),
        pytest.param([TOP, member("../verify/v")], ["work/out"], id="a name that climbs"),
        pytest.param([TOP, member("out/../../verify/v")], ["work/out"], id="further in"),
        pytest.param([TOP, member("/verify/v")], ["work/out"], id="an absolute name"),
        pytest.param([TOP, member("/work/out/v")], ["work/out"], id="absolute, but inside"),
        pytest.param([TOP, member("outer/v")], ["work/out"], id="a name beside"),
        pytest.param([TOP, member("out/a"), member("out/a/b")], ["work/out", "work/out/a"],
                     id="below a file"),
        pytest.param([TOP, member("out/l", "link", "/tmp"), member("out/l/b")],
                     ["work/out", "work/out/l"], id="below a link"),
        pytest.param([TOP, member("out/l", "link", "/tmp"), member("out/l", "dir"),
                      member("out/l/b")], ["work/out", "work/out/l"], id="twice"),
        pytest.param([TOP, member("out/no/b")], ["work/out"], id="below nothing"),
        pytest.param([member("out/b")], [], id="without its top"),
        pytest.param([member("out", "link", "/verify")], [], id="the top is a link"),
    ],
)  # fmt: skip
def test_only_sound_members_are_carried(
    members: list[tarfile.TarInfo], expected: list[str]
) -> None:
    """What is not a file or a folder below the path it was taken from stays behind."""
    assert names(members) == expected


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        pytest.param({"l": "a"}, {"l"}, id="beside it"),
        pytest.param({"l": "nothing"}, {"l"}, id="to nothing"),
        pytest.param({"l": "d/../a"}, {"l"}, id="down and up"),
        pytest.param({"l": "/work/out/a"}, {"l"}, id="inside, absolute"),
        pytest.param({"l": "/usr/bin/python3"}, {"l"}, id="a program of the image"),
        pytest.param({"l": "/dev/null"}, {"l"}, id="nowhere at all"),
        pytest.param({"l": "/developers/x"}, {"l"}, id="a name that begins alike"),
        pytest.param({"l": "/run/x"}, {"l"}, id="run"),
        pytest.param({"l": "/verify"}, set(), id="the verifier's folder"),
        pytest.param({"l": "/verify/expected"}, set(), id="the verifier's answers"),
        pytest.param({"l": "//verify/./expected"}, set(), id="spelt oddly"),
        pytest.param({"l": "/work/../verify"}, set(), id="up first"),
        pytest.param({"l": "../../verify/x"}, set(), id="relative"),
        pytest.param({"l": "../../../../../verify/x"}, set(), id="higher than the top"),
        pytest.param({"l": "/"}, set(), id="the root"),
        pytest.param({"l": "../.."}, set(), id="the root, relative"),
        pytest.param({"l": "/proc/self/cwd/x"}, set(), id="the verifier's working folder"),
        pytest.param({"l": "/dev/fd/198"}, set(), id="a descriptor"),
        pytest.param({"l": "/sys/kernel"}, set(), id="the kernel"),
        pytest.param({"l": "/var/run/../verify/x"}, set(), id="through a link of the image"),
        pytest.param({"l": "/tmp/../usr/bin/env"}, set(), id="up outside"),
        pytest.param({"l": "m", "m": "/verify"}, set(), id="through another"),
        pytest.param({"l": "m/x", "m": "/verify"}, set(), id="through a folder"),
        pytest.param({"m": "../..", "l": "m/verify"}, set(), id="in two steps"),
        pytest.param({"m": "/usr", "l": "m/../verify"}, {"m"}, id="up from a link"),
        pytest.param({"l": "m", "m": "l"}, set(), id="a circle"),
        pytest.param({"l": "l/l"}, set(), id="a circle that grows"),
        pytest.param({"m": "d", "l": "m/../../a", "k": "m/../a"}, {"m", "l", "k"}, id="inside"),
    ],
)
def test_links_are_carried_where_their_way_is_known(
    links: Mapping[str, str], expected: set[str]
) -> None:
    """A link that leads, or may lead, to the verifier's files or the system stays behind."""
    members = [TOP, member("out/a"), member("out/d", "dir")]
    members += [member(f"out/{name}", "link", to) for name, to in links.items()]
    assert {name.removeprefix("work/out/") for name in names(members)} - {
        "work/out", "a", "d",
    } == expected  # fmt: skip


def test_links_into_other_outputs_are_followed() -> None:
    """Two outputs can make one way to the verifier's files; a nested one comes with the outer."""
    one = archive(member("a", "dir"), member("a/l", "link", "/work/b/m/verify/x"))
    two = archive(member("b", "dir"), member("b/m", "link", "/"))
    inner = archive(member("c"))
    got = carry({"/work/a": one, "/work/b/": two, "/work/b/m/c": inner, "/work/none": None})
    assert sorted(header.name for header, _ in got) == ["work/a", "work/b"]


def test_headers_are_fresh() -> None:
    """Set-user-id bits, attributes and a hard link's tie stay behind; owners and modes do not."""
    odd = member("out/s", mode=0o6755, uid=33, gid=34)
    odd.pax_headers = {"SCHILY.xattr.security.capability": "x"}
    hard = member("out/h", "hard", "out/s")
    lost = member("out/x", "hard", "etc/shadow")
    rows = {h.name: (h, content) for h, content in carry(
        {"/work/out": archive(TOP, odd, hard, lost)}
    )}  # fmt: skip
    assert list(rows) == ["work/out", "work/out/s", "work/out/h"]
    header, content = rows["work/out/s"]
    assert (header.mode, header.uid, header.gid, header.pax_headers) == (0o755, 33, 34, {})
    assert rows["work/out/h"][0].isreg()
    assert rows["work/out/h"][1] == content == b"out/s"


def test_huge_members_are_carried_whole() -> None:
    """Size alone is no reason to leave something out."""
    big = tarball({"/out": (b"x" * (8 << 20), 0o644)})
    assert len(carry({"/work/out": big})[0][1]) == 8 << 20


# --- the attack ----------------------------------------------------------------------------

PARTS = st.sampled_from(["a", "b", "c", "..", ".", "", "verify", "work", "proc", "self", "cwd",
                         "var", "run", "etc", "mtab", "bin", "tmp", "dev", "fd"])  # fmt: skip
PATHS = st.lists(PARTS, min_size=1, max_size=6).map("/".join)
TARGETS = PATHS | PATHS.map(lambda path: "/" + path)
NAMES = st.lists(st.sampled_from(["a", "b", "c", "verify"]), min_size=1, max_size=3).map("/".join)
FORMS = st.sampled_from(["dir", "dir", "file", "link", "link", "hard"])
ROWS = st.lists(st.tuples(NAMES | PATHS, FORMS, TARGETS), max_size=12)


@pytest.fixture(scope="module")
def ground(engine: Engine, images: Mapping[str, str]) -> Iterator[Container]:
    """Return a container that stands for the verifier's."""
    with engine.container(images["workbench"], ContainerSpec(name="tests")) as fresh:
        fresh.probes.script(
            "mkdir -p /verify/b; echo secret | tee /verify/a > /verify/b/a", "answers"
        )
        yield fresh


LEADS = """
cd /verify
find /work/out -exec realpath -m -- {} + | grep -E '^/($|verify|proc|sys|dev)' | grep -vx /dev/null
find /work/out -exec cat {} + 2>/dev/null | grep secret
find / /verify -maxdepth 1 -newer /tmp/before | grep -vE '^/(work|tmp|proc|dev|sys)?$'
true"""
"""Prints what leads astray, what was read through a link, and what was written elsewhere."""


@pytest.mark.container
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(rows=ROWS)
@example(rows=[("a", "link", "")])
def test_no_carried_member_reaches_the_verifiers_files(
    ground: Container, rows: list[tuple[str, str, str]]
) -> None:
    """Whatever the agent leaves: unpacked, no name of it leads to what it must not see."""
    members = [TOP, *(member(posixpath.join("out", n), kind, to) for n, kind, to in rows)]
    ground.probes.script("rm -rf /work/out; touch /tmp/before", "make room")
    ground.probes.put(join([carry({"/work/out": archive(*members)})]))
    assert ground.probes.script(LEADS, "look").stdout == b""


@pytest.mark.container
def test_odd_names_arrive(container: Container, ground: Container) -> None:
    """Names of any bytes, long names and long targets come through from a real sandbox."""
    odd = "$'a\\nb' $'\\xff\\xfe' ' ' 'ä☃' \"$(printf 'x%.0s' {1..250})\" -n '*'"
    container.probes.script(
        f"mkdir -p /work/out; cd /work/out; touch -- {odd}; mkdir -p {'/'.join(['d' * 60] * 6)};"
        f" ln -s /usr/{'l' * 200} link; mkfifo pipe; cp /bin/su su; chmod 4755 su; ln su hard",
        "make",
    )
    ground.probes.script("rm -rf /work/out", "make room")
    ground.probes.put(join([carry({"/work/out": container.probes.get("/work/out")})]))
    container.probes.script("rm /work/out/pipe; chmod u-s /work/out/su", "what stays behind")
    listing = (
        "cd /work/out; find . -type f -printf '%p %m %s\\0' -o -printf '%p %m %l\\0' | sort -z"
    )
    assert (
        container.probes.script(listing, "list").stdout
        == ground.probes.script(listing, "list").stdout
    )
    container.probes.script("rm -rf /work/out", "clean")


@pytest.mark.container
def test_what_is_too_large_is_not_had(container: Container) -> None:
    """A sparse file of a terabyte costs the harness neither memory nor time."""
    container.probes.script("mkdir -p /work/big; truncate -s 1T /work/big/hole", "make")
    assert container.probes.get("/work/big") is None
    container.probes.script("rm -rf /work/big", "clean")
