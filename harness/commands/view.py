"""`harness view`: the report's pages served on this machine, following a running run."""

from __future__ import annotations

import socket
import webbrowser
from typing import Annotated

from cyclopts import Parameter

from harness.commands.report import Base, gather
from harness.commands.show import Folder, open_run
from harness.errors import InputError
from harness.views.html.gather import Gathered

ADDRESS = "127.0.0.1"


def view(
    run: Folder = None,
    /,
    *,
    baseline: Base = None,
    port: Annotated[int, Parameter(help="0: any that is free")] = 0,
    open_: Annotated[
        bool, Parameter(name="--open", negative=(), help="open a browser, too")
    ] = False,
) -> int:
    """Serve a run's report on 127.0.0.1 until Ctrl-C; a run at work is followed live.

    RUN is a folder that `harness run` wrote or is writing.
    """
    pages = gather(open_run(run), baseline)
    listener = _listener(port)
    address = f"http://{ADDRESS}:{listener.getsockname()[1]}/"
    print(f"{address}  (Ctrl-C ends it)", flush=True)
    if open_:
        webbrowser.open(address)
    _serve(pages, listener)
    return 0


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise InputError(
            f"port {port} cannot be had: {error}; --port 0 takes a free one"
        ) from error
    return listener


def _serve(pages: Gathered, listener: socket.socket) -> None:
    with listener:
        try:
            from harness.views.html.server import server  # noqa: PLC0415 - an extra
        except ModuleNotFoundError as error:
            raise InputError(
                f"{error.name} is missing; the server is an extra:"
                " pip install 'recovery-harness[view]'"
            ) from error
        server(pages).run(sockets=[listener])
