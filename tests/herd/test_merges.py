"""Merges: both records' days, places and statuses, and taken back all is as it never had been."""

import contextlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from herd import errors, operations
from herd.commands import TagRead
from herd.errors import HerdError
from herd.head_days import head_days_of
from herd.models import Animal, Batch, JournalEntry, Movement, Pen, ReversibleChange
from herd.operations.placing import Overfill
from herd.sheets.rows import AnimalRow
from herd.unit_of_work import open_unit_of_work
from tests.herd.counting import counted, head

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
ROWS = ("Animal", "TagPairing", "Movement", "WeightRecord")


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def an_animal(lid: str, batch: str = "A", pen: str = "", *, days: float = 30) -> int:
    """An animal of this batch, since so many days."""
    with open_unit_of_work("radio") as unit:
        animal = operations.record_read(
            unit, TagRead(batch, f"LF{lid}", f"U{lid}", "hxb"), ago(days)
        )
        operations.edit_animal(unit, animal, {"livestock_id": lid}, ago(days))
        if pen:
            place = unit.pen(pen) or operations.create_pen(unit, {"pen_number": pen}, NOW)
            asked = operations.Move([animal.pk], place.pk, ago(days))
            operations.move_animals(unit, asked)
    return animal.pk


def pending(name: str = "L9") -> int:
    with open_unit_of_work("radio") as unit:
        return operations.animal_or_pending(unit, name, ago(1)).pk


def weigh(animal: int, kg: int, days: float) -> None:
    with open_unit_of_work("office:ana") as unit:
        weighing = operations.Weighing(Decimal(kg), ago(days), "office", NOW)
        operations.record_weight(unit, unit.animal_no(animal), weighing)


def mark(animal: int, status: str, *, days: int = 3, reason: str = "bloat") -> None:
    with open_unit_of_work("office:ana") as unit:
        on = ago(days).date()
        leaving = operations.Leaving([animal], status, on, NOW, reason, again=True)
        operations.leave(unit, leaving)


def merged(keep: int, absorb: int, at: datetime = NOW, **more: Any) -> int:
    with open_unit_of_work("office:ana") as unit:
        return operations.merge(unit, operations.Merge(keep, absorb, at, **more))[1].pk


def undone(change: int, **overfill: Any) -> None:
    with open_unit_of_work("office:ana") as unit:
        operations.undo(unit, change, NOW + timedelta(hours=1), Overfill(**overfill))


def move(animal: int, pen: str = "", batch: str = "", at: datetime = NOW) -> None:
    with open_unit_of_work("office:ana") as unit:
        if pen:
            place = unit.pen(pen) or operations.create_pen(unit, {"pen_number": pen}, at)
            operations.move_animals(unit, operations.Move([animal], place.pk, at))
        if batch:
            lot = unit.batch(batch) or operations.create_batch(unit, {"batch_number": batch}, at)
            operations.change_batch(unit, [animal], lot, at)


def herd() -> dict[str, list[dict[str, Any]]]:
    """Every column of the animals and of what names them, and every figure of their places."""
    rows: dict[str, list[dict[str, Any]]] = {
        name: list(apps.get_model("herd", name).objects.order_by("pk").values()) for name in ROWS
    }
    for model in (Batch, Pen):
        figures = ("pk", "head_count") if model is Pen else ("pk", *counted(Batch(pk=0)))
        rows[model.__name__] = [
            {name: round(value, 6) for name, value in row.items()}
            for row in model.objects.order_by("pk").values(*figures)
        ]
    days = {str(one): head_days_of(one, NOW.date()) for one in Batch.objects.order_by("pk")}
    return {**rows, "head days": [days]}


def head_days() -> dict[str, int]:
    return {str(one): head_days_of(one, NOW.date()) for one in Batch.objects.order_by("pk")}


def assert_sound() -> None:
    """Counts are sums, and every animal is where its movements end."""
    for batch in Batch.objects.all():
        assert counted(batch) == pytest.approx({n: getattr(batch, n) for n in counted(batch)})
    for pen in Pen.objects.all():
        assert head(pen) == pen.head_count
    for name in ("batch_id", "pen_id"):
        columns = ("animal_id", f"from_{name}", f"to_{name}")
        rows = Movement.objects.order_by("moved_at", "pk").values_list(*columns)
        ends = {animal: went for animal, came, went in rows if came or went}
        places = dict(Animal.objects.values_list("pk", name))
        assert {pk: places[pk] for pk in ends} == ends


# -- taken back ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["dead", "sold", "exported"])
@pytest.mark.parametrize("is_kept", [True, False])
def test_a_pending_record_and_one_that_has_left_are_both_as_before(
    status: str, *, is_kept: bool
) -> None:
    unknown, gone = pending(), an_animal("1", pen="P1")
    move(unknown, "P2", "B")
    mark(gone, status)
    before = herd()
    change = merged(*((unknown, gone) if is_kept else (gone, unknown)))
    animal = Animal.objects.get()
    assert (animal.status, animal.left_on, animal.left_reason) == (
        status,
        ago(3).date(),
        "bloat",
    )
    assert_sound()
    undone(change)
    assert herd() == before


def test_every_column_of_both_is_as_before() -> None:
    one, two = an_animal("1", "A", "P1", days=40), an_animal("2", "B", "P2", days=20)
    for kg, day in ((300, 39), (330, 19), (345, 9)):
        weigh(one, kg, day)
        weigh(two, kg + 50, day - 1)
    with open_unit_of_work("office:ana") as unit:
        told = {"breed": "Angus", "notes": "limps", "induction_date": ago(20).date()}
        operations.edit_animal(unit, unit.animal_no(two), told, ago(2))
        operations.edit_animal(unit, unit.animal_no(one), {"notes": "tame"}, ago(2))
    before = herd()
    change = merged(one, two, lf="LF2")
    assert Animal.objects.get().notes == "tame\nlimps"
    assert_sound()
    undone(change)
    assert herd() == before
    assert ReversibleChange.objects.get(kind="merge").undone_at is not None


def test_what_was_recorded_since_stays_with_the_kept_one() -> None:
    one, two = an_animal("1", "A", "P1"), an_animal("2", "B", "P2")
    change = merged(one, two)
    weigh(one, 350, 0)
    move(one, "P3", "C", NOW + timedelta(minutes=5))
    mark(one, "sold", days=0)
    undone(change)
    kept, again = Animal.objects.get(pk=one), Animal.objects.get(pk=two)
    assert (str(kept.pen), str(kept.batch), kept.status) == ("P3", "C", "sold")
    assert (str(again.pen), str(again.batch), again.status) == ("P2", "B", "active")
    assert (kept.weights.count(), again.weights.count()) == (1, 0)
    assert_sound()


def test_a_place_that_was_filled_in_and_left_since_keeps_its_history() -> None:
    one, two = pending(), an_animal("2", "B", "P2")
    change = merged(one, two)
    move(one, "P3", "C", NOW + timedelta(minutes=5))
    undone(change)
    assert str(Animal.objects.get(pk=one).batch) == "C"
    assert_sound()
    assert head_days() == {"B": 31, "C": 1}


def test_merges_are_taken_back_in_their_order_alone() -> None:
    one, two, three = (an_animal(lid, lid, f"P{lid}") for lid in "123")
    before = herd()
    first, second = merged(one, two), merged(three, one)
    with open_unit_of_work("t") as unit, pytest.raises(errors.UndoImpossible) as refused:
        operations.undo(unit, first, NOW)
    assert f"Take that back first (change no. {second})." in str(refused.value)
    undone(second)
    undone(first)
    assert herd() == before


def test_a_later_merge_into_the_same_animal_is_taken_back_first() -> None:
    one, two, three = (an_animal(lid) for lid in "123")
    before = herd()
    first, second = merged(one, two), merged(one, three)
    with open_unit_of_work("t") as unit, pytest.raises(errors.UndoImpossible, match="merged again"):
        operations.undo(unit, first, NOW)
    undone(second)
    undone(first)
    undone(first)
    assert herd() == before
    undone(merged(two, one))
    assert herd() == before


# -- statuses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", ["dead", "sold", "exported"])
@pytest.mark.parametrize("is_kept", [True, False])
def test_a_record_that_has_left_and_a_living_one_need_a_word(gone: str, *, is_kept: bool) -> None:
    one, two = an_animal("1", "A", "P1"), an_animal("2", "B", "P2")
    mark(one if is_kept else two, gone)
    before = herd()
    with open_unit_of_work("t") as unit, pytest.raises(errors.StatusDiffers) as refused:
        operations.merge(unit, operations.Merge(one, two, NOW))
    assert f"is {gone} since 2026-11-17" in str(refused.value)
    assert herd() == before
    for leaver, status in ((one, gone if is_kept else "active"), (two, "active")):
        wanted = status if leaver == one or is_kept else gone
        change = merged(one, two, status_from=leaver)
        animal = Animal.objects.get()
        assert (animal.status, bool(animal.left_on)) == (wanted, wanted != "active")
        assert_sound()
        undone(change)
        assert herd() == before


def test_two_that_left_in_different_ways_need_a_word_and_the_other_is_in_the_journal() -> None:
    one, two = an_animal("1"), an_animal("2")
    mark(one, "sold")
    mark(two, "dead", reason="bloat")
    with open_unit_of_work("t") as unit, pytest.raises(errors.StatusDiffers):
        operations.merge(unit, operations.Merge(one, two, NOW))
    merged(one, two, status_from=one)
    detail = JournalEntry.objects.get(kind="cattle:retagged", detail__startswith="merged").detail
    assert "was dead since 2026-11-17: bloat" in detail


def test_two_that_left_on_the_same_day_need_no_word_and_keep_the_reason() -> None:
    one, two = an_animal("1"), an_animal("2")
    mark(one, "exported", reason="")
    mark(two, "exported", reason="to Ohio")
    merged(one, two)
    assert Animal.objects.get().left_reason == "to Ohio"


def test_a_status_of_a_third_animal_is_refused() -> None:
    one, two, three = (an_animal(lid) for lid in "123")
    with open_unit_of_work("t") as unit, pytest.raises(errors.BadValue) as refused:
        operations.merge(unit, operations.Merge(one, two, NOW, status_from=three))
    assert refused.value.field == "status_from"


def test_the_living_one_of_two_says_where_the_animal_is() -> None:
    dead, living = an_animal("1", "A", "P1"), an_animal("2", "B", "P2")
    mark(dead, "dead")
    merged(dead, living, status_from=living)
    animal = Animal.objects.get()
    assert (str(animal.batch), str(animal.pen), animal.status) == ("B", "P2", "active")
    assert_sound()


# -- head days ----------------------------------------------------------------------------------


def test_head_days_of_one_head_are_those_of_both_records() -> None:
    one, two = an_animal("1", days=100), an_animal("2", days=99)
    with open_unit_of_work("office:ana") as unit:
        told = {"induction_date": ago(99).date()}
        operations.edit_animal(unit, unit.animal_no(two), told, NOW)
    change = merged(one, two)
    assert Animal.objects.get().induction_date == ago(99).date()
    assert head_days() == {"A": 101}
    undone(change)
    assert head_days() == {"A": 101 + 100}


def test_the_days_in_another_batch_stay_with_it() -> None:
    one, two = an_animal("1", "A", days=20), an_animal("2", "B", days=10)
    assert head_days() == {"A": 21, "B": 11}
    change = merged(one, two)
    assert head_days() == {"A": 21, "B": 10}  # on the day of the merge it is in A alone
    move(one, batch="B")
    assert head_days() == {"A": 20, "B": 11}
    undone(change)
    assert head_days() == {"A": 20, "B": 11 + 1}


def test_the_example_of_the_formulas() -> None:
    def on(day: int) -> datetime:
        return datetime(2026, 3, day, 12, tzinfo=UTC)

    one, two = (an_animal(lid, days=(NOW - on(day)).days) for lid, day in (("1", 1), ("2", 2)))
    move(two, batch="B", at=on(6))
    batches = [Batch.objects.get(batch_number=name) for name in "AB"]
    change = merged(one, two, on(11))
    assert [head_days_of(batch, on(20).date()) for batch in batches] == [20, 5]
    undone(change)
    assert [head_days_of(batch, on(20).date()) for batch in batches] == [24, 15]


def test_head_days_survive_a_chain_of_merges_in_which_one_had_moved() -> None:
    one, two, three = an_animal("1", days=30), an_animal("2", days=20), an_animal("3", days=10)
    move(one, batch="B", at=ago(25))
    move(two, batch="B", at=ago(15))
    before = head_days()
    assert before == {"A": 5 + 5 + 11, "B": 26 + 16}
    first = merged(two, three)
    second = merged(one, two)
    # In A from 30 to 25, from 20 to 15 and from 10 days ago until today; in B since 25 days.
    assert head_days() == {"A": 5 + 5 + 10, "B": 26}
    undone(second)
    undone(first)
    assert head_days() == before


def test_a_day_corrected_after_the_merge_counts() -> None:
    one, two = an_animal("1", days=20), an_animal("2", days=10)
    merged(one, two)
    with open_unit_of_work("office:ana") as unit:
        told = {"induction_date": ago(25).date()}
        operations.edit_animal(unit, unit.animal_no(one), told, NOW)
    assert head_days() == {"A": 26}


def test_a_merge_from_before_movements_were_noted_counts_and_is_taken_back() -> None:
    one, two = an_animal("1", "A", days=20), an_animal("2", "B", "P2", days=10)
    change = merged(one, two)
    row = ReversibleChange.objects.get(kind="merge")
    for name in ("own", "moved", "paired", "ended"):
        del row.steps[name]
    row.save()
    assert head_days()["B"] == 10
    undone(change)
    assert Animal.objects.get(pk=two).lf_tag == "LF2"
    assert Animal.objects.filter(pen__pen_number="P2").count() == 1


# -- room ---------------------------------------------------------------------------------------


def capacity(pen: str, most: int) -> None:
    Pen.objects.filter(pen_number=pen).update(capacity=most)


def test_an_animal_that_comes_back_by_an_undo_finds_a_full_pen() -> None:
    one, two, three = an_animal("1", "A", "P1"), an_animal("2", "A", "P2"), an_animal("3")
    change = merged(one, two)
    move(three, "P2")
    capacity("P2", 1)
    before = herd()
    with open_unit_of_work("t") as unit, pytest.raises(errors.PenFull, match="Pen P2 holds 1 of 1"):
        operations.undo(unit, change, NOW)
    assert herd() == before
    with open_unit_of_work("t") as unit, pytest.raises(errors.ReasonNeeded):
        operations.undo(unit, change, NOW, Overfill(force=True))
    undone(change, force=True, reason="until Friday")
    assert Pen.objects.get(pen_number="P2").head_count == 2
    assert JournalEntry.objects.filter(detail__endswith="; until Friday").exists()


def test_a_merge_by_which_one_is_back_on_feed_finds_a_full_pen() -> None:
    dead, living, third = an_animal("1", "A", "P1"), an_animal("2"), an_animal("3")
    mark(dead, "dead")
    move(third, "P1")
    capacity("P1", 1)
    before = herd()
    with open_unit_of_work("t") as unit, pytest.raises(errors.PenFull):
        operations.merge(unit, operations.Merge(dead, living, NOW, status_from=living))
    assert herd() == before
    merged(dead, living, status_from=living, force=True, reason="it lives")
    assert Pen.objects.get().head_count == 2


def test_an_import_taken_back_overfills_no_pen() -> None:
    one, two = an_animal("1", "A", "P1"), an_animal("2")
    with open_unit_of_work("office:ana") as unit:
        rows = [AnimalRow(2, "1", "LF1", "U1", pen_number="P2")]
        change = operations.import_animals(unit, rows, "sheet", NOW).change
    move(two, "P1")
    capacity("P1", 1)
    with open_unit_of_work("t") as unit, pytest.raises(errors.PenFull):
        operations.undo(unit, change.pk, NOW)
    undone(change.pk, force=True, reason="until Friday")
    assert str(Animal.objects.get(pk=one).pen) == "P1"


# -- whatever happens ---------------------------------------------------------------------------

N = st.integers(0, 4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), N, N, st.sampled_from([None, 0, 1])),
        st.tuples(st.just("undo"), N, N, N),
        st.tuples(st.just("mark"), N, st.sampled_from(["dead", "sold", "active"]), N),
        st.tuples(st.just("move"), N, N, N),
        st.tuples(st.just("weigh"), N, st.integers(200, 500), N),
    ),
    max_size=12,
)


def done(step: tuple[Any, ...], at: datetime) -> None:
    name, one, two, three = step
    animals = list(Animal.objects.order_by("pk").values_list("pk", flat=True))
    animal, other = (animals[n % len(animals)] for n in (one, two if name == "merge" else 0))
    with open_unit_of_work("t") as unit:
        match name:
            case "merge":
                leaver = None if three is None else (animal, other)[three]
                asked = operations.Merge(animal, other, at, status_from=leaver)
                operations.merge(unit, asked)
            case "undo":
                merges = ReversibleChange.objects.filter(kind="merge")
                changes = merges.order_by("pk").values_list("pk", flat=True)
                operations.undo(unit, changes[one % len(changes)] if changes else 0, at)
            case "mark":
                leaving = operations.Leaving([animal], two, at.date(), at, "lot", again=True)
                operations.leave(unit, leaving)
            case "weigh":
                weighing = operations.Weighing(Decimal(two), at, "office")
                operations.record_weight(unit, unit.animal_no(animal), weighing)
    if name == "move":
        move(animal, f"P{two}" if three % 2 else "", "" if three % 2 else f"B{two}", at)


class TestWhateverHappens(TestCase):
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(before=STEPS, merges=st.lists(st.tuples(N, N, st.booleans()), max_size=4))
    def test_merges_taken_back_in_order_leave_the_herd_as_it_was(
        self, before: list[tuple[Any, ...]], merges: list[tuple[int, int, bool]]
    ) -> None:
        for n in range(5):
            an_animal(str(n), f"B{n % 3}", f"P{n % 2}" if n else "", days=10 * n + 5)
        for number, step in enumerate(before):
            with contextlib.suppress(HerdError):
                done(step, NOW + timedelta(days=number))
            assert_sound()
        was, changes = herd(), []
        for one, two, is_kept in merges:
            animals = list(Animal.objects.order_by("pk").values_list("pk", flat=True))
            keep, absorb = animals[one % len(animals)], animals[two % len(animals)]
            if keep != absorb:
                leaver = keep if is_kept else absorb
                changes.append(merged(keep, absorb, LATER, status_from=leaver))
                assert_sound()
        for change in reversed(changes):
            undone(change)
            assert_sound()
        assert herd() == was
