"""Edits that would undo what somebody else wrote after the person had looked."""

from collections.abc import Mapping
from typing import Any

from herd.errors import ChangedSince


def reject_stale(
    wanted: Mapping[str, Any], seen: Mapping[str, Any], now: Mapping[str, Any]
) -> None:
    """Raise ChangedSince where a change would undo what somebody else wrote after the person had
    `seen` the row, as it is `now`."""
    lost = {
        name: now[name]
        for name, saw in seen.items()
        if name in wanted and _as_shown(now[name]) not in {_as_shown(saw), _as_shown(wanted[name])}
    }
    if lost:
        raise ChangedSince(lost)


def _as_shown(value: object) -> str:
    # As a form's field sends it back: with \r\n, without spaces around it, None as "".
    return "" if value is None else str(value).replace("\r\n", "\n").strip()
