"""The exec filter in real containers: what it sees, holds, fails and kills."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator, Mapping

import pytest

from harness.containers.container import DockerContainer
from harness.containers.engine import Engine
from harness.containers.shell import Shell
from harness.containers.sidecars.exec_calls import Call
from harness.containers.sidecars.exec_filter import ExecFilter, Kind, Tree, open_exec_filter
from harness.errors import SandboxError
from harness.library.templates import substitute_regex

pytestmark = pytest.mark.container


@pytest.fixture(scope="module")
def exec_filter(engine: Engine, images: Mapping[str, str]) -> Iterator[ExecFilter]:
    with open_exec_filter(engine, images["helpers"]) as opened:
        yield opened


@pytest.fixture
def tree(exec_filter: ExecFilter) -> Iterator[Tree]:
    with contextlib.closing(exec_filter.tree()) as made:
        yield made


@pytest.fixture
def shell(container: DockerContainer, tree: Tree) -> Iterator[Shell]:
    with contextlib.closing(container.agent.shell(exec_filter=tree)) as made:
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
    _, _, calls = run(shell, tree, "/bin/echo 'a\nb' 'c\\d' 'e f' 'g\\nh' ''")
    assert ("/bin/echo", "a\nb", "c\\d", "e f", "g\\nh", "") == calls[0].argv


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        pytest.param("cd /usr/lib; /bin/true", "/usr/lib", id="the shell went there"),
        pytest.param("(cd /var && /bin/true); cd /", "/var", id="in a subshell"),
        pytest.param(
            "mkdir '/tmp/a b\n\\'; cd /tmp/a*; /bin/true", "/tmp/a b\n\\", id="an odd name"
        ),
    ],
)
def test_an_execution_has_its_folder(shell: Shell, tree: Tree, command: str, folder: str) -> None:
    """The folder is the one in which the program begins, as the sandbox names it."""
    tree.settle()
    _, _, calls = run(shell, tree, command)
    assert [call.cwd for call in calls if call.text == "/bin/true"] == [folder]


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


@pytest.mark.parametrize(
    ("value", "other"),
    [
        pytest.param("a\nb", r"a\nb", id="a line feed, and the letters of its escape"),
        pytest.param(r"a\nb", "a\nb", id="the other way round"),
        pytest.param("a\\\nb", "a\nb", id="a backslash before a line feed"),
        pytest.param(" a", "a", id="a blank at the beginning"),
        pytest.param("é.", "éx", id="other than ASCII"),
    ],
)
def test_a_value_in_a_pattern_matches_itself(
    shell: Shell, tree: Tree, value: str, other: str
) -> None:
    """A value comes through to the rule as it is, whatever it holds."""
    tree.rule(substitute_regex("{{value}}$", {"value": value}), "hold")
    words = " ".join(shlex.quote(word) for word in (value, other))
    _, _, calls = run(shell, tree, f"for word in {words}; do /bin/echo -n $'x\n'\"$word\"; done")
    assert [f"/bin/echo -n x\n{value}"] == [call.text for call in calls if call.verb == "hit"]


def test_what_re2_refuses_is_no_rule(tree: Tree) -> None:
    """The filter says so; the tree goes on."""
    with pytest.raises(SandboxError, match="not understood"):
        tree.rule("a(?=b)", "hold")
    tree.drop(tree.rule("a", "hold"))


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
    container: DockerContainer, exec_filter: ExecFilter, kind: Kind,
    pattern: str, number: int, command: str, wanted: str,
) -> None:  # fmt: skip
    """Common programs' calls fail once, as the kernel says it, and then work."""
    with contextlib.closing(exec_filter.tree([kind])) as tree:
        with contextlib.closing(container.agent.shell(exec_filter=tree)) as shell:
            tree.rule(pattern, "fail", kind=kind, value=number, times=1)
            said, _, calls = run(shell, tree, command)
            assert wanted in said
            assert [1] == [call.number for call in calls if call.verb == "did"]
            assert wanted not in run(shell, tree, command)[0]


RAW = """
import ctypes, os, platform, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
def call(numbers, *words):
    number = numbers[platform.machine()]
    if libc.syscall(ctypes.c_long(number), *words) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
x86, arm = "x86_64", "aarch64"
read = os.open("/etc/passwd", os.O_RDONLY)
out = os.open("/srv/out", os.O_RDWR | os.O_CREAT)
folder = os.open("/srv", os.O_RDONLY)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
to = ("127.0.0.1", 9)
name = ctypes.create_string_buffer(bytes([2, 0, 0, 9, 127, 0, 0, 1]) + bytes(8), 16)
message = ctypes.create_string_buffer(struct.pack("8Q", ctypes.addressof(name), 16, *[0] * 6))
"""
"""What the calls below are made with: a bare system call, and files to make it on."""


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        pytest.param("open", "call({x86: 2}, b'/srv/data', 0)", id="open"),
        pytest.param("open", "call({x86: 85}, b'/srv/data', 0o644)", id="creat"),
        pytest.param("open", "call({x86: 257, arm: 56}, folder, b'data', 0)", id="openat, folder"),
        pytest.param("open", "call({x86: 437, arm: 437}, -100, b'/srv/data', bytes(24), 24)",
                     id="openat2"),
        pytest.param("open", "os.chdir('/srv'); open('./..//srv/data')", id="as it is written"),
        pytest.param("write", "os.writev(out, [b'x'])", id="writev"),
        pytest.param("write", "os.pwrite(out, b'x', 0)", id="pwrite64"),
        pytest.param("write", "os.pwritev(out, [b'x'], 0)", id="pwritev"),
        pytest.param("write", "os.pwritev(out, [b'x'], 0, os.RWF_SYNC)", id="pwritev2"),
        pytest.param("write", "os.sendfile(out, read, 0, 9)", id="sendfile"),
        pytest.param("write", "os.copy_file_range(read, out, 9)", id="copy_file_range"),
        pytest.param("write", "r, w = os.pipe(); os.write(w, b'x'); os.splice(r, out, 1)",
                     id="splice"),
        pytest.param("connect", "udp.connect(to)", id="connect"),
        pytest.param("connect", "udp.sendto(b'x', to)", id="sendto"),
        pytest.param("connect", "udp.sendmsg([b'x'], [], 0, to)", id="sendmsg"),
        pytest.param("connect", "call({x86: 307, arm: 269}, udp.fileno(), message, 1, 0)",
                     id="sendmmsg"),
    ],
)  # fmt: skip
def test_no_way_around_a_rule(
    container: DockerContainer, exec_filter: ExecFilter, kind: Kind, code: str
) -> None:
    """Each call that does the same meets the rule, once, and then works."""
    pattern = {"open": r"^/srv/data$", "write": r"^/srv/out$", "connect": r"^127\.0\.0\.1:9$"}
    with contextlib.closing(exec_filter.tree([kind])) as tree:
        with contextlib.closing(container.agent.shell(exec_filter=tree)) as shell:
            machine = run(shell, tree, "touch /srv/data; uname -m")[0]
            if "x86" in code and "arm" not in code and "x86" not in machine:
                pytest.skip("this machine has no such call")
            program = shlex.join(["python3", "-c", RAW + code])
            assert run(shell, tree, program)[1] == 0
            tree.rule(pattern[kind], "fail", kind=kind, value=71, times=1)
            said, code_of_failure, calls = run(shell, tree, program)
            assert ("Protocol error" in said, code_of_failure) == (True, 1)
            assert [1] == [call.number for call in calls if call.verb == "did"]
            assert run(shell, tree, program)[1] == 0


def test_what_names_no_address_meets_no_rule(
    container: DockerContainer, exec_filter: ExecFilter
) -> None:
    """What is sent along a connection is no matter of a rule for addresses."""
    code = "a, b = socket.socketpair(); a.send(b'x'); a.sendmsg([b'y']); print(b.recv(2))"
    with contextlib.closing(exec_filter.tree(["connect"])) as tree:
        with contextlib.closing(container.agent.shell(exec_filter=tree)) as shell:
            tree.rule("", "fail", kind="connect", value=71)
            said, _, calls = run(shell, tree, shlex.join(["python3", "-c", RAW + code]))
            assert said == "b'xy'\n"
            assert not [call for call in calls if call.verb == "did"]


def test_a_caller_that_ends_while_it_is_held(shell: Shell, tree: Tree) -> None:
    """A held program is killed; the answer comes too late and the rest goes on."""
    tree.rule(r"^date\b", "hold")
    shell.run("date & sleep 0.3; kill -9 $!; wait", seconds=20)
    held = [call for call in tree.settle() if call.verb == "hit"]
    assert len(held) == 1
    tree.answer(held[0])
    said, _, calls = run(shell, tree, "/bin/echo on")
    assert ("on\n", ["/bin/echo on"]) == (said, executed(calls))


def test_many_and_long_words(shell: Shell, tree: Tree) -> None:
    """Words come whole, however many they are and wherever their pages end."""
    tree.settle()
    _, _, calls = run(shell, tree, "/bin/echo $(seq 1 999) $(printf '%05000d' 7) end")
    wanted = ["/bin/echo", *map(str, range(1, 1000)), "7".zfill(5000), "end"]
    assert wanted in [list(call.argv) for call in calls]


def test_two_trees_do_not_meddle(container: DockerContainer, exec_filter: ExecFilter) -> None:
    """A rule of one trial means nothing to another."""
    with (
        contextlib.closing(exec_filter.tree()) as one,
        contextlib.closing(exec_filter.tree()) as two,
    ):
        with (
            contextlib.closing(container.agent.shell(exec_filter=one)) as first,
            contextlib.closing(container.agent.shell(exec_filter=two)) as second,
        ):
            one.rule(r"^date\b", "fail", value=13)
            assert run(first, one, "date")[1] == 126
            assert run(second, two, "date")[1] == 0


def test_a_gate_that_dies_is_noticed_at_once(
    engine: Engine, images: Mapping[str, str], container: DockerContainer
) -> None:
    """When the sidecar is gone the trial cannot go on: an error of the machinery, no verdict."""
    with open_exec_filter(engine, images["helpers"]) as exec_filter:
        tree = exec_filter.tree()
        with (
            contextlib.closing(tree),
            contextlib.closing(container.agent.shell(exec_filter=tree)) as shell,
        ):
            engine.api.kill(exec_filter.sidecar)
            with pytest.raises(SandboxError, match="exec filter"):  # noqa: PT012
                for _ in range(50):
                    run(shell, tree, "sleep 0.1")


def test_an_unprivileged_agent_is_seen_too(
    userland: DockerContainer, exec_filter: ExecFilter
) -> None:
    """The gate needs no right in the sandbox."""
    with contextlib.closing(exec_filter.tree()) as tree:
        with contextlib.closing(userland.agent.shell(user="agent", exec_filter=tree)) as shell:
            tree.settle()
            assert ["/bin/true"] == executed(run(shell, tree, "/bin/true")[2])
