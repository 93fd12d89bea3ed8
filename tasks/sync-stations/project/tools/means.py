"""Print the means of every station: `means.py FOLDER`."""

import csv
import sys
from pathlib import Path


def means(path: Path) -> list[str]:
    """Return station, number of values, mean, lowest and highest of one series."""
    with path.open(newline="") as stream:
        values = [float(row["celsius"]) for row in csv.DictReader(stream)]
    mean = sum(values) / len(values)
    return [path.stem, str(len(values)), f"{mean:.3f}", f"{min(values):.1f}", f"{max(values):.1f}"]


def main(folder: Path) -> None:
    """Print a table."""
    with (folder.parent / "stations.csv").open(newline="") as stream:
        names = [row["station"] for row in csv.DictReader(stream)]
    print("station,values,mean,lowest,highest")
    for name in names:
        print(",".join(means(folder / f"{name}.csv")))


main(Path(sys.argv[1]).resolve())
