"""The same payloads on a Pi that nothing happened to: the herd must come out the same."""

import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.faults.ledger import Finding
from tests.system.farm import Farm, wait_until

AS_RECEIVED = (
    "id, raw_payload, form, source, rssi, snr, original_length, digest, received_at, boot,"
    " arrived_ms, approximate"
)
WITHOUT_RESULT = "'received' AS status, '' AS error_code, '' AS error_message, '' AS remark"
NAMES = "status, error_code, error_message, remark, attempts"
# Nothing here has a number or a time of its own: a second run may give others.
HERD = {
    "payloads": "SELECT id, status, duplicate_of_id FROM lora_payload_buffer",
    "animals": (
        "SELECT livestock_id, lf_tag, uhf_tag, cattle.status, batch_number, pen_number,"
        " last_weight_kg FROM cattle LEFT JOIN batches ON batches.id = batch_id"
        " LEFT JOIN pens ON pens.id = pen_id"
    ),
    "weights": (
        "SELECT livestock_id, lf_tag, weight_kg, quality FROM cattle_weight_history"
        " JOIN cattle ON cattle.id = animal_id"
    ),
    "batches": "SELECT batch_number, funder, status, head_count, weighed_count FROM batches",
    "pens": "SELECT pen_number, head_count FROM pens",
}


class Reference:
    """Made while the farm is still empty; `compare` gives its worker all that the farm stored."""

    def __init__(self, farm: Farm) -> None:
        self._theirs = farm.root / "pi" / "pi.sqlite3"
        self._farm = Farm(farm.root / "reference")
        # What a false clock dated 1970 is old here, by a clock that is right: nothing may go.
        self._farm.given = {"PAYLOADS_KEPT_DAYS": "36500", "JOURNAL_KEPT_DAYS": "36500"}
        folder = self._farm.root / "pi"
        shutil.copytree(
            farm.root / "pi", folder, ignore=shutil.ignore_patterns("pi.sqlite3*", "backups")
        )
        self._ours = folder / "pi.sqlite3"
        with (
            closing(sqlite3.connect(self._theirs)) as theirs,
            closing(sqlite3.connect(self._ours)) as ours,
        ):
            theirs.backup(ours)

    def compare(self, found: Finding) -> None:
        self._take_payloads()
        self._work()
        for place, query in HERD.items():
            here, there = _counted(self._theirs, query), _counted(self._ours, query)
            found.note(
                f"{place}, beside an undisturbed run",
                lost=(there - here).total(),
                doubled=(here - there).total(),
            )

    def _take_payloads(self) -> None:
        with closing(sqlite3.connect(self._ours)) as ours:
            ours.execute("ATTACH ? AS theirs", [str(self._theirs)])
            ours.execute(
                f"INSERT INTO main.lora_payload_buffer ({AS_RECEIVED}, {NAMES})"
                f" SELECT {AS_RECEIVED}, {WITHOUT_RESULT}, 0 FROM theirs.lora_payload_buffer"
            )
            ours.commit()

    def _work(self) -> None:
        waiting = "SELECT id FROM lora_payload_buffer WHERE status = 'received' LIMIT 1"
        try:
            self._farm.start("worker")
            wait_until(lambda: not _counted(self._ours, waiting), "the undisturbed run has ended")
        finally:
            self._farm.stop()


def _counted(file: Path, query: str) -> "Counter[tuple[Any, ...]]":
    with closing(sqlite3.connect(file, timeout=30)) as database:
        return Counter(database.execute(query))
