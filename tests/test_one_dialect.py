"""The exec filter, which is C, reads patterns as the linter and the judge do."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from harness.containers.container import DockerContainer
from harness.containers.engine import Engine
from harness.containers.shell import Shell
from harness.containers.sidecars.exec_filter import Tree, open_exec_filter
from harness.injection.triggers import coarse_pattern, is_meant
from harness.library.load import load
from harness.models.task import Task
from harness.models.trigger import PROGRAMS, Trigger
from harness.patterns import compile_pattern, matches
from harness.planning.plan import resolve

pytestmark = pytest.mark.container

LIBRARY = load()

ODD = ["a", "a b", "git -C x commit -m é", "né\tet", "A\nb\n", r"a\n b", "x{,3} [y] ^$", "café1"]
"""Executions that patterns trip over, as their words joined by blanks."""

ATOM = st.sampled_from(
    [*"abgx .^$", r"\b", r"\w", r"\W", r"\d", r"\s", r"\S", r"\\", r"\n", r"\.", r"\x{e9}", r"\pL",
     "é", "[^a]", "[a-gé]", "[[:alpha:]]", r"[\w-]", r"\A", r"\z", "\n"]
)  # fmt: skip
PATTERN = st.recursive(
    st.lists(ATOM, min_size=1, max_size=4).map("".join),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["*", "+?", "{1,2}", "?", ""])).map(
            lambda both: f"({both[0]}){both[1]}"
        ),
        st.tuples(inner, inner).map("|".join),
        st.tuples(inner, inner).map("".join),
        inner.map(lambda one: f"(?i:{one})"),
    ),
    max_leaves=4,
)
"""Whatever the dialect has, in short."""


@pytest.fixture(scope="module")
def tree(engine: Engine, images: Mapping[str, str]) -> Iterator[Tree]:
    with (
        open_exec_filter(engine, images["helpers"]) as opened,
        contextlib.closing(opened.tree()) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def shell(container: DockerContainer, tree: Tree) -> Iterator[Shell]:
    with contextlib.closing(container.agent.shell(exec_filter=tree)) as made:
        yield made


def held(shell: Shell, tree: Tree, pattern: str, texts: Sequence[str]) -> list[str]:
    """Execute something by each text's words; return the texts that the filter held."""
    calls = []

    def tick() -> None:
        for call in tree.take():
            if call.verb == "hit":
                calls.append(call.text)
                tree.answer(call)

    rule = tree.rule(pattern, "hold")
    shell.run("\n".join(map(executing, texts)), seconds=60, tick=tick)
    tree.drop(rule)
    return calls


def executing(text: str) -> str:
    """Return shell text that executes something by these words, split at blanks."""
    name, *words = (shlex.quote(word) for word in text.split(" "))
    return f"(exec -a {name} /bin/true {' '.join(words)})"


def commands(task: Task) -> list[str]:
    """Return roughly the simple commands of a task's solution."""
    lines = [line.strip() for each in task.solution for line in re.split(r"[\n;|&]+", each)]
    return [line for line in dict.fromkeys(lines) if line]


def waited_for(task: Task) -> list[Trigger]:
    """Return the triggers of a task's faults that wait for a program."""
    faults = [resolve(LIBRARY.faults[pair.fault], pair, 0.5) for pair in task.faults]
    return [way for fault in faults for way in fault.when.ways if way.kind in PROGRAMS]


@pytest.mark.parametrize("task", LIBRARY.tasks.values(), ids=LIBRARY.tasks)
def test_the_library_s_patterns(shell: Shell, tree: Tree, task: Task) -> None:
    """What the faults of a task wait for is held among its commands, as the pattern says."""
    texts = commands(task)[:20]
    for trigger in dict.fromkeys(waited_for(task)):
        pattern = coarse_pattern(trigger)
        expected = [text for text in texts if matches(pattern, text)]
        assert (pattern, expected) == (pattern, held(shell, tree, pattern, texts))
        assert {text for text in texts if is_meant(trigger, text.split(" "))} <= set(expected)


@settings(max_examples=150, phases=[Phase.generate], derandomize=True)
@given(PATTERN)
def test_any_pattern(shell: Shell, tree: Tree, pattern: str) -> None:
    """What compiles here compiles there, and finds the same."""
    compile_pattern(pattern)
    expected = [text for text in ODD if matches(pattern, text)]
    assert expected == held(shell, tree, pattern, ODD)
