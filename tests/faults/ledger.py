"""What was sent and what was acknowledged, and whether all the places that should know it do."""

import base64
import csv
import io
import json
import socket
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import requests

from benchmarks.pages import sign_in
from tests.system.farm import Farm, wait_until


class Gateway:
    """Sends tag reads as a packet forwarder does, and keeps a ledger of what was acknowledged."""

    def __init__(self, farm: Farm) -> None:
        self.sent: list[str] = []
        self.acknowledged: list[str] = []
        self._token = 0
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.connect(("127.0.0.1", farm.udp_port))
        self._udp.settimeout(0.25)

    def close(self) -> None:
        self._udp.close()

    def push(self, text: str) -> bool:
        """True when the Pi answered: from then on the text must never be lost."""
        self._token = (self._token + 1) % 65_536
        head = b"\x02" + self._token.to_bytes(2, "big") + b"\x00\xaa\x55\x5a\x00\x00\x00\x01\x03"
        packet = {"stat": 1, "rssi": -60, "data": base64.b64encode(text.encode()).decode()}
        self.sent.append(text)
        try:
            self._udp.send(head + json.dumps({"rxpk": [packet]}).encode())
            answered = self._answered(head[1:3])
        except OSError:  # refused or silent: the receiver is down
            return False
        if answered:
            self.acknowledged.append(text)
        return answered

    def _answered(self, token: bytes) -> bool:
        """An answer to an earlier datagram may come late; it is not this one's."""
        while True:
            if self._udp.recv(64)[1:3] == token:
                return True


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


def settle(farm: Farm) -> None:
    """Until the worker has done all, and the office shows the Pi's own state."""
    wait_until(lambda: farm.get("status").json()["backlog"]["count"] == 0, "all is settled")
    wait_until(lambda: _link(farm) == "live", "the office follows again")


def _link(farm: Farm) -> str:
    try:
        return str(requests.get(f"{farm.office_url}/health", timeout=5).json()["link"])
    except requests.RequestException:
        return ""


def compare(farm: Farm, gateway: Gateway) -> Finding:
    """Ledger = tables = API = journal = mirror, for everything that was sent so far."""
    found = Finding()
    table = _table(farm)
    found.stored = len(table)
    found.note("table", lost=len(set(gateway.acknowledged) - set(table)))
    api = all_rows(farm, "payloads")
    found.note("API", lost=len(table) - len(api))
    effects = Counter(row["raw_payload"] for row in api if row["status"] == "processed")
    found.note("effects", lost=len(set(table) - set(effects)),
               doubled=sum(count - 1 for count in effects.values()))  # fmt: skip
    _compare_journal(farm, found, api)
    _compare_mirror(farm, found, set(table))
    return found


def _table(farm: Farm) -> list[str]:
    file = farm.root / "pi" / "pi.sqlite3"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT raw_payload FROM lora_payload_buffer")
        return [text for (text,) in rows]


def _compare_journal(farm: Farm, found: Finding, api: list[dict[str, Any]]) -> None:
    """Each payload was received once and settled once."""
    kinds = Counter(
        (event["event"], event["data"]["id"])
        for event in all_events(farm)
        if event["event"].startswith("payload:")
    )
    for row in api:
        for kind in ("payload:received", f"payload:{row['status']}"):
            count = kinds[kind, row["id"]]
            found.note("journal", lost=count == 0, doubled=max(0, count - 1))


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


def all_rows(farm: Farm, path: str) -> list[dict[str, Any]]:
    """Every row of a list, page after page."""
    answer = farm.get(path, limit=500).json()
    rows: list[dict[str, Any]] = answer["data"]
    while answer["next"]:
        answer = farm.get(path, limit=500, cursor=answer["next"]).json()
        rows += answer["data"]
    return rows


def all_events(farm: Farm) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 500}
    while True:
        answer = farm.get("events", **query).json()
        events += answer["data"]
        if answer["next"] is None:
            return events
        query["since"] = answer["next"]
