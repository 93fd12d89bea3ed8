"""The sandbox handed to any MCP-capable agent: tools bash, read, write and status on stdio.

`harness mcp` plays one trial with it; the client's agent acts, and `status` is its final message.
The server's thread hands each call to the trial's own thread, where it passes the exec filter.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from harness.agents import base
from harness.agents.session import Session
from harness.agents.step_output import StepOutput
from harness.errors import InputError
from harness.models.trial import AgentSpec, TrialSpec
from harness.shelltext.quoting import quote

WAIT_SECONDS = 0.02
"""How often the trial is looked at while the client thinks, in seconds."""

GOODBYE_SECONDS = 5.0
"""How long a client may take to hear the last answer and go, in seconds."""

Call = tuple[Callable[[Session], str], Future[str], bool]
"""What to do, where its answer goes, and whether it is the last."""


Settings = base.Settings
layer = base.no_layer
endpoint = base.no_endpoint
model_of = base.no_model


def ready(agent: AgentSpec) -> None:  # noqa: ARG001 - all adapters are alike
    """Say before any container starts that the extra is missing."""
    try:
        import mcp.server.mcpserver  # noqa: F401, PLC0415 - an extra
    except ImportError:
        raise InputError(
            "`harness mcp` needs the extra `mcp`: pip install 'recovery-harness[mcp]'"
        ) from None


def play(spec: TrialSpec, session: Session) -> None:
    """Serve the client until it says its status, goes away, or is cut off.

    The status is answered by `farewell`, after the verdict: a client may end its server right then.
    """
    calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
    server = build_server(spec, calls)

    def serve() -> None:
        try:
            server.run("stdio")
        finally:
            calls.put(None)

    thread = threading.Thread(target=serve, name="mcp", daemon=True)
    thread.start()
    while True:
        try:
            call = calls.get_nowait()
        except queue.Empty:
            session.wait(WAIT_SECONDS)
            continue
        if call is None:
            return
        do, answer, last = call
        try:
            if last:
                _ended.put((answer, do(session), thread))
                return
            answer.set_result(do(session))
        except BaseException as error:
            answer.set_exception(RuntimeError(str(error)))
            raise


_ended: queue.SimpleQueue[tuple[Future[str], str, threading.Thread]] = queue.SimpleQueue()
"""The answer that waits for the verdict, and who is to give it."""


def farewell() -> None:
    """Answer the client's last call, if it waits for that, and let it go."""
    while not _ended.empty():
        answer, text, thread = _ended.get()
        answer.set_result(text)
        thread.join(GOODBYE_SECONDS)


def build_server(spec: TrialSpec, calls: queue.SimpleQueue[Call | None]) -> Any:
    """Return the server with its tools; each puts its call in the queue and waits."""
    from mcp.server.mcpserver import MCPServer  # noqa: PLC0415 - an extra

    server = MCPServer("sandbox", instructions=spec.task.instruction)

    async def ask(do: Callable[[Session], str], *, last: bool = False) -> str:
        answer: Future[str] = Future()
        calls.put((do, answer, last))
        return await asyncio.wrap_future(answer)

    @server.tool()
    async def bash(command: str) -> str:
        """Run a command in the persistent shell of the sandbox."""
        return await ask(lambda session: show(session.do(command)))

    @server.tool()
    async def read(path: str) -> str:
        """Return the content of a file."""
        return await ask(lambda session: show(session.do(f"cat -- {quote([path])}")))

    @server.tool()
    async def write(path: str, content: str) -> str:
        """Write a file."""
        command = f"printf %s {quote([content])} > {quote([path])}"
        return await ask(lambda session: show(session.do(command)))

    @server.tool()
    async def status(text: str) -> str:
        """End the task: say what was done; the last line is the status that was asked for."""
        return await ask(lambda session: say_status(session, text), last=True)

    return server


def show(seen: StepOutput) -> str:
    """Return an observation as a tool's answer."""
    code = "unknown" if seen.exit_code is None else seen.exit_code
    return f"{seen.text}\n(exit code {code})"


def say_status(session: Session, text: str) -> str:
    """Say the final message."""
    session.say(text)
    return "The task is over."
