"""Whose an error is that comes out of an adapter's `play`."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests.exceptions

from harness.agents.boundary import Boundary, guard
from harness.errors import HarnessError, ModelUnreachable, SandboxError


@guard
class Room(Boundary):
    """Something that adapters call."""

    def work(self, error: Exception | None = None) -> str:
        """Do something, and fail on demand."""
        if error is not None:
            raise error
        return "done"

    def outer(self, error: Exception) -> str:
        """Do it by way of another public method."""
        return self.work(error)

    def pump(self, function: Callable[[], None]) -> None:
        """Call a function of the adapter's."""
        self.call_back(function)


def fails(error: Exception) -> Callable[[], None]:
    """Return a function of an adapter's that fails."""

    def function() -> None:
        raise error

    return function


@pytest.mark.parametrize("way", ["work", "outer"])
@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        pytest.param(
            AttributeError("x"), HarnessError, "AttributeError: x (test_boundary.py:",
            id="a defect of ours",
        ),
        pytest.param(
            requests.exceptions.ConnectionError("x"), SandboxError, "ConnectionError: x",
            id="the engine",
        ),
        pytest.param(ModelUnreachable("x"), ModelUnreachable, "x", id="one of ours already"),
    ],
)  # fmt: skip
def test_what_the_session_raises_is_ours(
    way: str, error: Exception, kind: type[HarnessError], message: str
) -> None:
    """It is a `HarnessError`, says where, and is remembered though an adapter may catch it."""
    room = Room()
    with pytest.raises(kind) as raised:
        getattr(room, way)(error)
    assert type(raised.value) is kind
    assert str(raised.value).startswith(message)
    assert room.failure is raised.value


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        pytest.param(lambda room: room.pump(fails(KeyError("x"))), KeyError, id="in its function"),
        pytest.param(lambda room: room.work(1, 2), TypeError, id="by a call that does not fit"),
        pytest.param(lambda room: room.no_such(), AttributeError, id="by a name that is not there"),
    ],
)
def test_what_an_adapter_does_wrong_is_its_own(
    act: Callable[[Room], None], kind: type[Exception]
) -> None:
    """Its own errors come through as they are, and nothing is held against us."""
    room = Room()
    with pytest.raises(kind):
        act(room)
    assert room.failure is None


def test_a_function_of_the_adapters_may_meet_our_errors() -> None:
    """What we raise is ours even where it comes through the adapter's function."""
    room = Room()
    with pytest.raises(HarnessError):
        room.pump(lambda: room.work(KeyError("x")) and None)
    assert isinstance(room.failure, HarnessError)


def test_nothing_happens_to_what_works() -> None:
    """Without an error the answer is the method's."""
    room = Room()
    assert room.work() == "done"
    assert room.failure is None
