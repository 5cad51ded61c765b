"""What a step of the worker asks of the database, and how long it keeps the other writers out."""

import statistics
from pathlib import Path

from benchmarks import backlog, floor
from benchmarks.farms import TracedFarm, Turn, stopped_at_last
from benchmarks.figures import Figure, at_most

SIZES = (200, 500)
STEPS = 40


def show(root: Path) -> list[Figure]:
    print("\nSteps of the worker: statements, and turns in the writers' queue")
    return [figure for size in SIZES for figure in _figures(root, size)]


def _figures(root: Path, size: int) -> list[Figure]:
    turns = turns_of(root, size)
    bare = size / floor.effects_per_second(root, step=size) * 1000
    asked = [turn.statements for turn in turns]
    held = [turn.held_ms for turn in turns]
    print(
        f"  {len(turns)} steps of {size}: statements {statistics.median(asked):.0f} in the median,"
        f" queue held {statistics.median(held):.1f} ms in the median"
    )
    return [
        Figure(f"statements of a step of {size}, at most", max(asked), "", None, at_most(30)),
        Figure(f"queue held by a step of {size}, longest", max(held), "ms", bare, at_most(40)),
    ]


def turns_of(root: Path, size: int, steps: int = STEPS) -> list[Turn]:
    """The turns of so many full steps; the first is left out, as it sets up the process."""
    (root / f"steps-{size}").mkdir()
    farm = TracedFarm(root / f"steps-{size}")
    farm.step = size
    with stopped_at_last(farm):
        farm.set_up_pi()
        farm.start("receiver")
        farm.wait_until_it_listens()
        backlog.measure(farm, size * steps)
        return farm.turns("worker")[1:steps]
