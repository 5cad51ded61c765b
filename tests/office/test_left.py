"""What left: a list by day, with the reason and the batch, narrowed in the address; a file too."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from remote.office.mirror.tables import Row
from tests.office.filled import animal, batch, filled
from tests.office.test_pages import page, signed_in

LOT1, LOT2 = {"id": 1, "batch_number": "LOT1"}, {"id": 2, "batch_number": "LOT2"}
HERD: dict[Any, list[Row]] = {
    "batches": [batch(1, batch_number="LOT1"), batch(2, batch_number="LOT2")],
    "cattle": [
        animal(1, livestock_id="STAYS"),
        animal(2, livestock_id="DIED", status="dead", left_on="2026-03-31", left_cause="bloat"),
        animal(3, livestock_id="SOLD", status="sold", left_on="2026-03-01", left_reason="auction"),
        animal(4, livestock_id="LATER", status="exported", left_on="2026-04-01"),
        animal(5, livestock_id="EARLIER", status="exported", left_on="2026-02-28"),
        animal(6, livestock_id="BACK", status="active", left_on="2026-03-09"),
    ],
}
HERD["cattle"] = [row | {"batch": LOT2 if row["id"] == 3 else LOT1} for row in HERD["cattle"]]
MARCH = "first=2026-03-01&last=2026-03-31"


async def names(query: str) -> list[str]:
    with filled(HERD):
        html = await page(f"/office/left?{query}")
    every = [row["livestock_id"] for row in HERD["cattle"]]
    places = {name: html.find(f">{name}</a>") for name in every}
    return sorted((name for name in every if places[name] >= 0), key=places.__getitem__)


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (MARCH, ["DIED", "SOLD"]),
        (f"{MARCH}&status=sold", ["SOLD"]),
        (f"{MARCH}&status=active", ["DIED", "SOLD"]),
        (f"{MARCH}&batch_number=lot1", ["DIED"]),
        (f"{MARCH}&batch_number=LOT9", []),
        ("first=2026-03-31&last=2026-03-01", []),
        ("first=0001-01-01&last=0001-01-01", []),
        ("last=0001-01-02", []),
        ("first=soon", []),
    ],
)
async def test_it_has_what_left_in_the_days_and_batch_of_the_address(
    query: str, left: list[str]
) -> None:
    assert await names(query) == left


async def test_each_has_its_reason_and_they_are_counted() -> None:
    with filled(HERD):
        html = await page(f"/office/left?{MARCH}")
    assert "Bloat" in html
    assert "auction" in html
    assert "0 exported · 1 sold · 1 dead" in html


async def test_without_days_it_has_the_last_thirty() -> None:
    today = timezone.localdate()
    days = {name: today - timedelta(days=ago) for name, ago in (("IN", 29), ("OUT", 30))}
    rows = [
        animal(pk, livestock_id=name, status="sold", left_on=day.isoformat())
        for pk, (name, day) in enumerate(days.items(), 1)
    ]
    with filled({"cattle": rows}):
        html = await page("/office/left")
    assert ">IN</a>" in html
    assert ">OUT</a>" not in html


async def test_an_animal_that_is_back_leaves_the_list() -> None:
    with filled(HERD) as mirror:
        mirror.held.put("cattle", animal(2, livestock_id="DIED", left_on=None))
        html = await page(f"/office/left?{MARCH}")
    assert ">DIED</a>" not in html


async def test_the_list_is_a_file_too() -> None:
    with filled(HERD):
        answer: Any = await signed_in().get(f"/office/left?{MARCH}&format=csv")
        text = b"".join([part async for part in answer.streaming_content]).decode("utf-8-sig")
    first, *lines = text.splitlines()
    assert first.startswith("left_on,status,id,")
    assert [line.split(",")[:3] for line in lines] == [
        ["2026-03-31", "dead", "2"],
        ["2026-03-01", "sold", "3"],
    ]


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/office/", "/office/left"),
        ("/office/batches/1", "/office/journal?batch=LOT1"),
        ("/office/cattle/2", "/office/journal?animal=%232"),
    ],
)
async def test_pages_lead_to_it_and_to_the_journal(path: str, link: str) -> None:
    with filled(HERD):
        assert f'href="{link}"' in await page(path)
