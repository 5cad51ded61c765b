"""Texts that are code for a browser or a spreadsheet, in every field that a page or sheet shows."""

import csv
import io
import re
from typing import Any

import pytest

from remote.office.mirror.tables import Row
from remote.wire import Table
from tests.fuzz.corpus import TEXTS
from tests.markup import Markup, markup_of
from tests.office.filled import animal, batch, filled, payload, pen, session, shipment, weight
from tests.office.test_pages import page, signed_in

EVIL = [text for text in TEXTS if "\ud800" not in text and text.strip()]
PAGES = [
    "/office/",
    "/office/batches",
    "/office/cattle",
    "/office/cattle?show=active",
    "/office/pens",
    "/office/payloads",
    "/office/payloads?status=error",
    "/office/chute",
    "/office/weights",
    "/office/sessions",
    "/office/sessions/{id}",
    "/office/status",
    "/office/work",
    "/office/batches/{id}",
    "/office/cattle/{id}",
    "/office/pens/{id}",
    "/office/shipments",
    "/office/shipments/{id}",
    "/office/shipments/{id}/edit",
    "/office/batches/{id}/edit",
    "/office/cattle/{id}/edit",
    "/office/pens/{id}/edit",
    "/office/cattle/{id}/move",
    "/office/payloads/{id}/correct",
]
A_NEW_LINE = ("br", "")
# A name that stays text whatever is in it, for its quotes are doubled; and a number.
HARMLESS = re.compile(r'="(?:[^"]|"")*"|-\d+(\.\d+)?')
SHEETS = ("batches", "cattle", "pens", "payloads", "weights")


def herd_of(texts: list[str]) -> dict[Table, list[Row]]:
    """One of each for every text, with that text wherever people or radios can write."""
    rows: dict[Table, list[Row]] = {topic: [] for topic in (*SHEETS, "sessions", "shipments")}  # type: ignore[misc]
    for pk, text in enumerate(texts, 1):
        group, place = {"id": pk, "batch_number": text}, {"id": pk, "pen_number": text}
        told: dict[str, Any] = dict.fromkeys(("batch_number", "funder", "lot_group", "notes"), text)
        rows["batches"].append(batch(pk, source_type=text, source=text, **told))
        told = dict.fromkeys(("pen_number", "location", "description"), text)
        rows["pens"].append(pen(pk, **told))
        told = dict.fromkeys(
            (
                "livestock_id",
                "lf_tag",
                "uhf_tag",
                "visual_id",
                "tag_color",
                "sex",
                "breed",
                "health",
                "notes",
                "left_reason",
            ),
            text,
        )
        rows["cattle"].append(animal(pk, batch=group, pen=place, **told))
        told = dict.fromkeys(
            ("raw_payload", "error_code", "error_message", "remark", "source", "form"), text
        )
        rows["payloads"].append(payload(pk, status="error", **told))
        told = dict.fromkeys(
            ("shipment_number", "destination", "carrier", "premises_from", "premises_to", "notes"),
            text,
        )
        rows["shipments"].append(shipment(pk, **told))
        told = dict.fromkeys(("name", "source", "notes", "started_by", "ended_by"), text)
        rows["sessions"].append(session(pk, pen_id=pk, **told))
        told = dict.fromkeys(("source", "recorded_by", "reason"), text)
        rows["weights"].append(weight(pk, cattle_id=pk, quality="suspect", **told))
    return rows


async def shown(texts: list[str], path: str) -> Markup:
    with filled(herd_of(texts)):
        return markup_of(await page(path))


@pytest.mark.parametrize("path", PAGES)
async def test_no_text_adds_a_tag_an_attribute_or_a_link(path: str) -> None:
    """Beside the same page with as many harmless words in it."""
    for pk, text in enumerate(EVIL, 1) if "{id}" in path else [(1, "")]:
        address = path.format(id=pk)
        plain = await shown([f"word{n}" for n, _ in enumerate(EVIL)], address)
        evil = await shown(EVIL, address)
        assert evil.tags <= plain.tags | {A_NEW_LINE}, (address, text)
        assert not [link for link in evil.links if not link.startswith(("/", "?", "#"))], address


@pytest.mark.parametrize("text", ["{{7*7}}", "{% debug %}", "<script>alert(1)</script>"])
async def test_a_text_is_shown_as_it_was_written(text: str) -> None:
    for path in ("/office/cattle/1", "/office/batches/1", "/office/pens/1", "/office/payloads"):
        assert text in (await shown([text], path)).words, path


@pytest.mark.parametrize("name", SHEETS)
async def test_no_cell_of_a_sheet_is_a_formula(name: str) -> None:
    with filled(herd_of(EVIL)):
        answer: Any = await signed_in().get(f"/office/{name}?format=csv")
        told = b"".join([part async for part in answer]).decode("utf-8-sig")
    _, *lines = csv.reader(io.StringIO(told, newline=""))
    assert len(lines) == len(EVIL)
    for found in (found for line in lines for found in line if found):
        assert HARMLESS.fullmatch(found) or found[0] not in "=+-@\t\r", found
