"""The work page: what needs somebody, a row for each, with why, since when and what can be done."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from remote.exposition import exposed
from remote.office.link.configuration import PiAddress
from remote.office.metrics import read
from remote.office.mirror.packed_rows import HeldRow, PackedRows
from remote.office.mirror.tables import Row
from remote.office.pages import herd_alerts
from remote.office.sample import status as status_with
from remote.office.work.attention_list import all_items
from remote.office.work.kinds import BY_NAME, KINDS
from remote.office.work.marks import put_away
from remote.office.work.put_away import NOTHING, PutAway
from remote.wire import Table
from tests.office.filled import AT, animal, batch, filled, here, mark, payload, pen, weight
from tests.office.http_pi import HttpPi, serving
from tests.office.test_pages import page, signed_in

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


def test_a_full_pen_that_gets_fuller_is_another_item() -> None:
    with filled({"pens": [pen(1, head_count=31, capacity=30)]}):
        away = PutAway({keys("pen-over")[0]: None})
        assert keys("pen-over", away) == []
        here.mirror.held.put("pens", pen(1, head_count=32, capacity=30))
        assert len(keys("pen-over", away)) == 1


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


async def test_dashboard_and_work_count_the_same_refused_messages() -> None:
    rows = [error(1, "noise") | {"lines": 40}, error(2, "bad_tag"), error(3, "bad_tag", "gate")]
    with filled({"payloads": rows}) as mirror:
        groups = BY_NAME["refused"].found(mirror, NOTHING)
        (told,) = [item.text for item in all_items(mirror) if item.key == "refused"]
    assert told == f"{sum(one.count for one in groups)} radio messages refused"
    assert told.startswith("42 ")


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


# -- what people say of it ------------------------------------------------------------------------

TOMORROW = (NOW + timedelta(days=1)).date().isoformat()
YESTERDAY = (NOW - timedelta(days=1)).date().isoformat()
SUSPECT: dict[Table, list[Row]] = {
    "cattle": [animal(3, last_seen_at=TODAY)],
    "weights": [weight(7, cattle_id=3, quality="suspect", expected_kg=480.0, weight_kg=402.0)],
}


def marked(*rows: Row) -> dict[Table, list[Row]]:
    return SUSPECT | {"work_marks": list(rows)}


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ([], {"kind": "dismissed"}),
        ([7], {"kind": "dismissed", "ended_at": AT}),
        ([], {"kind": "reminder", "until": TOMORROW}),
        ([7], {"kind": "reminder", "until": NOW.date().isoformat()}),
        ([7], {"kind": "seen"}),
        ([7], {"kind": "dismissed", "key": "suspect:8"}),
    ],
    ids=["dismissed", "brought back", "put off", "due", "seen", "another"],
)
async def test_what_is_put_away_is_on_no_list_until_it_comes_again(
    listed: list[int], said: Row
) -> None:
    with filled(marked(mark(1, **({"key": "suspect:7"} | said)))) as mirror:
        assert keys("suspect", put_away(mirror)) == [f"suspect:{pk}" for pk in listed]
        assert len(all_items(mirror)) == len(listed)
        shown = await page("/office/work")
    assert re.findall("/office/weights/(.)/accept", shown) == [str(pk) for pk in listed]


async def test_a_row_says_who_has_seen_it_and_who_was_to_be_reminded() -> None:
    due = mark(2, key="suspect:7", kind="reminder", until=YESTERDAY, reason="weigh again")
    with filled(marked(mark(1, key="suspect:7", kind="seen", made_by="office:ben"), due)):
        told = text_of(await page("/office/work"))
    assert "seen by ben (office)" in told
    assert f"ana (office) wanted to be reminded on {YESTERDAY}: weigh again" in told


async def test_what_was_dismissed_is_found_with_its_reason_and_can_be_brought_back() -> None:
    gone = mark(1, key="suspect:99", reason="two on the scale")
    later = mark(2, kind="reminder", until=TOMORROW, text="B7")
    with filled(marked(gone, later)):
        dismissed = await page("/office/work?state=dismissed")
        put_off = await page("/office/work?state=later")
    assert "A1: expected 480.0, got 402.0 kg two on the scale" in text_of(dismissed)
    assert 'formaction="/office/work/1/back"' in dismissed
    assert "B7" not in text_of(dismissed)
    assert f"B7 noise {TOMORROW} ana (office)" in text_of(put_off)
    assert "Put off: 1" in text_of(put_off)
    assert "Dismissed: 1" in text_of(put_off)


def test_prometheus_is_told_how_much_work_there_is_of_each_kind() -> None:
    with filled(marked(mark(1, key="suspect:8"))):
        told = exposed(lambda: read(here.office)).decode()
        assert 'hexabrand_work_items{kind="suspect"} 1.0' in told
        here.mirror.held.put("work_marks", mark(2, key="suspect:7"))
        told = exposed(lambda: read(here.office)).decode()
        assert 'hexabrand_work_items{kind="suspect"} 0.0' in told


def test_a_trouble_of_the_pi_that_was_dismissed_ends_no_alert() -> None:
    with filled({}) as mirror:
        mirror.status = status_with([], gaps={"count": 2})
        assert [(item.key, item.begins) for item in all_items(mirror)] == [("gaps", True)]
        mirror.held.put("work_marks", mark(1, key="machine:gaps:2"))
        assert [(item.key, item.begins) for item in all_items(mirror)] == [("gaps", False)]


@contextmanager
def a_pi() -> Iterator[HttpPi]:
    with serving(HttpPi()) as pi:
        pi.answer = lambda _path, _body: (201, {"data": [], "count": 1}, {})
        before = here.client.address
        here.client.use(PiAddress("127.0.0.1", pi.port, "k" * 20, tls=False))
        yield pi
        here.client.use(before)


async def test_items_are_dismissed_with_a_reason_one_ticked_or_all_of_a_kind() -> None:
    herd: dict[Table, list[Row]] = {"cattle": [off(1, 300.0), off(2, 310.0)]}
    back = "/office/work?kind=off"
    for asked in (f"id=off:1:{AT}&id=off:2:{AT}&id=off:77:x", "kind=off&all=1"):
        with filled(herd), a_pi() as pi:
            client, path = signed_in(), f"/office/work/dismiss?{asked}&back={quote(back)}"
            shown = text_of((await client.get(path)).content.decode())
            assert "A1: expected 480.0, got 300.0 kg" in shown
            assert (await client.post(path, {"key": "k", "reason": ""})).status_code == 422
            answer = await client.post(path, {"key": "k", "reason": "scale was tared"})
            assert (answer.status_code, answer["Location"]) == (302, back)
            ((*_, body),) = pi.requests
            assert body is not None
            assert (body["kind"], body["reason"]) == ("dismissed", "scale was tared")
            assert [one["key"] for one in body["items"]] == [f"off:1:{AT}", f"off:2:{AT}"]


async def test_what_needs_nobody_any_more_is_not_marked() -> None:
    with filled(), a_pi() as pi:
        shown = await page("/office/work/dismiss?id=off:1:x")
        assert "Nothing of this needs anybody any more." in shown
        answer = await signed_in().post("/office/work/seen?key=off:1:x")
        assert (answer.status_code, pi.requests) == (302, [])
        await signed_in().post("/office/work/seen?key=suspect:3", {"next": "/office/work?x=1"})
        ((*_, body),) = pi.requests
        assert body is not None
        assert body["items"][0]["key"] == "suspect:3"
        assert (await signed_in("viewer").post("/office/work/1/back")).status_code == 403


async def test_a_read_that_turned_back_what_a_person_had_re_tagged_is_a_row() -> None:
    row = {"cattle_id": 3, "name": "A3", "kind": "lf", "tag": "LF9", "given": "office:ana"}
    with filled({"cattle": [animal(3, last_seen_at=TODAY)]}) as mirror:
        mirror.status = status_with([], turned_back=[row | {"at": AT}])
        told = text_of(await page("/office/work"))
        assert [item.key for item in all_items(mirror)] == ["turned-back"]
    assert "A3 re-tagging turned back a read took off LF9, which ana had put on" in told
