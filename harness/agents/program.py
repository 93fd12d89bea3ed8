"""Any program outside: it reads observations and writes actions, one JSON object a line.

It is told once, on its standard input,

    {"type": "task", "instruction": "...", "workdir": "/work", "limits": {"steps": 60, ...}}

and then answers with lines of `{"command": "ls", "message": "why"}`, each of which gets

    {"type": "observation", "stdout": "", "stderr": "", "exit_code": 0,
     "timed_out": false, "note": ""}

until it writes `{"final": "... STATUS: done"}` or ends.  What it writes to standard error is kept.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from typing import Any

from pydantic import Field

from harness.agents import base
from harness.agents.model_settings import settings_as
from harness.agents.session import Session
from harness.errors import InputError
from harness.models.trial import AgentSpec, TrialSpec
from harness.models.values import Frozen


class Settings(Frozen):
    """`command`: the program and its arguments; `env`: added to the harness's own."""

    command: tuple[str, ...] = Field(min_length=1)
    env: dict[str, str] = Field(default={})


class Crashed(Exception):  # noqa: N818 - it is the agent's, not ours
    """The program ended badly, or wrote what is no action."""


layer = base.no_layer
endpoint = base.no_endpoint
model_of = base.no_model


def ready(agent: AgentSpec) -> None:
    """Say before any container starts that there is such a program."""
    settings = settings_as(Settings, agent)
    if shutil.which(settings.command[0]) is None:
        raise InputError(f"agent {agent.id}: no program `{settings.command[0]}` is to be found")


def play(spec: TrialSpec, session: Session) -> None:
    """Run the program and play its actions."""
    settings = settings_as(Settings, spec.agent)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            settings.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            env=_environment(settings), encoding="utf-8", errors="replace",
        )  # fmt: skip
        try:
            with process:
                _converse(process, spec, session)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has ended; its exit code says how
        finally:
            if process.poll() is None:
                process.kill()
            errors.seek(0)
            session.log(errors.read(), "stderr")
        if process.returncode not in {0, None} and not session.spoke_last:
            raise Crashed(f"exit code {process.returncode}")


def _environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, **settings.env}


def _converse(process: subprocess.Popen[str], spec: TrialSpec, session: Session) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    limits = spec.task.limits

    def tell(**fields: Any) -> None:
        print(json.dumps(fields), file=process.stdin, flush=True)

    tell(
        type="task", instruction=spec.task.instruction, workdir=spec.task.workdir,
        limits={"steps": limits.steps, "seconds": limits.seconds},
    )  # fmt: skip
    try:
        for line in process.stdout:
            action = _action(line)
            if "final" in action:
                session.say(str(action["final"]))
                return
            seen = session.do(str(action["command"]), action.get("message"))
            tell(
                type="observation", stdout=seen.stdout, stderr=seen.stderr,
                exit_code=seen.exit_code, timed_out=seen.timed_out, note=seen.note,
            )  # fmt: skip
    finally:
        if process.poll() is None and not session.spoke_last:
            process.terminate()


def _action(line: str) -> dict[str, Any]:
    try:
        action = json.loads(line)
    except ValueError:
        action = None
    if not isinstance(action, dict) or not {"command", "final"} & action.keys():
        raise Crashed(f"no action: {line.strip()[:200]}")
    return action
