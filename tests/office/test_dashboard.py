"""The dashboard's pictures: from counters that equal a look at every animal, and what they show."""

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from remote.office import clocks
from remote.office.link.client import Person
from remote.office.mirror.herd_figures import HERE
from remote.office.mirror.index import Index
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages import PAGES, Page, PageRequest
from remote.office.pages.radio_sentences import sentence_of
from remote.office.sample import status
from remote.wire import Cursor
from tests.office.filled import HERD, animal, batch, filled, payload, pen, session, shipment, weight
from tests.office.test_pages import page

LAST = date(2026, 11, 20)
ANA = Person("ana", "Ana", "manager")


def day(ago: int) -> str:
    return (LAST - timedelta(days=ago)).isoformat()


def some_animal(pk: int, chance: random.Random) -> Row:
    came, left = chance.randint(40, 130), chance.choice([None, None, chance.randint(0, 39)])
    fields: dict[str, Any] = {
        "induction_date": chance.choice([day(came), None]),
        "first_seen_at": f"{day(came)}T10:00:00Z",
        "status": "active" if left is None else chance.choice(["dead", "sold", "exported"]),
        "left_on": left if left is None else day(left),
        "clear_on": chance.choice([None, day(-chance.randint(0, 6))]),
        "adg_kg": chance.choice([None, chance.uniform(0.5, 2)]),
        "last_weight_kg": chance.uniform(300, 600),
        "last_weighed_at": f"{day(chance.randint(0, 30))}T10:00:00Z",
    }
    return animal(pk, batch={"id": pk % 3, "batch_number": f"LOT{pk % 3}"}, **fields)


def head_on(at: str, rows: list[Row]) -> int:
    came = [(row["induction_date"] or row["first_seen_at"][:10], row["left_on"]) for row in rows]
    return sum(first <= at and (left is None or at < left) for first, left in came)


def test_the_counters_say_what_a_look_at_every_animal_would() -> None:
    chance, index, held = random.Random(3), Index(), dict[int, Row]()
    for _ in range(600):
        pk = chance.randint(1, 150)
        if pk in held and chance.random() < 0.2:
            index.remove(pk, held.pop(pk))
        else:
            index.put(pk, held.get(pk), row := some_animal(pk, chance))
            held[pk] = row
    rows = list(held.values())

    assert [head for _, head in index.days.heads(LAST, 90)] == [
        head_on(day(ago), rows) for ago in reversed(range(90))
    ]
    here = [row for row in rows if row["status"] in HERE]
    for ago in range(-6, 1):
        clear = sum(row["clear_on"] == day(ago) for row in here)
        assert index.days.clear_on(LAST - timedelta(days=ago)) == clear
    for pk, sums in index.by_batch.of([0, 1, 2]).items():
        known = [row for row in here if row["adg_kg"] is not None and row["batch"]["id"] == pk]
        assert sums.head == len(known) > 0
        assert sums.gain_kg == pytest.approx(sum(row["adg_kg"] for row in known))


def test_a_batch_reaches_its_target_by_its_mean_gain() -> None:
    index = Index()
    for pk, kg in ((1, 600.0), (2, 604.0)):
        told = {"last_weight_kg": kg, "adg_kg": 2.0, "last_weighed_at": f"{day(2)}T10:00:00Z"}
        index.put(pk, None, animal(pk, **told))
    (sums,) = index.by_batch.of([1]).values()
    assert sums.day_of(612.0) == LAST - timedelta(days=2) + timedelta(days=5)
    assert sums.day_of(619.0) == LAST - timedelta(days=2) + timedelta(days=8)


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with filled() as mirror:
        yield mirror


def told_by_pi(**fields: Any) -> Row:
    return status([], payloads_today={}, cursor=str(Cursor(100, 1)), **fields)


def dashboard(mirror: Mirror, unit: str = "kg") -> Page:
    return PAGES["dashboard"](mirror, PageRequest({}, ANA, unit))


def test_a_batch_of_its_own_target_stands_beside_the_gain_that_it_asks_for() -> None:
    known = {"last_weight_kg": 500.0, "adg_kg": 1.5, "last_weighed_at": f"{day(2)}T10:00:00Z"}
    herd = [animal(pk, batch={"id": pk, "batch_number": f"LOT{pk}"}, **known) for pk in (1, 2, 3)]
    own = {"target_kg": 560.0, "target_on": day(-38)}  # 60 kg in 40 days
    late = {"target_kg": 560.0, "target_on": day(3)}
    batches = [batch(1, **own), batch(2), batch(3, **late)]
    with filled({"cattle": herd, "batches": batches}) as mirror:
        html = dashboard(mirror).rendered_regions()["gains"]
    assert re.findall(r"<td[^>]*>([^<]*)</td>", html) == ["1.50", "1.50", "1"] * 3
    herd[0] |= {"last_weight_kg": 480.0}
    with filled({"cattle": herd, "batches": batches}) as mirror:
        html = dashboard(mirror).rendered_regions()["gains"]
    assert re.findall(r"<td[^>]*>([^<]*)</td>", html)[1::3] == ["2.00", "1.50", "1.50"]
    assert html.count('<a href="/office/batches/1">') == 1  # a bar is too low for a glove


def test_an_hour_in_which_nothing_was_heard_is_a_gap(mirror: Mirror) -> None:
    told = [{"hour": f"2026-11-20T{hour:02}:00:00Z", "count": 7 * (hour != 4)} for hour in range(9)]
    mirror.set_status(told_by_pi(heard_by_hour=told))
    html = dashboard(mirror).rendered_regions()["hours"]
    assert html.count('class="gap"') == 1
    assert html.count('class="column"') == 8
    assert "Grey: the 1 hour in which nothing was heard." in html


def test_a_pi_that_tells_no_hours_leaves_the_picture_out(mirror: Mirror) -> None:
    mirror.set_status(told_by_pi())
    assert "<svg" not in dashboard(mirror).rendered_regions()["hours"]


def test_the_session_fills_as_weights_come(mirror: Mirror) -> None:
    mirror.held.put("batches", batch(1, on_feed_count=5))
    mirror.held.put("sessions", session(7, batch_id=1, name="LOT1 today"))
    assert "0 of 5 weighed" in dashboard(mirror).rendered_regions()["session"]
    for pk in (1, 2):
        mirror.held.put("weights", weight(90 + pk, cattle_id=pk, session_id=7))
    mirror.held.put("weights", weight(93, cattle_id=2, session_id=7))  # weighed again
    mirror.held.put("weights", weight(94, cattle_id=3, session_id=7, quality="suspect"))
    html = dashboard(mirror).rendered_regions()["session"]
    assert "2 of 5 weighed" in html
    assert "<svg" in html


def test_eight_pens_are_shown_the_fullest_first(mirror: Mirror) -> None:
    for pk in range(1, 12):
        mirror.held.put("pens", pen(pk, capacity=100, head_count=5 * pk))
    html = dashboard(mirror).rendered_regions()["pens"]
    assert html.count("<a href=") == 2 * 8  # in the picture and in its table
    assert html.index("/office/pens/11") < html.index("/office/pens/10")
    assert '"/office/pens/3"' not in html


def test_the_head_of_90_days_ends_with_today() -> None:
    came = {"induction_date": "2026-01-02", "first_seen_at": "2026-01-02T10:00:00Z"}
    with filled({"cattle": [animal(1, **came)]}) as mirror:
        today = clocks.today(mirror)
        left = {"status": "sold", "left_on": str(today - timedelta(days=2))}
        mirror.held.put("cattle", animal(2, **came, **left))
        html = dashboard(mirror).rendered_regions()["heads"]
    rows = re.findall(r'<th scope="row">(?:<[^>]*>)?(\S+?)<.*?<td[^>]*>(\d+)<', html, re.DOTALL)
    told = {day: int(head) for day, head in rows}
    assert (len(told), told[str(today)], told[str(today - timedelta(days=7))]) == (13, 1, 2)


def test_every_picture_has_its_table(mirror: Mirror) -> None:
    mirror.set_status(told_by_pi(heard_by_hour=[{"hour": "2026-11-20T09:00:00Z", "count": 3}]))
    mirror.held.put("cattle", animal(9, adg_kg=1.5, last_weighed_at=f"{day(1)}T10:00:00Z"))
    for pk in (1, 2):
        mirror.held.put("weights", weight(90 + pk, cattle_id=pk, session_id=1))
    regions = dashboard(mirror).rendered_regions()
    for name in ("heads", "gains", "session", "hours", "pens"):
        assert "<svg" in regions[name], name
        assert "<table" in regions[name], name


async def test_those_that_are_clear_on_a_day_are_counted_and_listed() -> None:
    with filled({"cattle": []}) as mirror:
        today = clocks.today(mirror)
        days = [today + timedelta(days=step) for step in (0, 2, 2, 3)]
        for pk, clear_on in enumerate(days, 1):
            mirror.held.put("cattle", animal(pk, clear_on=str(clear_on)))
        mirror.held.put("cattle", animal(9, clear_on=str(days[1]), status="sold"))
        html = dashboard(mirror).rendered_regions()["due"]
        links = re.findall(r'<a href="(/office/cattle[^"]*)">(\d+)</a>', html)
        assert [count for _, count in links] == ["1", "2", "1"]
        for link, count in links:
            assert (await page(link)).count("data-key=") == int(count), link
        assert "data-key=" not in await page("/office/cattle?clear_on=soon")


def test_a_shipment_that_is_to_go_is_due_on_its_day(mirror: Mirror) -> None:
    states = {1: "planned", 2: "loading", 3: "shipped", 4: "cancelled"}
    for pk, state in states.items():
        row = shipment(pk, shipment_number=f"T{pk}", day=str(clocks.today(mirror)), state=state)
        mirror.held.put("shipments", row)
    mirror.held.put("shipments", shipment(5, shipment_number="T5", day="2031-01-01"))
    html = dashboard(mirror).rendered_regions()["due"]
    assert [name for name in ("T1", "T2", "T3", "T4", "T5") if name in html] == ["T1", "T2"]


def test_of_many_batches_at_their_target_some_are_named_and_the_rest_counted(
    mirror: Mirror,
) -> None:
    for pk in range(11, 19):
        place = {"id": pk, "batch_number": f"READY{pk}"}
        mirror.held.put("batches", batch(pk, batch_number=f"READY{pk}", target_kg=500.0))
        kg = {"last_weight_kg": 510.0, "adg_kg": 1.5, "last_weighed_at": f"{day(1)}T10:00:00Z"}
        mirror.held.put("cattle", animal(pk, batch=place, **kg))
    html = dashboard(mirror).rendered_regions()["due"]
    assert (html.count("READY"), "and 2 more" in html) == (6, True)
    for pk in range(11, 19):  # a target that somebody changes shows at once
        mirror.held.put("batches", batch(pk, batch_number=f"READY{pk}", target_kg=900.0))
    assert "READY" not in dashboard(mirror).rendered_regions()["due"]


STOOD = {"batch": {"id": 1, "batch_number": "LOT1"}, "pen": {"id": 1, "pen_number": "P4"}}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hxb:LOT1:840003000000001:E280", "A7 read in LOT1, pen P4"),
        ("hxe:LOT1:840003000000001:E280", "A7 read leaving LOT1"),
        ("event:hxbchi000001|lid:A7|weight:502.8", "A7 weighed: 502.8 kg"),
        ("event:hxbind000002|lid:A7|lot:LOT1|pen:P4", "A7 inducted into LOT1, pen P4"),
        ("event:hxbtrt000003|lid:A7|product:Oxy 200", "A7 treated with Oxy 200"),
        ("sig:scale1:12:event:hxbrep000003|lid:A7|new_lf:1", ""),
        ("lot=1 tag=2", ""),
    ],
)
def test_a_message_is_a_sentence(text: str, sentence: str) -> None:
    row = payload(1, raw_payload=text, cattle_id=7)
    assert sentence_of(row, animal(7, livestock_id="A7", **STOOD), "kg") == sentence


def test_the_raw_text_is_one_touch_away(mirror: Mirror) -> None:
    heard = payload(50, raw_payload="hxb:LOT1:<b>:E280", cattle_id=1)
    mirror.held.put("payloads", heard)
    html = dashboard(mirror).rendered_lists()["payloads"]["50"]
    assert "A1 read in" in html
    assert "<summary" in html
    assert "<code>hxb:LOT1:&lt;b&gt;:E280</code>" in html


def test_what_was_refused_is_no_sentence(mirror: Mirror) -> None:
    refused = next(row for row in HERD["payloads"] if row["status"] == "error")
    html = dashboard(mirror).rendered_lists()["payloads"][str(refused["id"])]
    assert refused["error_message"] in html
    assert "<summary" not in html
