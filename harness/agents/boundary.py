"""Whose an error is that comes out of an adapter: the session's are ours, all others the agent's.

An adapter runs between two parts of ours: the trial calls it, and it calls the session.  So what
the session raises is made a `HarnessError` as it leaves the session, and remembered, since an
adapter may catch anything.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb
from typing import Concatenate, ParamSpec, TypeVar

from harness.containers.connection import TROUBLE
from harness.errors import HarnessError, SandboxError

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="Boundary")
C = TypeVar("C", bound="type[Boundary]")


class Boundary:
    """What is called by an adapter, and may call functions of the adapter's."""

    failure: HarnessError | None = None
    """The first error of ours that an adapter was given."""
    _foreign: Exception | None = None
    """An error of the adapter's own that is on its way back through us."""

    def call_back(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function that the adapter handed in: its errors are the adapter's."""
        try:
            return function(*args, **kwargs)
        except Exception as error:
            self._foreign = error
            raise


def guard(cls: C) -> C:
    """Let every public method of a class raise nothing of ours but `HarnessError`."""
    for name, method in vars(cls).items():
        if inspect.isfunction(method) and not name.startswith("_"):
            setattr(cls, name, _guard(method))
    return cls


def _guard(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    @functools.wraps(method)
    def called(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, *args, **kwargs)
        except Exception as error:
            if error is self._foreign or _is_misuse(error):
                raise
            ours = _ours(error)
            self.failure = self.failure or ours
            if ours is error:
                raise
            raise ours from error

    return called


def _is_misuse(error: Exception) -> bool:
    """Say whether a call never reached the method: its arguments do not fit."""
    trace = error.__traceback__
    return isinstance(error, TypeError) and trace is not None and trace.tb_next is None


def _ours(error: Exception) -> HarnessError:
    if isinstance(error, HarnessError):
        return error
    last = extract_tb(error.__traceback__)[-1]
    why = f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
    return SandboxError(why) if isinstance(error, TROUBLE) else HarnessError(why)
