"""Images: what decides a tag, what a build borrows, and what is in the finished sandboxes."""

from __future__ import annotations

import io
import multiprocessing
import os
import subprocess
import tarfile
import uuid
from collections.abc import Iterator
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import docker
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.containers import connection
from harness.containers.engine import Engine
from harness.containers.images import bases, build, build_inputs
from harness.containers.images.build_inputs import BuildInputs
from harness.containers.ports import Container, ContainerSpec
from harness.errors import HarnessError, InputError
from harness.library.load import own_root
from harness.models.task import Sandbox

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


Known = tuple[dict[str, Sandbox], dict[str, Path]]
"""Sandboxes and their folders."""


def sandbox(name: str, base: str = "debian:bookworm-slim") -> Sandbox:
    """Return the description of a sandbox."""
    return Sandbox(id=name, title=name, base=base)


# --- tags ----------------------------------------------------------------------------------


@pytest.fixture
def pair(tmp_path: Path) -> Known:
    """Return two sandboxes, `high` on `low`."""
    folders = {name: tmp_path / name for name in ("low", "high")}
    for folder in folders.values():
        folder.mkdir()
        (folder / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\n")
        (folder / "sandbox.yaml").write_text("title: x\n")
        (folder / "data").write_text("1")
    return {"low": sandbox("low"), "high": sandbox("high", "sandbox:low")}, folders


@pytest.mark.parametrize(
    ("change", "which", "changed"),
    [
        pytest.param("true", "low", "", id="nothing"),
        pytest.param("echo y > sandbox.yaml", "low", "", id="the description is not in the image"),
        pytest.param("touch -d 2001-01-01 data", "low", "", id="a date"),
        pytest.param("echo 2 > data", "high", "high", id="content"),
        pytest.param("echo 2 > data", "low", "low high", id="content of the base"),
        pytest.param("chmod 755 data", "low", "low high", id="the executable bit"),
        pytest.param("mv data d", "high", "high", id="a name"),
        pytest.param("touch more", "high", "high", id="an empty file"),
    ],
)
def test_a_tag_changes_with_what_is_in_the_image(
    pair: Known, change: str, which: str, changed: str
) -> None:
    """A tag follows a sandbox's files and those of its bases, and nothing else."""
    before = {name: build.tag(*pair, name) for name in ("low", "high")}
    subprocess.run(["sh", "-c", change], cwd=pair[1][which], check=True)
    after = {name: build.tag(*pair, name) for name in ("low", "high")}
    assert [name for name in before if before[name] != after[name]] == changed.split()


def test_a_tag_changes_with_the_base_image(pair: Known) -> None:
    """Another base is another image."""
    sandboxes, folders = pair
    other = sandboxes | {"low": sandbox("low", "debian:trixie-slim")}
    assert build.tag(sandboxes, folders, "high") != build.tag(other, folders, "high")


def test_a_tag_has_the_form_that_other_tools_may_rely_on(pair: Known) -> None:
    """A tag is `recovery-harness/sandbox-<id>:<12 hex digits of the digest>`."""
    expected = f"recovery-harness/sandbox-low:{build.digest(*pair, 'low')[:12]}"
    assert expected == build.tag(*pair, "low")


@pytest.mark.parametrize(
    ("bases_", "name", "complaint"),
    [
        pytest.param({}, "a", "no sandbox is called 'a'; there are: none", id="no sandboxes"),
        pytest.param({"b": "x:1"}, "a", "there are: b", id="an unknown name"),
        pytest.param({"a": "sandbox:c"}, "a", "no sandbox is called 'c'", id="an unknown base"),
        pytest.param({"a": "sandbox:a"}, "a", "'a' stands on itself", id="on itself"),
        pytest.param(
            {"a": "sandbox:b", "b": "sandbox:a"}, "a", "'a' stands on itself", id="in a circle"
        ),
    ],
)
def test_a_sandbox_without_ground_is_the_users_mistake(
    bases_: dict[str, str], name: str, complaint: str
) -> None:
    """An unknown sandbox, an unknown base and a circle are told by name."""
    sandboxes = {name: sandbox(name, base) for name, base in bases_.items()}
    with pytest.raises(InputError, match=complaint):
        build.lineage(sandboxes, name)


FILES = st.dictionaries(
    st.text("abc", min_size=1, max_size=3), st.binary(max_size=8), min_size=1, max_size=4
)


@given(one=FILES, other=FILES)
def test_a_digest_is_equal_exactly_where_the_files_are(
    tmp_path_factory: pytest.TempPathFactory, one: dict[str, bytes], other: dict[str, bytes]
) -> None:
    """No two different folders share a digest; neither names nor contents run together."""
    digests = []
    for files in (one, other):
        folder = tmp_path_factory.mktemp("box")
        for name, content in files.items():
            (folder / name).write_bytes(content)
        digests.append(build.digest({"x": sandbox("x")}, {"x": folder}, "x"))
    assert (one == other) == (digests[0] == digests[1])


def test_a_context_depends_on_content_alone(pair: Known) -> None:
    """Dates and owners of the checkout do not reach the engine, whose cache would notice."""
    folder = pair[1]["low"]
    before = build.context(folder).read()
    os.utime(folder / "data", (1, 1))
    assert before == build.context(folder).read()
    with tarfile.open(fileobj=io.BytesIO(before)) as archive:
        assert archive.getnames() == ["Dockerfile", "data"]


def test_a_build_that_fails_shows_its_last_lines() -> None:
    """The steps are told as they come; a failure names the Dockerfile and what was last said."""
    said: list[str] = []
    stream = [
        {"stream": "Step 1/2 : FROM x"},
        {"stream": "\n"},
        {"status": "ignored"},
        {"stream": "make: no rule\n"},
        {"error": "exit 2"},
    ]
    with pytest.raises(HarnessError, match=r"(?s)d/Dockerfile: exit 2.*make: no rule"):
        build.follow(stream, Path("d/Dockerfile"), said.append)
    assert said == ["  Step 1/2 : FROM x"]


# --- bases ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("debian:bookworm-slim", "debian-bookworm-slim", id="an official image"),
        pytest.param("r.example:5000/a/b:1", "r.example-5000-a-b-1", id="another registry's"),
    ],
)
def test_a_stand_in_has_the_images_name_in_its_tag(name: str, expected: str) -> None:
    """What serves in an image's place never has that image's name."""
    assert f"recovery-harness/base:{expected}" == bases.stand_in(name)


# --- what a build borrows ------------------------------------------------------------------


def test_a_host_with_usual_settings_lends_nothing() -> None:
    """Where nothing is known of the host, a build gets no settings at all."""
    assert build_inputs.script(BuildInputs()) == ""


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        pytest.param(
            BuildInputs(mirror="http://mirror.example/debian"),
            "deb http://mirror.example/debian bookworm main",
            id="a mirror",
        ),
        pytest.param(
            BuildInputs(mirror="http://m.example/debian", security="http://m.example/security"),
            "deb http://m.example/security bookworm-security main",
            id="a mirror of security updates",
        ),
        pytest.param(
            BuildInputs(apt={"Acquire::http::Proxy": "http://proxy.example:3142"}),
            'Acquire::http::Proxy "http://proxy.example:3142";',
            id="a proxy of apt",
        ),
        pytest.param(BuildInputs(certificates=CERTIFICATE), "MIIB", id="an authority"),
        pytest.param(
            BuildInputs(pip={"index-url": "https://index.example/it's"}),
            "PIP_INDEX_URL=https://index.example/it's",
            id="a package index with a quote",
        ),
    ],
)
def test_settings_last_for_one_step(tmp_path: Path, settings: BuildInputs, shown: str) -> None:
    """Settings work in the shell that evaluates them and are gone when it ends."""
    place = tmp_path / "host"
    text = build_inputs.script(settings).replace("/tmp/host", str(place))
    text = text.replace("/etc/os-release", str(tmp_path / "release"))
    (tmp_path / "release").write_text("VERSION_CODENAME=bookworm\n")
    step = f'eval "$HOST_SETTINGS"; set -eu; env; cat {place}/* 2>/dev/null || true'
    done = subprocess.run(
        ["sh", "-c", step],
        env={"HOST_SETTINGS": text, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown in done.stdout.replace(text, "")
    assert not place.exists()


@pytest.mark.parametrize(
    ("dump", "expected"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param('Acquire::http "";\nAcquire::Languages "none";\n', {}, id="other options"),
        pytest.param('Acquire::http::Proxy "";', {}, id="an empty proxy"),
        pytest.param(
            'Acquire::http::Proxy "http://p:1";\nAcquire::https::Proxy "DIRECT";',
            {"Acquire::http::Proxy": "http://p:1", "Acquire::https::Proxy": "DIRECT"},
            id="both proxies",
        ),
    ],
)
def test_apt_proxies_are_read_from_its_own_words(dump: str, expected: dict[str, str]) -> None:
    """Only proxies are taken from apt's configuration."""
    assert expected == build_inputs.apt_options(dump)


@pytest.mark.parametrize(
    ("values", "network"),
    [
        pytest.param([], None, id="no proxy"),
        pytest.param(["http://proxy.example:3128"], None, id="elsewhere"),
        pytest.param(["localhost,127.0.0.1"], None, id="only exceptions"),
        pytest.param(["DIRECT", "http://127.0.0.1:3128"], "host", id="on this host"),
        pytest.param(["http://[::1]:3128"], "host", id="on this host by IPv6"),
    ],
)
def test_a_proxy_on_the_loopback_is_reached_by_the_hosts_network(
    values: list[str], network: str | None
) -> None:
    """A build joins the host's network only where it must."""
    assert network == build_inputs.network(values)


# --- with an engine ------------------------------------------------------------------------


@pytest.fixture
def api() -> Iterator[docker.APIClient]:
    """Yield a connection to the engine."""
    client = connection.connect()
    yield client
    client.close()


@pytest.fixture
def tiny(tmp_path: Path, api: docker.APIClient) -> Iterator[Known]:
    """Yield a sandbox that nobody has built yet; its image goes in the end."""
    (tmp_path / "Dockerfile").write_text(
        "ARG BASE\nFROM ${BASE}\nCOPY mark /mark\nRUN sleep 1; cat /mark\n"
    )
    (tmp_path / "mark").write_text(uuid.uuid4().hex)
    known = {"tiny": sandbox("tiny")}, {"tiny": tmp_path}
    yield known
    if bases.has(api, build.tag(*known, "tiny")):
        api.remove_image(build.tag(*known, "tiny"))


@pytest.mark.container
def test_an_image_is_built_once(api: docker.APIClient, tiny: Known) -> None:
    """The first call builds and tells its steps; the second finds the image and is silent."""
    first: list[str] = []
    second: list[str] = []
    tags = build.ensure(api, *tiny, ["tiny"], first.append)
    assert tags == build.ensure(api, *tiny, ["tiny"], second.append)
    assert {"tiny": build.tag(*tiny, "tiny")} == tags
    assert "Step 4/4" in first[-1]
    assert second == []


def build_apart(known: Known, said: SimpleQueue[str]) -> None:
    """Build in another process."""
    client = connection.connect()
    build.ensure(client, *known, ["tiny"], said.put)
    client.close()


@pytest.mark.container
def test_two_processes_do_not_build_the_same_image(tiny: Known) -> None:
    """Of two that want one image, one builds it and the other waits."""
    fork = multiprocessing.get_context("spawn")
    said = fork.SimpleQueue()
    both = [fork.Process(target=build_apart, args=(tiny, said)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(120)
    lines = []
    while not said.empty():
        lines.append(said.get())
    said.close()
    assert [process.exitcode for process in both] == [0, 0]
    assert sum(line.startswith("building") for line in lines) == 1


@pytest.mark.container
def test_a_dockerfile_that_fails_is_named(api: docker.APIClient, tiny: Known) -> None:
    """The user sees which Dockerfile failed, and the output before it."""
    dockerfile = tiny[1]["tiny"] / "Dockerfile"
    dockerfile.write_text("ARG BASE\nFROM ${BASE}\nRUN echo the cause; false\n")
    with pytest.raises(HarnessError, match=rf"(?s){dockerfile}: .*the cause"):
        build.ensure(api, *tiny, ["tiny"], lambda _: None)


@pytest.mark.container
def test_an_image_that_cannot_be_had_is_told_with_a_remedy(api: docker.APIClient) -> None:
    """A base that is neither here nor pulled says how to bring it, or another in its place."""
    told = (
        r"(?s)`docker pull nowhere\.invalid/x:1`.*`docker tag IMAGE recovery-harness/base:nowhere"
    )
    with pytest.raises(HarnessError, match=told):
        bases.bring(api, "nowhere.invalid/x:1", lambda _: None)


@pytest.mark.container
def test_another_image_may_stand_in_for_a_base(api: docker.APIClient) -> None:
    """An image that is tagged for it serves in the place of one that cannot be pulled."""
    said: list[str] = []
    there = bases.bring(api, "debian:bookworm-slim", said.append)
    name, stand_in = "nowhere.invalid/y:1", bases.stand_in("nowhere.invalid/y:1")
    api.tag(there, *stand_in.rsplit(":", 1))
    try:
        assert stand_in == bases.bring(api, name, said.append)
    finally:
        api.remove_image(stand_in)
    assert said == []


# --- the sandboxes themselves --------------------------------------------------------------


@pytest.fixture(scope="module")
def tags() -> dict[str, str]:
    """Return the images of the sandboxes that come with the package."""
    root = own_root() / "sandboxes"
    folders = {path.parent.name: path.parent for path in root.glob("*/sandbox.yaml")}
    known = {
        "workbench": sandbox("workbench"),
        "userland": sandbox("userland", "sandbox:workbench"),
        "system_files": sandbox("system_files", "sandbox:workbench"),
    }
    client = connection.connect()
    try:
        return build.ensure(client, known, folders, known)
    finally:
        client.close()


@pytest.fixture(scope="module", params=["workbench"])
def container(request: pytest.FixtureRequest, tags: dict[str, str]) -> Iterator[Container]:
    """Yield a container as a trial has it, for tests that leave no trace in each other's way."""
    with (
        Engine() as engine,
        engine.container(tags[request.param], ContainerSpec(name="images")) as container,
    ):
        yield container


@pytest.fixture
def fresh(tags: dict[str, str]) -> Iterator[Container]:
    """Yield a container for one test alone."""
    with (
        Engine() as engine,
        engine.container(tags["workbench"], ContainerSpec(name="images")) as container,
    ):
        yield container


def says(container: Container, script: str, *, user: str = "root") -> str:
    """Return what a script prints, its standard error and its exit code, on one line."""
    result = container.probes.ask(f"{{ {script}\n}} 2>&1", user=user, seconds=60)
    return " ".join([*result.stdout.decode().split(), f"={result.exit_code}"])


@pytest.mark.container
@pytest.mark.parametrize("service", ["redis-server", "nginx", "cron", "redis"])
def test_services_can_be_managed(container: Container, service: str) -> None:
    """`systemctl` starts, restarts, reports and stops a service, though nothing is a daemon."""
    ask = f"systemctl is-active {service}"
    assert says(container, ask) == "inactive =3"
    assert says(container, f"systemctl start {service}") == "=0"
    assert says(container, ask) == "active =0"
    assert "active (running)" in says(container, f"systemctl status {service}")
    assert says(container, f"systemctl restart {service}") == "=0"
    assert says(container, ask) == "active =0"
    assert says(container, f"systemctl is-enabled {service}") == "enabled =0"
    assert says(container, f"systemctl stop {service}") == "=0"
    assert says(container, ask) == "inactive =3"


@pytest.mark.container
def test_started_services_serve(fresh: Container) -> None:
    """A started redis answers and a started nginx serves, also by way of their init scripts."""
    for start in ("systemctl start", "systemctl stop", "service"):
        suffix = " start" if start == "service" else ""
        says(fresh, f"{start} redis-server{suffix}; {start} nginx{suffix}")
        answers = says(fresh, "redis-cli ping; curl -s -o /dev/null -w '%{http_code}' localhost")
        assert ("Connection refused" in answers) == (start == "systemctl stop")
        assert ("PONG 200" in answers) == (start != "systemctl stop")


@pytest.mark.container
def test_nothing_runs_in_a_fresh_sandbox(fresh: Container) -> None:
    """No daemon of the sandbox runs until somebody starts it."""
    expected = {"docker-init", "tini", "sleep", "bash", "ps", "catatonit"}
    assert set(says(fresh, "ps -eo comm=").split()[:-1]) <= expected


@pytest.mark.container
@pytest.mark.parametrize(
    "package", ["jq", "sqlite3", "bc", "make", "curl", "wget", "gawk", "redis-server"]
)
def test_packages_can_be_mended_without_a_network(container: Container, package: str) -> None:
    """A damaged program comes back from the sandbox's own package archive."""
    says(container, f"rm $(command -v {package})")
    assert says(container, f"apt-get install -y -q --reinstall {package}").endswith("=0")
    assert says(container, f"command -v {package}") == f"/usr/bin/{package} =0"


@pytest.mark.container
def test_removed_packages_come_back_without_a_network(fresh: Container) -> None:
    """What `apt-get remove` takes away, and what it needs, can be installed again."""
    assert says(fresh, "apt-get remove -y -q jq libjq1 libonig5").endswith("=0")
    assert says(fresh, "command -v jq") == "=1"
    assert says(fresh, "apt-get update -q; apt-get install -y -q jq").endswith("=0")
    assert says(fresh, "echo '{\"a\": 1}' | jq .a") == "1 =0"


@pytest.mark.container
@pytest.mark.parametrize("container", ["workbench", "userland"], indirect=True, scope="module")
@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param("ls /usr/lib/python3*/EXTERNALLY-MANAGED", "No such file", id="pip may work"),
        pytest.param("ls /tmp/host /root/.config /etc/pip.conf", "No such file", id="no leftovers"),
        pytest.param("ls -A /usr/local/share/ca-certificates | wc -l", "0 =0", id="no authority"),
        pytest.param(
            "[ $(grep -c BEGIN /etc/ssl/certs/ca-certificates.crt) ="
            " $(ls /usr/share/ca-certificates/mozilla | wc -l) ]",
            "=0",
            id="Debian's authorities alone",
        ),
        pytest.param(
            "cat /etc/apt/sources.list.d/local.list && apt-get update 2>&1 | tail -n 1",
            "deb [trusted=yes] file:/srv/apt ./ Reading package lists... =0",
            id="apt works without a network",
        ),
        pytest.param(
            "env -i bash -c 'cat /proc/1/environ' | tr '\\0' '\\n' | cut -d= -f1 | sort",
            "HOME HOSTNAME LANG PATH =0",
            id="a plain environment",
        ),
        pytest.param(
            "git config user.name; git config user.email", "dev dev@localhost =0", id="git"
        ),
        pytest.param("git config init.defaultBranch", "main =0", id="git's branch"),
        pytest.param("pwd; cd /work; ls -A | wc -l", "/ 0 =0", id="an empty work folder"),
        pytest.param("ls /usr/sbin/policy-rc.d", "No such file", id="services may start"),
        pytest.param("command -v sudo", "=1", id="no sudo"),
        pytest.param("locale 2>&1 | grep LC_CTYPE=", 'LC_CTYPE="C.UTF-8" =0', id="UTF-8"),
    ],
)
def test_a_sandbox_is_an_ordinary_debian(container: Container, script: str, expected: str) -> None:
    """Nothing of the building host is left, and what Debian's marker forbids is allowed."""
    assert expected in says(container, script)


@pytest.mark.container
def test_python_and_c_can_be_worked_with(container: Container) -> None:
    """A virtual environment, a system-wide installation and a C program work offline."""
    project = "[project]\\nname='thing'\\nversion='1'\\n"
    assert says(container, "python3 -m venv /tmp/v && /tmp/v/bin/python -c 'print(7)'") == "7 =0"
    assert says(
        container,
        f'mkdir /tmp/p; cd /tmp/p; printf "{project}" > pyproject.toml; touch thing.py;'
        " python3 -c 'import setuptools' || exit 3;"
        " pip install -q --no-index --no-build-isolation --root-user-action=ignore . &&"
        " cd / && python3 -c 'import thing; print(9)'",
    ).endswith("9 =0")
    assert says(container, "cd /tmp; echo 'int main(){return 5;}' > m.c; make -s m; ./m").endswith(
        "=5"
    )


@pytest.mark.container
@pytest.mark.parametrize("container", ["userland"], indirect=True, scope="module")
def test_the_ordinary_user_owns_the_work_and_nothing_else(container: Container) -> None:
    """`agent` has uid 1000, a home and `/work`, and may not touch the system."""
    script = "id -u; echo ~; touch /work/x ~/y && touch /etc/z"
    assert says(container, script, user="agent").startswith("1000 /home/agent touch: cannot touch")
    assert says(container, "stat -c %U /work /home/agent") == "agent agent =0"


def in_place(archive: bytes) -> bytes:
    """Return the files of `/parts/<part>/<path>` as files at `/<path>`."""
    moved = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive)) as old,
        tarfile.open(fileobj=moved, mode="w") as new,
    ):
        for member in filter(tarfile.TarInfo.isreg, old):
            content = old.extractfile(member)
            member.name = member.name.split("/", 2)[2]
            new.addfile(member, content)
    return moved.getvalue()


@pytest.mark.container
def test_parts_are_the_distributions_own_files(fresh: Container, tags: dict[str, str]) -> None:
    """Put in place, the parts give the two natural states that clean sandboxes are without."""
    with Engine() as engine:
        fetched = engine.fetch(tags["system_files"], "/parts")
    assert fetched is not None
    fresh.probes.put(in_place(fetched))
    assert says(fresh, "systemctl start redis-server") == (
        "System has not been booted with systemd as init system (PID 1). Can't operate."
        " Failed to connect to bus: Host is down =1"
    )
    assert "error: externally-managed-environment" in says(fresh, "pip install x")
    assert says(fresh, "ls -ld /bin /lib | cut -c1 | sort -u") == "l =0"
