"""The files that a shipment is reported with: their columns, as a national database names them."""

from typing import Final

# What a column can hold, of an animal that has left and of its shipment.
FIELDS: Final = (
    *("tag", "lf_tag", "uhf_tag", "visual_id", "livestock_id", "sex", "breed"),
    *("premises_from", "premises_to", "destination", "carrier", "shipment_number"),
    *("day", "day_dmy", "day_compact", "empty"),
)
DEFAULT_FILES: Final = (
    "nlis: RFID=tag, From PIC=premises_from, To PIC=premises_to, NVD=shipment_number,"
    " Transfer date=day_dmy;"
    " clts: Tag number=tag, Departure premises=premises_from, Destination premises=premises_to,"
    " Event date=day"
)

Files = dict[str, tuple[tuple[str, str], ...]]  # by name: header and field of each column


def shipment_files(text: str) -> Files:
    """Read `name: Header=field, …; name: …`."""
    files: Files = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        name, colon, columns = part.partition(":")
        if not (colon and name.strip().isascii() and name.strip().isalnum()):
            raise ValueError("write `name: Header=field, …`, the name of letters and digits")
        files[name.strip()] = tuple(_column(one) for one in columns.split(","))
    return files


def _column(text: str) -> tuple[str, str]:
    header, _, field = (one.strip() for one in text.rpartition("="))
    if not header or field not in FIELDS:
        raise ValueError(f"{text.strip()!r} is not `Header=field` with one of {', '.join(FIELDS)}")
    return header, field
