"""The persistent shell, in real containers: what a command says and does, and how it ends."""

from __future__ import annotations

import itertools
import re
import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.containers.container import DockerContainer
from harness.containers.engine import Engine
from harness.containers.ports import ContainerSpec
from harness.containers.process_scripts import end_session
from harness.containers.shell import Result, Shell
from harness.containers.stream import Deadline
from harness.errors import SandboxError
from harness.shelltext.quoting import text_of

pytestmark = pytest.mark.container

CHEAP = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

Run = Callable[..., Result]


@pytest.fixture(params=["root", "agent"])
def shell(
    request: pytest.FixtureRequest, container: DockerContainer, userland: DockerContainer
) -> Iterator[Shell]:
    """Return a fresh shell in /tmp, once as root and once as an ordinary user."""
    where = container if request.param == "root" else userland
    with closing(where.agent.shell(user=request.param, cwd="/tmp", limit=1 << 16)) as opened:
        yield opened
        where.probes.ask(end_session(opened.pid, before=None), apart=False)


@pytest.fixture
def run(shell: Shell) -> Run:
    """Return a function that runs one command, with a time limit of ten seconds."""

    def run(command: str, seconds: float = 10) -> Result:
        return shell.run(command, seconds=seconds)

    return run


def killing(where: DockerContainer, shell: Shell) -> Callable[[], None]:
    """Return what ends a shell's command when its time is over."""
    return lambda: where.probes.ask(end_session(shell.pid, shell.last), apart=False) and None


# --- what persists -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param("cd /usr/lib", "pwd", "/usr/lib\n", id="working directory"),
        pytest.param("export A='x  y'", 'printenv A; echo "$A"', "x  y\nx  y\n", id="variables"),
        pytest.param("f() { echo f:$1; }", "f 2", "f:2\n", id="functions"),
        pytest.param("alias l='echo al'; shopt -s expand_aliases", "l", "al\n", id="aliases"),
        pytest.param("true", "echo $?", "0\n", id="exit code 0"),
        pytest.param("false", "echo $?", "1\n", id="exit code 1"),
        pytest.param("(exit 77)", "echo $?", "77\n", id="another exit code"),
        pytest.param("no-such-command", "echo $?", "127\n", id="exit code of a missing command"),
        pytest.param("ls |", "echo $?", "2\n", id="exit code of a syntax error"),
        pytest.param("umask 027", "umask", "0027\n", id="umask"),
        pytest.param("set -- a b", 'echo "$# $2"', "2 b\n", id="positional parameters"),
        pytest.param("exec 5>/tmp/five; echo in >&5", "cat /tmp/five", "in\n", id="descriptors"),
        pytest.param("exec 2>&1", "echo lost >&2", "lost\n", id="redirected standard error"),
        pytest.param("IFS=,", "false | true; echo $?", "0\n", id="a strange IFS"),
        pytest.param("set -e", "echo alive", "alive\n", id="errexit"),
        pytest.param("set -e; false && true", "echo $?", "1\n", id="errexit and a failing list"),
        pytest.param("set -u; set -f; set -C", "echo *", "*\n", id="other options"),
        pytest.param("trap 'echo bye' EXIT", "exit 0", "bye\n", id="traps"),
        pytest.param("sleep 0.1 & wait $!", "jobs; echo none", "none\n", id="finished jobs"),
    ],
)
def test_state_persists_between_commands(run: Run, first: str, second: str, expected: str) -> None:
    """What a command sets, the next finds: it is one shell."""
    run(first)
    assert run(second).stdout.decode() == expected


def test_a_trace_is_the_commands_own(run: Run) -> None:
    """`set -x` shows what the agent runs, and nothing of ours; it lasts until it is turned off."""
    assert run("set -x; echo a").stderr == b"++ echo a\n"
    assert run("echo b").stderr == b"++ echo b\n"
    assert run("set +x").stderr == b"++ set +x\n"
    assert run("echo c").stderr == b""


# --- what comes out ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "stdout", "stderr", "code", "pipes"),
    [
        pytest.param("echo o; echo e >&2", "o\n", "e\n", 0, (0,), id="two streams"),
        pytest.param("printf x", "x", "", 0, (0,), id="no newline at the end"),
        pytest.param("", "", "", 0, (0,), id="nothing"),
        pytest.param("# a comment", "", "", 0, (0,), id="a comment"),
        pytest.param("echo a # comment", "a\n", "", 0, (0,), id="a comment at the end"),
        pytest.param("false", "", "", 1, (1,), id="failure"),
        pytest.param("false | true | (exit 3)", "", "", 3, (1, 0, 3), id="a pipeline"),
        pytest.param("true | false; true", "", "", 0, (0,), id="the last pipeline counts"),
        pytest.param("sh -c 'kill -SEGV $$'", "", None, 139, (139,), id="a signal"),
        pytest.param("echo a \\", "a \\\n", "", 0, None, id="a trailing backslash"),
        pytest.param("echo a \\\n", "a\n", "", 0, (0,), id="a trailing backslash and newline"),
        pytest.param("cat <<EOF\na $((1+1))\nEOF", "a 2\n", "", 0, (0,), id="a here-document"),
        pytest.param("cat <<'EOF'\n$x\nEOF\n", "$x\n", "", 0, (0,), id="a quoted here-document"),
        pytest.param("cat <<EOF\nopen", "open\n", None, 0, None, id="an open here-document"),
        pytest.param(
            "cat <<EOF\nopen\n\tEOF", "open\n\tEOF\n", None, 0, None, id="an indented end"
        ),
        pytest.param("cat <<< here", "here\n", "", 0, (0,), id="a here-string"),
        pytest.param("echo 'open", "", None, 2, None, id="an open quote"),
        pytest.param('echo "open', "", None, 2, None, id="an open double quote"),
        pytest.param("echo `ls", "", None, 2, None, id="an open substitution"),
        pytest.param("if true; then echo a", "", None, 2, None, id="an open if"),
        pytest.param("for i in 1 2", "", None, 2, None, id="an open for"),
        pytest.param("echo a |", "", None, 2, None, id="an open pipeline"),
        pytest.param("echo a; )", "", None, 2, None, id="a bracket too many"),
        pytest.param("echo a\n}\necho b", "a\n", None, 2, None, id="an error on a later line"),
        pytest.param("cat", "", "", 0, (0,), id="cat reads nothing"),
        pytest.param("read x; echo $?", "1\n", "", 0, (0,), id="read finds the end"),
        pytest.param("python3 -c 'print(input())'", "", None, 1, (1,), id="python finds the end"),
        pytest.param("echo y | { read x; echo $x; }", "y\n", "", 0, (0, 0), id="a pipe is read"),
        pytest.param("bash <<< 'echo in'", "in\n", "", 0, (0,), id="a shell in the shell"),
        pytest.param("echo a\r", "a\r\n", "", 0, (0,), id="a carriage return"),
        pytest.param("echo a\r\nfalse\r", "a\r\n", None, 127, (127,), id="lines of another system"),
        pytest.param("echo ä☃𝄞", "ä☃𝄞\n", "", 0, (0,), id="unicode"),
        pytest.param("echo a\0b", "ab\n", "", 0, (0,), id="a NUL in the command"),
        pytest.param("echo '\ud800'", "\\ud800\n", "", 0, (0,), id="half a character"),
        pytest.param("printf '\\n\\n'", "\n\n", "", 0, (0,), id="newlines only"),
        pytest.param("return 5", "", None, 2, (2,), id="return"),
        pytest.param("break; echo a", "a\n", None, 0, (0,), id="break"),
        pytest.param("exec 3</etc/passwd; head -c4 <&3", "root", "", 0, (0,), id="a descriptor"),
    ],
)
def test_what_a_command_says_and_how_it_ends(
    run: Run,
    command: str,
    stdout: str,
    stderr: str | None,
    code: int,
    pipes: tuple[int, ...] | None,
) -> None:
    """Both streams, exit code and PIPESTATUS are the command's; the shell lives on."""
    result = run(command)
    assert result.stdout == stdout.encode()
    assert (result.exit_code, result.pipestatus) == (code, pipes)
    assert (result.timed_out, result.died, result.cut) == (False, False, False)
    if stderr is None:
        assert result.stderr.strip()
        assert b"%b" not in result.stderr
    else:
        assert result.stderr == stderr.encode()
    assert run("echo $((6*7))").stdout == b"42\n"


def test_bytes_that_are_no_text(run: Run) -> None:
    """Binary output arrives byte by byte, and is kept whole beside what is shown."""
    result = run("printf '\\377\\000\\001'; printf '\\376' >&2")
    assert (result.stdout, result.stderr) == (b"\xff\x00\x01", b"\xfe")
    assert result.whole == (b"\xff\x00\x01", b"\xfe")
    assert text_of(result.stdout) == "\\xff\x00\x01"


def test_output_that_looks_like_the_protocol(run: Run) -> None:
    """A command that prints what the shell is told, or marks of earlier commands, fools nobody."""
    shown = run("cat /proc/$$/environ /proc/$$/cmdline | tr '\\0' '\\n'; set | grep -c printf")
    assert b"198" not in shown.stdout
    fake = "\\n0123456789abcdef01234567"
    result = run(f"printf '{fake}p 0 0 \\n {fake}e 0 hBs 1.5 0 \\n '; printf '{fake}' >&2; exit 7")
    assert result.stdout.count(b"0123456789abcdef01234567") == 2
    assert (result.exit_code, result.died) == (7, True)


def test_long_output_is_quick_and_cut(run: Run) -> None:
    """50 MB arrive within seconds; half the limit of each end is shown, and all of it is kept."""
    result = run("seq 1 6400000; echo end >&2", 30)
    assert not result.timed_out
    assert result.cut
    assert result.stdout.startswith(b"1\n2\n3\n")
    assert result.stdout.endswith(b"6400000\n")
    assert len(result.stdout) < (1 << 16) + 100
    assert result.whole is not None
    assert result.whole == (b"".join(b"%d\n" % n for n in range(1, 6400001)), b"end\n")


def test_a_long_command(run: Run) -> None:
    """A command of 200 kB is run as it is."""
    text = "0123456789abcde\n" * 12800
    result = run(f"cat > /tmp/long <<'EOF'\n{text}EOF\nwc -c < /tmp/long; rm /tmp/long")
    assert (result.stdout, result.exit_code) == (b"204800\n", 0)


# --- how shells end ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "code", "stdout"),
    [
        pytest.param("echo a; exit 3; echo b", 3, b"a\n", id="exit"),
        pytest.param("exit", 0, b"", id="exit without a code"),
        pytest.param("exec true", 0, b"", id="exec"),
        pytest.param("exec sh -c 'echo a; exit 9'", 9, b"a\n", id="exec of a shell"),
        pytest.param("set -e; echo a; false; echo b", 1, b"a\n", id="errexit"),
        pytest.param("set -u; echo $nothing", 1, b"", id="an unset variable"),
        pytest.param("echo a; kill -9 $$", 137, b"a\n", id="killed"),
        pytest.param("echo a; kill -TERM $$", 143, b"a\n", id="terminated"),
        pytest.param("kill -SEGV $$", 139, b"", id="crashed"),
        pytest.param("sleep 60 & exit 4", 4, b"", id="a job holds the pipes, exit"),
        pytest.param("sleep 60 & kill -9 $$", 137, b"", id="a job holds the pipes, killed"),
    ],
)
def test_a_shell_that_ends_says_so(run: Run, command: str, code: int, stdout: bytes) -> None:
    """What it had said and its exit code are known within seconds, whatever holds its pipes."""
    result = run(command)
    assert (result.died, result.timed_out, result.exit_code) == (True, False, code)
    assert result.stdout == stdout
    assert result.seconds < 30
    assert run("echo again").died


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("sleep 300 &", id="a job"),
        pytest.param("nohup setsid sleep 300 > /dev/null 2>&1 &", id="a daemon"),
        pytest.param("(while :; do echo x; sleep 0.01; done) &", id="a job that speaks"),
        pytest.param("(while :; do printf x >&2; sleep 0.01; done) &", id="without newlines"),
        pytest.param("sleep 300 | sleep 300 & disown", id="a disowned pipeline"),
    ],
)
def test_a_background_job_keeps_no_step_waiting(run: Run, command: str) -> None:
    """A command ends when the shell says so, also while jobs hold its output pipes."""
    for text in (command, "true", "true"):
        result = run(text)
        assert (result.exit_code, result.timed_out) == (0, False)
        assert result.seconds < 30
    run("kill %1 || pkill sleep")


def test_what_a_job_says_later_is_not_lost(run: Run) -> None:
    """Output between two commands belongs to the next observation."""
    run("(sleep 0.2; echo late) &")
    time.sleep(0.4)
    assert run("echo now").stdout == b"late\nnow\n"


# --- time ----------------------------------------------------------------------------------


def test_a_command_out_of_time_is_ended_with_all_it_started(container: DockerContainer) -> None:
    """Its children die with it, also those in other sessions; its output so far is kept."""
    with closing(container.agent.shell()) as shell:
        command = "echo so far; sleep 301 & setsid -w bash -c 'sleep 302 & sleep 303'; sleep 304"
        result = shell.run(command, seconds=0.5, kill=killing(container, shell))
        assert (result.timed_out, result.exit_code, result.died) == (True, None, False)
        assert result.stdout == b"so far\n"
        assert shell.dead
        assert 0.4 < result.seconds < 60
    left = container.probes.ask("ps -eo stat=,args= | grep '[s]leep 30[1-4]' | grep -v ^Z; true")
    assert left.stdout == b""


def test_earlier_jobs_outlive_a_command_out_of_time(container: DockerContainer) -> None:
    """What an earlier command left in the background goes on, however short ago it began."""
    with closing(container.agent.shell()) as shell:
        jobs = "sleep 311 & (while :; do sleep 0.01; done) & setsid sleep 312 & true | sleep 313 &"
        shell.run(jobs, seconds=5)
        shell.run("sleep 314", seconds=0.3, kill=killing(container, shell))
        left = container.probes.ask("ps -eo stat=,args= | grep '[s]leep 31[1-4]' | grep -v ^Z")
        jobs_left = sorted(line.split()[-1] for line in left.stdout.decode().splitlines())
        assert jobs_left == ["311", "312", "313"]
        container.probes.ask(
            end_session(shell.pid, before=None) + "\npkill -f 'sleep 31'", apart=False
        )


def test_a_command_that_starts_processes_without_end_is_ended(container: DockerContainer) -> None:
    """Not even one that starts processes faster than they can be counted gets away."""
    with closing(container.agent.shell()) as shell:
        bomb = "f() { while [ -e /tmp/armed ]; do sleep 9 & f & sleep 0.02; done; }; f"
        container.probes.ask("touch /tmp/armed")
        result = shell.run(bomb, seconds=1, kill=killing(container, shell))
        assert result.timed_out
        left = container.probes.ask("sleep 0.1; ps -eo stat=,args= | grep '[s]leep 9' | grep -v ^Z")
        container.probes.ask("rm /tmp/armed")
    assert left.stdout == b""


def test_the_tick_comes_at_least_every_20_ms(shell: Shell) -> None:
    """While a command runs, quiet or loud, the world is looked at all the time."""
    looks: list[float] = []
    loud = "for i in {1..300}; do echo $i; sleep 0.003; done"
    shell.run(f"sleep 1; {loud}", seconds=10, tick=lambda: looks.append(time.monotonic()))
    gaps = sorted(after - before for before, after in itertools.pairwise(looks))
    assert gaps[int(len(gaps) * 0.95)] < 0.2


# --- any text at all -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def one(container: DockerContainer) -> Iterator[Shell]:
    """Return one shell for many examples."""
    with closing(container.agent.shell()) as opened:
        yield opened


@CHEAP
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_round_trips(one: Shell, text: str) -> None:
    """A quoted text is printed as it is, whatever it holds."""
    result = one.run(f"printf %s {shlex.quote(text)}", seconds=10)
    assert (result.stdout.decode(), result.exit_code) == (text, 0)


TOKEN = re.compile(rb"[0-9a-f]{24}")


def test_a_syntax_error_is_over_when_it_is_over(run: Run) -> None:
    """After the oddest of them (within a `case`) bash reads the next command as it should."""
    for broken in ("case a in '", "case a in a", "f() {", "if true; then '"):
        assert run(broken).exit_code == 2
        assert run("if true; then { echo a; }; fi; case a in a) echo b;; esac").stdout == b"a\nb\n"


PIECES = st.sampled_from(
    [*"|;()<>'\"\\`$#!{}[] \n\t", "echo a", "cat", "<<E", "<<-E", "<<'E'", "\nE\n", "\n\tE\n",
     "E", "&&", "||", "if", "then", "fi", "for i in", "do", "done", "false", "true", "exit 3", "$(",
     "${x", "$((", "))", "case a in", "esac", "f()", "function", "return 4", "#", "time", "!"]
)  # fmt: skip


@pytest.fixture
def shells(container: DockerContainer) -> Iterator[list[Shell]]:
    """Return a stack of shells, the last of which is in use."""
    opened = [container.agent.shell()]
    yield opened
    for shell in opened:
        shell.close()


@settings(CHEAP, max_examples=300)
@given(pieces=st.lists(PIECES, max_size=9))
def test_any_shell_text_ends_as_it_does_in_a_shell_of_its_own(
    shells: list[Shell], container: DockerContainer, pieces: list[str]
) -> None:
    """Complete or broken: standard output and exit code are those of `bash -c`."""
    text = "".join(pieces)
    expected = container.probes.ask("exec bash -c " + shlex.quote("eval " + shlex.quote(text)))
    if shells[-1].dead:
        shells.append(container.agent.shell())
    got = shells[-1].run(text, seconds=10)
    assert not got.timed_out
    assert TOKEN.search(got.stdout + got.stderr) is None
    if re.search(r"[$<>]\(", text):  # bash 5.2 may crash over an open one, also later
        shells.append(container.agent.shell())
        return
    assert got.stdout == expected.stdout
    # Such a `return` ends all that is read: `bash -c` with 1, others as their last command did.
    if b"return: too many arguments" not in got.stderr:
        assert got.exit_code == expected.exit_code
    assert not got.died or "exit" in text
    if not got.died:
        assert shells[-1].run("unset -f f; echo $((6*7))", seconds=10).stdout == b"42\n"


# --- shells that cannot be -----------------------------------------------------------------


def test_a_folder_that_is_not_there_is_named(container: DockerContainer) -> None:
    """The message says why no shell could be opened."""
    with pytest.raises(SandboxError, match=r"no such file or directory|chdir|not a directory"):
        container.agent.shell(cwd="/etc/passwd/x")


def test_a_killed_control_shell_is_replaced(container: DockerContainer) -> None:
    """The agent may kill what it sees, at any time: the harness asks on, nothing twice."""
    with closing(container.agent.shell()) as shell:
        for _ in range(20):
            container.probes.ask("rm -f /tmp/asked", user="nobody")
            first, pid = container.probes.processes()
            shell.run(f"kill -9 {first} {pid}", seconds=5)
            result = container.probes.ask("echo here >> /tmp/asked; cat /tmp/asked", user="nobody")
            assert (result.stdout, result.stderr, result.exit_code) == (b"here\n", b"", 0)


def test_the_first_process_outlives_what_it_hangs_over(
    engine: Engine, images: Mapping[str, str]
) -> None:
    """A script that does not end is ended; the sandbox goes on, and so do the agent's processes."""
    with engine.container(images["workbench"], ContainerSpec(name="tests")) as fresh:
        assert fresh.probes.ask("echo $PPID; echo $$").stdout == b"0\n1\n"
        with closing(fresh.agent.shell()) as shell:
            shell.run("sleep 1001 & (setsid sleep 1002 &)", seconds=5)
            assert fresh.probes.ask("sleep 1003 & sleep 1004", seconds=0.5).timed_out
            assert fresh.probes.ask("echo on").stdout == b"on\n"
            assert (
                fresh.probes.ask(end_session(1, before=None), seconds=10, apart=False).exit_code
                == 0
            )
            names = shell.run("cat /proc/[0-9]*/cmdline | tr '\\0' ' '", seconds=5).stdout
        assert [n for n in range(1001, 1005) if f"sleep {n}".encode() in names] == [1001, 1002]


def test_a_network_of_the_kernel_is_like_the_engines(
    engine: Engine, images: Mapping[str, str]
) -> None:
    """Set up by either, a sandbox without a network has the same addresses and names."""
    look = "cat /proc/net/if_inet6; getent ahosts localhost; ls /sys/class/net; ip -4 addr show lo"
    seen = set()
    for network in ("none", "loopback"):
        container_spec = ContainerSpec(name="tests", network=network)
        with engine.container(images["workbench"], container_spec) as fresh:
            seen.add(fresh.probes.ask(look).stdout)
    assert len(seen) == 1
    assert b"127.0.0.1" in seen.pop()


def test_a_sandbox_ends_with_the_harness(engine: Engine, images: Mapping[str, str]) -> None:
    """Its maker holds its input: when that is gone, no process of it is left."""
    with engine.container(images["workbench"], ContainerSpec(name="tests")) as fresh:
        fresh.probes.ask("sleep 1001 &")
        fresh.close()
        deadline = Deadline(10)
        while (running := fresh.first_pid()) and not deadline.passed():
            time.sleep(0.02)
        assert not running
