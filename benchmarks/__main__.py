"""Run the benchmarks, each beside its peers, into one page of Markdown.

python -m benchmarks [NAME ...] [--quick] [--output docs]
"""

import argparse
import sys
import time
from datetime import date
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from types import ModuleType

from benchmarks.machine import load, machine, versions
from benchmarks.markdown import marked, replaced
from benchmarks.processes import note
from optisearch.data import mnist

# In the order of the page. Each is a module whose docstring says what is compared with what, and
# whose `run(quick)` returns the tables.
NAMES = (
    *("trials", "parts", "documents", "search", "workers", "sharing", "memory", "telling"),
    *("pages", "overhead", "fleet", "curves", "determinism"),
)
PAGE = "performance.md"
# Where that isn't their page.
PAGES = {"fleet": "many-machines.md", "curves": "search.md", "determinism": "models.md"}


def section(name: str, module: ModuleType, busy: str, *, quick: bool) -> str:
    """Run one benchmark: its docstring, what it was measured on and with, and its tables."""
    title, _, text = cleandoc(module.__doc__ or name).partition("\n")
    command = f"python -m benchmarks {name}{' --quick' if quick else ''}"
    began = time.perf_counter()
    tables = module.run(quick)
    minutes = (time.perf_counter() - began) / 60
    how = (
        f"`{command}` took {minutes:.1f} minutes on {date.today()}, the machine's load at the "
        f"start {busy}: {machine()}. {versions()}."
    )
    return "\n\n".join([f"## {title}", text.strip(), how, tables.strip()])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="some minutes, and less sure")
    parser.add_argument(
        "--output", type=Path, help="a page whose sections are replaced, or the folder of them all"
    )
    arguments = parser.parse_args()
    chosen = arguments.names or NAMES
    if unknown := set(chosen) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    # All of them before the first one runs: what is missing shows at once.
    modules = {name: import_module(f"benchmarks.{name}") for name in chosen}
    mnist(fallback=False)  # the real one or none: the digits in its place are too few
    busy = load()
    for name, module in modules.items():
        note(f"[bold]{name}[/]")
        body = section(name, module, busy, quick=arguments.quick)
        print(marked(name, body), end="\n\n", flush=True)
        if arguments.output:
            write(body, name, arguments.output)


def write(body: str, name: str, output: Path) -> None:
    """Replace a section in a page, or in its own in a folder."""
    page = output / PAGES.get(name, PAGE) if output.is_dir() else output
    before = page.read_text("utf-8") if page.exists() else ""
    page.write_text(replaced(before, name, body), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
