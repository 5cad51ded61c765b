"""Kept indexes say what going through the whole herd would say, whatever has happened to it."""

import random
from datetime import date
from typing import Any

import pytest

from remote.office.mirror.index import SORTED, natural
from remote.office.mirror.mirror import Mirror
from remote.office.mirror.tables import Row
from remote.office.pages import PAGES
from tests.office.rows import animal, event, mirror_of
from tests.office.test_figures import asked

BATCHES = ({"id": 1, "batch_number": "LOT1"}, {"id": 2, "batch_number": "LOT2"}, None)
STATUSES = ("active", "pending", "sold")


def some_animal(key: int, chance: random.Random) -> Row:
    """Few values, so that many are equal and some are missing."""
    return animal(
        key,
        livestock_id=chance.choice([f"L{key}", None]),
        uhf_tag=f"E280{key:020X}",
        batch=chance.choice(BATCHES),
        status=chance.choice(STATUSES),
        sex=chance.choice(["Steer", "steer", ""]),
        last_weight_kg=chance.choice([None, 350.0, 352.5, 410.0]),
        adg_kg=chance.choice([None, -0.1, 1.5]),
        clear_on=chance.choice([None, "2026-03-05", "2026-03-09"]),
        left_on=chance.choice([None, "2026-03-05", "2026-03-09"]),
        last_seen_at=f"2026-03-0{chance.randint(1, 9)}T12:00:00Z",
    )


@pytest.fixture(params=range(5))
def mirror(request: pytest.FixtureRequest) -> Mirror:
    """A herd to which much has happened since its orders were first asked for."""
    chance = random.Random(request.param)
    mirror = mirror_of({"cattle": [some_animal(key, chance) for key in range(1, 60)]})
    for column in SORTED:
        mirror.held.query_animals(sort=column)
    for seq in range(11, 211):
        key = chance.randint(1, 80)
        is_gone = chance.random() < 0.1
        row: Row = {"id": key} if is_gone else some_animal(key, chance)
        mirror.apply([event(seq, "cattle:deleted" if is_gone else "cattle:updated", row)])
    return mirror


def keys_of(mirror: Mirror, **params: str) -> list[int]:
    """All that the list shows, page after page."""
    first = PAGES["cattle"](mirror, asked(**params)).lists["cattle"]
    numbers = map(str, range(1, first.pages + 1))
    pages = [PAGES["cattle"](mirror, asked(page=number, **params)) for number in numbers]
    return [row["id"] for page in pages for row in page.lists["cattle"].rows]


def ordered(rows: list[Row], sort: str) -> list[int]:
    """By going through them: equal ones by number, those without a value last."""
    column = sort.removeprefix("-")
    rows = sorted(rows, key=lambda row: row["id"], reverse=True)
    if not column:
        return [row["id"] for row in rows]
    valued = [row for row in rows if SORTED[column](row) is not None]
    by_value = sorted(
        valued, key=lambda row: (SORTED[column](row), row["id"]), reverse=sort.startswith("-")
    )
    return [row["id"] for row in by_value + [row for row in rows if row not in valued]]


@pytest.mark.parametrize("sort", ["", *SORTED, *(f"-{column}" for column in SORTED)])
@pytest.mark.parametrize(
    ("params", "fits"),
    [
        ({}, lambda row: True),
        ({"status": "on_feed"}, lambda row: row["status"] in {"active", "pending"}),
        (
            {"status": "sold", "sex": "STEER"},
            lambda row: row["status"] == "sold" and row["sex"].casefold() == "steer",
        ),
        ({"batch": "2"}, lambda row: row["batch"] == BATCHES[1]),
        ({"batch": "x"}, lambda row: False),
        ({"q": "e280"}, lambda row: True),
    ],
)
def test_a_list_is_what_a_look_at_every_row_would_give(
    mirror: Mirror, params: dict[str, str], fits: Any, sort: str
) -> None:
    rows = [row for row in mirror.tables["cattle"].values() if fits(row)]
    found = keys_of(mirror, **params, **({"sort": sort} if sort else {}))
    if params.get("q") and not sort:
        assert sorted(found) == sorted(row["id"] for row in rows)  # the best match comes first
    else:
        assert found == ordered(rows, sort)


@pytest.mark.parametrize("day", [date(2026, 3, day) for day in (4, 5, 8, 9)], ids=str)
def test_who_is_held_on_a_day_is_what_the_rows_say(mirror: Mirror, day: date) -> None:
    index, rows = mirror.held.index, mirror.tables["cattle"].values()
    index.clear_after(date(2026, 3, 5))  # another day was asked for before
    held = {row["id"] for row in rows if (row["clear_on"] or "") > day.isoformat()}
    assert set(index.newest_first(index.clear_after(day))) == held
    days = [row["clear_on"] for row in rows if row["id"] in held and row["status"] == "active"]
    keys = [row["id"] for row in rows]
    told = index.clear_days(keys, index.mask("status", "active"), day)
    assert sorted(one.isoformat() for one in told) == sorted(days)


def test_who_left_in_some_days_is_what_the_rows_say(mirror: Mirror) -> None:
    index, rows = mirror.held.index, list(mirror.tables["cattle"].values())
    for first, last in ((1, 9), (5, 5), (6, 9), (6, 8), (9, 5)):
        days = [date(2026, 3, day) for day in (first, last)]
        left = [one for one in rows if one["left_on"] and int(one["left_on"][-2:]) <= last]
        expected = {one["id"]: one["left_on"] for one in left if int(one["left_on"][-2:]) >= first}
        found = index.left_between(*days)
        assert set(found) == set(expected)
        assert [expected[key] for key in found] == sorted(expected.values(), reverse=True)


def test_a_change_moves_who_is_held(mirror: Mirror) -> None:
    index, day = mirror.held.index, date(2026, 3, 5)
    assert index.clear_after(day)  # kept from now on
    for clear_on, is_held in (("2026-03-06", 1), ("2026-03-05", 0), (None, 0)):
        mirror.held.put("cattle", animal(999, clear_on=clear_on))
        assert index.clear_after(day)[-1] == is_held


def test_the_heads_add_up(mirror: Mirror) -> None:
    rows = mirror.tables["cattle"].values()
    for status in STATUSES:
        assert mirror.statuses[status] == sum(row["status"] == status for row in rows)


def test_names_are_sorted_as_people_count() -> None:
    assert sorted(["P10", "p2", "P1", "L30", "L4"], key=natural) == ["L4", "L30", "P1", "p2", "P10"]


def test_more_words_than_a_byte_counts_are_told_apart() -> None:
    herd = [animal(key, sex=f"word {key % 300}") for key in range(1, 601)]
    mirror = mirror_of({"cattle": herd})
    mirror.apply([event(11, "cattle:updated", animal(1, sex="word 299"))])
    assert keys_of(mirror, sex="word 2") == [302, 2]
    assert keys_of(mirror, sex="word 299") == [599, 299, 1]
    assert keys_of(mirror, sex="word 999") == []
