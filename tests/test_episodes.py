from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.error_taxonomy.classify import NOTHING, Finding
from harness.error_taxonomy.episodes import Episode, episodes
from harness.trajectories.trajectory import Step

Told = tuple[str, str | None]
"""A command, and the type of the error that it ran into."""


def read(told: list[Told], *, solved: bool | None = None) -> list[Episode]:
    steps = [Step(command=command, exit_code=int(kind is not None)) for command, kind in told]
    findings = [Finding(error_type=kind) if kind else NOTHING for _, kind in told]
    return episodes(steps, findings, solved=solved)


NO_TOOL = ("jq . a.json", "command_not_found")


@pytest.mark.parametrize(
    ("told", "fix", "length"),
    [
        pytest.param([NO_TOOL, ("jq . a.json", None)], "retried", 1, id="tried again"),
        pytest.param(
            [NO_TOOL, ("which jq", None), ("apt-get install jq", None), ("jq . a.json", None)],
            "installed", 3, id="got the tool",
        ),
        pytest.param(
            [NO_TOOL, ("node show.js a.json", None)], "different tool", 1, id="went around"
        ),
        pytest.param(
            [
                ("python3 a.py", "name_or_attribute_error"),
                ("sed -i s/a/b/ a.py", None),
                ("python3 a.py", None),
            ],
            "edited", 2, id="mended the source",
        ),
        pytest.param(
            [("./x.sh", "permission_denied_execute"), ("chmod +x x.sh", None), ("./x.sh", None)],
            "altered state", 2, id="set a mode",
        ),
        pytest.param(
            [("./x.sh", "permission_denied_execute"), ("chmod +x x.sh && ./x.sh", None)],
            "altered state", 1, id="in the same line",
        ),
        pytest.param(
            [("pip install x", "externally_managed_environment"),
             ("pip install --break-system-packages x", None)],
            "installed", 1, id="installing is what was tried",
        ),
        pytest.param(
            [("curl http://a/x.tgz", "http_not_found"), ("curl http://a/y.tgz", None)],
            "changed arguments", 1, id="another address",
        ),
    ],
)  # fmt: skip
def test_recovery(told: list[Told], fix: str, length: int) -> None:
    """An error is overcome when what was tried, or its like, comes through later."""
    (episode,) = read(told)
    assert (fix, length) == (episode.fix, episode.length)


@pytest.mark.parametrize(
    "after",
    [
        pytest.param([], id="nothing follows"),
        pytest.param([("cat a.json", None)], id="a look"),
        pytest.param([("apt-get install jq", None)], id="a remedy that is not tried out"),
        pytest.param([("make", None)], id="something else"),
        pytest.param([NO_TOOL], id="the same again"),
    ],
)
def test_no_recovery(after: list[Told]) -> None:
    """What does not do what was tried overcomes nothing."""
    (episode,) = read([NO_TOOL, *after])
    assert (False, None) == (episode.recovered, episode.fix)


def test_repeated_errors_are_one_episode() -> None:
    """The same act failing again, in whatever way, goes on with its episode."""
    (episode,) = read([NO_TOOL, ("ls", None), NO_TOOL, ("jq . a.json", "file_not_found")])
    assert ("command_not_found", (1, 3, 4)) == (episode.error_type, episode.steps)


def test_errors_of_different_things_are_different_episodes() -> None:
    """Another act that fails begins another episode, though the first is not over."""
    found = read([NO_TOOL, ("make", "compile_error"), ("jq . a.json", None)])
    assert [("command_not_found", 3), ("compile_error", None)] == [
        (episode.error_type, episode.recovered_at) for episode in found
    ]


def test_a_look_before_the_remedy_is_noted() -> None:
    """To look into the cause first is a fact of its own, and the remedy is what altered things."""
    (episode,) = read(
        [NO_TOOL, ("which jq", None), ("apt install jq", None), ("jq . a.json", None)]
    )
    assert (True, ("apt install jq",)) == (episode.inspected, episode.remedy)


@pytest.mark.parametrize(
    ("solved", "expected"),
    [
        pytest.param(None, [None, None, None], id="unknown"),
        pytest.param(True, [False, False, False], id="solved"),
        pytest.param(False, [False, False, True], id="not solved"),
    ],
)
def test_fatality(solved: bool | None, expected: list[bool | None]) -> None:
    """The last error still active at the end of an unsolved trial is the fatal one."""
    told: list[Told] = [
        ("make", "compile_error"), ("jq", "command_not_found"), ("make", None),
        ("curl http://h/", "dns_resolution_failure"),
    ]  # fmt: skip
    assert expected == [episode.fatal for episode in read(told, solved=solved)]


def test_an_unknown_exit_code_without_an_error_is_a_success() -> None:
    """Where exit codes are not recorded, an output without an error is one."""
    steps = [Step(command="make"), Step(command="make")]
    (episode,) = episodes(steps, [Finding(error_type="compile_error"), NOTHING])
    assert 2 == episode.recovered_at


COMMANDS = st.sampled_from(
    ["make", "make test", "jq . a.json", "apt install jq", "ls", "sed -i s/a/b/ f", "python3 f", ""]
)
TYPES = st.sampled_from([None, "compile_error", "command_not_found"])
TRAILS = st.lists(st.tuples(COMMANDS, TYPES), max_size=14)


@given(TRAILS, st.sampled_from([None, True, False]))
def test_every_error_belongs_to_one_episode(told: list[Told], solved: bool | None) -> None:
    """Episodes share out the steps with errors, each step once, each episode in order."""
    found = read(told, solved=solved)
    errors = [number for number, (_, kind) in enumerate(told, start=1) if kind]
    assert errors == sorted(number for episode in found for number in episode.steps)
    assert all(list(e.steps) == sorted(e.steps) for e in found)
    assert [e.steps[0] for e in found] == sorted(e.steps[0] for e in found)


@given(TRAILS, st.sampled_from([None, True, False]))
def test_recovery_and_fatality_exclude_each_other(told: list[Told], solved: bool | None) -> None:
    """At most one episode is fatal, it is not recovered, and a recovery comes after the error."""
    found = read(told, solved=solved)
    fatal = [episode for episode in found if episode.fatal]
    assert len(fatal) <= (solved is False)
    assert not any(episode.recovered for episode in fatal)
    assert all(e.recovered_at > e.steps[-1] for e in found if e.recovered_at)


@given(TRAILS)
def test_what_follows_an_end_does_not_change_it(told: list[Told]) -> None:
    """A recovery, once there, stays when the trajectory goes on."""
    whole = read([*told, ("ls", None)])
    ended = [episode for episode in read(told) if episode.recovered]
    assert all(episode in whole for episode in ended)
