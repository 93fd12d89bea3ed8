"""The doctor's rows: what the harness needs of a machine, and what to do where it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.containers import checks

GIB = 1 << 30


@pytest.mark.parametrize(
    ("check", "state"),
    [
        pytest.param(checks.protocol("1.41"), "ok", id="the oldest API"),
        pytest.param(checks.protocol("1.50"), "ok", id="a newer API"),
        pytest.param(checks.protocol("1.9"), "missing", id="numbers, not letters, are compared"),
        pytest.param(checks.amount("disk", 3 * GIB, 3 * GIB, "x"), "ok", id="just enough"),
        pytest.param(checks.amount("disk", 3 * GIB - 1, 3 * GIB, "x"), "missing", id="too little"),
        pytest.param(checks.disk(Path("/nowhere/at/all")), "unknown", id="another machine's disk"),
        pytest.param(checks.image("a", "t:1", built=True), "ok", id="built"),
        pytest.param(checks.image("a", "t:1", built=False), "missing", id="not built"),
        pytest.param(checks.image("a", "t:1", built=None), "unknown", id="no engine to ask"),
        pytest.param(checks.confinement({}), "poor", id="no seccomp"),
        pytest.param(checks.program("sh", "x"), "ok", id="a program"),
        pytest.param(checks.program("no-such-program", "x"), "poor", id="no program"),
    ],
)
def test_a_check_has_a_state_and_a_remedy_unless_it_is_ok(check: checks.Check, state: str) -> None:
    """Whatever is not in order says what to do, and what is in order says nothing."""
    assert state == check.state
    assert (state == "ok") == (check.remedy == "") or state == "unknown"


@pytest.mark.parametrize(
    ("kernel", "found"),
    [
        pytest.param("6.18.44-x", "on, with user notification", id="new"),
        pytest.param("5.9.0", "on, with user notification", id="the first"),
        pytest.param("5.4.0-generic", "on, without user notification", id="old"),
        pytest.param("", "on, without user notification", id="unknown"),
    ],
)
def test_user_notification_is_read_from_the_kernels_version(kernel: str, found: str) -> None:
    """Seccomp's user notification came with one kernel."""
    info = {"KernelVersion": kernel, "SecurityOptions": ["name=seccomp,profile=default"]}
    assert checks.confinement(info).found.startswith(found)
