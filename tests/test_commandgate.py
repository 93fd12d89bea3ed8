"""The command gate in real containers: what it sees, holds, fails and kills."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import pytest

from harness.errors import SandboxError
from harness.sandbox import commandgate
from harness.sandbox.commandgate import Call, CommandGate, Tree
from harness.sandbox.container import Box, Engine
from harness.sandbox.shell import Shell

pytestmark = pytest.mark.container


@pytest.fixture(scope="module")
def gate(engine: Engine, images: Mapping[str, str]) -> Iterator[CommandGate]:
    with commandgate.opened(engine, images["gate"]) as opened:
        yield opened


@pytest.fixture
def tree(gate: CommandGate) -> Iterator[Tree]:
    with contextlib.closing(gate.tree()) as made:
        yield made


@pytest.fixture
def shell(box: Box, tree: Tree) -> Iterator[Shell]:
    with contextlib.closing(box.shell(gate=tree)) as made:
        yield made


def run(shell: Shell, tree: Tree, command: str) -> tuple[str, int | None, list[Call]]:
    """Run a command, letting go whatever is held; return (all output, exit code, calls)."""
    calls: list[Call] = []

    def tick() -> None:
        for call in tree.take():
            calls.append(call)
            if call.verb == "hit":
                tree.answer(call)

    result = shell.run(command, seconds=20, tick=tick)
    calls += tree.settle()
    return (result.stdout + result.stderr).decode(), result.exit_code, calls


def executed(calls: list[Call]) -> list[str]:
    return [call.text for call in calls if call.verb == "exec"]


@pytest.mark.parametrize(
    ("command", "seen"),
    [
        pytest.param("/bin/true", ["/bin/true"], id="a program"),
        pytest.param("echo no program", [], id="a builtin"),
        pytest.param("true && /bin/true 'a b' && cd /", ["/bin/true a b"], id="in a chain"),
        pytest.param("env -i /bin/true", ["env -i /bin/true", "/bin/true"], id="no environment"),
        pytest.param("sh -c '/bin/true; :'", ["sh -c /bin/true; :", "/bin/true"], id="a script"),
        pytest.param(
            """python3 -c 'import os; os.posix_spawn("/bin/true", ["true"], {})'""",
            ["""python3 -c import os; os.posix_spawn("/bin/true", ["true"], {})""", "true"],
            id="posix_spawn",
        ),
        pytest.param("no-such-program", [], id="what is not there is not executed"),
        pytest.param(
            "printf 'a\\nb' | xargs -n1 echo", ["xargs -n1 echo", "echo a", "echo b"], id="xargs"
        ),
    ],
)
def test_every_execution_is_seen_once(
    shell: Shell, tree: Tree, command: str, seen: list[str]
) -> None:
    """What the tree executes is recorded, in order, with its words."""
    tree.settle()
    _, _, calls = run(shell, tree, command)
    assert sorted(seen) == sorted(executed(calls))


def test_words_keep_line_feeds_and_backslashes(shell: Shell, tree: Tree) -> None:
    """Odd words come through as they are."""
    tree.settle()
    _, _, calls = run(shell, tree, "/bin/echo 'a\nb' 'c\\d' 'e f' ''")
    assert ("/bin/echo", "a\nb", "c\\d", "e f", "") == calls[0].argv


def test_the_launcher_is_gone_and_nothing_names_it(shell: Shell, tree: Tree) -> None:
    """The agent finds neither file nor process nor variable of the gate's."""
    said, _, _ = run(shell, tree, "ls -A /run; env; cat /proc/*/cmdline | tr '\\0' ' '")
    assert ".init" not in said
    assert "gate" not in said
    assert "launch" not in said


def test_a_held_program_waits_in_the_middle_of_a_chain(shell: Shell, tree: Tree) -> None:
    """`a && b`: a has run and b has not begun while b is held."""
    tree.rule(r"^date\b", "hold")
    held: list[str] = []

    def tick() -> None:
        for call in tree.take():
            if call.verb == "hit":
                held.append(call.text)
                tree.answer(call)

    result = shell.run("echo before && date +after", seconds=10, tick=tick)
    assert (b"before\nafter\n", ["date +after"]) == (result.stdout, held)


def test_errno_and_count(shell: Shell, tree: Tree) -> None:
    """The first two executions fail with the chosen errno, the third runs."""
    tree.rule(r"^/bin/date", "fail", value=28, times=2)
    said, _, calls = run(shell, tree, "for i in 1 2 3; do /bin/date +ran; done")
    assert (2, 1) == (said.count("No space left on device"), said.count("ran"))
    assert [1, 2] == [call.number for call in calls if call.verb == "did"]


def test_a_real_signal(shell: Shell, tree: Tree) -> None:
    """The kernel delivers the signal: exit code 139 once, then the program works again."""
    tree.rule(r"^jq\b", "kill", value=11, times=1)
    said, code, _ = run(shell, tree, "jq --version")
    assert (True, 139) == ("Segmentation fault" in said, code)
    assert run(shell, tree, "jq --version")[1] == 0


@pytest.mark.parametrize(
    ("kind", "pattern", "number", "command", "wanted"),
    [
        pytest.param("connect", r"^127\.0\.0\.1:9$", 113, "exec 3<>/dev/tcp/127.0.0.1/9",
                     "No route to host", id="connect"),
        pytest.param("open", r"/srv/data$", 5, "echo x > /srv/data; cat /srv/data",
                     "Input/output error", id="open"),
        pytest.param("write", r"/srv/out$", 28, "/bin/echo x > /srv/out",
                     "No space left on device", id="write"),
    ],
)  # fmt: skip
def test_other_calls_fail_with_a_real_errno(
    box: Box, gate: CommandGate, kind: commandgate.Kind, pattern: str, number: int, command: str,
    wanted: str,
) -> None:  # fmt: skip
    """connect, openat and write fail once, as the kernel says it, and then work."""
    with contextlib.closing(gate.tree([kind])) as tree:
        with contextlib.closing(box.shell(gate=tree)) as shell:
            tree.rule(pattern, "fail", kind=kind, value=number, times=1)
            said, _, calls = run(shell, tree, command)
            assert wanted in said
            assert [1] == [call.number for call in calls if call.verb == "did"]
            assert wanted not in run(shell, tree, command)[0]


def test_two_trees_do_not_meddle(box: Box, gate: CommandGate) -> None:
    """A rule of one trial means nothing to another."""
    with contextlib.closing(gate.tree()) as one, contextlib.closing(gate.tree()) as two:
        with (
            contextlib.closing(box.shell(gate=one)) as first,
            contextlib.closing(box.shell(gate=two)) as second,
        ):
            one.rule(r"^date\b", "fail", value=13)
            assert run(first, one, "date")[1] == 126
            assert run(second, two, "date")[1] == 0


def test_a_gate_that_dies_is_noticed_at_once(
    engine: Engine, images: Mapping[str, str], box: Box
) -> None:
    """When the sidecar is gone the trial cannot go on: an error of the machinery, no verdict."""
    with commandgate.opened(engine, images["gate"]) as gate:
        tree = gate.tree()
        with contextlib.closing(tree), contextlib.closing(box.shell(gate=tree)) as shell:
            engine.api.kill(gate.sidecar)
            with pytest.raises(SandboxError, match="command gate"):  # noqa: PT012
                for _ in range(50):
                    run(shell, tree, "sleep 0.1")


def test_an_unprivileged_agent_is_seen_too(userland: Box, gate: CommandGate) -> None:
    """The gate needs no right in the sandbox."""
    with contextlib.closing(gate.tree()) as tree:
        with contextlib.closing(userland.shell(user="agent", gate=tree)) as shell:
            tree.settle()
            assert ["/bin/true"] == executed(run(shell, tree, "/bin/true")[2])
