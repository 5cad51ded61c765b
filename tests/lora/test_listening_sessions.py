"""Weights and reads of a session's source fall into it, by the time when they were heard."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from herd import operations
from herd.models import Movement, Session, WeightRecord
from herd.unit_of_work import open_unit_of_work
from lora.framing.frames import Frame
from lora.intake import Heard, store
from tests.lora.test_worker import SECOND, Barn

pytestmark = pytest.mark.django_db

GATE = "gateway:aa555a0000000001"


def ago(minutes: float) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def listening(name: str = "Morning", source: str = GATE, **more: Any) -> Session:
    return Session.objects.create(
        **({"name": name, "source": source, "started_at": ago(60), "tasks": {}} | more)
    )


def sessions() -> list[int | None]:
    return list(WeightRecord.objects.order_by("pk").values_list("session_id", flat=True))


@pytest.fixture
def barn() -> Barn:
    barn = Barn()
    barn.now_ns = time.monotonic_ns() - 20 * 60 * SECOND  # it hears first 19 minutes ago
    return barn


def weighed(number: int, lid: str = "L1") -> str:
    return f"event:hxbchi{number:06}|weight:{300 + number}|lid:{lid}"


def test_weights_and_moves_of_its_source_fall_into_an_open_session(barn: Barn) -> None:
    session = listening()
    barn.hear(weighed(1), "hxb:B1:LF1:U1", "hxb:B2:LF1:U1", source=GATE)
    barn.hear("event:hxbpai000001|lid:L2|lf:LF2|uhf:U2|weight:350", source=GATE)
    barn.hear(weighed(2), "hxb:B1:LF1:U1", source="udp:10.0.0.9")
    assert sessions() == [session.pk, session.pk, None]
    moves = Movement.objects.order_by("pk").values_list("session_id", flat=True)
    assert list(moves) == [session.pk, None]


def test_what_was_heard_outside_of_it_does_not(barn: Barn) -> None:
    listening("Over", ended_at=ago(30))
    listening("To come", started_at=ago(-30))
    listening("Of nothing", source="")
    barn.hear(weighed(1), source=GATE)
    assert sessions() == [None]


def test_readings_that_waited_for_the_worker_fall_by_when_they_were_heard(barn: Barn) -> None:
    session = listening()
    store([Heard(Frame(weighed(1), "plain"), GATE, barn.now_ns)])
    Session.objects.update(ended_at=ago(18))
    barn.hear(weighed(2), source=GATE, after=4 * 60)
    assert sessions() == [session.pk, None]


def test_a_late_reading_falls_by_its_own_time(barn: Barn) -> None:
    over = listening("Over", started_at=ago(240), ended_at=ago(60))
    listening("Open", started_at=ago(59))
    frame = Frame(weighed(1), "tts", reported_at=time.time() - 7200)
    store([Heard(frame, GATE, time.monotonic_ns())])
    barn.worker.step()
    assert sessions() == [over.pk]


@pytest.mark.parametrize(
    ("source", "falls"),
    [
        ("serial:ttyUSB0#7", True),  # a whole port stands for its lines, as where keys are set
        ("serial:ttyUSB0", True),
        ("serial:ttyUSB01", False),
        ("serial:ttyUSB1#7", False),
    ],
)
def test_a_session_of_a_port_listens_to_its_lines(barn: Barn, source: str, *, falls: bool) -> None:
    session = listening(source="serial:ttyUSB0")
    barn.hear(weighed(1), source=source)
    assert sessions() == [session.pk if falls else None]


def test_of_a_port_and_one_of_its_lines_the_line_goes_before(barn: Barn) -> None:
    listening("Port", source="serial:ttyUSB0")
    line = listening("Line", source="serial:ttyUSB0#7")
    barn.hear(weighed(1), source="serial:ttyUSB0#7")
    assert sessions() == [line.pk]


def test_of_two_that_were_open_the_one_begun_last_has_it(barn: Barn) -> None:
    listening("Resumed", started_at=ago(90), ended_at=ago(-1))
    second = listening("Second", started_at=ago(30), ended_at=ago(-1))
    barn.hear(weighed(1), source=GATE)
    assert sessions() == [second.pk]


def test_a_session_ended_while_a_step_is_thought_is_seen(
    barn: Barn, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = listening()
    settle = barn.worker._settle_all
    ended: list[bool] = []

    def settle_and_end(unit: Any, payloads: Any) -> None:
        settle(unit, payloads)
        if not ended:
            ended.append(True)
            with open_unit_of_work("ana") as other:
                operations.end_session(other, session.pk, ago(19.5))

    monkeypatch.setattr(barn.worker, "_settle_all", settle_and_end)
    barn.hear(weighed(1), source=GATE)
    assert sessions() == [None]


def test_a_step_asks_for_sessions_once(barn: Barn) -> None:
    for n in range(20):
        listening(f"S{n}", source=f"udp:10.0.0.{n}")
    frames = [Frame(weighed(n, f"L{n}"), "plain") for n in range(100)]
    store([Heard(one, f"udp:10.0.0.{n % 20}", barn.now_ns + n) for n, one in enumerate(frames)])
    with CaptureQueriesContext(connection) as made:
        assert barn.worker.step() == 100
    asked = [one["sql"] for one in made.captured_queries if "FROM sessions" in one["sql"]]
    assert len(asked) == 1
    assert len(set(sessions())) == 20
