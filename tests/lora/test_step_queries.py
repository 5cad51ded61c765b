"""A step asks and writes in bulk: its statements do not grow with its payloads."""

import time
from dataclasses import replace
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from herd.unit_of_work import UnitOfWork
from lora.framing.frames import Frame
from lora.intake import Heard, store
from lora.models import LoRaPayload
from lora.worker import BATCH_SIZE, Worker
from tests.faults import barn

pytestmark = pytest.mark.django_db

MOST_STATEMENTS = 26  # of a step with every effect; five more begin and end its two transactions
NO_WORK = ("PRAGMA", "SAVEPOINT", "RELEASE")  # settings of the connection, and the test's own
SECOND = 1_000_000_000


def test_a_step_of_late_readings_makes_few_statements_too() -> None:
    told = [
        f"hxb:B1:LF{n}:U{n}" if n % 2 else f"event:hxbchi{n:06}|weight:300|lid:L{n}"
        for n in range(BATCH_SIZE)
    ]
    frames = [Frame(text, "tts", reported_at=time.time() - 7200) for text in told]
    worker, now = Worker(), time.monotonic_ns()
    for counter, at in enumerate((now, now + 3600 * SECOND)):
        store(
            [
                Heard(
                    replace(one, text=one.text.replace("chi0", f"chi{counter + 1}")), "http:1", at
                )
                for one in frames
            ]
        )
        with CaptureQueriesContext(connection) as made:
            assert worker.step() == BATCH_SIZE
        every = [one["sql"] for one in made.captured_queries]
        statements = [one for one in every if not one.startswith(NO_WORK)]
        assert len(statements) <= MOST_STATEMENTS, "\n".join(one[:120] for one in statements)
    assert LoRaPayload.objects.filter(status="processed", late=True).count() >= BATCH_SIZE


def test_a_step_asks_nothing_after_its_load_and_makes_few_statements(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    says, chance, texts = barn.Barn(), Random(12), []
    asked: list[int] = []
    write = UnitOfWork.write

    def write_and_note(unit: UnitOfWork) -> None:
        asked.append(unit.asked)
        write(unit)

    monkeypatch.setattr(UnitOfWork, "write", write_and_note)
    texts = [says.says(chance) for _ in range(3 * BATCH_SIZE)]
    store([Heard(Frame(text, "plain"), "udp:1", n * SECOND) for n, text in enumerate(texts)])
    worker = Worker()
    for _ in range(3):
        with CaptureQueriesContext(connection) as made:
            assert worker.step() == BATCH_SIZE
        every = [one["sql"] for one in made.captured_queries]
        statements = [one for one in every if not one.startswith(NO_WORK)]
        assert len(statements) <= MOST_STATEMENTS, "\n".join(one[:120] for one in statements)
    assert asked == [0, 0, 0]
    assert not LoRaPayload.objects.filter(status__in=("received", "error")).exists()
