"""Run benchmarks: python -m benchmarks [NAME ...] [--list] [--long] [--repetitions N] [--results FOLDER]"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.catalogue import CATALOGUE, load
from benchmarks.report import RESULTS


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks that were named (all unless any is), print each report and write its JSON."""
    chosen = parse(arguments)
    if chosen.list:
        for name in CATALOGUE:
            print(f"{name:<18}{(load(name).__doc__ or '').splitlines()[0]}")
        return
    for name in chosen.names or CATALOGUE:
        report = load(name).measure(chosen.repetitions, chosen.long)
        report.write(chosen.results)
        print(f"{report.text()}\n", flush=True)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; exits with a word about what is wrong with it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the book's code beside peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(CATALOGUE)}; all unless named")
    parser.add_argument("--list", action="store_true", help="say what there is, and run nothing")
    parser.add_argument("--long", action="store_true", help="measure the largest sizes too: minutes, gigabytes")
    parser.add_argument("--repetitions", type=int, default=7, metavar="N", help="how often each does its work (7)")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER", help="where the JSON goes")
    chosen = parser.parse_args(arguments)
    if chosen.repetitions < 1:
        parser.error(f"--repetitions is {chosen.repetitions}: it must be 1 or more")
    if unknown := [name for name in chosen.names if name not in CATALOGUE]:
        parser.error(f"there is no benchmark {', '.join(unknown)}: choose from {', '.join(CATALOGUE)}")
    return chosen


if __name__ == "__main__":
    main()
