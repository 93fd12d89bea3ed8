"""The command line: `python3 -m invoicing report FILE`."""

import argparse

from invoicing.books import read
from invoicing.report import report


def main() -> None:
    """Print the report of one CSV file."""
    parser = argparse.ArgumentParser(prog="invoicing")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("report", help="print a quarter's report").add_argument("file")
    print(report(read(parser.parse_args().file)))


if __name__ == "__main__":
    main()
