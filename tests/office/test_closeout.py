"""A batch's closeout: what the page shows of the Pi's answer, and the spread of its ship date."""

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest

from remote.office.charts import Point, curve_chart
from remote.office.pages.batches import target_of
from remote.office.pages.closeout import with_closeout
from remote.office.pi_queries import PiQueries
from remote.office.pi_times import farm_time
from remote.office.sample import ROWS, animal, batch
from tests.office.filled import filled
from tests.office.test_pages import page

KG, DAY = 619.0, date(2026, 4, 30)
TOLD: dict[str, Any] = {
    "head": {"came": 40, "on_feed": 30, "exported": 5, "sold": 3, "dead": 2, "moved": 0},
    "expected_gain_kg": 1.0,
    "weighings": [
        {"day": "2026-05-01", "head": 40, "mean_weight_kg": 300.0, "expected_kg": 300.0},
        {"day": "2026-06-10", "head": 38, "mean_weight_kg": 350.0, "expected_kg": 340.0},
    ],
}


def reaching(pk: int, days: int) -> dict[str, Any]:
    """An animal that has its target weight so many days after DAY."""
    told = {"adg_kg": 1.0, "last_weight_kg": KG - days, "last_weighed_at": f"{DAY}T12:00:00Z"}
    return animal(pk, **told, forecast_kg=KG - days, adg_doubt_kg=0.0)


def test_the_spread_of_the_ship_date_is_as_the_formulas_have_it() -> None:
    found = target_of([reaching(pk, pk) for pk in range(1, 11)], batch(1))
    assert found is not None
    days = [(found[name] - DAY) / timedelta(days=1) for name in ("first", "day", "last")]
    assert days == [1, 5, 9]


def test_a_batch_of_its_own_target_is_measured_by_it() -> None:
    rows = [reaching(pk, pk) for pk in range(1, 11)]
    found = target_of(rows, batch(1, target_kg=KG + 20))
    assert found is not None
    assert (found["kg"], found["day"]) == (KG + 20, DAY + timedelta(days=25))


def test_the_picture_goes_on_to_the_target_day() -> None:
    target = {"day": date(2026, 6, 30), "kg": KG}
    shown = with_closeout(TOLD, target, "kg")
    assert shown["shipped"] == 8
    assert shown["died_percent"] == 5
    assert len(shown["grown"].line.split()) == 2
    assert len(shown["grown"].curve.split()) == 3
    assert shown["grown"].across[-1].label == "2026-06-30"


def test_without_a_target_it_ends_with_the_last_weighing() -> None:
    assert len(with_closeout(TOLD, None, "kg")["grown"].curve.split()) == 2


@pytest.mark.parametrize("unit", ["kg", "lb"])
def test_a_batch_that_was_never_weighed_has_no_picture(unit: str) -> None:
    told = {**TOLD, "weighings": [], "expected_gain_kg": None}
    assert with_closeout(told, None, unit)["grown"] is None


async def test_the_page_shows_what_the_pi_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    async def told(_queries: object, ask: object) -> tuple[dict[str, Any], str]:
        return deepcopy(ROWS["closeout"]), ""

    monkeypatch.setattr(PiQueries, "_from_the_pi", told)
    with filled():
        html = await page("/office/batches/1/closeout")
    for shown in ("5180", "447.1", "444.2", "1.55", "Oxytet 1", "3.1 %", "bloat", "<svg"):
        assert shown in html, shown


async def test_without_the_pi_it_says_that_the_past_is_there() -> None:
    with filled():
        assert "cannot be read now" in await page("/office/batches/1/closeout")


def test_one_weighing_is_no_curve() -> None:
    only = [Point(farm_time("2026-05-01"), 300.0)]
    assert curve_chart(only, only, str) is None


async def test_a_batch_that_never_had_an_animal_names_no_share_of_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def told(_queries: object, ask: object) -> tuple[dict[str, Any], str]:
        empty = deepcopy(ROWS["closeout"]) | {"weighings": [], "left": []}
        return empty | {"head": dict.fromkeys(empty["head"], 0)}, ""

    with filled({"batches": [batch(1)], "cattle": []}):
        assert "of 0:" not in await page("/office/batches/1")
        monkeypatch.setattr(PiQueries, "_from_the_pi", told)
        closeout = await page("/office/batches/1/closeout")
    assert "<dt>Dead</dt><dd>0</dd>" in closeout
    assert "– %" not in closeout
