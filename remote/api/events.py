"""Journal entries as the feed sends them: each touched row read and serialised once."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple, cast

from django.db import transaction

from herd.models import FORGOTTEN, JournalEntry
from herd.storage import journal
from remote.api import row_json
from remote.api.row_json import READER
from remote.api.serializers import time_of
from remote.wire import (
    COMES_WITH,
    IMPORT_EVENT,
    START,
    TABLE_OF,
    Cursor,
    ResyncReason,
    Told,
    Topic,
)

CHUNK_BYTES = 256 * 1024  # of events in one WebSocket frame, at most


class Message(NamedTuple):
    """One event, ready to be sent. An entry of a kind that the protocol has not has no topic."""

    topic: Topic | None
    cursor: Cursor
    text: str


# Made once: json.dumps makes an encoder for each of a snapshot's 250,000 rows.
_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def dumps(value: object) -> str:
    return _encoder.encode(value)


def read_messages(after: Cursor, most: int) -> list[Message]:
    """Return the events after the cursor, oldest first; a row that is gone is `{"id": n}`."""
    # From one transaction, each row as it is now: a later event never brings an older state.
    with transaction.atomic(using=READER):
        entries = list(JournalEntry.objects.using(READER).after(after.seq)[:most])
        data = _data_of(entries)
    return [_message(entry, data) for entry in entries]


def _data_of(entries: Iterable[JournalEntry]) -> dict[tuple[Told, int], str]:
    touched: dict[Told, set[int]] = defaultdict(set)
    for entry in entries:
        if table := _table(entry):
            touched[table].add(entry.object_id)
    data = {}
    for table, ids in touched.items():
        for made in row_json.rows(table, ids):
            if table == "payloads":
                made |= {"payload_id": made["id"], "timestamp": made["received_at"]}
            data[table, made["id"]] = dumps(made)
    return data


def _table(entry: JournalEntry) -> Told | None:
    if entry.kind == IMPORT_EVENT:
        return "imports"
    return TABLE_OF.get(entry.kind.partition(":")[0])


def _message(entry: JournalEntry, data: dict[tuple[Told, int], str]) -> Message:
    table, cursor = _table(entry), Cursor(entry.seq, entry.mark)
    if table is None:
        return Message(None, cursor, "")
    body = data.get((table, entry.object_id)) or dumps({"id": entry.object_id})
    text = (  # put together by hand: the row is serialised once for all sockets
        f'{{"type":"event","cursor":"{cursor}","event":"{entry.kind}",'
        f'"at":"{time_of(entry.at)}","data":{body}}}'
    )
    return Message(COMES_WITH.get(table) or cast("Topic", table), cursor, text)


def newest_cursor() -> Cursor:
    return Cursor(*journal.newest(READER))


def resync_reason(since: Cursor) -> ResyncReason | None:
    """Return why a client cannot resume from this cursor, None where it can."""
    entries = JournalEntry.objects.using(READER)
    if since == START:
        first = entries.order_by("seq").values_list("seq", "mark").first()
        return "pruned" if first and (first[0] != 1 or first[1] == FORGOTTEN) else None
    mark = entries.filter(seq=since.seq).values_list("mark", flat=True).first()
    if mark == FORGOTTEN:
        return "pruned"
    if mark == since.mark:
        return None
    # Behind the newest entry it is another journal's: this one was restored or begun anew.
    later = entries.filter(seq__gt=since.seq).exists()
    return "pruned" if mark is None and later else "unknown_cursor"
