"""Every table of a herd on PostgreSQL, its rows named by what stands in them and not by their
numbers, so that two herds compare that came to the same end in another order."""

import json
import re
from collections import Counter
from typing import Any, Final

import psycopg

Rows = Counter[str]

ANIMAL: Final = (
    "(SELECT concat_ws('/', a.livestock_id, a.lf_tag, a.uhf_tag) FROM cattle a WHERE a.id = {})"
)
BATCH: Final = "(SELECT batch_number FROM batches b WHERE b.id = {})"
PEN: Final = "(SELECT pen_number FROM pens p WHERE p.id = {})"
# Sums of floats depend on their order in the last digits.
SUMS: Final = ("weight_sum_kg", "gain_sum_kg")
NUMBERS: Final = {
    "cattle": {"batch_id": BATCH, "pen_id": PEN},
    "batches": {},
    "pens": {},
    "tag_pairings": {"animal_id": ANIMAL},
    "movements": {
        "animal_id": ANIMAL,
        "from_batch_id": BATCH,
        "to_batch_id": BATCH,
        "from_pen_id": PEN,
        "to_pen_id": PEN,
    },
    "cattle_weight_history": {"animal_id": ANIMAL},
    "lora_payload_buffer": {"cattle_id": ANIMAL, "batch_id": BATCH},
    "lora_sources": {},
    "lora_device_counters": {},
}
WHEN: Final = {"id", "created_at", "updated_at", "processed_at", "seen_at"}
# What happened to what. `…:updated` is told once a step for each thing, so that there is no more to
# it than that it was told at all.
JOURNAL: Final = (
    "SELECT kind, CASE split_part(kind, ':', 1)"
    f" WHEN 'cattle' THEN {ANIMAL.format('object_id')}"
    f" WHEN 'batch' THEN {BATCH.format('object_id')} WHEN 'pen' THEN {PEN.format('object_id')}"
    " WHEN 'payload' THEN object_id::text END, actor, detail FROM journal"
    " WHERE kind NOT LIKE '%:updated'"
    " UNION ALL SELECT DISTINCT kind, '', '', '' FROM journal WHERE kind LIKE '%:updated'"
)


def herd_of(url: str) -> dict[str, Rows]:
    with psycopg.connect(url, client_encoding="utf8") as connection:
        tables = {table: _rows(connection, table) for table in NUMBERS}
        return tables | {"journal": Counter(map(str, connection.execute(JOURNAL).fetchall()))}


def _rows(connection: psycopg.Connection, table: str) -> Rows:
    columns = [f"{named.format(f't.{one}')} AS n_{one}" for one, named in NUMBERS[table].items()]
    statement = f"SELECT {', '.join(['to_jsonb(t) AS row', *columns])} FROM {table} t"
    cursor = connection.execute(statement.encode())
    names = [one.name for one in cursor.description or ()]
    return Counter(_named(dict(zip(names, row, strict=True)), table) for row in cursor)


def _named(found: dict[str, Any], table: str) -> str:
    row = found.pop("row") | {name.removeprefix("n_"): value for name, value in found.items()}
    kept = WHEN - ({"id"} if table == "lora_payload_buffer" else set())
    for name in SUMS:
        if name in row:
            row[name] = round(row[name], 3)
    text = json.dumps({k: v for k, v in row.items() if k not in kept}, sort_keys=True)
    return re.sub(r"\(no\. \d+\)", "(no.)", text)  # an animal, in a sentence
