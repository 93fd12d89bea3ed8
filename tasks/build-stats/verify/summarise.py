"""Compare a summary (standard input) with what the series in the files really say."""

import statistics
import sys
from pathlib import Path


def quantile(numbers, p):
    position = p * (len(numbers) - 1)
    below = int(position)
    above = min(below + 1, len(numbers) - 1)
    return numbers[below] + (position - below) * (numbers[above] - numbers[below])


def row(path):
    numbers = sorted(float(line) for line in path.read_text().split())
    spread = statistics.stdev(numbers) if len(numbers) > 1 else 0.0
    values = [statistics.fmean(numbers), spread, quantile(numbers, 0.5), quantile(numbers, 0.95)]
    return [path.stem, str(len(numbers)), *values, numbers[-1]]


def close(told, real):
    if isinstance(real, str):
        return told == real
    return len(told.rpartition(".")[2]) == 3 and abs(float(told) - real) < 0.0015


def main():
    lines = [line.split("\t") for line in sys.stdin.read().splitlines()]
    if not lines or lines[0] != ["series", "n", "mean", "sd", "p50", "p95", "max"]:
        sys.exit("the head line is missing")
    wanted = [row(Path(name)) for name in sys.argv[1:]]
    if sorted(line[0] for line in lines[1:]) != sorted(line[0] for line in wanted):
        sys.exit("not one line for each series")
    for told, real in zip(sorted(lines[1:]), sorted(wanted), strict=True):
        if len(told) != len(real) or not all(map(close, told, real)):
            sys.exit(f"{real[0]}: told {told}, is {real}")


main()
