"""Noise of one source as one line with a count, in lists of payloads.

Of a source, everything unreadable up to the next thing that could be read stands together, however
much other sources sent meanwhile.
"""

import re
from collections.abc import Iterable
from typing import Final

from remote.office.mirror.mirror import Row

# Damaged, or no message of a barn: nothing that a person could decide.
NOISE_CODES: Final = frozenset(
    {"bad_crc", "bad_encoding", "binary", "empty", "malformed_frame", "noise", "oversized"}
    | {"partial", "unknown_prefix"}
)
_MAY_BE_READING: Final = re.compile("hx[be]|event|sig:", re.IGNORECASE)


def grouped(rows: Iterable[Row]) -> list[Row]:
    """Return the rows in their order, noise that stands together at the place of its first row.

    Its row is that one with `together`, how many lines there are in all, and `since`. It keeps the
    id of its last row: of rows that are the newest first, that one stays while more is heard.
    """
    lines: list[list[Row]] = []
    open_lines: dict[str, list[Row]] = {}
    for row in rows:
        source = row.get("source", "")
        if not is_noise(row):
            open_lines.pop(source, None)
            lines.append([row])
        elif source in open_lines:
            open_lines[source].append(row)
        else:
            open_lines[source] = [row]
            lines.append(open_lines[source])
    return [_as_one(line) for line in lines]


def is_noise(row: Row) -> bool:
    if row.get("error_code"):
        return row["error_code"] in NOISE_CODES
    # Not settled yet, or heard twice: it has no code.
    return row["status"] != "processed" and not _MAY_BE_READING.search(row["raw_payload"])


def _as_one(rows: list[Row]) -> Row:
    if len(rows) == 1:
        return rows[0]
    oldest = rows[-1]
    count = sum(row.get("lines") or 1 for row in rows)
    return rows[0] | {"id": oldest["id"], "together": count, "since": oldest["received_at"]}
