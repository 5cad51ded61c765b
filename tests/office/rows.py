"""Rows and events as the Pi sends them, for tests of the office."""

import json
from typing import Any, cast

from remote.office.link.snapshot_loader import Loading
from remote.office.mirror.mirror import Mirror, Snapshot
from remote.office.mirror.tables import Row
from remote.wire import PROTOCOL, TABLES, Cursor, Event, Table

AT = "2026-11-23T14:00:00+00:00"
MARK = 0x9F3A1C2B

Herd = dict[Table, list[Row]]


def animal(key: int, **fields: Any) -> Row:
    row: Row = {
        "id": key,
        "livestock_id": None,
        "lf_tag": None,
        "uhf_tag": None,
        "visual_id": "",
        "tag_color": "yellow",
        "sex": "Steer",
        "breed": "",
        "batch": None,
        "pen": None,
        "status": "active",
        "health": "",
        "last_weight_kg": None,
        "last_weighed_at": None,
        "adg_kg": None,
        "first_seen_at": AT,
        "last_seen_at": AT,
        "notes": "",
    }
    return row | fields


def batch(key: int, number: str = "") -> Row:
    return {"id": key, "batch_number": number or f"BATCH{key:03}", "head_count": 0}


def pen(key: int) -> Row:
    return {"id": key, "pen_number": f"P{key}", "capacity": 10, "head_count": 0}


def payload(key: int, status: str = "received") -> Row:
    return {"id": key, "raw_payload": f"hxb:B:LF{key}:", "status": status, "received_at": AT}


def cursor(seq: int) -> str:
    return str(Cursor(seq, MARK))


def event(seq: int, kind: str, data: Row) -> Event:
    message = {"type": "event", "cursor": cursor(seq), "event": kind, "at": AT, "data": data}
    return cast("Event", message)


def snapshot_lines(herd: Herd, seq: int, today: dict[str, int] | None = None) -> list[bytes]:
    counts = {topic: len(herd.get(topic, [])) for topic in TABLES}
    hello = {
        "type": "hello",
        "protocol": PROTOCOL,
        "cursor": cursor(seq),
        "server_time": AT,
        "counts": counts,
        "payloads_today": today or {},
    }
    rows = [
        {"type": "row", "topic": topic, "data": row}
        for topic in ("batches", "pens", "cattle", "shipments", "sessions", "weights", "payloads")
        for row in herd.get(topic, [])
    ]
    end = {"type": "end", "rows": len(rows)}
    return [json.dumps(message).encode() for message in (hello, *rows, end)]


def snapshot(herd: Herd, seq: int, today: dict[str, int] | None = None) -> Snapshot:
    loading = Loading(lambda _rows, _announced: None)
    for line in snapshot_lines(herd, seq, today):
        loading.take(line)
    return loading.snapshot()


def mirror_of(herd: Herd, seq: int = 10, today: dict[str, int] | None = None) -> Mirror:
    mirror = Mirror()
    mirror.replace(snapshot(herd, seq, today))
    return mirror
