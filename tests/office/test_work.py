"""The work page: what needs somebody, a row for each, with why, since when and what can be done."""

import html
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from remote.office.mirror.packed_rows import HeldRow, PackedRows
from remote.office.mirror.tables import Row
from remote.office.pages import herd_alerts
from remote.office.sample import status as status_with
from remote.office.work.attention_list import all_items
from remote.office.work.kinds import BY_NAME, KINDS
from remote.office.work.put_away import NOTHING, PutAway
from tests.office.filled import AT, animal, batch, filled, here, payload, pen, weight
from tests.office.test_pages import page

if TYPE_CHECKING:
    from remote.wire import Table

NOW = datetime.now(UTC)
TODAY = NOW.isoformat()


def off(pk: int, kg: float, **fields: object) -> Row:
    told = {"expected_kg": 480.0, "last_weight_kg": kg, "last_seen_at": TODAY} | fields
    return animal(pk, **told)


def error(pk: int, code: str, source: str = "barn", **fields: object) -> Row:
    return payload(pk, status="error", error_code=code, source=source, error_message="", **fields)


def text_of(markup: str) -> str:
    """Return the page's words, one space between two."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def keys(kind: str, away: PutAway = NOTHING) -> list[str]:
    mirror, found = here.mirror, BY_NAME[kind]
    return [found.item(mirror, one, "kg").key for one in found.found(mirror, away)]


async def test_a_suspect_weight_is_a_row_with_its_why_and_what_can_be_done() -> None:
    doubted = weight(
        7, cattle_id=3, weight_kg=402.0, expected_kg=480.0, quality="suspect", reason="-78 kg"
    )
    with filled({"cattle": [animal(3, last_seen_at=TODAY)], "weights": [weight(1), doubted]}):
        shown = await page("/office/work?kind=suspect")
    told = text_of(shown)
    assert "A3 suspect weight expected 480.0, got 402.0 kg, −16 %; -78 kg" in told  # noqa: RUF001
    assert "1 suspect weight" in told
    for act in ("accept", "replace?animal=3", "void?animal=3"):
        assert f'href="/office/weights/7/{act}' in shown
    assert "back=%2Foffice%2Fwork%3Fkind%3Dsuspect" in shown


async def test_a_viewer_sees_the_rows_and_nothing_to_do() -> None:
    with filled({"cattle": [off(1, 300.0)]}):
        shown = await page("/office/work?kind=off", role="viewer")
    assert "expected 480.0, got 300.0 kg" in shown
    assert "data-letter" not in shown


def test_those_off_the_expected_weight_come_by_how_far() -> None:
    herd = [off(1, 420.0), off(2, 300.0), off(3, 470.0), off(4, 600.0)]
    with filled({"cattle": herd}):
        assert [key.split(":")[1] for key in keys("off")] == ["2", "4", "1"]


@pytest.mark.parametrize(
    ("kind", "before", "again"),
    [
        ("off", off(1, 300.0), off(1, 310.0, last_weighed_at=TODAY)),
        (
            "unseen",
            animal(1, last_seen_at="2026-01-02T10:00:00Z"),
            animal(1, last_seen_at="2026-02-02T10:00:00Z"),
        ),
    ],
)
def test_an_item_is_the_same_while_its_cause_stays_and_new_when_it_happens_again(
    kind: str, before: Row, again: Row
) -> None:
    with filled({"cattle": [before]}):
        (first,) = keys(kind)
        away = PutAway({first: None})
        assert keys(kind, away) == []
        here.mirror.held.put("cattle", before | {"notes": "other"})
        assert keys(kind, away) == []
        here.mirror.held.put("cattle", again)
        here.mirror.worked_out.clear()
        assert keys(kind, away) == keys(kind) != [first]


def test_what_was_refused_is_grouped_by_reason_and_source_and_does_not_only_grow() -> None:
    rows = [
        error(1, "bad_tag"),
        error(2, "bad_tag", "gate"),
        error(3, "bad_tag"),
        error(4, "bad_crc"),
        error(5, "noise"),
        error(6, "tag_conflict"),
    ]
    with filled({"payloads": rows}) as mirror:
        found = BY_NAME["refused"].found(mirror, NOTHING)
        assert [(one.code, one.source, one.count) for one in found] == [
            ("", "barn", 2),
            ("bad_tag", "barn", 2),
            ("bad_tag", "gate", 1),
        ]
        item = BY_NAME["refused"].item(mirror, found[1], "kg")
        away = PutAway({item.key: item.through, "noise:barn": 5})
        assert keys("refused", away) == ["refused:bad_tag:gate:2"]
        # One more of the reason is another item; one more line of noise is not.
        mirror.held.put("payloads", error(7, "bad_tag"))
        mirror.held.put("payloads", error(8, "partial"))
        assert keys("refused", away) == ["refused:bad_tag:barn:7", "refused:bad_tag:gate:2"]


async def test_strays_full_pens_and_places_that_only_reads_know_are_rows() -> None:
    bare = {"livestock_id": None, "visual_id": "", "induction_date": None, "last_weight_kg": None}
    nobody = {"funder": "", "lot_group": "", "induction_date": None, "notes": "", "head_count": 1}
    unknown = {"capacity": 0, "location": "", "description": "", "head_count": 2}
    herd: dict[Table, list[Row]] = {
        "cattle": [animal(1, last_seen_at=TODAY, **bare), animal(2, last_seen_at=TODAY)],
        "batches": [batch(5, **nobody), batch(6)],
        "pens": [pen(8, **unknown), pen(9, head_count=31, capacity=30)],
    }
    with filled(herd):
        told = text_of(await page("/office/work"))
        assert "known by a read alone, in batch LOT1" in told
        assert "batch LOT5 known by reads alone" in told
        assert "pen P8 known by reads alone" in told
        assert "P9 over capacity holds 31 of 30, 103 %" in told
        assert keys("stray") == [f"stray:1:{AT}"]


def test_a_trouble_of_the_pi_that_nobody_can_date_comes_again_in_the_morning() -> None:
    with filled({}) as mirror:
        mirror.status = status_with([], clock={"synchronised": False}, gaps={"count": 2})
        assert keys("machine") == [f"machine:clock:{NOW:%Y-%m-%d}", "machine:gaps:2"]


def test_every_kind_has_rows_of_its_own_and_the_dashboards_list_leads_to_them() -> None:
    assert len(BY_NAME) == len(KINDS) >= 10
    herd: dict[Table, list[Row]] = {
        "cattle": [off(1, 300.0)],
        "payloads": [error(1, "bad_tag"), error(2, "tag_conflict")],
        "pens": [pen(9, head_count=31, capacity=30)],
    }
    with filled(herd) as mirror:
        links = {item.link for item in all_items(mirror)}
    assert links == {
        f"/office/work?kind={kind}" for kind in ("off", "refused", "conflict", "pen-over")
    }


def test_looking_for_work_costs_no_look_at_every_animal(monkeypatch: pytest.MonkeyPatch) -> None:
    herd = [off(pk, 300.0 if pk < 4 else 480.0) for pk in range(1, 400)]
    with filled({"cattle": herd}) as mirror:
        herd_alerts.furthest_off(mirror)
        looked: list[object] = []
        table = type(mirror.tables["cattle"])
        unpacked = table.unpacked

        def counted(self: PackedRows, packed: bytes) -> HeldRow:
            looked.append(packed)
            return unpacked(self, packed)

        monkeypatch.setattr(table, "unpacked", counted)
        assert len(all_items(mirror)) == 1
        assert len(looked) == 0


async def test_each_figure_of_the_dashboard_leads_to_its_rows() -> None:
    with filled():
        shown = await page("/office/")
    for link in re.findall(r"<dd.*?</dd>", shown, re.DOTALL):
        assert "<a " in link or "/day, from" in link
    assert "/office/cattle?status=dead" in shown
