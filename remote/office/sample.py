"""A made-up herd and a Pi that tells of it: for tests, and for people who work on pages."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from remote.office.link.client import Person, PiClient
from remote.office.link.configuration import PiAddress
from remote.office.link.finding import Finder
from remote.office.link.link_errors import PiRefused
from remote.office.mirror.mirror import LinkState, Mirror, Snapshot
from remote.office.mirror.tables import Row, Tables
from remote.office.office import Office, office_with
from remote.office.signin import SignIn
from remote.wire import Cursor, Event, Topic

AT: Final = "2026-11-20T10:00:00Z"
HEAD, LOTS, PENS, PAYLOADS, WEIGHTS = 300, 8, 12, 120, 60
WORKER: Final = Person("sample", "Sample", "administrator")
GAIN_KG: Final = 1.55  # a day, as lora/simulation has it
EVERY_SECONDS: Final = 5.0

# -- rows as the Pi sends them ----------------------------------------------------------------


def batch(pk: int, **fields: Any) -> Row:
    return {
        "id": pk, "batch_number": f"LOT{pk}", "source_type": "hxb", "source": "barn",
        "induction_date": "2026-11-01", "status": "open", "funder": "Acme", "lot_group": "",
        "notes": "", "head_count": 2, "on_feed_count": 2, "weighed_count": 2,
        "mean_weight_kg": 354.2, "adg_kg": 1.55,
        "last_read_at": AT, "created_at": AT, "updated_at": AT, **fields,
    }  # fmt: skip


def animal(pk: int, **fields: Any) -> Row:
    return {
        "id": pk, "livestock_id": f"A{pk}", "lf_tag": f"84000300000{pk:04d}",
        "uhf_tag": f"E280116060000000000{pk:05d}", "visual_id": "", "tag_color": "yellow",
        "sex": "steer", "breed": "", "batch": {"id": 1, "batch_number": "LOT1"},
        "pen": {"id": 1, "pen_number": "P1"}, "status": "active", "health": "",
        "induction_date": None, "last_weight_kg": 354.2, "last_weighed_at": AT, "adg_kg": 1.5,
        "adg_confidence": "ok", "expected_kg": 350.0, "left_on": None, "left_reason": "",
        "first_seen_at": AT, "last_seen_at": AT, "notes": "", **fields,
    }  # fmt: skip


def pen(pk: int, **fields: Any) -> Row:
    return {"id": pk, "pen_number": f"P{pk}", "location": "north", "capacity": 10,
            "description": "", "head_count": 9, **fields}  # fmt: skip


def payload(pk: int, **fields: Any) -> Row:
    return {
        "id": pk, "raw_payload": f"hxb:LOT1:LF{pk}:U{pk}", "status": "processed",
        "error_code": "", "error_message": "", "remark": "", "source": "udp:10.0.0.9",
        "form": "plain", "rssi": -70.0, "snr": 9.5, "original_length": 20, "attempts": 1,
        "batch_id": 1, "cattle_id": None, "duplicate_of": None, "received_at": AT,
        "processed_at": AT, **fields,
    }  # fmt: skip


def weight(pk: int, **fields: Any) -> Row:
    return {"id": pk, "cattle_id": 1, "weight_kg": 350.0 + pk, "recorded_at": AT,
            "source": "radio", "recorded_by": "radio", "quality": "ok", "reason": "",
            "expected_kg": None, **fields}  # fmt: skip


def status(sources: list[Row], **fields: Any) -> Row:
    return {
        "sources": sources, "disk": {"refusing": False, "free_bytes": 9e9, "total_bytes": 32e9},
        "clock": {"synchronised": True}, "certificate": None, "restored": None,
        "backlog": {"count": 0, "age_seconds": None, "eta_seconds": None},
        "database": {"bytes": 1, "wal_bytes": 0, "engine": "sqlite", "warning": ""},
        "versions": {}, **fields,
    }  # fmt: skip


def fill(mirror: Mirror, rows: Mapping[Topic, list[Row]]) -> None:
    """Put rows into a mirror, as the link would."""
    tables = Tables()
    for topic, some in rows.items():
        for row in some:
            tables.put(topic, row)
    mirror.replace(Snapshot(Cursor(100, 1), tables, {"processed": 3, "error": 1}))
    mirror.set_link(LinkState("live", None, ""))


# -- a whole feedlot --------------------------------------------------------------------------


def feedlot(now: datetime) -> dict[Topic, list[Row]]:
    """Return some hundred animals with what was heard of them; the same ones each time."""
    chance = random.Random(1)  # noqa: S311 - no secret
    animals = [_steer(pk, now, chance) for pk in range(1, HEAD + 1)]
    lots, pens = ([row[place]["id"] for row in animals] for place in ("batch", "pen"))
    return {
        "batches": [batch(pk, head_count=lots.count(pk), on_feed_count=lots.count(pk),
                          funder="Rio" if pk % 3 else "Acme", last_read_at=now.isoformat(),
                          status="open" if pk > 2 else "closed") for pk in range(1, LOTS + 1)],
        "pens": [pen(pk, head_count=pens.count(pk), capacity=19 + pk) for pk in range(1, PENS + 1)],
        "cattle": animals,
        "payloads": [_heard(pk, now - timedelta(minutes=PAYLOADS - pk))
                     for pk in range(1, PAYLOADS + 1)],
        "weights": [weight(pk, cattle_id=pk, weight_kg=animals[pk - 1]["last_weight_kg"],
                           recorded_at=(now - timedelta(minutes=WEIGHTS - pk)).isoformat())
                    for pk in range(1, WEIGHTS + 1)],
    }  # fmt: skip


def _steer(pk: int, now: datetime, chance: random.Random) -> Row:
    lot, place, days = 1 + pk % LOTS, 1 + pk % PENS, chance.randint(10, 150)
    kg = round(chance.gauss(354, 22) + GAIN_KG * days, 1)
    seen = now - timedelta(hours=chance.expovariate(0.05))
    return animal(
        pk, batch={"id": lot, "batch_number": f"LOT{lot}"}, visual_id=f"{100 + pk}",
        pen={"id": place, "pen_number": f"P{place}"}, sex=chance.choice(["Steer", "Heifer"]),
        induction_date=f"{now - timedelta(days=days):%Y-%m-%d}", last_weight_kg=kg,
        expected_kg=round(kg * chance.gauss(1, 0.04), 1), adg_kg=round(chance.gauss(1.5, 0.4), 2),
        last_weighed_at=seen.isoformat(), last_seen_at=seen.isoformat(),
    )  # fmt: skip


def _heard(pk: int, at: datetime) -> Row:
    text, times = f"hxb:LOT1:LF{pk}:U{pk}", {"received_at": at.isoformat()}
    if pk % 40:
        return payload(pk, raw_payload=text, processed_at=at.isoformat(), **times)
    return payload(pk, raw_payload="hxb:L1:9.82E+14:", status="error", error_code="bad_tag",
                   error_message="A spreadsheet ate it.", **times)  # fmt: skip


def _weighed() -> list[Row]:
    """Return an animal's weights, the newest first, as its history has them."""
    days = (timezone.now() - timedelta(days=14 * step) for step in range(10))
    return [
        {"kind": "weight", "id": 900 + step, "at": day.isoformat(), "quality": "ok", "by": "radio",
         "weight_kg": 540.0 - 21.5 * step, "expected_kg": None, "reason": ""}
        for step, day in enumerate(days)
    ]  # fmt: skip


# -- an office without a Pi -------------------------------------------------------------------


class SamplePi(PiClient):
    """Answers by itself what the pages ask for; every change is refused in words."""

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Row:
        rows: list[Row] = []
        match path.split("/"):
            case ["changes", pk]:
                return {"id": int(pk), "summary": "sample.csv: 2 animals new", "undoing": [
                    "2 animals that it added will be deleted."]}  # fmt: skip
            case ["cattle", _, "history"]:
                rows = _weighed()
            case ["batches", _, "growth"]:
                rows = [{"day": row["at"][:10], "head": 37, "mean_weight_kg": row["weight_kg"]}
                        for row in reversed(_weighed())]  # fmt: skip
        return {"data": rows, "next": None, "total": len(rows), "head_days": 5180}

    def retry_payload(self, payload_id: int, user: str, text: str | None = None) -> NoReturn:
        self.change()

    def change(self, *_request: object, **_more: object) -> NoReturn:
        raise PiRefused(409, "sample", "This is sample data without a Pi: nothing is changed.")


class SampleSignIn(SignIn):
    """Takes everybody for one administrator. Only `office_sample` makes it, bound to 127.0.0.1."""

    async def person_still_in(self, session: SessionBase) -> Person:
        return WORKER

    def person_of_scope(self, scope: Mapping[str, Any]) -> Person:
        return WORKER


def sample_office() -> Office:
    client = SamplePi(PiAddress("", 0, ""))
    office, now = office_with(Finder(client), is_sample=True), timezone.now()
    fill(office.mirror, feedlot(now))
    office.mirror.set_status(status(
        [{"name": "udp:10.0.0.9", "kind": "udp", "last_heard_at": now.isoformat(), "frames": 120,
          "errors": 3, "drops": 0, "note": "", "rssi": -70.0, "snr": 9.5}],
        payloads_today={"processed": 117, "error": 3}, cursor=str(office.mirror.cursor),
    ))  # fmt: skip
    return replace(office, signin=SampleSignIn(office.mirror, client))


async def keep_true(mirror: Mirror) -> None:
    """Hear a payload now and then, so that open pages have something to show; for ever."""
    cursor = Cursor(100, 1)
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        cursor = Cursor(cursor.seq + 1, 1)
        now, row = timezone.now(), _heard(PAYLOADS + cursor.seq - 100, timezone.now())
        heard = Event(type="event", cursor=str(cursor), event="payload:received",
                      at=now.isoformat(), data=row)  # fmt: skip
        mirror.apply([heard])
        mirror.confirm()
