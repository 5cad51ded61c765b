"""Lists as CSV, for spreadsheets: tags stay text, and no cell is a formula."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from herd.fields import ANIMAL, BATCH, PEN
from herd.local_time import localtime
from remote.csv_cells import safe_cell
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages import (
    animals,
    batches,
    deaths,
    left,
    payloads,
    pens,
    places,
    products,
    sessions,
    shipments,
    weights,
    work,
)
from remote.office.pages.filter_words import filter_words
from remote.office.pages.page import PageRequest
from remote.office.units import in_unit
from remote.office.written import DAY_LENGTH

ROWS_AT_ONCE = 100  # some 3 ms, after which the pages have their turn
LONG_NUMBER = re.compile("[0-9]{12,}")  # which a spreadsheet shows as 8.4E+14
# Names that it would take for something else: 0012 for 12, 12E5 for 1200000, MAR1 and 3-4 for days.
MISREAD = re.compile(
    r"0[0-9]+|[0-9]+\.?[0-9]*E[0-9]+|[0-9]{1,4}[-/.][0-9]{1,2}(?:[-/.][0-9]{1,4})?"
    r"|(?:[0-9]{1,2}[- ]?)?(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*"
    r"[- ]?[0-9]{0,4}",
    re.IGNORECASE,
)
NOT_IN_FILE_NAMES = re.compile(r"[^\w.-]+")
TABLES: Final = {"batches": BATCH, "cattle": ANIMAL, "pens": PEN}
IDENTITIES: Final = frozenset({"name", "tag", "from", "to"}).union(
    one.name for table in TABLES.values() for one in table if one.identifies
)
OTHER_COLUMNS: Final = {
    "payloads": "id received_at approximate status raw_payload error_code error_message source"
    " rssi snr cattle_id lf_tag uhf_tag visual_id livestock_id",
    "left": "left_on status id lf_tag uhf_tag visual_id livestock_id left_cause left_reason"
    " batch pen last_weight_kg",
    "products": "name kind withdrawal_days dose ml_per_100kg route lot_no expires_on active",
    "sessions": "id name place started_at started_by ended_at ended_by head weighed suspect"
    " mean_weight_kg notes",
    "shipments": "shipment_number day state destination carrier premises_from premises_to"
    " planned_count loaded_count shipped_count missing_count extra_count shipped_on reported_on"
    " report_by notes",
    "work": "kind name why since reason until by cattle_id lf_tag uhf_tag visual_id livestock_id"
    " link",
    "weights": "recorded_at name cattle_id lf_tag uhf_tag visual_id livestock_id weight_kg"
    " expected_kg quality reason source recorded_by scale read_kg",
}
COLUMNS = {
    **{name: tuple(one.name for one in table if one.in_export) for name, table in TABLES.items()},
    **{name: tuple(columns.split()) for name, columns in OTHER_COLUMNS.items()},
}
PAST: Final = (
    "at approximate kind weight_kg expected_kg quality reason tag_kind tag until what from to"
    " source raw_payload by"
)
OF_A_SESSION: Final = (
    "at name cattle_id lf_tag uhf_tag visual_id livestock_id weight_kg quality reason gain_kg"
    " gain_days sorted_to treated by"
)
OF_DEATHS: Final = (
    "day kind cattle_id name lf_tag uhf_tag visual_id livestock_id batch_number cause note"
    " pen_number at returned_at days_on_feed treatments last_product last_treated_on last_weight_kg"
)
OF_A_SCALE: Final = (
    "day what scale factor animals suspect weights confirmed_at confirmed_by undone_at undone_by"
)
OF_AN_ACT: Final = "made_at made_by kind summary reason count undone_at undone_by"
TIMES = ("at", "until", "since")
LONGEST_NAME: Final = 80  # of a file
TRUTHS: Final = {"active": ("yes", "no")}  # others mark a time that is not sure, by “~”


def rows_of(name: str, mirror: Mirror, asked: PageRequest) -> Sequence[Row]:
    """Return every row that the page's filters leave, on whichever page of it."""
    found = ROWS[name](mirror, asked)
    if name in OF_ANIMALS:
        return [with_identity(mirror, row, row["cattle_id"]) for row in found]
    return found


def _weights(mirror: Mirror, asked: PageRequest) -> Sequence[Row]:
    return [weights.with_name(row, mirror) for row in weights.session_of(mirror)]


ROWS: Final[dict[str, Callable[[Mirror, PageRequest], Sequence[Row]]]] = {
    "batches": batches.all_found,
    # A whole herd is unpacked as its lines go out: at once it would be half a gigabyte.
    "cattle": lambda mirror, asked: animals.all_found(mirror, asked).frozen(),
    "left": lambda mirror, asked: left.all_found(mirror, asked).frozen(),
    "payloads": payloads.all_found,
    "pens": pens.all_found,
    "products": products.all_found,
    "sessions": sessions.with_all_figures,
    "shipments": shipments.all_found,
    "weights": _weights,
    "work": work.all_found,
}
OF_ANIMALS: Final = ("payloads", "work")  # whose rows name an animal by its number alone


def with_identity(mirror: Mirror, row: Row, cattle_id: int | None) -> Row:
    """Return the row with the tags and ids of its animal: a file is read without the office."""
    animal = mirror.tables["cattle"].get(cattle_id or 0)
    return {**{name: animal[name] for name in weights.IDENTITIES}, **row} if animal else row


def answer(name: str, mirror: Mirror, asked: PageRequest) -> StreamingHttpResponse:
    rows = rows_of(name, mirror, asked)  # one moment of the copy, whatever comes meanwhile
    return _sheet(_file_name(name, mirror, asked), COLUMNS[name], rows, asked.unit)


def _file_name(name: str, mirror: Mirror, asked: PageRequest) -> str:
    """Return the list's name and what it is narrowed to: a farm keeps the file of each.

    `batch-LOT7` and `pen-3` where those are asked for, which say more than `cattle`.
    """
    parts = [
        f"{kind}-{places.number_of(place, rows[0])}"
        for kind, place in animals.PLACES.items()
        if name == "cattle" and len(rows := animals.places_asked(mirror, asked, kind)) == 1
    ]
    said = [] if parts else [value for _label, value in filter_words(mirror, asked)]
    days = [asked.params[one] for one in ("first", "last") if asked.params.get(one)]
    whole = "-".join([*(parts or [name]), *said, *days])
    return NOT_IN_FILE_NAMES.sub("-", whole)[:LONGEST_NAME].strip("-")


def past_of_animal(
    pk: int, past: Sequence[Row], mirror: Mirror, unit: str
) -> StreamingHttpResponse:
    rows = [with_identity(mirror, row, pk) for row in past]
    return _sheet(f"animal-{pk}", [*PAST.split(), *weights.IDENTITIES], rows, unit)


def animals_of_session(pk: int, rows: Sequence[Row], unit: str) -> StreamingHttpResponse:
    return _sheet(f"session-{pk}", OF_A_SESSION.split(), rows, unit)


def deaths_and_pulls(report: Row, asked: PageRequest) -> StreamingHttpResponse:
    name = f"deaths-{report['first']}-{report['last']}"
    return _sheet(name, OF_DEATHS.split(), deaths.rows_of(report, asked), asked.unit)


def acts(rows: Sequence[Row], words: Iterable[str], unit: str) -> StreamingHttpResponse:
    """Return what people and imports did as a file, named by what it is narrowed to."""
    name = NOT_IN_FILE_NAMES.sub("-", "-".join(["journal", *words]))[:LONGEST_NAME]
    return _sheet(name, OF_AN_ACT.split(), rows, unit)


def scale_days(rows: Sequence[Row], unit: str) -> StreamingHttpResponse:
    """Return the days on which a scale was adjusted or at fault."""
    return _sheet("scales", OF_A_SCALE.split(), rows, unit)


def _sheet(
    name: str, columns: Sequence[str], rows: Sequence[Row], unit: str
) -> StreamingHttpResponse:
    lines = _lines(columns, rows, unit)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    header = content_disposition_header(as_attachment=True, filename=f"{name}.csv")
    response["Content-Disposition"] = header or "attachment"
    return response


async def _lines(columns: Sequence[str], rows: Sequence[Row], unit: str) -> AsyncIterator[bytes]:
    headers = [name.replace("_kg", f"_{unit}") for name in columns]
    # The byte-order mark: without it spreadsheets take the text for another encoding.
    yield b"\xef\xbb\xbf" + _csv([headers])
    for first in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[first : first + ROWS_AT_ONCE]
        yield _csv([[cell(row.get(name), name, unit) for name in columns] for row in some])
        await asyncio.sleep(0)


def _csv(lines: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue().encode()


def _farm_time(iso: str) -> str:
    """Return a time of the farm's clock, as spreadsheets and our own import read it; a day as it
    is."""
    if len(iso) == DAY_LENGTH:
        return iso
    return f"{localtime(datetime.fromisoformat(iso)):%Y-%m-%d %H:%M:%S}"


def cell(value: Any, name: str, unit: str) -> str:  # noqa: ANN401 - any JSON value
    """Return the text that a spreadsheet shows as the value is."""
    if value is None or value == "":
        return ""
    if isinstance(value, dict):
        value = value.get("batch_number") or value.get("pen_number") or ""
    if isinstance(value, float) and name.endswith("_kg"):
        return f"{in_unit(value, unit):.2f}"
    if isinstance(value, bool):
        return TRUTHS.get(name, ("~", ""))[not value]
    if isinstance(value, (int, float)):
        return f"{value:g}" if isinstance(value, float) else str(value)
    is_time = name.endswith("_at") or name in TIMES
    text = _farm_time(value) if is_time else str(value)
    if LONG_NUMBER.fullmatch(text) or (name in IDENTITIES and MISREAD.fullmatch(text)):
        return f'="{text}"'
    return str(safe_cell(text))
