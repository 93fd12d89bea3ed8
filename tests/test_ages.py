"""Files are as old as the story, in the order in which they were made; git and make agree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asking import said
from harness.containers.container import DockerContainer
from harness.containers.engine import Engine
from harness.containers.ports import ContainerSpec
from harness.trial.ages import DAYS, Ages, spread

SINCE = date(2024, 3, 1)


@given(
    st.lists(st.decimals(0, 10**10, places=9), min_size=1, max_size=40),
    st.integers(0, 10),
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
)
def test_the_order_stays(times: list[Decimal], seed: int, since: date) -> None:
    """What was older, newer or equally old is so afterwards, on workdays' hours of few days."""
    new = spread(times, since, random.Random(seed))
    for one in times:
        for other in times:
            assert (one < other) == (new[one] < new[other])
    moments = [datetime.fromtimestamp(each, UTC) for each in new.values()]
    assert all(8 <= moment.hour < 18 for moment in moments)
    assert all(0 <= (moment.date() - since).days < DAYS for moment in moments)


@pytest.fixture
def fresh(engine: Engine, images: dict[str, str]) -> Iterator[DockerContainer]:
    """Return a sandbox of its own."""
    with engine.container(images["workbench"], ContainerSpec(name="ages")) as running:
        yield running


PROJECT = """
mkdir -p /work/p /srv/q; cd /work/p; git init -q
printf 'out: in\\n\\tcp in out; echo made\\n' > Makefile; echo 1 > in; sleep 0.02; make -s out
touch -d '2023-10-01 17:00' old; ln -s in link; echo x > "a name"; mkdir empty
git add .; git commit -qm first; echo 2 > /srv/q/later
"""


@pytest.mark.container
def test_what_was_made_is_old(fresh: DockerContainer) -> None:
    """All that was put there is of the story's days; make and git have nothing to do."""
    ages = Ages(fresh.probes, "/work/p", SINCE, 1)
    fresh.probes.script(PROJECT, "project")
    ages.settle()
    found = said(fresh, "find /work/p /srv/q -printf '%TY-%Tm %p\\n'").splitlines()
    assert {line for line in found if not line.startswith("2024-03 ")} == {"2023-10 /work/p/old"}
    assert said(fresh, "cd /work/p; make -q out && git diff-files && git status --short") == ""
    assert said(fresh, "find /etc/passwd /usr/bin -maxdepth 0 -newermt 2025-01-01") != ""


@pytest.mark.container
@pytest.mark.parametrize(
    ("change", "newer", "makes"),
    [
        pytest.param("true", "", "", id="nothing"),
        pytest.param("echo 3 > in", "in\n", "made\n", id="a source: make has work"),
        pytest.param("touch -d '20 minutes ago' in", "in\n", "made\n", id="a while ago"),
        pytest.param("touch -d 2022-01-01 in", "", "", id="a time chosen by the fault"),
        pytest.param("chmod 600 in", "", "", id="a mode alone"),
        pytest.param("echo 3 > link; chmod 000 .git/index.lock 2>&1; > .git/index.lock", "in\n",
                     "made\n", id="through a link, while the index is locked"),
    ],
)  # fmt: skip
def test_what_changes_then_is_later(
    fresh: DockerContainer, change: str, newer: str, makes: str
) -> None:
    """A second look makes only what has changed since as old as the days after the others'."""
    ages = Ages(fresh.probes, "/work/p", SINCE, 1)
    fresh.probes.script(PROJECT, "project")
    ages.settle()
    before = said(fresh, "cd /work/p; stat -c '%Y %n' Makefile out old; touch -r Makefile /run/m")
    fresh.probes.ask(f"cd /work/p; {change}")
    ages.settle()
    assert said(fresh, "cd /work/p; stat -c '%Y %n' Makefile out old") == before
    assert said(fresh, "cd /work/p; find in -newer out -printf '%p\\n'") == newer
    assert said(fresh, "cd /work/p; find . -newermt 2024-05-01") == ""
    assert said(fresh, "cd /work/p; make -s") == makes


@pytest.mark.container
def test_without_a_story_a_month_has_passed(fresh: DockerContainer) -> None:
    """Files are weeks old, and none is of the future, where `since` is not told or is to come."""
    for since in (None, date.today()):  # noqa: DTZ011 - for whatever clock
        ages = Ages(fresh.probes, "/work", since, 1)
        fresh.probes.script("echo 1 > /work/new", "new")
        ages.settle()
        assert said(fresh, "find /work/new -mtime +15 -mtime -32") == "/work/new\n"
