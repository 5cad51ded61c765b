"""A made-up herd and a Pi that tells of it: for tests, and for people who work on pages."""

import asyncio
import json
import random
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
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
from remote.wire import Cursor, Event, Table

AT: Final = "2026-11-20T10:00:00Z"  # as in sample.json
OWN_TARGET: Final = 5  # the lot that has a target weight and day of its own
ROWS: Final[dict[str, Row]] = json.loads(Path(__file__).with_suffix(".json").read_text())
HEAD, LOTS, PENS, PAYLOADS, WEIGHTS = 300, 8, 12, 120, 60
WORKER: Final = Person("sample", "Sample", "administrator")
GAIN_KG: Final = 1.55  # a day, as lora/simulation has it
EVERY_SECONDS: Final = 5.0

# -- rows as the Pi sends them ----------------------------------------------------------------


def _row(kind: str, pk: int, fields: Row, given: Row) -> Row:
    # A copy to the last part: a test that changes its own row must not change the next one's.
    return deepcopy(ROWS[kind]) | {"id": pk} | fields | given


def batch(pk: int, **fields: Any) -> Row:
    return _row("batch", pk, {"batch_number": f"LOT{pk}"}, fields)


def animal(pk: int, **fields: Any) -> Row:
    tags = {"lf_tag": f"84000300000{pk:04d}", "uhf_tag": f"E280116060000000000{pk:05d}"}
    return _row("animal", pk, {"livestock_id": f"A{pk}", **tags}, fields)


def pen(pk: int, **fields: Any) -> Row:
    return _row("pen", pk, {"pen_number": f"P{pk}"}, fields)


def product(pk: int, **fields: Any) -> Row:
    return _row("product", pk, {"name": f"Oxytet {pk}"}, fields)


def pull(pk: int, **fields: Any) -> Row:
    return _row("pull", pk, {}, fields)


def payload(pk: int, **fields: Any) -> Row:
    return _row("payload", pk, {"raw_payload": f"hxb:LOT1:LF{pk}:U{pk}"}, fields)


def mark(pk: int, **fields: Any) -> Row:
    return _row("mark", pk, {}, fields)


def session(pk: int, **fields: Any) -> Row:
    return _row("session", pk, {}, fields)


def weight(pk: int, **fields: Any) -> Row:
    return _row("weight", pk, {"weight_kg": 350.0 + pk}, fields)


def shipment(pk: int, **fields: Any) -> Row:
    return _row("shipment", pk, {"shipment_number": f"S-{pk}"}, fields)


def status(sources: list[Row], **fields: Any) -> Row:
    return deepcopy(ROWS["status"]) | {"sources": sources} | fields


def fill(mirror: Mirror, rows: Mapping[Table, list[Row]]) -> None:
    """Put rows into a mirror, as the link would."""
    tables = Tables()
    for topic, some in rows.items():
        for row in some:
            tables.put(topic, row)
    mirror.replace(Snapshot(Cursor(100, 1), tables, {"processed": 3, "error": 1}))
    mirror.set_link(LinkState("live", None, ""))


# -- a whole feedlot --------------------------------------------------------------------------


def feedlot(now: datetime) -> dict[Table, list[Row]]:
    """Return some hundred animals with what was heard of them; the same ones each time."""
    chance = random.Random(1)  # noqa: S311 - no secret
    animals = [_steer(pk, now, chance) for pk in range(1, HEAD + 1)]
    minutes_ago = [now - timedelta(minutes=step) for step in range(PAYLOADS)]
    pens = [row["pen"]["id"] for row in animals]
    return {
        "batches": [_lot(pk, now, animals) for pk in range(1, LOTS + 1)],
        "pens": [pen(pk, head_count=pens.count(pk), capacity=19 + pk) for pk in range(1, PENS + 1)],
        "products": [product(pk, withdrawal_days=7 * pk) for pk in (1, 2, 3)],
        "sessions": [session(pk, started_at=now.isoformat()) for pk in (1, 2)],
        "cattle": animals,
        "pulls": [pull(1, pulled_at=now.isoformat())],
        "payloads": [_heard(pk, minutes_ago[PAYLOADS - pk]) for pk in range(1, PAYLOADS + 1)],
        "shipments": [_loading(now), _shipped(now)],
        "weights": [_on_scale(row, minutes_ago[WEIGHTS - row["id"]]) for row in animals[:WEIGHTS]],
    }


def _loading(now: datetime) -> Row:
    return shipment(1, day=f"{now:%Y-%m-%d}", planned_count=2, loaded_count=2, missing_count=1)


def _shipped(now: datetime) -> Row:
    left, due = (f"{now - timedelta(days=ago):%Y-%m-%d}" for ago in (2, -5))
    known = {"day": left, "shipped_on": left, "report_by": due, "change_id": 1}
    return shipment(2, state="shipped", shipped_count=38, loaded_count=38, **known)


def _lot(pk: int, now: datetime, animals: list[Row]) -> Row:
    head = sum(row["batch"]["id"] == pk for row in animals)
    counts = {"head_count": head, "on_feed_count": head, "last_read_at": now.isoformat()}
    funder = "Rio" if pk % 3 else "Acme"
    own = {"target_kg": 600.0, "target_on": f"{now + timedelta(days=30):%Y-%m-%d}"}
    known = counts | (own if pk == OWN_TARGET else {})
    return batch(pk, funder=funder, status="open" if pk > 2 else "closed", **known)


def _steer(pk: int, now: datetime, chance: random.Random) -> Row:
    lot, place, days = 1 + pk % LOTS, 1 + pk % PENS, chance.randint(10, 150)
    kg = round(chance.gauss(354, 22) + GAIN_KG * days, 1)
    seen = (now - timedelta(hours=chance.expovariate(0.05))).isoformat()
    row = animal(pk, visual_id=f"{100 + pk}", sex=chance.choice(["Steer", "Heifer"]))
    row["batch"] = {"id": lot, "batch_number": f"LOT{lot}"}
    row["pen"] = {"id": place, "pen_number": f"P{place}"}
    row["last_weight_kg"], row["expected_kg"] = kg, round(kg * chance.gauss(1, 0.04), 1)
    row["adg_kg"] = round(chance.gauss(1.5, 0.4), 2)
    if pk % 9 == 0:
        row["clear_on"] = f"{now + timedelta(days=pk % 20):%Y-%m-%d}"
    row["induction_date"] = f"{now - timedelta(days=days):%Y-%m-%d}"
    row["last_weighed_at"] = row["last_seen_at"] = seen
    return row


def _heard(pk: int, at: datetime) -> Row:
    heard = payload(pk, received_at=at.isoformat())
    if pk % 40:
        return heard | {"processed_at": at.isoformat()}
    refused = {"error_message": "A spreadsheet ate it.", "raw_payload": "hxb:L1:9.82E+14:"}
    return heard | refused | {"status": "error", "error_code": "bad_tag"}


def _on_scale(row: Row, at: datetime) -> Row:
    pk, kg = row["id"], row["last_weight_kg"]
    on_scale = weight(pk, cattle_id=pk, weight_kg=kg, recorded_at=at.isoformat())
    if pk % 20:
        return on_scale
    told = {"expected_kg": kg, "weight_kg": kg - 80, "reason": "-80 kg in 3 days: too fast"}
    return on_scale | told | {"quality": "suspect"}


def _weighed() -> list[Row]:
    """Return an animal's weights, the newest first, as its history has them."""
    days = (timezone.now() - timedelta(days=14 * step) for step in range(10))
    return [
        _row("past", 900 + step, {"at": day.isoformat(), "weight_kg": 540.0 - 21.5 * step}, {})
        for step, day in enumerate(days)
    ]


def _mean_of_day(row: Row) -> Row:
    return {"day": row["at"][:10], "head": 37, "mean_weight_kg": row["weight_kg"]}


def _on_the_truck() -> list[Row]:
    return [
        {"cattle": animal(pk), "state": state, "held": pk == 1}
        for pk, state in enumerate(("loaded", "missing", "extra"), 1)
    ]


def _manifest() -> Row:
    rows = [animal(pk) | {"cattle_id": pk, "batch": "LOT1", "pen": "P1"} for pk in range(1, 41)]
    rows, missing = rows[:38], rows[38:]
    told = {"missing": missing, "left_behind": [], "files": ["nlis"], "shipped_on": AT[:10]}
    return shipment(2) | told | {"head": len(rows), "animals": rows}


# -- an office without a Pi -------------------------------------------------------------------


class SamplePi(PiClient):
    """Answers by itself what the pages ask for; every change is refused in words."""

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Row:
        rows: list[Row] = []
        match path.split("/"):
            case ["operations", pk]:
                return deepcopy(ROWS["change"]) | {"id": int(pk)}
            case ["sessions", pk, "summary"]:
                return deepcopy(ROWS["summary"]) | {"id": int(pk)}
            case ["reports", "deaths"]:
                return deepcopy(ROWS["deaths"])
            case ["cattle", _, "history"]:
                rows = _weighed()
            case ["batches", _, "closeout"]:
                return deepcopy(ROWS["closeout"])
            case ["shipments", *_, what]:
                return _manifest() if what == "manifest" else {"data": _on_the_truck()}
            case ["batches", _, "growth"]:
                rows = [_mean_of_day(row) for row in reversed(_weighed())]
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
    source = ROWS["source"] | {"last_heard_at": now.isoformat()}
    today, cursor = {"processed": 117, "error": 3}, str(office.mirror.cursor)
    office.mirror.set_status(status([source], payloads_today=today, cursor=cursor))
    return replace(office, signin=SampleSignIn(office.mirror, client))


async def keep_true(mirror: Mirror) -> None:
    """Hear a payload now and then, so that open pages have something to show; for ever."""
    cursor = Cursor(100, 1)
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        cursor, now = Cursor(cursor.seq + 1, 1), timezone.now()
        row, at = _heard(PAYLOADS + cursor.seq - 100, now), now.isoformat()
        heard = Event(type="event", cursor=str(cursor), event="payload:received", at=at, data=row)
        mirror.apply([heard])
        mirror.confirm()
