"""Many operations in one unit of work leave what each in a unit of its own leaves: what they look
up is as the ones before have left it, written or not."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.apps import apps
from django.db import connection, models, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from herd import operations
from herd.commands import Induction, TagRead
from herd.errors import HerdError
from herd.models import Animal, JournalEntry, ReversibleChange
from herd.sheets.rows import AnimalRow, WeightRow
from herd.storage.row_numbers import RowNumbers
from herd.unit_of_work import UnitOfWork

START = datetime(2026, 1, 1, tzinfo=UTC)
STAMPS = {"created_at", "updated_at", "steps"}  # of the moment, or in the order of the numbers
OF_THE_UNIT = {"id", "count"}  # a unit is one act: how many there were, and what all of it touched
Step = tuple[str, int, int, int]
Changes = list[ReversibleChange]


class CountedOn(RowNumbers):
    """Numbers that several units of work share, so that a refused operation uses them up too."""

    def __init__(self) -> None:
        super().__init__()
        self._last: Counter[type[models.Model]] = Counter()

    def next(self, model: type[models.Model]) -> int:
        self._last[model] += 1
        return self._last[model]

    def give_back(self) -> None:
        """Give back nothing."""


def animal(unit: UnitOfWork, n: int) -> Animal:
    found = unit.animal(f"L{n}") or unit.animal_by_tag("lf", f"LF{n}")
    if found is None:
        raise HerdError("There is none.")
    return found


def weigh(unit: UnitOfWork, n: int, kg: int, days: int, at: datetime) -> None:
    weighing = operations.Weighing(Decimal(100 + 50 * kg), at - timedelta(days=days), "office", at)
    operations.record_weight(unit, animal(unit, n), weighing)


def void(unit: UnitOfWork, n: int, place: int, at: datetime) -> None:
    for record in unit.weighings(animal(unit, n))[place : place + 1]:
        operations.void_weight(unit, record.pk, "wrong", at)


def move(unit: UnitOfWork, n: int, pen: int, at: datetime) -> None:
    found = unit.pen(f"P{pen}")
    to = None if found is None else found.pk
    operations.move_animals(unit, operations.Move([animal(unit, n).pk], to, at))


def delete_pen(unit: UnitOfWork, n: int, at: datetime) -> None:
    if (pen := unit.pen(f"P{n}")) is not None:
        operations.delete_pen(unit, pen, at)


def edit_pen(unit: UnitOfWork, n: int, other: int, at: datetime) -> None:
    if (pen := unit.pen(f"P{n}")) is not None:
        operations.edit_pen(unit, pen, {"pen_number": f"P{other}"}, at)


def name(unit: UnitOfWork, n: int, other: int, at: datetime) -> None:
    operations.edit_animal(unit, animal(unit, n), {"livestock_id": f"L{other}"}, at)


def leave(unit: UnitOfWork, n: int, status: str, at: datetime) -> None:
    leaving = operations.Leaving([animal(unit, n).pk], status, at.date(), at, "lot")
    operations.leave(unit, leaving)


def merge(unit: UnitOfWork, one: int, two: int, at: datetime) -> ReversibleChange:
    asked = operations.Merge(animal(unit, one).pk, animal(unit, two).pk, at)
    return operations.merge(unit, asked)[1]


def retag(unit: UnitOfWork, n: int, lf: int, at: datetime) -> ReversibleChange | None:
    asked = operations.Retag(animal(unit, n).pk, at, lf=f"LF{lf}", take_over=True)
    return operations.retag(unit, asked)[1]


def sheet(unit: UnitOfWork, n: int, lf: int, batch: int, at: datetime) -> ReversibleChange:
    row = AnimalRow(2, f"L{n}", f"LF{lf}", batch_number=f"B{batch}", pen_number="P9", breed="x")
    return operations.import_animals(unit, [row], "sheet", at).change


def weights(unit: UnitOfWork, n: int, kg: int, at: datetime) -> ReversibleChange:
    weighed = WeightRow(2, f"L{n}", Decimal(100 + 50 * kg))
    return operations.import_weights(unit, [weighed], "sheet", at, pending=True).change


def undo(unit: UnitOfWork, changes: Changes, n: int, at: datetime) -> None:
    for change in changes[-n:][:1]:
        operations.undo(unit, change.pk, at)


Do = Callable[[UnitOfWork, Changes, int, int, int, datetime], object]
STEPS: Final[dict[str, Do]] = {
    "read": lambda unit, _, a, b, c, at: operations.record_read(
        unit, TagRead(f"B{b}", f"LF{a}", f"U{c}", "hxb"), at
    ),
    "induct": lambda unit, _, a, b, c, at: operations.induct(
        unit, Induction("", f"L{a}", f"B{b}", f"P{c}", "F"), at
    ),
    "weigh": lambda unit, _, a, b, c, at: weigh(unit, a, b, c, at),
    "void": lambda unit, _, a, b, _c, at: void(unit, a, b - 1, at),
    "move": lambda unit, _, a, b, _c, at: move(unit, a, b, at),
    "delete pen": lambda unit, _, a, _b, _c, at: delete_pen(unit, a, at),
    "edit pen": lambda unit, _, a, b, _c, at: edit_pen(unit, a, b, at),
    "name": lambda unit, _, a, b, _c, at: name(unit, a, b, at),
    "leave": lambda unit, _, a, b, _c, at: leave(unit, a, ("sold", "active")[b % 2], at),
    "merge": lambda unit, _, a, b, _c, at: merge(unit, a, b, at),
    "retag": lambda unit, _, a, b, _c, at: retag(unit, a, b, at),
    "sheet": lambda unit, _, a, b, c, at: sheet(unit, a, b, c, at),
    "weights": lambda unit, _, a, b, _c, at: weights(unit, a, b, at),
    "undo": lambda unit, changes, a, _b, _c, at: undo(unit, changes, a, at),
}
NUMBERS = st.integers(1, 4)
A_STEP = st.tuples(st.sampled_from(sorted(STEPS)), NUMBERS, NUMBERS, NUMBERS)


# Rows that are in the database before: two animals in pens, with tags and weights.
BEFORE: Final[list[Step]] = [
    *(("induct", n, 1, n) for n in (1, 2)),
    *(("sheet", n, n, 1) for n in (1, 2)),
    *(("weigh", n, 2, 1) for n in (1, 2, 1)),
    ("read", 3, 2, 3),
]


def left_by(units: list[list[Step]]) -> dict[str, list[dict[str, Any]]]:
    """Return all rows after the units of work with these steps, which are then taken back."""
    numbers, changes, at = CountedOn(), list[ReversibleChange](), START
    with transaction.atomic():
        for steps in units:
            unit = UnitOfWork("test", numbers=numbers)
            for called, a, b, c in steps:
                at += timedelta(days=1)
                try:
                    with unit.savepoint():
                        made = STEPS[called](unit, changes, a, b, c, at)
                except HerdError:
                    continue
                if isinstance(made, ReversibleChange):
                    changes.append(made)
            unit.write()
        connection.check_constraints()
        rows = stored()
        transaction.set_rollback(True)
    return rows


def stored() -> dict[str, list[dict[str, Any]]]:
    tables = [one for one in apps.get_app_config("herd").get_models() if one is not JournalEntry]
    return {
        model.__name__: [
            {
                name: round(value, 6) if isinstance(value, float) else value
                for name, value in row.items()
                if name not in STAMPS and not (model is ReversibleChange and name in OF_THE_UNIT)
            }
            for row in model._default_manager.order_by("pk").values()
            if model is not ReversibleChange or row["kind"] in ReversibleChange.WITH_OWN_STEPS
        ]
        for model in tables
    }


class TestTogether(TestCase):
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(steps=st.lists(A_STEP, max_size=20))
    def test_many_in_one_unit_leave_what_each_in_its_own_leaves(self, steps: list[Step]) -> None:
        assert left_by([BEFORE, steps]) == left_by([BEFORE, *([one] for one in steps)])
