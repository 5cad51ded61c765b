"""A small herd in the mirror of this test's office, as the link would have put it there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import AsyncClient

from remote.office.link.client import PiClient
from remote.office.mirror.mirror import Mirror
from remote.office.mirror.tables import Row
from remote.office.office import Office, office_from_settings
from remote.office.sample import (
    AT,
    animal,
    batch,
    fill,
    mark,
    payload,
    pen,
    product,
    pull,
    session,
    shipment,
    weight,
)
from remote.wire import Table

__all__ = [
    "AT",
    "HERD",
    "Browser",
    "animal",
    "batch",
    "fill",
    "filled",
    "here",
    "mark",
    "payload",
    "pen",
    "product",
    "pull",
    "session",
    "shipment",
    "weight",
]


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


HERD: dict[Table, list[Row]] = {
    "batches": [batch(1), batch(2, status="closed", funder="Rio")],
    "pens": [pen(1), pen(2, head_count=12)],
    "products": [product(1)],
    "pulls": [pull(1)],
    "shipments": [shipment(1)],
    "cattle": [animal(1), animal(2, batch={"id": 2, "batch_number": "LOT2"}, status="exported")],
    "payloads": [
        payload(1),
        payload(2, status="error", error_code="bad_tag", error_message="A spreadsheet ate it."),
    ],
    "sessions": [session(1), session(2, pen_id=None, ended_at=AT, name="P1 2026-11-19")],
    "weights": [weight(1), weight(2), weight(3, quality="suspect", reason="+90 kg in 1 days")],
}


@contextmanager
def filled(rows: dict[Table, list[Row]] = HERD) -> Iterator[Mirror]:
    """The mirror of this office with a herd in it; afterwards without a copy again."""
    mirror = here.mirror
    fill(mirror, rows)
    try:
        yield mirror
    finally:
        version = mirror.version
        Mirror.__init__(mirror)
        mirror.version = version + 1  # another herd than the one whose pages are kept
