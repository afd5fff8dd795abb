"""The command, `python -m benchmarks.curves`: what it prints, `benchmarks.curves` explains."""

import argparse
from pathlib import Path

from benchmarks.curves import REPEATS, compare, run
from benchmarks.curves.methods import METHODS, VARIANTS
from benchmarks.curves.table import FOLDER


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.curves")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--quick", action="store_true", help="few methods and repeats, one worker")
    parser.add_argument("--variants", action="store_true", help="gentler pruners as well")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--tables", type=Path, default=FOLDER, help="the folder of the tables")
    given = parser.parse_args()
    if given.quick:
        print(run(quick=True))
        return
    methods = (*METHODS, *VARIANTS) if given.variants else METHODS
    print(compare(given.repeats, methods, folder=given.tables, processes=given.processes))


if __name__ == "__main__":
    main()
