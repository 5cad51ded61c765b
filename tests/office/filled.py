"""A small herd in the mirror of this test's office, as the link would have put it there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import AsyncClient

from remote.office.link.client import PiClient
from remote.office.mirror.mirror import LinkState, Mirror, Snapshot
from remote.office.mirror.tables import Row, Tables
from remote.office.office import Office, office_from_settings
from remote.wire import Cursor, Topic

AT = "2026-11-20T10:00:00Z"


class Browser(AsyncClient):
    """Django's client for tests, whose requests come to one office."""

    def __init__(self, office: Office, **options: Any) -> None:
        super().__init__(**options)
        self._office = office

    def _base_scope(self, **request: Any) -> dict[str, Any]:
        return {**super()._base_scope(**request), "office": self._office}  # type: ignore[misc]  # not in the stubs


class Here:
    """The office of the test that runs."""

    office: Office

    def renew(self) -> None:
        """As when the office is started again."""
        self.office = office_from_settings()

    @property
    def mirror(self) -> Mirror:
        return self.office.mirror

    @property
    def client(self) -> PiClient:
        return self.office.client

    def browser(self, **options: Any) -> Browser:
        return Browser(self.office, **options)


here = Here()


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


def fill(copy: Mirror, rows: dict[Topic, list[Row]]) -> None:
    tables = Tables()
    for topic, some in rows.items():
        for row in some:
            tables.put(topic, row)
    copy.replace(Snapshot(Cursor(100, 1), tables, {"processed": 3, "error": 1}))
    copy.set_link(LinkState("live", None, ""))


HERD: dict[Topic, list[Row]] = {
    "batches": [batch(1), batch(2, status="closed", funder="Rio")],
    "pens": [pen(1), pen(2, head_count=12)],
    "cattle": [animal(1), animal(2, batch={"id": 2, "batch_number": "LOT2"}, status="exported")],
    "payloads": [payload(1), payload(2, status="error", error_code="bad_tag",
                                     error_message="A spreadsheet ate it.")],
    "weights": [weight(1), weight(2), weight(3, quality="suspect", reason="+90 kg in 1 days")],
}  # fmt: skip


@contextmanager
def filled(rows: dict[Topic, list[Row]] = HERD) -> Iterator[Mirror]:
    """The mirror of this office with a herd in it; afterwards without a copy again."""
    mirror = here.mirror
    fill(mirror, rows)
    try:
        yield mirror
    finally:
        Mirror.__init__(mirror)
