"""Pictures, sessions, attention and exports, worked out from the mirror."""

import asyncio
import csv
import io
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from remote.office import exports
from remote.office.charts import Point, histogram, line_chart, ticks, whole_ticks
from remote.office.link.client import Person
from remote.office.mirror.mirror import Mirror
from remote.office.pages import PAGES, PageRequest, herd_alerts
from remote.office.pages.animals import all_found
from remote.office.pages.batches import mean_stay, read_rate
from remote.office.pages.herd_alerts import TROUBLES
from remote.office.pages.weights import figures, session_of
from tests.office.filled import AT, HERD, animal, fill, filled, weight

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ANA = Person("ana", "Ana", "manager")


def asked(unit: str = "kg", **params: str) -> PageRequest:
    return PageRequest(params, ANA, unit)


def whole(value: float) -> str:
    return f"{value:.0f}"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(338, 431, [320, 340, 360, 380, 400, 420, 440]), (0, 3, [0, 1, 2, 3]), (5, 5, [5, 5.2])],
)
def test_grid_lines_are_round_numbers_around_the_values(
    low: float, high: float, expected: list[float]
) -> None:
    found = ticks(low, high)
    assert found[0] <= low
    assert found[-1] >= high
    assert found[:2] == pytest.approx(expected[:2])


def test_time_runs_across_in_proportion_and_doubtful_weights_are_off_the_line() -> None:
    days = ((0, 340.0, "ok"), (10, 900.0, "suspect"), (30, 370.0, "ok"), (40, 400.0, "ok"))
    points = [Point(NOW + timedelta(days=day), kg, kind) for day, kg, kind in days]
    chart = line_chart(points, whole)
    assert chart is not None
    xs = [dot.x for dot in chart.dots]
    assert (xs[1] - xs[0]) / (xs[3] - xs[0]) == pytest.approx(0.25, abs=0.01)
    assert len(chart.line.split()) == 3
    assert chart.dots[1].label == "900, 2026-11-30"
    assert (chart.dots[1].number, chart.dots[1].is_right) == ("900", False)


@pytest.mark.parametrize(("wild", "tip_is"), [(3515.0, min), (12.0, max)])
def test_a_wild_weight_is_an_arrow_out_of_the_picture(wild: float, tip_is: Any) -> None:
    points = [Point(NOW + timedelta(days=day), 340.0 + day) for day in (0, 30)]
    wild_one = Point(NOW + timedelta(days=29), wild, "suspect")
    chart = line_chart([*points, wild_one], whole)
    assert chart is not None
    assert chart.goes_off
    (dot,) = [dot for dot in chart.dots if dot.arrow]
    tip, *base = [float(corner.split(",")[1]) for corner in dot.arrow.split()]
    assert tip == tip_is([tip, *base])
    assert (dot.number, dot.is_right) == (f"{wild:.0f}", True)


def test_where_every_weight_has_its_place_no_arrow_is_explained() -> None:
    chart = line_chart([Point(NOW + timedelta(days=day), 340.0) for day in (0, 30)], whole)
    assert chart is not None
    assert not chart.goes_off


@pytest.mark.parametrize("most", [1, 2, 3, 5, 7, 10, 11, 48, 1000])
def test_heads_are_counted_in_whole_numbers(most: int) -> None:
    found = whole_ticks(most)
    assert found[0] == 0
    assert found[-2] < most <= found[-1]
    assert len(found) <= 7


@pytest.mark.parametrize("high", [420.0, 480.0, 600.0, 1000.0])
def test_labels_of_a_histogram_have_room_and_end_in_the_picture(high: float) -> None:
    chart = histogram([300.0, 310.0, high], whole)
    assert chart is not None
    places = [tick.at for tick in chart.across]
    assert min(after - before for before, after in pairwise(places)) >= 100
    assert [tick.at for tick in chart.across if tick.edge == "first"] == [52]
    assert all((tick.edge == "last") == (tick.at > 600) for tick in chart.across)


def test_weighings_of_one_day_are_labelled_by_their_times_and_the_day_once() -> None:
    chart = line_chart([Point(NOW, 340.0), Point(NOW + timedelta(hours=3), 341.0)], whole)
    assert chart is not None
    assert [tick.label for tick in chart.across] == ["2026-11-20 10:00", "11:00", "12:00", "13:00"]


def test_no_day_is_written_twice() -> None:
    chart = line_chart([Point(NOW, 340.0), Point(NOW + timedelta(days=1), 341.0)], whole)
    assert chart is not None
    assert [tick.label for tick in chart.across] == ["2026-11-20", "", "2026-11-21", ""]


def test_there_is_no_line_through_one_moment() -> None:
    assert line_chart([Point(NOW, 340.0)], whole) is None
    assert line_chart([Point(NOW, 340.0), Point(NOW, 341.0)], whole) is None
    assert histogram([340.0], whole) is None


def test_a_histogram_counts_every_value_once() -> None:
    values = [300.0, 301.0, 349.9, 350.0, 400.0]
    picture = histogram(values, whole)
    assert picture is not None
    assert sum(bar.count for bar in picture.bars) == len(values)


def times(*minutes: float) -> list[dict[str, Any]]:
    """Weighings so many minutes before NOW."""
    return [
        weight(pk, recorded_at=(NOW - timedelta(minutes=ago)).isoformat().replace("+00:00", "Z"))
        for pk, ago in enumerate(minutes, start=1)
    ]


def test_a_session_goes_back_to_the_last_long_pause() -> None:
    copy = Mirror()
    fill(copy, {"weights": times(200, 190, 30, 29, 28, 90_000)})  # the last one is dated back
    assert [row["id"] for row in session_of(copy)] == [5, 4, 3]


def test_a_session_tells_count_mean_spread_and_pace() -> None:
    rows = [
        weight(pk, weight_kg=kg, recorded_at=at)
        for pk, kg, at in ((1, 340.0, AT), (2, 360.0, AT), (3, 900.0, AT))
    ]
    rows[2]["quality"] = "suspect"
    told = figures(rows, "kg", timezone.now())
    assert (told["count"], told["doubtful"], told["mean"]) == (2, 1, 350.0)
    assert told["spread"] == pytest.approx(14.142, abs=0.001)
    assert figures([], "kg", timezone.now())["count"] == 0


def test_who_needs_somebody_is_found() -> None:
    seen = datetime.now(UTC).isoformat()
    rows = [
        animal(1, last_seen_at=seen),
        animal(2, last_seen_at="2026-01-01T00:00:00Z"),
        animal(3, last_seen_at=seen, adg_kg=-0.2),
        animal(4, last_seen_at=seen, expected_kg=420.0),
        animal(5, status="sold", adg_kg=-1.0),
    ]
    with filled({"cattle": rows}) as copy:
        looked = herd_alerts.of(copy)
        found = {name: list(all_found(copy, asked(show=name)).keys) for name in TROUBLES}
        assert found == {"unseen": [2], "losing": [3], "off": [4], "stray": []}
        assert [looked.count(name) for name in TROUBLES] == [1, 1, 1, 0]
        assert looked.gain == (1.075, 4)


def test_an_uncertain_loss_is_no_alarm() -> None:
    rows = [animal(1, adg_kg=-2.0, adg_confidence="low")]
    with filled({"cattle": rows}) as copy:
        assert herd_alerts.of(copy).count("losing") == 0


def test_the_read_rate_is_of_those_on_feed() -> None:
    now = datetime.now(UTC)
    seen = [now.isoformat(), (now - timedelta(days=3)).isoformat()]
    rows = [animal(pk, last_seen_at=at) for pk, at in enumerate(seen, start=1)]
    assert read_rate(rows, now) == {"day": 50.0, "week": 100.0}
    assert read_rate([], now) is None


def test_a_stay_is_counted_in_days() -> None:
    today = timezone.localdate()
    ago = [str(today - timedelta(days=days)) for days in (9, 5)]
    assert mean_stay([animal(1, induction_date=day) for day in ago], today) == 7
    assert mean_stay([], today) is None


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        ("840003123456789", "lf_tag", '="840003123456789"'),
        ("3074257BF7194E4000001A85", "uhf_tag", "3074257BF7194E4000001A85"),
        ("0012", "visual_id", '="0012"'),
        ("12E5", "livestock_id", '="12E5"'),
        ("MAR1", "batch_number", '="MAR1"'),
        ('6" x', "name", '6" x'),
        ("", "visual_id", ""),
        ("840003123456789", "notes", '="840003123456789"'),
        ("0012", "notes", "0012"),
        ("=1+1", "notes", "'=1+1"),
        ("@x", "notes", "'@x"),
        ("-5", "notes", "'-5"),
        (None, "notes", ""),
        (354.25, "last_weight_kg", "354.25"),
        (3, "head_count", "3"),
        ({"id": 1, "pen_number": "P1"}, "pen", "P1"),
        ("2026-11-20T10:00:00Z", "last_seen_at", "2026-11-20 10:00:00"),
    ],
)
def test_a_cell_is_shown_as_it_is(value: Any, name: str, expected: str) -> None:
    assert exports.cell(value, name, "kg") == expected


def test_weights_are_exported_in_the_readers_unit() -> None:
    assert exports.cell(100.0, "weight_kg", "lb") == "220.46"


# What left is no table of its own: tests/office/test_left.py.
@pytest.mark.parametrize("name", sorted(exports.COLUMNS.keys() - {"left", "work"}))
async def test_every_list_is_exported_with_a_header_and_all_its_rows(name: str) -> None:
    with filled(HERD) as copy:
        answer = exports.answer(name, copy, asked())
        data = b"".join([part async for part in answer.streaming_content])  # type: ignore[union-attr]
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert lines[0][0] == exports.COLUMNS[name][0]
    assert len(lines) == 1 + len(HERD[name])  # type: ignore[index]


async def test_a_long_export_lets_the_pages_have_their_turn() -> None:
    turns = 0

    async def serve() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    with filled({"cattle": [animal(pk) for pk in range(1, 1001)]}) as copy:
        answer = exports.answer("cattle", copy, asked())
        others = asyncio.get_running_loop().create_task(serve())
        parts = [part async for part in answer.streaming_content]  # type: ignore[union-attr]
        others.cancel()
    assert len(parts) - 1 == 1000 / exports.ROWS_AT_ONCE <= turns


def test_an_export_has_the_rows_that_the_filters_leave() -> None:
    with filled() as copy:
        rows = list(exports.rows_of("cattle", copy, asked(status="active", sort="-weight")))
    assert [row["id"] for row in rows] == [1]


def test_a_long_session_is_shown_page_by_page_and_its_last_animal_on_each() -> None:
    with filled({"weights": [weight(pk) for pk in range(1, 121)]}) as copy:
        page, newest = PAGES["weights"](copy, asked(page="3")), session_of(copy)[0]["id"]
    listing = page.lists["weights"]
    assert (len(listing.rows), listing.total) == (20, 120)
    assert page.regions["session"][1]["last"]["id"] == newest
    assert newest not in [row["id"] for row in listing.rows]
