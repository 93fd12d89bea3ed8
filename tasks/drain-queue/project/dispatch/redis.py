"""As much of a Redis client as the load needs."""

import socket
from typing import Any


class Redis:
    """One connection; `ask` sends a command and waits for its answer."""

    def __init__(self, host: str, port: int) -> None:
        self._name = f"{host}:{port}"
        try:
            self._socket = socket.create_connection((host, port), timeout=10)
        except OSError as error:
            raise SystemExit(f"Could not connect to Redis at {self._name}: {error}") from error
        self._stream = self._socket.makefile("rb")

    def __enter__(self) -> "Redis":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()

    def ask(self, *words: str) -> Any:
        """Return the answer to one command; an error answer is raised."""
        parts = [word.encode() for word in words]
        try:
            self._socket.sendall(b"".join([b"*%d\r\n" % len(parts),
                                           *(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)]))
            return self._answer()
        except OSError as error:
            raise SystemExit(f"Redis connection to {self._name} failed: {error}") from error

    def _answer(self) -> Any:
        line = self._stream.readline()
        if not line:
            raise ConnectionError("closed by the server")
        kind, rest = line[:1], line[1:-2]
        match kind:
            case b"+":
                return rest.decode()
            case b"-":
                raise RuntimeError(rest.decode())
            case b":":
                return int(rest)
            case b"$":
                return None if rest == b"-1" else self._stream.read(int(rest) + 2)[:-2].decode()
            case b"*":
                return [self._answer() for _ in range(int(rest))]
        raise ValueError(f"not an answer: {line!r}")
