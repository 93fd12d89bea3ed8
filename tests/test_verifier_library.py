"""`/verify/lib.sh`: what verifiers share, above all how they run what an agent left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from harness.containers.archive import join, pack
from harness.containers.engine import Engine
from harness.containers.ports import Container, ContainerSpec
from harness.trial.verifier import LIBRARY

pytestmark = pytest.mark.container


@pytest.fixture(scope="module")
def room(engine: Engine, images: Mapping[str, str]) -> Iterator[Container]:
    """Return a container with the library in /verify, as a verifier's has it."""
    with engine.container(
        images["workbench"], ContainerSpec(name="tests", network="loopback")
    ) as container:
        container.probes.script("mkdir -m 700 /verify; echo 42 > /verify/answer", "make room")
        container.probes.put(join([pack(LIBRARY, "verify/lib.sh")]))
        yield container


NOW = "printf '#!/bin/sh\\necho 42\\n' >/tmp/program; chmod 755 /tmp/program; "


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param(f"{NOW} as_nobody /tmp/program", (0, "42\n"), id="runs what it is given"),
        pytest.param("as_nobody sh -c 'exit 7'", (7, ""), id="hands its exit code on"),
        pytest.param("as_nobody cat", (0, "in\n"), id="hands standard input on"),
        pytest.param("as_nobody id -u", (0, "65534\n"), id="another user"),
        pytest.param("as_nobody cat /verify/answer 2>&-", (1, ""), id="cannot read the answers"),
        pytest.param("as_nobody touch /usr/new 2>&-", (1, ""), id="cannot write beside its own"),
        pytest.param(
            "as_nobody grep -h '^CapEff\\|^NoNewPrivs' /proc/self/status | cut -f 2",
            (0, "0000000000000000\n1\n"),
            id="no capability",
        ),
        pytest.param(
            "SECRET=1 as_nobody env",
            (0, "PATH=/usr/bin:/bin\nHOME=/nonexistent\nLC_ALL=C.UTF-8\n"),
            id="no environment of ours",
        ),
        pytest.param("as_nobody DAY=1 sh -c 'echo $DAY'", (0, "1\n"), id="a variable of its own"),
        pytest.param("fail not solved; echo no", (1, "not solved\n"), id="fail says why and ends"),
        pytest.param("false; echo no", (1, ""), id="a failing command ends it"),
        pytest.param(': "$nothing"', (1, ""), id="an unset variable ends it"),
    ],
)
def test_a_program_of_the_agents_has_no_rights(
    room: Container, script: str, expected: tuple[int, str]
) -> None:
    """It runs as another user without capabilities or our environment, and cannot see answers."""
    code, output = expected
    result = room.probes.ask(f". /verify/lib.sh\necho in | {{ {script}\n}} 2>&-")
    assert (code, output) == (result.exit_code, result.stdout.decode())


LINKS = """
. /verify/lib.sh
lab=$(new_lab)
mkdir -p /tmp/made/below
echo 1 >/tmp/made/below/file
ln -s /verify/answer /tmp/made/link
ln -s /verify /tmp/made/below/folder
mkfifo /tmp/made/pipe
copy_files /tmp/made "$lab/copy"
give_to_nobody "$lab/copy"
cd "$lab/copy"
find . | sort
as_nobody cat below/file
! as_nobody ls "$lab" 2>&-
"""


def test_copies_hold_no_links(room: Container) -> None:
    """Files and folders are copied, links and pipes are not, and others may not list the lab."""
    result = room.probes.ask(LINKS)
    assert (0, ".\n./below\n./below/file\n1\n") == (result.exit_code, result.stdout.decode())


REPOSITORY = """
. /verify/lib.sh
lab=$(new_lab)
git init -q -b main /tmp/repo
cd /tmp/repo
git config user.name a
git config user.email a@example.org
git commit -q --allow-empty -m one
git commit -q --allow-empty -m two
git pack-refs --all
git replace HEAD HEAD~1
git config core.fsmonitor /tmp/program
echo /srv/other >.git/objects/info/alternates
touch .git/hooks/post-checkout
import_repository .git "$lab/own"
cd "$lab/own"
as_nobody git --git-dir=. log --format=%s main
for left in hooks objects/info refs/replace; do [ ! -e "$left" ] || echo "$left"; done
as_nobody git --git-dir=. config core.fsmonitor || stat -c %u . HEAD
"""


def test_a_repository_comes_without_what_could_run(room: Container) -> None:
    """History and branches come along; hooks, settings, alternates and replaced objects do not."""
    result = room.probes.ask(REPOSITORY)
    assert (0, "two\none\n65534\n65534\n") == (result.exit_code, result.stdout.decode())


def test_half_a_repository_is_refused(room: Container) -> None:
    """A repository without objects is not taken for an empty one."""
    half = room.probes.ask(
        ". /verify/lib.sh; git init -q /tmp/half; rm -r /tmp/half/.git/objects\n"
        'import_repository /tmp/half/.git "$(new_lab)/own"'
    )
    assert (1, "/tmp/half/.git is incomplete\n") == (half.exit_code, half.stdout.decode())
