"""What was sent and what was acknowledged, and whether all the places that should know it do."""

import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import requests

from benchmarks.pages import sign_in
from tests.faults.follower import Follower
from tests.faults.gateway import Gateway
from tests.faults.mirrored import TOPICS, Row, all_rows, differences
from tests.system.farm import Farm, wait_until

MIRRORED_WITHIN = 10.0
WINDOW_MS = 5_000  # LORA_DEDUP_WINDOW as it comes


class Stored(NamedTuple):
    text: str
    status: str
    arrived_ms: int


@dataclass(slots=True)
class Finding:
    """`stored` texts in the table; `lost` were acknowledged and are missing somewhere; `doubled`
    had an effect more than once. `where` names the place."""

    stored: int = 0
    lost: int = 0
    doubled: int = 0
    where: list[str] = field(default_factory=list)

    def note(self, place: str, *, lost: int = 0, doubled: int = 0) -> None:
        self.lost += lost
        self.doubled += doubled
        if lost or doubled:
            self.where.append(f"{place}: {lost} lost, {doubled} doubled")


def settle(farm: Farm, gateway: Gateway, since: float) -> float:
    """Until a new frame is stored, and so all before it, the worker has done all, and the office
    shows the Pi's own state; seconds it took."""
    wait_until(lambda: gateway.push(gateway.next_text()), "the receiver stores again")
    wait_until(lambda: farm.get("status").json()["backlog"]["count"] == 0, "all is settled")
    wait_until(lambda: link_state(farm) == "live", "the office follows again")
    return time.monotonic() - since


def link_state(farm: Farm) -> str:
    """As the office's banner has it: live, reconnecting, away, no_copy."""
    try:
        return str(requests.get(f"{farm.office_url}/health", timeout=5).json()["link"])
    except requests.RequestException:
        return ""


def compare(farm: Farm, gateway: Gateway, follower: Follower) -> Finding:
    """Ledger = tables = API = journal = feed = mirror, for everything that was sent so far."""
    found = Finding()
    table = _table(farm)
    found.stored = len(table)
    texts = Counter(stored.text for stored in table)
    found.note(
        "table",
        lost=(Counter(gateway.acknowledged) - texts).total(),
        doubled=(texts - Counter(gateway.sent)).total(),
    )
    api = all_rows(farm, "payloads")
    found.note("API", lost=abs(len(table) - len(api)))
    _compare_effects(found, table)
    journal = all_events(farm)
    _compare_journal(found, api, journal, _retimed(farm))
    _compare_feed(found, journal, follower)
    _compare_mirror(farm, found)
    return found


def _table(farm: Farm) -> list[Stored]:
    file = farm.root / "pi" / "pi.sqlite3"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT raw_payload, status, arrived_ms FROM lora_payload_buffer ORDER BY id"
        )
        return [Stored(*row) for row in rows]


def _compare_effects(found: Finding, table: list[Stored]) -> None:
    """Each text took effect; again only a tag read may, that came again after the window."""
    last: dict[str, int] = {}
    doubled = 0
    for one in table:
        if one.status == "processed":
            again = one.text in last
            too_soon = again and one.arrived_ms - last[one.text] <= WINDOW_MS
            doubled += too_soon or (again and one.text.startswith("event:"))
            last[one.text] = one.arrived_ms
    found.note("effects", lost=len({one.text for one in table} - set(last)), doubled=doubled)


def _retimed(farm: Farm) -> Counter[int]:
    """How often each payload was told again because its time was put right."""
    with closing(sqlite3.connect(farm.root / "pi" / "pi.sqlite3")) as database:
        rows = database.execute("SELECT object_id FROM journal WHERE detail = 'time put right'")
        return Counter(pk for (pk,) in rows)


def _compare_journal(
    found: Finding, api: list[Row], journal: list[Row], retimed: Counter[int]
) -> None:
    """Each payload was received once and settled once."""
    kinds = Counter((event["event"], event["data"]["id"]) for event in journal)
    for row in api:
        for kind in ("payload:received", f"payload:{row['status']}"):
            count = kinds[kind, row["id"]]
            if not kind.endswith("received"):
                count -= retimed[row["id"]]
            found.note("journal", lost=int(count == 0), doubled=max(0, count - 1))


def _compare_feed(found: Finding, journal: list[Row], follower: Follower) -> None:
    """A client that resumes hears of each entry once, in order."""
    newest = journal[-1]["cursor"] if journal else ""
    wait_until(lambda: follower.cursor == newest, "the feed's client has caught up")
    heard = [event["cursor"] for event in follower.events]
    there = [event["cursor"] for event in journal]
    found.note("feed", lost=len(set(there) - set(heard)), doubled=len(heard) - len(set(heard)))
    if heard != there:
        found.note("feed's order", lost=1)


def _compare_mirror(farm: Farm, found: Finding) -> None:
    """Whole rows, after the last event has had its moment."""
    with sign_in(farm) as clerk:
        for topic in TOPICS:
            end = time.monotonic() + MIRRORED_WITHIN
            while any(wrong := differences(farm, topic, clerk)) and time.monotonic() < end:
                time.sleep(0.2)
            found.note(f"mirror's {topic}", lost=wrong[0], doubled=wrong[1])


def all_events(farm: Farm) -> list[Row]:
    events: list[Row] = []
    query: dict[str, Any] = {"limit": 500}
    while True:
        answer = farm.get("events", **query).json()
        events += answer["data"]
        if answer["next"] is None:
            return events
        query["since"] = answer["next"]
