"""Counts and sums of batches and pens are what the animals add up to, whatever happens."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from herd import operations
from herd.commands import Induction, TagRead
from herd.errors import HerdError
from herd.models import Animal, Batch, JournalEntry, Pen, ReversibleChange, WeightRecord
from herd.sheets.rows import AnimalRow, WeightRow
from herd.unit_of_work import UnitOfWork, open_unit_of_work
from tests.herd.counting import counted, head

START = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = st.integers(1, 4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), NUMBERS, NUMBERS, st.sampled_from(["hxb", "hxe"])),
        st.tuples(st.just("induct"), NUMBERS, NUMBERS, NUMBERS),
        st.tuples(st.just("weigh"), NUMBERS, st.integers(100, 500), st.integers(0, 60)),
        st.tuples(st.just("void"), NUMBERS, NUMBERS, NUMBERS),
        st.tuples(st.just("move"), NUMBERS, NUMBERS, st.booleans()),
        st.tuples(st.just("leave"), NUMBERS, st.sampled_from(["sold", "active"]), NUMBERS),
        st.tuples(st.just("merge"), NUMBERS, NUMBERS, NUMBERS),
        st.tuples(st.just("import"), NUMBERS, NUMBERS, NUMBERS),
        st.tuples(st.just("import weights"), NUMBERS, st.integers(100, 500), NUMBERS),
        st.tuples(st.just("undo"), NUMBERS, NUMBERS, NUMBERS),
    ),
    max_size=25,
)


def do(unit: UnitOfWork, step: tuple[Any, ...], at: datetime) -> None:  # noqa: C901 - a list of operations
    name, one, two, three = step
    animals = list(Animal.objects.order_by("pk").values_list("pk", flat=True))
    pens = list(Pen.objects.order_by("pk").values_list("pk", flat=True))
    match name:
        case "read":
            read = TagRead(f"B{two}", f"LF{one}", f"U{one}", three)
            operations.record_read(unit, read, at)
        case "induct":
            operations.induct(unit, Induction("", f"L{one}", f"B{two}", f"P{three}", "F"), at)
        case "weigh":
            animal = operations.animal_or_pending(unit, f"L{one}", at)
            when = at - timedelta(days=three)
            operations.record_weight(
                unit, animal, operations.Weighing(Decimal(two), when, "office", at)
            )
        case "void":
            for record in WeightRecord.objects.order_by("pk")[one : one + 1]:
                operations.void_weight(unit, record.pk, "wrong", at)
        case "move" if animals and pens:
            pen = pens[two % len(pens)] if three else None
            operations.move_animals(unit, operations.Move([animals[one % len(animals)]], pen, at))
        case "leave" if animals:
            leaving = operations.Leaving([animals[one % len(animals)]], two, at.date(), at, "lot")
            operations.leave(unit, leaving)
        case "merge" if len(animals) > 1:
            keep, absorb = animals[one % len(animals)], animals[two % len(animals)]
            operations.merge(unit, operations.Merge(keep, absorb, at))
        case "import":
            row = AnimalRow(2, f"L{one}", f"LF{two}", batch_number=f"B{three}", pen_number="P9")
            operations.import_animals(unit, [row], "sheet", at)
        case "import weights":
            weighed = WeightRow(2, f"L{one}", Decimal(two))
            operations.import_weights(unit, [weighed], "sheet", at, pending=True)
        case "undo":
            changes = list(ReversibleChange.objects.order_by("pk").values_list("pk", flat=True))
            operations.undo(unit, changes[one % len(changes)] if changes else 0, at)


class TestFigures(TestCase):
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(steps=STEPS, together=st.booleans())
    def test_figures_are_what_the_animals_add_up_to(
        self,
        steps: list[tuple[Any, ...]],
        together: bool,  # noqa: FBT001 - drawn
    ) -> None:
        """Each operation in its own transaction, or all in one with a savepoint each."""
        groups = [steps] if together else [[step] for step in steps]
        for number, group in enumerate(groups):
            with open_unit_of_work("test") as unit:
                for place, step in enumerate(group):
                    at = START + timedelta(days=number + place)
                    try:
                        with unit.savepoint():
                            do(unit, step, at)
                    except HerdError:
                        pass
        for batch in Batch.objects.all():
            assert counted(batch) == pytest.approx({n: getattr(batch, n) for n in counted(batch)})
        for pen in Pen.objects.all():
            assert head(pen) == pen.head_count
        assert JournalEntry.objects.count() >= Animal.objects.count()
