"""A person says that a scale was adjusted, that it was not, or by how much it read wrong: the
weights and gains follow, and all of it can be taken back."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from herd import operations
from herd.errors import BadValue, HerdError, ReasonNeeded, UndoImpossible, UnknownScaleStep
from herd.models import Animal, ReversibleChange, WeightRecord
from herd.scales_table import ScaleStep
from herd.sheets.rows import WeightRow
from herd.unit_of_work import open_unit_of_work

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOW = FIRST + timedelta(days=90)
STEP = 40


def day(number: int) -> date:
    return (FIRST + timedelta(days=number)).date()


def at_noon(number: int) -> datetime:
    return FIRST + timedelta(days=number)


@pytest.fixture(autouse=True)
def herd() -> None:
    """Two animals that gain 1 kg a day, weighed every fourth day for 80 days by a scale that was
    adjusted on day 40."""
    with open_unit_of_work("radio") as unit:
        for number in range(0, 81, 4):
            kg = Decimal(300 + number) * (Decimal("1.1") if number >= STEP else 1)
            weighing = operations.Weighing(kg, at_noon(number), "radio", scale="gate")
            for name in ("L1", "L2"):
                animal = operations.animal_or_pending(unit, name, at_noon(number))
                operations.record_weight(unit, animal, weighing)


def changed(operate: Any, *given: Any) -> Any:
    with open_unit_of_work("office:ana") as unit:
        return operate(unit, *given)


def confirm(**more: Any) -> ScaleStep:
    said = {"scale": "gate", "day": day(STEP), "at": NOW, **more}
    step: ScaleStep = changed(operations.confirm_step, operations.Adjusted(**said))
    return step


def judge_all() -> None:
    """Do what the worker does for the animals of steps."""
    while step := ScaleStep.objects.filter(judged_to__isnull=False).first():
        changed(operations.judge_across, step.pk, 1, NOW)


def correct(**more: Any) -> operations.Corrected:
    """Say that the scale read a tenth too much from day 40 on."""
    asked = {
        "scale": "gate",
        "first": day(STEP),
        "last": day(80),
        "factor": Decimal(1) / Decimal("1.1"),
        "reason": "100 kg read 110",
        "at": NOW,
    }
    made: operations.Corrected = changed(
        operations.correct_weights, operations.Correction(**{**asked, **more})
    )
    return made


def gains() -> list[tuple[float, str]]:
    rows = Animal.objects.order_by("livestock_id").values_list("adg_kg", "adg_confidence")
    return [(round(adg or 0, 2), confidence) for adg, confidence in rows]


def stored() -> list[dict[str, Any]]:
    tables = WeightRecord.objects, Animal.objects
    return [dict(row) for rows in tables for row in rows.order_by("pk").values()]


def test_a_step_that_a_person_tells_reaches_the_gains_and_taken_back_it_never_was() -> None:
    before = gains()
    step = confirm()
    judge_all()
    assert gains() == [(1.1, "low")] * 2
    changed(operations.undo_step, step.pk, NOW)
    judge_all()
    assert gains() == before
    assert confirm().pk == step.pk
    judge_all()
    assert gains() == [(1.1, "low")] * 2


def test_a_step_that_was_found_is_confirmed_and_twice_is_as_once() -> None:
    found = ScaleStep.objects.create(scale="gate", day=day(STEP), factor=1.1, found_at=FIRST)
    for later in (0, 1):
        step = confirm(at=NOW + timedelta(days=later))
        assert (step.pk, step.factor, step.confirmed_by) == (found.pk, 1.1, "office:ana")
        assert step.confirmed_at == NOW


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"day": day(91)}, "day"),
        ({"scale": "gaet"}, "scale"),
        ({"day": day(-60)}, "scale"),
    ],
)
def test_a_step_that_cannot_be_is_refused(said: dict[str, Any], field: str) -> None:
    with pytest.raises(BadValue) as refused:
        confirm(**said)
    assert refused.value.field == field


def test_a_step_that_nobody_knows_is_not_undone() -> None:
    with pytest.raises(UnknownScaleStep):
        changed(operations.undo_step, 999, NOW)


def test_corrected_weights_count_and_what_was_read_stays() -> None:
    made = correct()
    assert (made.weights, made.animals) == (22, 2)
    last = WeightRecord.objects.filter(recorded_at=at_noon(80))
    assert {(one.weight_kg, one.read_kg) for one in last} == {(Decimal(380), Decimal(418))}
    assert WeightRecord.objects.filter(read_kg=None).count() == 20
    assert gains() == [(1.0, "ok")] * 2
    assert Animal.objects.filter(last_weight_kg=380).count() == 2


def test_a_correction_taken_back_leaves_all_as_it_was() -> None:
    step = confirm()
    judge_all()
    before = stored()
    made = correct()
    judge_all()
    assert made.scale_steps == [step.pk]
    assert gains() == [(1.0, "ok")] * 2
    for _ in range(2):
        changed(operations.undo, made.change.pk, NOW)
    judge_all()
    assert stored() == before
    assert ScaleStep.objects.get().undone_at is None


def test_a_second_correction_is_taken_back_first() -> None:
    once, twice = correct(), correct(factor=Decimal("0.5"), first=day(80))
    twice_read = WeightRecord.objects.filter(recorded_at=at_noon(80)).values_list(
        "weight_kg", "read_kg"
    )
    assert set(twice_read) == {(Decimal(190), Decimal(418))}
    with pytest.raises(UndoImpossible):
        changed(operations.undo, once.change.pk, NOW)
    changed(operations.undo, twice.change.pk, NOW)
    changed(operations.undo, once.change.pk, NOW)
    assert not WeightRecord.objects.exclude(read_kg=None).exists()
    assert WeightRecord.objects.filter(weight_kg=418).count() == 2


def test_a_weight_that_was_corrected_is_known_when_its_sheet_comes_again() -> None:
    rows = [WeightRow(2, "L1", Decimal(418), at_noon(80))]
    correct()
    assert changed(operations.import_weights, rows, "sheet", NOW).known == 1


@pytest.mark.parametrize(
    ("said", "error", "field"),
    [
        ({"reason": " "}, ReasonNeeded, "reason"),
        ({"factor": Decimal(1)}, BadValue, "factor"),
        ({"factor": Decimal(0)}, BadValue, "factor"),
        ({"factor": Decimal(6)}, BadValue, "factor"),
        ({"last": day(39)}, BadValue, "last"),
        ({"scale": "gaet"}, BadValue, "scale"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_and_changes_nothing(
    said: dict[str, Any], error: type[HerdError], field: str
) -> None:
    before = stored()
    with pytest.raises(error) as refused:
        correct(**said)
    assert refused.value.field == field
    assert stored() == before
    assert not ReversibleChange.objects.exists()
