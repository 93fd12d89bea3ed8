"""Bytes of an exec: however they are cut into pieces on the way, the same output comes out."""

from __future__ import annotations

import socket
import struct
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.containers.stream import STDERR, STDOUT, Capture, Deadline, Stream
from harness.errors import SandboxError

MARK = b"\n0123456789abcdef"
NEAR = st.sampled_from([MARK[:5], MARK[:-1], MARK + MARK[:3], b"\n", b"\n\n0123", b"\xff\x00"])
BYTES = st.lists(st.binary(max_size=40) | NEAR, max_size=20).map(b"".join)
CUTS = st.lists(st.integers(min_value=1, max_value=60), max_size=60)


def chunks(data: bytes, cuts: list[int]) -> list[bytes]:
    """Cut data into pieces of the given sizes, and one with the rest."""
    pieces, at = [], 0
    for size in cuts:
        pieces.append(data[at : at + size])
        at += size
    return [*pieces, data[at:]]


def captured(pieces: list[bytes], limit: int = 1 << 16) -> Capture:
    """Feed a capture with the pieces."""
    capture = Capture(MARK, limit)
    for piece in pieces:
        capture.feed(piece)
    return capture


@given(output=BYTES, rest=BYTES, cuts=CUTS)
def test_any_cutting_of_a_marked_stream_gives_the_same_result(
    output: bytes, rest: bytes, cuts: list[int]
) -> None:
    """The output is what stands before the first mark, and the rest is the protocol's."""
    stream = output + MARK + rest
    first = stream.index(MARK)
    with closing(captured(chunks(stream, cuts))) as capture:
        assert capture.kept() == stream[:first]
        assert capture.after == stream[first + len(MARK) :]
        assert not capture.cut


@given(output=BYTES.filter(lambda data: MARK not in data), cuts=CUTS)
def test_without_a_mark_everything_is_output(output: bytes, cuts: list[int]) -> None:
    """A shell that dies leaves no mark: after `finish` every byte it said is there."""
    with closing(captured(chunks(output, cuts))) as capture:
        assert capture.after is None
        capture.finish()
        assert capture.kept() == capture.whole() == output


@given(
    output=st.binary(max_size=3000).filter(lambda data: MARK not in data),
    cuts=CUTS,
    limit=st.integers(min_value=2, max_value=700),
)
def test_long_output_keeps_head_and_tail_and_is_stored_whole(
    output: bytes, cuts: list[int], limit: int
) -> None:
    """Half of the limit from each end is kept, with a note of how much is missing between."""
    half = limit // 2
    with closing(captured(chunks(output + MARK, cuts), limit)) as capture:
        assert capture.whole() == output
        assert capture.cut == (len(output) > 2 * half)
        if capture.cut:
            note = f"\n[... {len(output) - 2 * half} bytes left out ...]\n".encode()
            assert capture.kept() == output[:half] + note + output[-half:]
        else:
            assert capture.kept() == output


def test_a_capture_holds_little_of_a_long_stream() -> None:
    """Memory is bounded by the limit; the whole waits in a spooled file."""
    with closing(Capture(MARK, 1024)) as capture:
        for _ in range(3000):
            capture.feed(b"x" * 1000)
        assert len(capture._head) + len(capture._tail) + len(capture._pending) < 8 * 1024
        capture.feed(MARK)
        assert len(capture.whole()) == 3_000_000


# --- framing -------------------------------------------------------------------------------


def frame(channel: int, data: bytes) -> bytes:
    """Return one of the engine's frames."""
    return struct.pack(">BxxxL", channel, len(data)) + data


FRAMES = st.lists(st.tuples(st.sampled_from([STDOUT, STDERR]), st.binary(max_size=80)), max_size=12)


@given(frames=FRAMES, cuts=CUTS)
def test_frames_are_put_together_however_they_arrive(
    frames: list[tuple[int, bytes]], cuts: list[int]
) -> None:
    """A frame split anywhere, also within its header, arrives once and whole."""
    here, there = socket.socketpair()
    received = []
    with there, closing(Stream(here)) as stream:
        for piece in chunks(b"".join(frame(*each) for each in frames), cuts):
            there.sendall(piece)
            received += stream.receive(0)
        there.shutdown(socket.SHUT_WR)
        while not stream.ended:
            received += stream.receive(1)
    assert received == frames


def test_a_quiet_stream_answers_within_its_time() -> None:
    """Nothing to read is no end: the stream goes on, and the caller is not kept."""
    here, there = socket.socketpair()
    with there, closing(Stream(here)) as stream:
        deadline = Deadline(5)
        assert stream.receive(0.02) == []
        assert not stream.ended
        assert deadline.left() > 4


def test_the_end_of_a_stream_is_an_answer() -> None:
    """The other end closing, or vanishing, ends the stream without an exception."""
    here, there = socket.socketpair()
    with closing(Stream(here)) as stream:
        there.close()
        assert stream.receive(1) == []
        assert stream.ended
        stream.send(b"echo\n")
        stream.send(b"echo\n")
        assert stream.ended


def test_an_error_of_the_engine_is_no_output() -> None:
    """What the engine says on its own channel is a failure of the machinery, named as such."""
    here, there = socket.socketpair()
    with there, closing(Stream(here)) as stream:
        there.sendall(frame(3, b"exec failed: no space left"))
        with pytest.raises(SandboxError, match="exec failed: no space left"):
            stream.receive(1)


def test_a_reader_that_takes_nothing_is_a_failure_of_the_machinery() -> None:
    """Sending does not wait for ever."""
    here, there = socket.socketpair()
    with (
        there,
        closing(Stream(here, patience=0.05)) as stream,
        pytest.raises(SandboxError, match="takes no input"),
    ):
        stream.send(b"x" * (8 << 20))


@pytest.mark.parametrize(
    ("seconds", "passed", "left"),
    [
        pytest.param(None, False, float("inf"), id="never"),
        pytest.param(0, True, 0.0, id="at once"),
    ],
)
def test_deadlines(seconds: float | None, passed: bool, left: float) -> None:
    """No seconds means no end; none left is never less than zero."""
    deadline = Deadline(seconds)
    assert (deadline.passed(), deadline.left()) == (passed, left)
