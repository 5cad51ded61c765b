"""Fifty thousand animals, as the largest yard has. Held against the same work in its simplest form,
in the same run: how fast the machine is does not count."""

import random
import time
from collections.abc import Callable

import pytest

from remote.office.mirror.index import SORTED
from remote.office.mirror.mirror import Mirror
from tests.office.rows import Herd, animal, event, mirror_of

HEAD = 50_000


def herd_of(head: int) -> Herd:
    chance = random.Random(5)
    return {
        "cattle": [
            animal(
                key,
                livestock_id=f"L{key}",
                lf_tag=f"84000{chance.randrange(10**10):010}",
                uhf_tag=f"E280{chance.randrange(16**20):020X}",
                visual_id=str(key % 9000),
                batch={"id": key % 250, "batch_number": f"B{key % 250}"},
                last_weight_kg=300 + key % 173,
            )
            for key in range(1, head + 1)
        ]
    }


@pytest.fixture(scope="module")
def mirror() -> Mirror:
    return mirror_of(herd_of(HEAD))


def best(work: Callable[[], object], times: int = 7) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def look_at_every_row(mirror: Mirror) -> float:
    """What a list costs that has no index: one field of each row, and a sort by it."""
    rows = mirror.tables["cattle"]
    return best(lambda: sorted(rows.values(), key=lambda row: row["last_seen_at"] or ""))


def test_a_search_costs_no_more_than_a_few_looks_at_every_row(mirror: Mirror) -> None:
    tag = mirror.tables["cattle"][25_000]["lf_tag"]
    floor = look_at_every_row(mirror)
    for text in (tag, tag[-6:], "E280", "0", "4999", "nobody bears this"):
        assert best(lambda text=text: mirror.held.query_animals(text=text)[:50]) < 6 * floor, text  # type: ignore[misc]


def test_a_sorted_list_costs_a_fraction_of_one_look_at_every_row(mirror: Mirror) -> None:
    floor = look_at_every_row(mirror)
    for column in SORTED:

        def sort(column: str = column) -> object:
            return mirror.held.query_animals(sort=column, downwards=True)[:50]

        taken = best(sort)
        assert taken < floor / 4, column


def cost_of_moves(head: int) -> float:
    """Of 500 animals that are moved and weighed, one after the other."""
    mirror = mirror_of(herd_of(head))
    rows = list(mirror.tables["cattle"].values())[:500]
    moved = {"batch": {"id": 7, "batch_number": "B7"}, "last_weight_kg": 411.5}
    events = [event(11 + n, "cattle:moved", row | moved) for n, row in enumerate(rows)]
    started = time.perf_counter()
    mirror.apply(events)
    taken = time.perf_counter() - started
    assert len(mirror.held.in_batch(7)) >= 500
    return taken


def test_an_event_costs_the_same_however_large_the_herd() -> None:
    small, large = (min(cost_of_moves(head) for _ in range(3)) for head in (1000, HEAD))
    assert large < 10 * small  # going through all of them would cost fifty times as much
