"""The one door: what went wrong becomes an exit code here, and nowhere else.

0 good; 1 findings; 2 your input is wrong; 3 the harness or its machine failed; 4 inconclusive;
5 nothing ran; 130 interrupted; 141 the reader of our output went away.
"""

from __future__ import annotations

import os
import select
import signal
import sys

from harness import crash_report
from harness.errors import HarnessError, InputError, NothingSelected

EXIT = ((InputError, 2), (NothingSelected, 5), (HarnessError, 3))
CRASHED, INTERRUPTED, UNREAD = 3, 130, 141


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code; whatever it raises ends here."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _call(argv)
    except HarnessError as error:
        print(f"harness: {error}", file=sys.stderr)
        return next(code for kind, code in EXIT if isinstance(error, kind))
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BaseException as error:  # noqa: BLE001 - 1 is a finding, and so a FAIL of a release
        if isinstance(error, BrokenPipeError) and _unread():
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return UNREAD
        crash_report.tell(error, sys.argv[1:] if argv is None else argv)
        return CRASHED


def _call(argv: list[str] | None) -> int:
    from cyclopts import CycloptsError  # noqa: PLC0415 - these imports can be interrupted, too

    from harness.cli import app  # noqa: PLC0415

    try:
        answer = app(argv, exit_on_error=False, result_action="return_value")
        sys.stdout.flush()  # here a full disk, or a reader that went away, still has its exit code
    except CycloptsError:
        return 2  # it has been printed
    return answer if isinstance(answer, int) else 0


def _unread() -> bool:
    """Say whether the reader of our standard output is gone (an engine's broken pipe is not)."""
    output = select.poll()
    output.register(sys.stdout.fileno(), 0)
    return bool(output.poll(0))


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
