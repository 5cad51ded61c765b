"""Every change to the herd: what it does, what it refuses, and that twice is as once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from herd import errors, operations
from herd.commands import TagRead
from herd.models import Animal, Batch, JournalEntry, Movement, Pen, TagPairing, WeightRecord
from herd.unit_of_work import open_unit_of_work
from tests.herd.counting import counted, head

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EID = "840003123456789"


def an_animal(lid: str, lf: str = "", pen: Pen | None = None) -> Animal:
    with open_unit_of_work("radio") as unit:
        read = TagRead("LOT1", lf or f"LF{lid}", f"U{lid}", "hxb")
        animal = operations.record_read(unit, read, NOW)
        operations.edit_animal(unit, animal, {"livestock_id": lid}, NOW)
    if pen is not None:
        move(pen, animal)
    return Animal.objects.get(pk=animal.pk)


def a_pen(number: str = "P1", capacity: int = 0) -> Pen:
    with open_unit_of_work("test") as unit:
        values = {"pen_number": number, "capacity": capacity}
        return operations.create_pen(unit, values, NOW)


def move(pen: Pen | None, *animals: Animal, reason: str = "", force: bool = False) -> None:
    with open_unit_of_work("office:ana") as unit:
        asked = operations.Move(
            [one.pk for one in animals], pen.pk if pen else None, NOW, reason, force=force
        )
        operations.move_animals(unit, asked)


def mark(status: str, *animals: Animal) -> None:
    with open_unit_of_work("office:ana") as unit:
        ids = [one.pk for one in animals]
        operations.leave(unit, operations.Leaving(ids, status, NOW.date(), NOW, "bloat"))


def weigh(animal: Animal, kg: float, days_ago: float = 0.0) -> WeightRecord:
    with open_unit_of_work("office:ana") as unit:
        weighing = operations.Weighing(
            Decimal(str(kg)), NOW - timedelta(days=days_ago), "office", NOW
        )
        found = unit.animal_no(animal.pk)
        return operations.record_weight(unit, found, weighing)


def qualities(animal: Animal) -> list[str]:
    return list(animal.weights.order_by("recorded_at").values_list("quality", flat=True))


# -- batches and pens ---------------------------------------------------------------------------


def test_a_number_that_is_taken_is_refused_by_name() -> None:
    a_pen("P1")
    with pytest.raises(errors.NameTaken, match="another pen with this pen number: P1"):
        a_pen("P1")


def test_a_name_that_differs_in_case_alone_is_refused_with_the_one_there_is() -> None:
    pen, animal = a_pen("North 1"), an_animal("L1")
    with pytest.raises(errors.NameTaken, match="There is pen North 1 already: NORTH 1 differs"):
        a_pen("NORTH 1")
    with open_unit_of_work("ana") as unit:
        with pytest.raises(errors.NameTaken, match="There is batch LOT1 already"):
            operations.create_batch(unit, {"batch_number": "lot1"}, NOW)
        operations.edit_pen(unit, pen, {"pen_number": "north 1"}, NOW)
        operations.edit_animal(unit, unit.animal_no(animal.pk), {"livestock_id": "l1"}, NOW)
    other = an_animal("L2")
    with open_unit_of_work("ana") as unit, pytest.raises(errors.NameTaken) as refused:
        operations.edit_animal(unit, unit.animal_no(other.pk), {"livestock_id": "L1"}, NOW)
    assert refused.value.field == "livestock_id"


def test_a_radio_founds_the_batch_that_it_names() -> None:
    for name in ("LOT1", "lot1"):
        with open_unit_of_work("radio") as unit:
            read = TagRead(name, f"LF{name}", "", "hxb")
            operations.record_read(unit, read, NOW)
    assert Batch.objects.count() == 2


def test_a_bad_value_names_its_field() -> None:
    with open_unit_of_work("test") as unit, pytest.raises(errors.BadValue, match="capacity"):
        operations.create_pen(unit, {"pen_number": "P1", "capacity": -1}, NOW)


def test_an_edit_tells_what_was_and_what_is_and_only_once() -> None:
    pen = a_pen("P1", 5)
    for _ in range(2):
        with open_unit_of_work("office:ana") as unit:
            operations.edit_pen(unit, unit.pen_no(pen.pk), {"capacity": 8}, NOW)
    entry = JournalEntry.objects.get(kind="pen:updated")
    assert (entry.actor, entry.detail) == ("office:ana", "capacity: 5 → 8")


def test_an_edit_does_not_touch_the_counts() -> None:
    pen = a_pen("P1")
    stale = Pen.objects.get(pk=pen.pk)
    an_animal("1", pen=pen)
    with open_unit_of_work("test") as unit:
        operations.edit_pen(unit, stale, {"location": "north"}, NOW)
    assert Pen.objects.get().head_count == 1


def test_a_pen_with_animals_is_not_deleted_and_an_empty_one_is() -> None:
    pen = a_pen("P1")
    animal = an_animal("1", pen=pen)
    with open_unit_of_work("test") as unit, pytest.raises(errors.PenInUse, match="1 head"):
        operations.delete_pen(unit, unit.pen_no(pen.pk), NOW)
    move(None, animal)
    with open_unit_of_work("test") as unit:
        operations.delete_pen(unit, unit.pen_no(pen.pk), NOW)
    assert not Pen.objects.exists()
    assert [one.came_from for one in Movement.objects.filter(to_batch=None)] == ["P1", ""]


# -- moving and leaving -------------------------------------------------------------------------


def test_a_full_pen_takes_nobody_and_none_of_them_is_moved() -> None:
    pen = a_pen("P1", capacity=1)
    one, two = an_animal("1"), an_animal("2")
    with pytest.raises(errors.PenFull, match="0 of 1 head, and 2 more would be 1 too many"):
        move(pen, one, two)
    assert Pen.objects.get().head_count == 0
    assert not Animal.objects.exclude(pen=None).exists()


def test_a_full_pen_is_overfilled_with_a_reason_alone() -> None:
    pen = a_pen("P1", capacity=1)
    animals = an_animal("1"), an_animal("2")
    with pytest.raises(errors.ReasonNeeded):
        move(pen, *animals, force=True)
    move(pen, *animals, force=True, reason="storm")
    assert Pen.objects.get().head_count == 2
    assert set(Movement.objects.filter(to_pen=pen).values_list("reason", flat=True)) == {"storm"}


def test_a_move_done_twice_moves_once() -> None:
    pen = a_pen("P1", capacity=1)
    animal = an_animal("1", pen=pen)
    move(pen, animal)
    assert Movement.objects.filter(to_pen=pen).count() == 1
    assert JournalEntry.objects.filter(kind="cattle:moved").count() == 1


def test_nobody_comes_back_on_feed_into_a_pen_that_was_filled_since() -> None:
    pen = a_pen("P1", capacity=2)
    one, two = an_animal("1", pen=pen), an_animal("2", pen=pen)
    mark("dead", one, two)
    move(pen, an_animal("3"))
    with pytest.raises(errors.PenFull, match="1 of 2 head, and 2 more would be 1 too many"):
        mark("active", one, two)
    mark("active", one)
    assert Pen.objects.get().head_count == 2


def test_a_dead_animal_leaves_its_pen_and_can_come_back() -> None:
    pen = a_pen("P1")
    animal = an_animal("1", pen=pen)
    for status, there in (("dead", 0), ("active", 1)):
        with open_unit_of_work("office:ana") as unit:
            leaving = operations.Leaving([animal.pk], status, NOW.date(), NOW, "bloat")
            operations.leave(unit, leaving)
        assert Pen.objects.get().head_count == there
    tomorrow = operations.Leaving([animal.pk], "sold", NOW.date() + timedelta(days=1), NOW)
    with pytest.raises(errors.BadValue, match="future"), open_unit_of_work("t") as unit:
        operations.leave(unit, tomorrow)


def test_who_has_left_cannot_be_moved() -> None:
    animal, pen = an_animal("1"), a_pen()
    with open_unit_of_work("t") as unit:
        operations.leave(unit, operations.Leaving([animal.pk], "sold", NOW.date(), NOW, "lot"))
    with pytest.raises(errors.NotOnFeed, match="sold"):
        move(pen, animal)


# -- weights ------------------------------------------------------------------------------------


def test_a_back_dated_weight_joins_the_series_where_it_belongs() -> None:
    animal = an_animal("1")
    weigh(animal, 400, days_ago=0)
    weigh(animal, 340, days_ago=40)
    animal.refresh_from_db()
    assert (animal.last_weight_kg, animal.adg_kg) == (Decimal(400), 1.5)
    assert animal.adg_confidence == "ok"


def test_a_weight_from_the_future_is_refused() -> None:
    with pytest.raises(errors.BadValue, match="future"):
        weigh(an_animal("1"), 400, days_ago=-1)


def test_a_first_weight_that_was_wrong_does_not_spoil_the_later_ones() -> None:
    animal = an_animal("1")
    weigh(animal, 180, days_ago=30)  # the front feet alone
    weigh(animal, 360, days_ago=20)
    weigh(animal, 375, days_ago=10)
    assert qualities(animal) == ["suspect", "ok", "ok"]
    animal.refresh_from_db()
    assert animal.last_weight_kg == Decimal(375)


def test_a_weight_that_is_doubted_is_told_once_with_the_doubt() -> None:
    animal = an_animal("1")
    weigh(animal, 360, days_ago=20)
    before = JournalEntry.objects.latest("seq").seq
    doubted = weigh(animal, 867, days_ago=10)
    told = JournalEntry.objects.filter(seq__gt=before, kind="weight:recorded")
    assert [(one.object_id, one.detail) for one in told] == [(doubted.pk, doubted.reason)]
    assert doubted.reason


def test_a_first_visit_with_a_part_weighing_is_judged_again_at_the_second() -> None:
    animal = an_animal("1")
    for kg, ago in ((210.1, 57.0007), (366.6, 57.0), (434.2, 0)):
        weigh(animal, kg, days_ago=ago)
    assert qualities(animal) == ["suspect", "ok", "ok"]
    animal.refresh_from_db()
    assert animal.adg_kg == pytest.approx((434.2 - 366.6) / 57)


def induct_on(animal: Animal, days_ago: int) -> None:
    with open_unit_of_work("office:ana") as unit:
        day = NOW.date() - timedelta(days=days_ago)
        found = unit.animal_no(animal.pk)
        operations.edit_animal(unit, found, {"induction_date": day}, NOW)


def test_a_weight_from_before_the_animal_was_here_is_doubted_until_it_was() -> None:
    animal = an_animal("L1")
    induct_on(animal, 10)
    assert weigh(animal, 340, 11).quality == "ok"
    early = weigh(animal, 300, 40)
    assert (early.quality, early.reason) == ("suspect", "before the animal was here")
    weigh(animal, 355, 1)
    assert Animal.objects.get().adg_kg == pytest.approx(1.5)
    induct_on(animal, 40)
    assert qualities(animal) == ["ok", "ok", "ok"]
    induct_on(animal, 10)
    assert qualities(animal) == ["suspect", "ok", "ok"]


def test_an_animal_whose_induction_nobody_knows_may_have_been_weighed_at_any_time() -> None:
    animal = an_animal("L1")
    assert weigh(animal, 300, 400).quality == "ok"


def test_an_animal_that_was_seen_before_its_induction_was_here() -> None:
    animal = an_animal("L1")
    Animal.objects.update(first_seen_at=NOW - timedelta(days=50))
    induct_on(animal, 10)
    assert weigh(animal, 300, 40).quality == "ok"


def test_a_void_weight_counts_for_nothing_and_stays() -> None:
    animal = an_animal("1")
    weigh(animal, 340, days_ago=40)
    wrong = weigh(animal, 390, days_ago=20)
    weigh(animal, 400)
    for _ in range(2):
        with open_unit_of_work("office:ana") as unit:
            operations.void_weight(unit, wrong.pk, "wrong animal", NOW)
    animal.refresh_from_db()
    assert (animal.adg_kg, qualities(animal)) == (1.5, ["ok", "void", "ok"])
    assert JournalEntry.objects.filter(kind="weight:voided").count() == 1


def test_a_void_needs_a_reason() -> None:
    record = weigh(an_animal("1"), 340)
    with pytest.raises(errors.ReasonNeeded), open_unit_of_work("t") as unit:
        operations.void_weight(unit, record.pk, " ", NOW)


def test_a_weight_carries_what_was_expected() -> None:
    animal = an_animal("1")
    for kg, ago in ((340, 60), (370, 40), (400, 20)):
        weigh(animal, kg, days_ago=ago)
    assert weigh(animal, 410).expected_kg == pytest.approx(430)


# -- tags ---------------------------------------------------------------------------------------


def test_a_tag_of_another_animal_is_taken_over_only_when_asked_and_given_back() -> None:
    one, two = an_animal("1", EID), an_animal("2")
    with open_unit_of_work("t") as unit, pytest.raises(errors.TagConflict, match="is on animal"):
        operations.retag(unit, operations.Retag(two.pk, NOW, lf=EID))
    with open_unit_of_work("office:ana") as unit:
        asked = operations.Retag(two.pk, NOW, lf="840 003 123456789", take_over=True)
        change = operations.retag(unit, asked)[1]
    assert Animal.objects.get(lf_tag=EID).pk == two.pk
    assert change is not None
    for _ in range(2):
        with open_unit_of_work("office:bob") as unit:
            operations.undo(unit, change.pk, NOW)
    assert Animal.objects.get(lf_tag=EID).pk == one.pk
    assert Animal.objects.get(lf_tag="LF2").pk == two.pk
    assert TagPairing.objects.filter(tag=EID, to_at=None).count() == 1


def test_a_retag_that_was_built_upon_cannot_be_taken_back() -> None:
    animal = an_animal("1")
    with open_unit_of_work("t") as unit:
        change = operations.retag(unit, operations.Retag(animal.pk, NOW, lf="NEW1"))[1]
    with open_unit_of_work("t") as unit:
        operations.retag(unit, operations.Retag(animal.pk, NOW, lf="NEW2"))
    assert change is not None
    with open_unit_of_work("t") as unit, pytest.raises(errors.UndoImpossible):
        operations.undo(unit, change.pk, NOW)


def merged(one: Animal, two: Animal) -> tuple[Animal, int]:
    with open_unit_of_work("office:ana") as unit:
        asked = operations.Merge(one.pk, two.pk, NOW, lf=one.lf_tag or "", uhf=two.uhf_tag or "")
        kept, change = operations.merge(unit, asked)
    return Animal.objects.get(pk=kept.pk), change.pk


def test_a_merge_leaves_one_animal_with_everything() -> None:
    one, two = an_animal("1"), an_animal("2", pen=a_pen("P1"))
    weigh(one, 340, days_ago=40)
    weigh(two, 400)
    kept, _ = merged(one, two)
    assert (kept.lf_tag, kept.uhf_tag, kept.livestock_id) == ("LF1", "U2", "1")
    assert (kept.adg_kg, kept.pen) == (1.5, Pen.objects.get())
    assert Animal.objects.count() == 1
    assert Batch.objects.get().head_count == Pen.objects.get().head_count == 1
    entry = JournalEntry.objects.get(kind="cattle:deleted")
    assert entry.detail.startswith("merged into 1")


def test_a_merge_taken_back_leaves_both_as_they_were() -> None:
    one, two = an_animal("1"), an_animal("2", pen=a_pen("P1"))
    weigh(one, 340, days_ago=40)
    weigh(two, 400)
    before = [
        (a.pk, a.lf_tag, a.uhf_tag, a.livestock_id, a.pen_id, a.weights.count())
        for a in Animal.objects.order_by("pk")
    ]
    _, change = merged(one, two)
    with open_unit_of_work("office:ana") as unit:
        operations.undo(unit, change, NOW)
    after = [
        (a.pk, a.lf_tag, a.uhf_tag, a.livestock_id, a.pen_id, a.weights.count())
        for a in Animal.objects.order_by("pk")
    ]
    assert after == before
    assert counted(Batch.objects.get()) == pytest.approx(
        {name: getattr(Batch.objects.get(), name) for name in counted(Batch.objects.get())}
    )
    assert head(Pen.objects.get()) == Pen.objects.get().head_count == 1
