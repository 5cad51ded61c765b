"""`make bench`: every figure of the live path, each beside the floor of this machine."""

import sys
import tempfile
from pathlib import Path

from benchmarks import (
    backlog,
    beside_import,
    figures,
    growth,
    imports,
    intake,
    latency,
    pages,
    postgres,
    steps,
    treated,
    years,
)

SHOWS = {
    "intake": intake.show,
    "worker": backlog.show,
    "steps": steps.show,
    "imports": imports.show,
    "beside-import": beside_import.show,
    "postgres": postgres.show,
    "latency": latency.show,
    "pages": pages.show,
    "growth": growth.show,
    "treated": treated.show,
    "years": years.show,
}


def main() -> None:
    """Run all of them, or those that are named: `python -m benchmarks pages`."""
    measured: list[figures.Figure] = []
    names = sys.argv[1:] or list(SHOWS)
    with tempfile.TemporaryDirectory(prefix="hexabrand-bench-") as folder:
        for name in names:
            shown = SHOWS[name](Path(folder))
            print(figures.table(shown), flush=True)
            measured += shown
    if len(names) > 1:
        print(f"\nAll of it\n{figures.table(measured)}")


if __name__ == "__main__":
    main()
