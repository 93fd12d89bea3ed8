"""The command line: `python3 -m dispatch enqueue|work|recover|report|anew [FILE]`."""

import sys

from dispatch import ledger, queue
from dispatch.redis import Redis


def main() -> None:
    """Do what the first argument says."""
    verb, *files = sys.argv[1:] or ["help"]
    if verb == "report":
        ledger.report(sys.stdout)
        return
    with Redis("127.0.0.1", 6379) as redis:
        match verb, files:
            case "enqueue", [file]:
                print(f"{queue.enqueue(redis, file)} orders put into the queue")
            case "work", []:
                print(f"{queue.work(redis)} orders invoiced")
            case "recover", [file]:
                print(f"{queue.recover(redis, file)} orders taken back into the queue")
            case "anew", []:
                queue.forget(redis)
                ledger.forget()
            case _:
                sys.exit("usage: python3 -m dispatch enqueue|work|recover|report|anew [FILE]")


if __name__ == "__main__":
    main()
