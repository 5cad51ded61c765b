"""`make bench`: every figure of the live path, each beside the floor of this machine."""

import sys
import tempfile
from pathlib import Path

from benchmarks import backlog, floor, growth, intake, latency, pages, years
from tests.system.farm import Farm


def main() -> None:
    """All of them, or those that are named: `python -m benchmarks pages`."""
    shows = {
        "intake": show_intake,
        "backlog": show_backlog,
        "latency": show_latency,
        "pages": show_pages,
        "growth": show_growth,
        "years": show_years,
    }
    with tempfile.TemporaryDirectory(prefix="hexabrand-bench-") as folder:
        root = Path(folder)
        for name in sys.argv[1:] or shows:
            shows[name](root)


def farm_in(root: Path, name: str) -> Farm:
    (root / name).mkdir()
    return Farm(root / name)


def show_intake(root: Path) -> None:
    print("\nIntake: datagrams over UDP, stored durably by the receiver (worker stopped)")
    farm = farm_in(root, "intake")
    try:
        farm.set_up_pi()
        farm.start("receiver")
        farm.wait_until_it_listens()
        measured = intake.measure(farm)
        for one in measured:
            print(
                f"  {one.rate:>6}/s asked: sent {one.sent}, stored {one.stored}"
                f" ({one.stored / one.seconds:.0f}/s), loss {one.loss:.2%};"
                f" floor (bare recv) loss {one.floor_loss:.2%}"
            )
        best = floor.group_commit_rows_per_second(root)
        ratio = best / max(one.stored / one.seconds for one in measured)
        print(
            f"  floor: {best:.0f} rows/s in bare sqlite3 group commits of 500, ratio 1:{ratio:.1f}"
        )
        print(f"  resident: receiver {farm.processes['receiver'].resident_mb():.0f} MB")
    finally:
        farm.stop()


def show_backlog(root: Path) -> None:
    print("\nWorker: a backlog with every effect")
    farm = farm_in(root, "backlog")
    try:
        farm.set_up_pi()
        farm.start("receiver")
        farm.wait_until_it_listens()
        result = backlog.measure(farm)
        best = floor.effects_per_second(root)
        print(
            f"  {result.payloads} payloads in {result.seconds:.1f} s = {result.per_second:.0f}/s;"
            f" floor (bare statements) {best:.0f}/s, ratio 1:{best / result.per_second:.1f}"
        )
        print(f"  statuses: {dict(result.statuses)}")
        print(f"  resident: worker {farm.processes['worker'].resident_mb():.0f} MB")
    finally:
        farm.stop()


def show_latency(root: Path) -> None:
    print("\nLatency: frame sent to each station, every process running")
    with farm_in(root, "latency") as farm:
        result = latency.measure(farm)
        commit = floor.commit_ms(root)
        for name, values in (
            ("stored and on the feed", result.stored),
            ("applied and on the feed", result.applied),
            ("row in Chromium", result.browser),
        ):
            median, worst = latency.p(values, 50), latency.p(values, 99)
            ratio = median / (2 * commit)
            print(f"  {name:<24} p50 {median:6.1f} ms   p99 {worst:6.1f} ms   ratio {ratio:4.0f}:1")
        print(f"  floor: {commit:.2f} ms for one durable commit; the path has two")
        for name, process in farm.processes.items():
            print(f"  resident: {name} {process.resident_mb():.0f} MB")


def show_pages(root: Path) -> None:
    print(f"\nOffice pages from a mirror of {pages.ANIMALS} animals (whole request, median)")
    farm = farm_in(root, "pages")
    try:
        farm.set_up_pi()
        pages.fill(farm)
        farm.start("pi web")
        farm.wait_until_pi_answers()
        print(f"  the mirror is loaded {pages.wait_for_the_mirror(farm):.1f} s after the start")
        measured = pages.measure(farm)
        bare = measured[0].median_ms  # `/health`: what the web server takes for an empty answer
        for one in measured:
            ratio = one.median_ms / bare
            print(
                f"  {one.path:<48} {one.median_ms:6.1f} ms  {one.kilobytes:6.0f} KB  {ratio:5.1f}:1"
            )
        for name, process in farm.processes.items():
            print(f"  resident: {name} {process.resident_mb():.0f} MB")
    finally:
        farm.stop()


def show_growth(root: Path) -> None:
    """Both sizes side by side, and how many times the smaller one's cost the larger one's is."""
    sizes = [_size_of(root, animals) for animals in growth.SIZES]
    small, large = sizes
    print(f"\nThe office with {small.animals} and with {large.animals} animals (! beyond its goal)")
    for name, unit in (
        ("load_seconds", "s"),
        ("loaded_mb", "MB"),
        ("resident_mb", "MB"),
        ("peak_mb", "MB"),
    ):
        before, after = (getattr(size, name) for size in sizes)
        print(f"  {name:<50} {before:7.1f}  {after:7.1f} {unit}  {after / before:4.1f}:1")
    for rows in zip(small.pages, large.pages, strict=True):
        cells = "".join(_cell(row, size.animals) for row, size in zip(rows, sizes, strict=True))
        print(f"  {rows[0].path:<50}{cells}  {rows[1].median_ms / rows[0].median_ms:4.1f}:1")


def _size_of(root: Path, animals: int) -> growth.Size:
    farm = farm_in(root, f"growth-{animals}")
    try:
        return growth.measure(farm, animals)
    finally:
        farm.stop()


def _cell(row: pages.PageTime, animals: int) -> str:
    slow = row.median_ms > growth.goal_ms(row.path, animals)
    mark = "!" if slow or row.kilobytes > growth.KILOBYTES else " "
    return f" {row.median_ms:6.1f} ms {row.kilobytes:5.0f} KB{mark}"


def show_years(root: Path) -> None:
    print(f"\nThe Pi's API after {years.PAYLOADS} payloads (whole request, median)")
    farm = farm_in(root, "years")
    try:
        farm.set_up_pi()
        years.fill(farm)
        farm.start("pi web")
        farm.wait_until_pi_answers()
        measured = years.measure(farm)
        for one in measured:
            ratio = one.median_ms / measured[0].median_ms
            print(f"  {one.path:<28} {one.median_ms:6.1f} ms  {ratio:5.1f}:1")
    finally:
        farm.stop()


if __name__ == "__main__":
    main()
