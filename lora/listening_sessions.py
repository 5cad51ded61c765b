"""Which session a reading falls into: one that listened to its source when it was heard."""

from collections import defaultdict
from collections.abc import Collection

from herd.models import Session
from herd.storage import fast_rows, journal
from lora.models import LoRaPayload

COLUMNS = ("id", "source", "started_at", "ended_at")


class ListeningSessions:
    """Those that listened to the sources of one step's payloads, in one query for all of them."""

    def __init__(self, payloads: Collection[LoRaPayload]) -> None:
        self._by_source: dict[str, list[Session]] = defaultdict(list)
        names = {name for one in payloads for name in _names_of(one.source)}
        # By when they were heard and not by now: readings may have waited, or come late.
        oldest = journal.adapt_time(min(one.read_at for one in payloads))
        where = f"source {fast_rows.among()} AND (ended_at IS NULL OR ended_at >= %s)"
        order = " ORDER BY started_at DESC, id DESC"
        params = [fast_rows.listed(names), oldest]
        for session in fast_rows.select(Session, where + order, params, COLUMNS):
            self._by_source[session.source].append(session)

    def of(self, payload: LoRaPayload) -> int | None:
        """Return the session that the payload falls into, of several the one begun last."""
        if not self._by_source:
            return None
        at = payload.read_at
        for name in _names_of(payload.source):
            for one in self._by_source.get(name, ()):
                if one.started_at <= at and (one.ended_at is None or at <= one.ended_at):
                    return one.pk
        return None


def _names_of(source: str) -> tuple[str, ...]:
    """Return the source's name and, of one line of a port or address, that of the whole."""
    whole, _, line = source.rpartition("#")
    return (source, whole) if whole and line else (source,)
