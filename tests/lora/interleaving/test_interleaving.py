"""Whatever happens at the same time: the herd is as if one thing had been done after the other, in
the order of the journal."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from tests.lora.interleaving import barn, history, state
from tests.lora.interleaving.barn import ANIMALS, BATCHES, LF, LIDS, PENS, Barn, Operation
from tests.lora.interleaving.database import Databases, in_thread
from tests.lora.interleaving.history import Plan
from tests.lora.interleaving.scheduler import Switch, Turn

Operations = st.SearchStrategy[Operation]

some = st.sampled_from
Ways = tuple[str, ...]
WRITTEN: Ways = ("outside", "inside")
LOOKED_UP: Ways = ("lookups", "outside")  # where it may be told so


def operation(name: str, *parts: st.SearchStrategy[Any], ways: Ways = WRITTEN) -> Operations:
    return st.builds(Operation, st.just(name), st.tuples(*parts), st.integers(0, 5), some(ways))


def rows(name: str, row: st.SearchStrategy[Any], ways: Ways = ("outside",)) -> Operations:
    many = st.lists(row, min_size=1, max_size=3, unique_by=lambda one: one[0]).map(tuple)
    return st.builds(Operation, st.just(name), many, st.integers(0, 5), some(ways))


ONES = st.lists(some(ANIMALS), min_size=1, max_size=3, unique=True).map(tuple)
KG = some((250, 310, 320, 480, 900))
NEW = some(("L8", "L9", "l9"))
PLACES = some(("B1", "B3")), some(("P1", "P3"))
STEP = st.just(Operation("step"))


def stored(*texts: str) -> Operations:
    return rows("store", st.tuples(some(texts), some((0, 2, 60, 120))))


READS = stored(
    *(f"hxb:{b}:LF{n}:{uhf}" for b in BATCHES for n in range(1, 9) for uhf in ("U8", "U9", "")),
    *(f"hxe:B1:LF{n}:" for n in range(1, 9)),
)
EVENTS = stored(
    *(f"event:hxb:chi{n}|weight:{250 + n}|lid:L{n}" for n in range(1, 10)),
    *(f"event:hxb:ind{n}|funder:Acme|lot:B{n % 3 + 1}|pen:P3|lid:L{n}" for n in range(1, 10)),
    *(f"event:hxb:pai{n}|lf:LF{n}|epc:U{n}|lid:L{9 - n}" for n in range(1, 9)),
    "event:hxb:chi1|weight:300|lid:L2",
)
AGAIN = stored("hxb:B1:LF1:", "event:hxb:chi9|weight:259|lid:L9", "event:hxb:chi9|weight:1|lid:L9")
PEN = some((1, 2, 3))
MOVES = (
    operation("move", ONES, PEN | st.none(), st.booleans(), ways=LOOKED_UP)
    | operation("leave", ONES, some(("dead", "active")), st.booleans(), ways=LOOKED_UP)
    | operation("edit_pen", PEN, some(("capacity",)), some((1, 3, 5)))
)
NAMES = (
    operation("weigh_named", NEW, KG, ways=LOOKED_UP)
    | operation("edit_animal", some(ANIMALS), some(("livestock_id",)), NEW)
    | operation("repair", some(LIDS[:3]), some(("LF1", "")), some(("LF8", "LF9")))
    | operation("retag", some(ANIMALS), some(("LF2", "LF9")), st.booleans())
    | rows("import_animals", st.tuples(NEW, some(("LF2", "LF9")), *PLACES), LOOKED_UP)
)
PLACED = (
    operation("edit_batch", some((1, 2)), some(("funder", "notes")), NEW)
    | operation("edit_batch", some((1, 2)), some(("batch_number",)), some(BATCHES))
    | operation("edit_pen", PEN, some(("pen_number",)), some(PENS))
    | operation("create_batch", some(BATCHES))
    | operation("create_pen", some(PENS))
    | operation("delete_pen", PEN)
    | operation("change_batch", ONES, some((1, 2)), ways=LOOKED_UP)
)
FIGURES = (
    operation("weigh", some(ANIMALS), KG, ways=LOOKED_UP)
    | operation("void", some(ANIMALS))
    | operation("edit_animal", some(ANIMALS), some(("breed", "visual_id")), NEW)
    | operation("retime", some(ANIMALS), some((0, 1)))
    | rows("import_weights", st.tuples(some(LIDS), KG), LOOKED_UP)
)
UNDONE = (
    operation("merge", some(ANIMALS), some(ANIMALS))
    | operation("undo", some(("retag", "import", "seed", "0.0", "1.0")))
    | operation("resolve", some((3, 5)), some(("merge", "give", "ignore")), some((3, 7, 8)))
    | operation("retry", some((4, 5)), st.none() | some(("hxb:B3:LF9:", "hxb:B1:LF1:")))
)
ALL = MOVES | NAMES | PLACED | FIGURES | UNDONE
LAST_PLACE = operation(
    "move", some(((2,), (4,), (6,))), some((1,)), some((False,)), ways=("lookups",)
)
NEWCOMERS = (
    operation("weigh_named", NEW, KG, ways=("lookups",))
    | operation("create_batch", some(("B3",)))
    | operation("create_pen", some(("P3",)))
    | STEP
)
HEARD_OF = stored(
    "hxb:B3:LF9:",
    "event:hxb:chi8|weight:258|lid:L8",
    "event:hxb:ind9|lot:B3|pen:P3|funder:A|lid:L9",
)
EMPTY_PEN = operation("move", ONES, some((3,)), st.booleans(), ways=("lookups",)) | operation(
    "delete_pen", some((3,))
)
# What meets what: with all of them drawn alike, two seldom touch the same thing.
THEMES = {
    "last place": (LAST_PLACE, AGAIN),
    "newcomers": (NEWCOMERS, HEARD_OF),
    "empty pen": (EMPTY_PEN, AGAIN),
    "pens": (MOVES | rows("import_animals", st.tuples(NEW, some(LF), *PLACES), LOOKED_UP), AGAIN),
    "names": (NAMES | STEP, EVENTS | AGAIN),
    "workers": (STEP | AGAIN, AGAIN | EVENTS),
    "places": (PLACED | STEP, READS | EVENTS),
    "figures": (FIGURES | STEP, READS | EVENTS),
    "all": (ALL | STEP | READS, READS | EVENTS),
}


def plans(theme: str) -> st.SearchStrategy[Plan]:
    acts, first = THEMES[theme]
    side = st.lists(st.lists(acts, min_size=1, max_size=3), min_size=2, max_size=4)
    return st.builds(Plan, st.lists(first, max_size=3), side)


SWITCHES = st.lists(st.tuples(st.none() | st.integers(0, 25), st.integers(0, 2)), max_size=20)


class Herd:
    """The databases, and what is known of the herd that all of them begin with."""

    def __init__(self, folder: Path) -> None:
        self.databases = Databases(folder, self._build)

    def _build(self) -> None:
        with history.History().noted(Turn()):
            self.changes = barn.seed()
        self.known = state.highest()

    def hold(self, plan: Plan, switches: list[Switch] | None) -> None:
        """Do it side by side, and hold the end against the same one after the other."""
        with self.databases.fresh():
            done = history.side_by_side(Barn(dict(self.changes)), plan, switches)
            in_thread(state.check_sound)
            told, tables = in_thread(lambda: state.state(self.known))
        assert len(set(done.numbers)) == len(done.numbers), "a row number was given twice"
        with self.databases.fresh():
            again = history.one_after_the_other(Barn(dict(self.changes)), done.done)
            told_again, tables_again = in_thread(lambda: state.state(self.known))
        assert not again.refused
        assert told == told_again
        assert tables == tables_again


@pytest.fixture(scope="module")
def herd(django_db_blocker: DjangoDbBlocker) -> Iterator[Herd]:
    # In memory where that can be: a disk's syncs, a dozen for each run, took most of the time.
    memory = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder,
        django_db_blocker.unblock(),
    ):
        yield Herd(Path(folder))


TRIES = int(os.environ.get("INTERLEAVINGS", "12"))
TRIED = settings(
    max_examples=TRIES,
    # The same few each time, so that what stops a change is its own doing; many are drawn anew.
    derandomize=TRIES <= 12,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("theme", THEMES)
@TRIED
@given(data=st.data())
def test_side_by_side_is_as_one_after_the_other(
    herd: Herd, theme: str, data: st.DataObject
) -> None:
    herd.hold(data.draw(plans(theme)), data.draw(SWITCHES))


@TRIED
@given(plan=plans("all"))
def test_threads_that_run_freely_too(herd: Herd, plan: Plan) -> None:
    herd.hold(plan, None)
