"""What was sent and what was acknowledged, and whether all the places that should know it do."""

import csv
import io
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import requests

from benchmarks.pages import sign_in
from tests.faults.follower import Follower
from tests.faults.gateway import Gateway
from tests.system.farm import Farm, wait_until

Row = dict[str, Any]


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
    found.note("table", lost=len(set(gateway.acknowledged) - set(table)),
               doubled=len(table) - len(set(table)))  # fmt: skip
    api = all_rows(farm, "payloads")
    found.note("API", lost=abs(len(table) - len(api)))
    effects = Counter(row["raw_payload"] for row in api if row["status"] == "processed")
    found.note("effects", lost=len(set(table) - set(effects)),
               doubled=sum(count - 1 for count in effects.values()))  # fmt: skip
    journal = all_events(farm)
    _compare_journal(found, api, journal)
    _compare_feed(found, journal, follower)
    _compare_mirror(farm, found, set(table))
    return found


def _table(farm: Farm) -> list[str]:
    file = farm.root / "pi" / "pi.sqlite3"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT raw_payload FROM lora_payload_buffer")
        return [text for (text,) in rows]


def _compare_journal(found: Finding, api: list[Row], journal: list[Row]) -> None:
    """Each payload was received once and settled once."""
    kinds = Counter((event["event"], event["data"]["id"]) for event in journal)
    for row in api:
        for kind in ("payload:received", f"payload:{row['status']}"):
            count = kinds[kind, row["id"]]
            found.note("journal", lost=count == 0, doubled=max(0, count - 1))


def _compare_feed(found: Finding, journal: list[Row], follower: Follower) -> None:
    """A client that resumes hears of each entry once, in order."""
    newest = journal[-1]["cursor"] if journal else ""
    wait_until(lambda: follower.cursor == newest, "the feed's client has caught up")
    heard = [event["cursor"] for event in follower.events]
    there = [event["cursor"] for event in journal]
    found.note("feed", lost=len(set(there) - set(heard)), doubled=len(heard) - len(set(heard)))
    if heard != there:
        found.note("feed's order", lost=heard != there)


def _compare_mirror(farm: Farm, found: Finding, texts: set[str]) -> None:
    """The animals that the office shows are those that were read."""
    tags = Counter(_shown_tags(farm))
    read = {text.split(":")[2] for text in texts}
    found.note("mirror", lost=len(read - set(tags)),
               doubled=sum(count - 1 for count in tags.values()))  # fmt: skip


def _shown_tags(farm: Farm) -> list[str]:
    """As a browser downloads them; after the last event has had its moment."""
    seconds = 10.0
    cursor = farm.get("status").json()["counts"]["cattle"]

    def shown() -> list[str] | None:
        text = sign_in(farm).get(f"{farm.office_url}/office/cattle?format=csv").text
        rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
        return [row["lf_tag"] for row in rows] if len(rows) >= cursor else None

    return wait_until(shown, "the office shows every animal", seconds) or []


def all_rows(farm: Farm, path: str) -> list[Row]:
    """Every row of a list, page after page."""
    answer = farm.get(path, limit=500).json()
    rows: list[Row] = answer["data"]
    while answer["next"]:
        answer = farm.get(path, limit=500, cursor=answer["next"]).json()
        rows += answer["data"]
    return rows


def all_events(farm: Farm) -> list[Row]:
    events: list[Row] = []
    query: dict[str, Any] = {"limit": 500}
    while True:
        answer = farm.get("events", **query).json()
        events += answer["data"]
        if answer["next"] is None:
            return events
        query["since"] = answer["next"]
