"""The one door: what went wrong becomes an exit code here, and nowhere else.

0 good; 1 findings; 2 your input is wrong; 3 the harness or its machine failed; 4 inconclusive;
5 nothing ran; 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys

from harness.errors import HarnessError, InputError, NothingSelected

EXIT = ((InputError, 2), (NothingSelected, 5), (HarnessError, 3))


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from cyclopts import CycloptsError  # noqa: PLC0415 - these imports can be interrupted, too

    from harness.cli import app  # noqa: PLC0415

    signal.signal(signal.SIGTERM, _interrupted)
    try:
        answer = app(argv, exit_on_error=False, result_action="return_value")
    except HarnessError as error:
        print(f"harness: {error}", file=sys.stderr)
        return next(code for kind, code in EXIT if isinstance(error, kind))
    except CycloptsError:
        return 2  # it has been printed
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return answer if isinstance(answer, int) else 0


def _interrupted(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
