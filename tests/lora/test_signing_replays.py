"""Signed payloads that come again: replays, tries, events, and what telling them apart costs."""

import logging

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from herd.models import WeightRecord
from lora import apply_reading, settling
from lora import worker as worker_module
from lora.models import DeviceCounter, LoRaPayload
from lora.signing import sign
from tests.lora.signed import GATE, KEY, READ, SignedBarn, code, counter_of, fail
from tests.lora.test_worker import INDUCTION

in_database = pytest.mark.django_db


# -- replays ------------------------------------------------------------------------------------


@in_database
def test_a_second_gateway_within_the_window_makes_a_duplicate(barn: SignedBarn) -> None:
    first = barn.scale(7)
    again = barn.scale(7, after=4.0, source="gateway:2")
    assert (again.status, again.duplicate_of_id) == ("duplicate", first.pk)


@in_database
def test_the_same_text_after_the_window_is_a_replay(barn: SignedBarn) -> None:
    barn.scale(7)
    row = barn.scale(7, after=5.1)
    assert code(row) == "replayed"
    assert "counted to 7" in row.error_message


@in_database
def test_a_counter_that_is_not_greater_is_a_replay_whatever_it_carries(barn: SignedBarn) -> None:
    barn.scale(7)
    assert code(barn.scale(7, "hxb:B2:LF1:U1")) == "replayed"
    assert code(barn.scale(6, "hxb:B2:LF1:U1")) == "replayed"
    assert counter_of("scale1") == 7


@in_database
def test_a_worker_that_starts_anew_still_knows_the_counters(barn: SignedBarn) -> None:
    barn.scale(7)
    barn.restart()
    assert code(barn.scale(7)) == "replayed"
    LoRaPayload.objects.all().delete()  # what is old is pruned; the counter is not
    assert code(barn.scale(7)) == "replayed"
    assert code(barn.scale(8)) == "processed"


@in_database
def test_replays_that_wait_together_are_told_apart_too(barn: SignedBarn) -> None:
    texts = [sign(KEY, "scale1", counter, READ) for counter in (1, 3, 2, 3, 4)]
    barn.hear(*texts)
    rows = LoRaPayload.objects.order_by("pk")
    assert [code(row) for row in rows] == [
        "processed",
        "processed",
        "replayed",
        "replayed",
        "processed",
    ]
    assert counter_of("scale1") == 4


@in_database
def test_what_the_herd_or_the_parser_refuses_has_used_its_counter(barn: SignedBarn) -> None:
    assert code(barn.scale(1, "event:hxbrep000001|lid:99|new_lf:LF10")) == "unknown_animal"
    assert code(barn.scale(1, READ)) == "replayed"
    assert code(barn.scale(2, "nonsense")) == "unknown_prefix"
    assert code(barn.scale(2, READ)) == "replayed"


@in_database
def test_a_step_that_is_taken_back_takes_the_counter_back(
    barn: SignedBarn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep_nothing(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(settling, "_count_errors", keep_nothing)
    with pytest.raises(OperationalError):
        barn.scale(7)
    assert not DeviceCounter.objects.exists()
    monkeypatch.undo()
    barn.worker.step()
    assert code(LoRaPayload.objects.get()) == "processed"


# -- trying again -------------------------------------------------------------------------------


@in_database
def test_a_refused_payload_stays_refused_when_it_is_only_tried_again(barn: SignedBarn) -> None:
    plain = barn.hear(READ, source=GATE)
    assert code(barn.again(plain)) == "unsigned"
    assert code(barn.again(plain, READ)) == "unsigned"
    assert code(barn.again(plain, f" {READ}\r\n")) == "unsigned"
    assert plain.corrected_by is None
    barn.scale(7)
    assert code(barn.again(barn.scale(7))) == "replayed"


@in_database
def test_a_person_who_corrects_a_text_vouches_for_it_by_name(barn: SignedBarn) -> None:
    row = barn.hear("hxb:B1:LF1:U", source=GATE)
    barn.again(row, "hxb:B1:LF1:U1")
    assert (code(row), row.corrected_by, row.signed_by) == ("processed", "office:ana", None)
    assert row.raw_payload == "hxb:B1:LF1:U1"


@in_database
def test_a_person_may_correct_what_stands_inside_the_envelope(barn: SignedBarn) -> None:
    row = barn.scale(1, "hxb:B1:9.82E+14:U1")
    assert code(row) == "bad_tag"
    barn.again(row, row.raw_payload.replace("9.82E+14", "982000001088420"))
    assert (code(row), row.signed_by, row.corrected_by) == ("processed", None, "office:ana")
    assert code(barn.scale(1)) == "replayed"


@in_database
def test_a_corrected_text_is_vouched_for_when_it_is_tried_once_more(barn: SignedBarn) -> None:
    row = barn.hear("hxb:B1:?:U1", source=GATE)
    assert code(barn.again(row, "event:hxbrep000001|lid:77|new_lf:LF10")) == "unknown_animal"
    barn.hear(INDUCTION)
    assert code(barn.again(row)) == "processed"


@in_database
def test_an_accepted_signature_needs_no_second_one(barn: SignedBarn) -> None:
    row = barn.scale(1, "event:hxbrep000001|lid:77|new_lf:LF10")
    barn.scale(2, INDUCTION)
    barn.restart()
    assert code(barn.again(row)) == "processed"
    assert counter_of("scale1") == 2


@in_database
def test_a_payload_that_failed_by_our_own_mistake_is_no_replay_of_itself(
    barn: SignedBarn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    monkeypatch.setattr(worker_module, "apply", fail)
    first = barn.scale(1)
    monkeypatch.setattr(worker_module, "apply", apply_reading.apply)
    assert code(barn.scale(2, "hxb:B2:LF2:U2")) == "processed"
    first.refresh_from_db()
    assert (first.status, first.signed_by) == ("received", "scale1")
    barn.restart()
    barn.worker.step()
    first.refresh_from_db()
    assert code(first) == "processed"


@in_database
def test_a_parked_payload_can_be_tried_again(
    barn: SignedBarn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    monkeypatch.setattr(worker_module, "apply", fail)
    row = barn.scale(1)
    for _ in range(5):
        barn.clock += 1000
        barn.worker.step()
    row.refresh_from_db()
    assert code(row) == "internal"
    monkeypatch.setattr(worker_module, "apply", apply_reading.apply)
    assert code(barn.again(row)) == "processed"


# -- events -------------------------------------------------------------------------------------

CHECK_IN = "event:hxbchi000001|weight:267.3|lid:1"


@in_database
def test_an_event_is_known_by_what_stands_in_the_envelope(barn: SignedBarn) -> None:
    first = barn.scale(1, CHECK_IN)
    same, other = barn.scale(2, CHECK_IN), barn.scale(3, CHECK_IN.replace("267", "268"))
    assert (same.status, same.duplicate_of_id) == ("duplicate", first.pk)
    assert (first.event_id, code(other)) == ("hxbchi000001", "event_id_reused")
    assert WeightRecord.objects.count() == 1
    assert code(barn.scale(2, CHECK_IN)) == "replayed"


@in_database
def test_an_event_is_the_same_signed_or_not_also_in_one_step(barn: SignedBarn) -> None:
    other = CHECK_IN.replace("000001", "000002")
    barn.hear(CHECK_IN, sign(KEY, "scale1", 1, CHECK_IN), CHECK_IN)
    barn.hear(sign(KEY, "scale1", 2, other), sign(KEY, "scale1", 3, other), other)
    rows = LoRaPayload.objects.order_by("pk")
    assert [code(row) for row in rows] == ["processed", "duplicate", "duplicate"] * 2


# -- what it costs ------------------------------------------------------------------------------


def counter_queries(barn: SignedBarn, texts: list[str]) -> int:
    with CaptureQueriesContext(connection) as queries:
        barn.hear(*texts)
    return sum("lora_device_counters" in query["sql"] for query in queries)


@in_database
def test_a_step_reads_and_writes_the_counters_once(barn: SignedBarn) -> None:
    assert counter_queries(barn, [sign(KEY, "scale1", n, READ) for n in range(150)]) == 2
    assert counter_queries(barn, [READ] * 20) == 0
    assert counter_queries(barn, [sign(KEY, f"other{n}", n, READ) for n in range(20)]) == 0
