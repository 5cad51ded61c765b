"""The same weights come to the same animal, however they arrive; and one costs what one costs."""

import random
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from herd import operations
from herd.models import Animal, WeightRecord
from herd.sheets.rows import WeightRow
from tests.herd.test_without_database import NOW, a_unit, an_animal

FIGURES = (
    *("last_weight_kg", "last_weighed_at", "adg_kg", "adg_confidence", "expected_kg"),
    *("forecast_kg", "adg_doubt_kg"),
)
JUDGED = ("recorded_at", "weight_kg", "quality", "reason", "expected_kg")
Weights = list[tuple[int, float]]  # hours before now, and kg

days = st.lists(st.integers(0, 400), min_size=1, max_size=25)
errors = st.sampled_from([1, 1, 1, 1, 1, 1.01, 0.98, 0.5, 1.15, 0.05, 3])


def left(animal: Animal, records: list[WeightRecord]) -> tuple[object, ...]:
    judged = sorted(tuple(str(getattr(one, name)) for name in JUDGED) for one in records)
    return *(getattr(animal, name) for name in FIGURES), judged


def one_by_one(weights: Weights) -> tuple[object, ...]:
    unit = a_unit(animal := an_animal())
    for hours, kg in weights:
        at = NOW - timedelta(hours=hours)
        weighing = operations.Weighing(Decimal(str(kg)), at, "import", NOW)
        operations.record_weight(unit, unit.animal_no(1), weighing)
    return left(animal, unit.new_rows(WeightRecord))


def in_a_sheet(weights: Weights) -> tuple[object, ...]:
    unit = a_unit(animal := an_animal())
    rows = [
        WeightRow(line, "L1", Decimal(str(kg)), NOW - timedelta(hours=hours))
        for line, (hours, kg) in enumerate(weights, start=2)
    ]
    operations.import_weights(unit, rows, "sheet", NOW)
    return left(animal, unit.new_rows(WeightRecord))


@given(
    st.lists(
        st.tuples(st.integers(0, 400 * 24) | st.integers(0, 9), errors), max_size=25, unique=True
    ),
    days,
)
def test_weights_are_judged_the_same_in_any_order(
    read: list[tuple[int, float]], dense: list[int]
) -> None:
    hours = [(hour, error) for hour, error in read] + [(24 * day + 3, 1.0) for day in dense]
    weights = list({(h, round((700 - h / 16) * error, 1)): None for h, error in hours})
    weights.sort(reverse=True)
    wanted = one_by_one(weights)
    random.Random(len(weights)).shuffle(weights)
    assert one_by_one(weights) == wanted
    assert in_a_sheet(weights) == wanted


def test_of_two_weights_of_one_moment_the_heavier_counts_in_any_order() -> None:
    assert one_by_one([(5, 300.0), (5, 600.0)]) == one_by_one([(5, 600.0), (5, 300.0)])
    assert one_by_one([(5, 300.0), (5, 600.0)])[0] == 600
