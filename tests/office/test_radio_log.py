"""The radio log beyond what the office holds, and what waits for a person."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from remote.office.link.configuration import PiAddress
from remote.office.mirror.mirror import Snapshot
from remote.office.mirror.tables import Row, Tables
from remote.office.older_payloads import PAGES_KEPT, SECONDS_KEPT, OlderPayloads
from remote.office.work.attention_list import all_items
from remote.office.work.attention_list import listed as shown
from remote.wire import RECENT
from tests.office.filled import filled, here, payload, weight
from tests.office.http_pi import HttpPi, serving
from tests.office.rows import animal, event, mirror_of
from tests.office.test_pages import page, signed_in


@contextmanager
def a_pi_that_has(rows: list[Row], following: str | None = None) -> Iterator[HttpPi]:
    """This office asks it, without TLS, and gets these rows for whatever it asks."""
    with serving(HttpPi()) as pi:
        pi.answer = lambda _path, _body: (200, {"data": rows, "next": following, "total": None}, {})
        before = here.client.address
        here.client.use(PiAddress("127.0.0.1", pi.port, "k" * 20, tls=False))
        yield pi
        here.client.use(before)


MANY = [payload(1, status="error", error_code="tag_conflict", raw_payload="hxb:LOT1:TWICE:")] + [
    payload(pk) for pk in range(2, RECENT + 10)
]


async def test_a_conflict_stays_on_the_list_however_many_payloads_come_after_it() -> None:
    with filled({"payloads": MANY}) as mirror:
        assert [item.text for item in shown(all_items(mirror)) if item.grave] == ["1 tag conflict"]
        assert "hxb:LOT1:TWICE:" in await page("/office/payloads?code=tag_conflict")
        assert "hxb:LOT1:TWICE:" in await page("/office/payloads/1/correct")


async def test_the_list_says_that_it_is_of_the_latest_and_leads_to_the_older_ones() -> None:
    with filled({"payloads": MANY}):
        html = await page("/office/payloads?q=LOT1")
    assert "the latest 1000, and the latest 5000 in error" in html
    assert "?q=LOT1&amp;before=10" in html


async def test_a_list_that_has_everything_says_nothing_of_older_ones() -> None:
    with filled({"payloads": MANY[:50]}):
        assert "from the Pi" not in await page("/office/payloads")


async def test_older_payloads_are_the_pis_with_the_same_filters() -> None:
    rows = [payload(9, raw_payload="hxb:LOT1:OLD:"), payload(4)]
    with filled({"payloads": MANY}), a_pi_that_has(rows, following="x") as pi:
        html = await page("/office/payloads?before=10&q=LOT1&status=processed&code=x&source=udp:1")
    assert "hxb:LOT1:OLD:" in html
    assert "before=4" in html
    asked = pi.requests[-1][1]
    assert asked.startswith("/api/remote/payloads?limit=50")
    for part in ("before=10", "search=LOT1", "status=processed", "error_code=x", "source=udp"):
        assert part in asked


async def test_an_older_page_is_asked_for_once_until_one_of_its_messages_changes() -> None:
    rows = [payload(9, raw_payload="hxb:LOT1:OLD:"), payload(4)]
    with filled({"payloads": MANY}), a_pi_that_has(rows, following="x") as pi:

        async def asked_by(path: str) -> int:
            before = len(pi.requests)
            assert "hxb:LOT1:OLD:" in await page(path)
            return len(pi.requests) - before

        older = "/office/payloads?before=10"
        assert [await asked_by(older), await asked_by(older)] == [1, 0]
        assert await asked_by(f"{older}&status=processed") == 1
        seq = here.mirror.cursor.seq + 1  # type: ignore[union-attr]  # a filled copy has one
        here.mirror.apply([event(seq, "payload:received", payload(9999))])
        assert await asked_by(older) == 0
        here.mirror.apply([event(seq + 1, "payload:processed", payload(4))])
        assert await asked_by(older) == 1
        here.mirror.apply([event(seq + 2, "payload:processed", payload(10))])
        assert await asked_by(older) == 0


def test_an_older_page_is_asked_for_anew_after_a_while_and_with_a_new_copy() -> None:
    now, mirror = [100.0], mirror_of({})
    older, question = OlderPayloads(mirror, lambda: now[0]), {"limit": 50, "before": "10"}
    older.keep(question, older.begin(question), {"data": []})
    now[0] += SECONDS_KEPT - 1
    assert older.get(question) == {"data": []}
    now[0] += 1
    assert older.get(question) is None
    older.keep(question, older.begin(question), {"data": []})
    assert mirror.cursor is not None
    mirror.replace(Snapshot(mirror.cursor, Tables(), {}))
    assert older.get(question) is None
    for place in range(PAGES_KEPT + 1):
        older.keep({"before": place}, older.begin({"before": place}), {"data": []})
    assert older.get({"before": 0}) is None
    assert older.get({"before": 1}) is not None
    older.keep({"limit": 50}, older.begin({"limit": 50}), {"data": []})
    assert older.get({"limit": 50}) is None


@pytest.mark.parametrize(("pk", "is_kept"), [(9, False), (10, True)])
def test_a_message_that_changes_while_its_page_is_asked_for_is_not_kept_as_it_was(
    pk: int, *, is_kept: bool
) -> None:
    mirror = mirror_of({})
    older, question = OlderPayloads(mirror), {"limit": 50, "before": "10"}
    ticket = older.begin(question)
    mirror.apply([event(11, "payload:processed", payload(pk))])
    older.keep(question, ticket, {"data": []})
    assert (older.get(question) is not None) == is_kept


async def test_without_the_pi_the_older_ones_are_missed_in_words() -> None:
    with filled({"payloads": MANY}):
        html = await page("/office/payloads?before=10")
    assert "Older messages are on the Pi, and cannot be read now." in html
    assert 'data-empty="payloads" hidden' in html


async def test_a_session_longer_than_what_is_held_says_so() -> None:
    rows = [weight(pk) for pk in range(1, RECENT + 2)]
    with filled({"weights": rows}):
        assert f"the latest {RECENT} weighings" in await page("/office/weights")
    with filled({"weights": rows[:20]}):
        assert "weighings: the session" not in await page("/office/weights")


async def test_a_payload_that_the_pi_alone_has_is_corrected_too() -> None:
    old = payload(3, status="error", error_code="bad_tag", raw_payload="hxb:LOT1:9.8E14:")
    with filled({"payloads": []}):
        with a_pi_that_has([]) as pi:
            pi.answer = lambda _path, _body: (200, old, {})
            assert "hxb:LOT1:9.8E14:" in await page("/office/payloads/3/correct")
        assert (await signed_in().get("/office/payloads/3/correct")).status_code == 404


@pytest.mark.parametrize(("code", "offered"), [("bad_tag", True), ("tag_conflict", False)])
async def test_what_an_unclear_tag_holds_is_offered_to_be_confirmed(
    code: str,
    offered: bool,  # noqa: FBT001
) -> None:
    text = "hxb:LOT1:~982 000001088420:"
    with filled({"payloads": [payload(3, status="error", error_code=code, raw_payload=text)]}):
        html = await page("/office/payloads/3/correct")

    assert ('value="hxb:LOT1:982000001088420:"' in html) == offered
    assert (f'value="{text}"' in html) != offered


async def test_what_cannot_be_taken_back_says_why_before_it_is_tried() -> None:
    change = {
        "id": 1,
        "summary": "herd.csv: 2 animals new",
        "refused": "Animal L1 was read since.",
        "undoing": ["2 animals that it added will be deleted."],
    }
    with filled({}), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, change, {})
        html = await page("/office/journal/1/undo")
    assert "Animal L1 was read since." in html
    assert "will be deleted" not in html


async def test_an_undo_that_overfills_a_pen_asks_for_a_reason() -> None:
    change = {"id": 1, "summary": "2 merged into 1", "refused": "Pen P1 holds 5 of 5 head."}
    change |= {"refused_code": "pen_full", "undoing": ["Pen P1 holds 5 of 5 head."]}
    with filled({}), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, change, {})
        assert "Even if the pen is full" in await page("/office/journal/1/undo")
        body = {"key": "k", "force": "on", "reason": "until Friday"}
        await signed_in().post("/office/journal/1/undo", body)
    sent = [body for method, *_, body in pi.requests if method == "POST"]
    assert sent == [{"force": True, "reason": "until Friday"}]


@pytest.mark.parametrize(("status", "asked"), [("dead", True), ("pending", False)])
async def test_a_conflict_of_one_that_has_left_asks_whose_status_counts(
    status: str,
    asked: bool,  # noqa: FBT001
) -> None:
    on = "2026-11-05" if asked else None
    cattle = [
        animal(1, livestock_id="L1", left_on=None),
        animal(2, livestock_id="L2", left_on=on, status=status),
    ]
    row = payload(3, status="error", error_code="tag_conflict")
    told = {"payload": row, "cattle": cattle, "lf_tag": "LF1", "uhf_tag": "U2"}
    with filled({"payloads": [row]}), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, told, {})
        html = await page("/office/payloads/3/conflict")
        body = {"key": "k", "action": "merge", "cattle_id": "1", "status_from": "2"}
        await signed_in().post("/office/payloads/3/conflict", body)
    assert ("L2 (no. 2): dead since 2026-11-05" in html) == asked
    (sent,) = [body for method, *_, body in pi.requests if method == "POST"]
    more = {"status_from": 2, "force": False} if asked else {}
    assert sent == {"action": "merge", "cattle_id": 1, "reason": "", **more}
