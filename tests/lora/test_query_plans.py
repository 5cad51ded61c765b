"""SQLite finds what a step asks for by the index that is meant for it, however much is stored."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks import load
from herd.storage import bulk_write
from lora.framing.frames import Frame
from lora.intake import Heard, store
from lora.models import LoRaPayload
from lora.worker import BATCH_SIZE, Worker

pytestmark = pytest.mark.django_db

GROWING = ("lora_payload_buffer", "cattle", "cattle_weight_history", "journal", "tag_pairings")
# Most rows have the same status: only what still waits is few.
BY_STATUS = "payload_by_status (status=?"


def test_a_step_reads_no_table_and_no_status_from_end_to_end() -> None:
    texts = list(load.day(2 * BATCH_SIZE))
    store([Heard(Frame(text, "plain"), "udp:1", n) for n, text in enumerate(texts)])
    Worker().step()
    with CaptureQueriesContext(connection) as made:
        assert Worker().step()
    asked = [one["sql"] for one in made.captured_queries if one["sql"].startswith("SELECT")]
    assert len(asked) >= 10
    for statement in asked:
        for step in plan(statement):
            read = re.fullmatch(r"SCAN (\w+)", step)
            is_one_row = statement.endswith("LIMIT 1")
            assert not read or read[1] not in GROWING or is_one_row, statement
            assert BY_STATUS not in step or "status = 'received'" in statement, statement


def test_a_settled_payload_is_written_in_the_indexes_that_change() -> None:
    with CaptureQueriesContext(connection) as made:
        bulk_write.update(LoRaPayload, [LoRaPayload(id=1)], LoRaPayload.SETTLED)
    statement = made.captured_queries[-1]["sql"].partition("UPDATE")[2]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN UPDATE" + re.sub(r"%s|\?", "NULL", statement))
        written = [row for row in cursor.fetchall() if row[1] == "IdxInsert"]
    assert len(written) == 3  # by status, by event id and by animal


def plan(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + statement.replace("%", "%%"))
        return [row[3] for row in cursor.fetchall()]
