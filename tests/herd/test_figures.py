"""Counts and sums of batches and pens are what the animals add up to, whatever happens."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from herd import operations
from herd.errors import HerdError
from herd.models import Animal, Batch, JournalEntry, Pen, ReversibleChange, WeightRecord
from herd.register import Register, open_register
from herd.sheet_rows import AnimalRow, WeightRow
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


def do(register: Register, step: tuple[Any, ...], at: datetime) -> None:  # noqa: C901 - a list of operations
    name, one, two, three = step
    animals = list(Animal.objects.order_by("pk").values_list("pk", flat=True))
    pens = list(Pen.objects.order_by("pk").values_list("pk", flat=True))
    match name:
        case "read":
            read = operations.Read(f"B{two}", f"LF{one}", f"U{one}", three, at)
            operations.record_read(register, read)
        case "induct":
            operations.induct(
                register, operations.Induction(f"L{one}", f"B{two}", f"P{three}", "F", at)
            )
        case "weigh":
            animal = operations.animal_or_pending(register, f"L{one}", at)
            when = at - timedelta(days=three)
            operations.record_weight(
                register, animal, operations.Weighing(Decimal(two), when, "office", at)
            )
        case "void":
            for record in WeightRecord.objects.order_by("pk")[one : one + 1]:
                operations.void_weight(register, record.pk, "wrong", at)
        case "move" if animals and pens:
            pen = pens[two % len(pens)] if three else None
            operations.move_animals(
                register, operations.Move([animals[one % len(animals)]], pen, at)
            )
        case "leave" if animals:
            leaving = operations.Leaving([animals[one % len(animals)]], two, at.date(), at, "lot")
            operations.leave(register, leaving)
        case "merge" if len(animals) > 1:
            keep, absorb = animals[one % len(animals)], animals[two % len(animals)]
            operations.merge(register, operations.Merge(keep, absorb, at))
        case "import":
            row = AnimalRow(2, f"L{one}", f"LF{two}", batch_number=f"B{three}", pen_number="P9")
            operations.import_animals(register, [row], "sheet", at)
        case "import weights":
            weighed = WeightRow(2, f"L{one}", Decimal(two))
            operations.import_weights(register, [weighed], "sheet", at, pending=True)
        case "undo":
            changes = list(ReversibleChange.objects.order_by("pk").values_list("pk", flat=True))
            operations.undo(register, changes[one % len(changes)] if changes else 0, at)


class TestFigures(TestCase):
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=STEPS, together=st.booleans())
    def test_figures_are_what_the_animals_add_up_to(
        self,
        steps: list[tuple[Any, ...]],
        together: bool,  # noqa: FBT001 - drawn
    ) -> None:
        """Each operation in its own transaction, or all in one with a savepoint each."""
        groups = [steps] if together else [[step] for step in steps]
        for number, group in enumerate(groups):
            with open_register("test") as register:
                for place, step in enumerate(group):
                    at = START + timedelta(days=number + place)
                    try:
                        with register.savepoint():
                            do(register, step, at)
                    except HerdError:
                        pass
        for batch in Batch.objects.all():
            assert counted(batch) == pytest.approx({n: getattr(batch, n) for n in counted(batch)})
        for pen in Pen.objects.all():
            assert head(pen) == pen.head_count
        assert JournalEntry.objects.count() >= Animal.objects.count()
