"""Signed payloads: whose word counts, what a replay is, what a person may vouch for."""

import hashlib
import logging
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from herd.models import Animal, WeightRecord
from hexabrand.settings.environment import read
from lora import effects
from lora import worker as worker_module
from lora.conflicts import conflict_of
from lora.framing import Frame, SerialDecoder, read_datagram
from lora.intake import Heard, store
from lora.models import DeviceCounter, LoRaPayload
from lora.payloads import InvalidPayload
from lora.retry import retry
from lora.signing import DeviceKeys, Envelope, Guard, inner, mac_of, read_envelope, read_keys, sign
from lora.simulator import Feedlot, signed
from lora.worker import Worker
from tests.lora.test_worker import INDUCTION, SECOND, Barn

ROOT = Path(__file__).resolve().parents[2]
KEY, OTHER_KEY = bytes(range(16)), bytes(range(100, 132))
READ = "hxb:BATCH001:LF123:UHF456"
# As `openssl dgst -sha256 -mac HMAC -macopt hexkey:000102030405060708090a0b0c0d0e0f` says it of
# the text scale1:7:hxb:BATCH001:LF123:UHF456, without a line end.
MAC = "3e60fbed0ea3d20b"
ENTRIES = f"scale1={KEY.hex()},gate@udp:192.168.1.30={OTHER_KEY.hex()}"
GATE = "udp:192.168.1.30"

in_database = pytest.mark.django_db


class SignedBarn(Barn):
    """A scale that may sign, a gate that has to, and whoever else."""

    def scale(self, counter: int, payload: str = READ, **how: float | str) -> LoRaPayload:
        return self.hear(sign(KEY, "scale1", counter, payload), **how)  # type: ignore[arg-type]

    def gate(self, counter: int, payload: str = READ, **how: float | str) -> LoRaPayload:
        text = sign(OTHER_KEY, "gate", counter, payload)
        return self.hear(text, **how)  # type: ignore[arg-type]

    def again(self, row: LoRaPayload, text: str | None = None) -> LoRaPayload:
        retry(row.pk, actor="office:ana", text=text)
        self.worker.step()
        row.refresh_from_db()
        return row

    def restart(self) -> None:
        self.worker = Worker(clock=lambda: self.clock)


@pytest.fixture
def barn(settings: Settings) -> SignedBarn:
    settings.LORA_DEVICE_KEYS = read_keys(ENTRIES)
    return SignedBarn()


def code(row: LoRaPayload) -> str:
    """The status, or why it is in error."""
    return row.error_code if row.status == "error" else row.status


def counter_of(device: str) -> int:
    return DeviceCounter.objects.get(device=device).counter


# -- the mac ------------------------------------------------------------------------------------


def by_hand(key: bytes, text: str) -> str:
    """HMAC as RFC 2104 writes it, for a key that is no longer than a block."""
    block = key.ljust(64, b"\0")
    within = hashlib.sha256(bytes(one ^ 0x36 for one in block) + text.encode()).digest()
    return hashlib.sha256(bytes(one ^ 0x5C for one in block) + within).hexdigest()[:16]


def test_the_mac_is_the_one_that_openssl_gives() -> None:
    assert mac_of(KEY, "scale1", "7", READ) == MAC == by_hand(KEY, f"scale1:7:{READ}")
    assert sign(KEY, "scale1", 7, READ) == f"sig:scale1:7:{MAC}:{READ}"


def test_the_mac_is_over_utf8_and_over_the_counter_as_it_is_written() -> None:
    assert mac_of(KEY, "g", "007", "hxb:Grünau:1:2") == by_hand(KEY, "g:007:hxb:Grünau:1:2")


# -- what is accepted ---------------------------------------------------------------------------


@in_database
def test_a_signed_payload_is_applied_and_its_text_kept_as_it_came(barn: SignedBarn) -> None:
    row = barn.scale(7)
    assert (row.status, row.signed_by) == ("processed", "scale1")
    assert row.raw_payload == f"sig:scale1:7:{MAC}:{READ}"
    assert Animal.objects.get().lf_tag == "LF123"
    assert counter_of("scale1") == 7


@in_database
def test_a_counter_may_skip_and_begins_anywhere(barn: SignedBarn) -> None:
    assert [code(barn.scale(n)) for n in (0, 3, 999_999_999_999_999)] == ["processed"] * 3


@in_database
def test_the_spelling_of_prefix_and_mac_does_not_matter(barn: SignedBarn) -> None:
    assert code(barn.hear(f" SIG:scale1:7:{MAC.upper()}:{READ} ")) == "processed"


def test_a_payload_of_several_lines_is_signed_whole() -> None:
    text = sign(KEY, "scale1", 7, "one\r\ntwo\tthree")
    assert Guard(read_keys(ENTRIES), {}).judge("x", text) == "scale1"


@in_database
def test_each_device_counts_for_itself(barn: SignedBarn) -> None:
    barn.scale(900)
    assert code(barn.gate(1)) == "processed"
    assert (counter_of("scale1"), counter_of("gate")) == (900, 1)


@in_database
def test_plain_payloads_of_other_sources_go_on_as_before(barn: SignedBarn) -> None:
    assert code(barn.hear(READ)) == "processed"
    assert code(barn.hear(READ, source="udp:192.168.1.3")) == "processed"


# -- what is refused ----------------------------------------------------------------------------


@in_database
@pytest.mark.parametrize(
    "text",
    [
        f"sig:scale1:7:{MAC}:hxb:BATCH001:LF123:UHF457",
        f"sig:scale1:8:{MAC}:{READ}",
        f"sig:scale1:07:{MAC}:{READ}",
        f"sig:gate:7:{MAC}:{READ}",
        f"sig:scale1:7:{MAC[:-1]}c:{READ}",
        f"sig:scale1:7:{'0' * 16}:{READ}",
    ],
)
def test_what_was_tampered_with_is_refused_and_uses_no_counter(barn: SignedBarn, text: str) -> None:
    row = barn.hear(text)
    assert (code(row), row.raw_payload, row.signed_by) == ("bad_signature", text, None)
    assert not Animal.objects.exists()
    assert not DeviceCounter.objects.exists()


@in_database
def test_a_device_without_a_key_is_refused_by_name(barn: SignedBarn) -> None:
    row = barn.hear(sign(KEY, "scale2", 1, READ))
    assert code(row) == "unknown_device"
    assert '"scale2"' in row.error_message


@in_database
def test_without_any_keys_nobody_is_believed_and_plain_payloads_are_as_ever() -> None:
    barn = SignedBarn()
    assert [code(barn.scale(1)), code(barn.hear(READ))] == ["unknown_device", "processed"]


@in_database
@pytest.mark.parametrize(
    "text",
    ["sig:", "sig:scale1", f"sig:scale1:7:{READ}", f"sig:scale1:\u0667:{MAC}:{READ}",
     f"sig:scale1:{'9' * 16}:{MAC}:{READ}", f"sig:scale1:-7:{MAC}:{READ}",
     f"sig:sca le:7:{MAC}:{READ}", f"sig:\u017fcale1:7:{MAC}:{READ}",
     f"sig:{'s' * 31}:7:{MAC}:{READ}", f"sig:scale1:7:{MAC}0:{READ}"],
)  # fmt: skip
def test_what_only_begins_like_a_signed_payload_is_malformed(barn: SignedBarn, text: str) -> None:
    assert code(barn.hear(text)) == "malformed_signature"


@in_database
def test_all_of_a_source_that_must_sign_is_held_to_its_device(barn: SignedBarn) -> None:
    assert code(barn.hear(READ, source=GATE)) == "unsigned"
    assert code(barn.hear(READ, source=f"{GATE}#7")) == "unsigned"
    assert code(barn.scale(1, source=GATE)) == "unsigned"
    assert not DeviceCounter.objects.exists()
    assert code(barn.gate(1, source=GATE)) == "processed"
    assert code(barn.gate(2, source="gateway:aa555a0000000001")) == "processed"


@in_database
def test_what_one_source_had_to_sign_does_not_hide_the_same_text_of_another(
    barn: SignedBarn,
) -> None:
    rows = [barn.hear(READ, source=GATE), barn.hear(READ, after=1.0)]
    rows += [barn.hear(READ, after=1.0, source=GATE)]
    assert [code(row) for row in rows] == ["unsigned", "processed", "duplicate"]


@in_database
def test_what_waits_together_from_two_sources_is_told_apart_too(barn: SignedBarn) -> None:
    for second, source in enumerate((GATE, "udp:10.0.0.1", "udp:10.0.0.2"), 5):
        store([Heard(Frame(READ, "plain"), source, second * SECOND)])
    barn.worker.step()
    rows = LoRaPayload.objects.order_by("pk")
    assert [code(row) for row in rows] == ["unsigned", "processed", "duplicate"]


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
        "processed", "processed", "replayed", "replayed", "processed",
    ]  # fmt: skip
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

    monkeypatch.setattr(worker_module, "_count_errors", keep_nothing)
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
    monkeypatch.setattr(worker_module, "apply", effects.apply)
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
    monkeypatch.setattr(worker_module, "apply", effects.apply)
    assert code(barn.again(row)) == "processed"


def fail(*_: object) -> Animal:
    raise RuntimeError("our own mistake")


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


# -- any text at all ----------------------------------------------------------------------------


@given(st.text() | st.text("sig:cale10123456789abcdef", max_size=60))
def test_no_text_makes_the_guard_raise(text: str) -> None:
    guard = Guard(read_keys(ENTRIES), {})
    for one in (text, f"sig:{text}", f"sig:scale1:{text}", f"sig:scale1:7:{MAC}:{text}"):
        verdict = guard.judge("udp:10.0.0.1", one)
        assert isinstance(verdict, InvalidPayload) or verdict == "" or text == READ
        assert isinstance(inner(one), str)


@given(st.binary(min_size=16), st.integers(0, 10**15 - 1), st.text(st.characters(codec="utf-8")))
def test_what_is_signed_is_read_again(key: bytes, counter: int, payload: str) -> None:
    text = sign(key, "a-b_c.9", counter, payload := payload.strip())
    envelope = read_envelope(text)
    assert isinstance(envelope, Envelope)
    assert (envelope.payload, int(envelope.counter)) == (payload, counter)
    guard = Guard(DeviceKeys({"a-b_c.9": key}), {})
    assert [guard.judge("x", text), guard.accepted] == ["a-b_c.9", {"a-b_c.9": counter}]


# -- the setting --------------------------------------------------------------------------------


def test_keys_and_bound_sources_are_read() -> None:
    keys = read_keys(f"a.b-c_1@serial:a@b=c#7={KEY.hex()} , b={OTHER_KEY.hex().upper()},")
    assert keys.by_device == {"a.b-c_1": KEY, "b": OTHER_KEY}
    assert keys.signer_of("serial:a@b=c#7") == "a.b-c_1"
    assert keys.signer_of("serial:a@b=c") == keys.signer_of("serial:a@b=c#8") == ""


def test_a_sources_name_is_found_in_any_case() -> None:
    keys = read_keys(f"g@gateway:AA555A0000000001={KEY.hex()}")
    assert keys.signer_of("gateway:aa555a0000000001") == "g"
    assert keys.signer_of("gateway:AA555A0000000001") == "g"


HEX = OTHER_KEY.hex()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEX, "entry 1 is not written"),
        (f"{HEX}=scale1", "entry 1 is not written"),
        (f"a={KEY.hex()},b:{HEX}", "entry 2 is not written"),
        (f"sca le={HEX}", "entry 1 is not written"),
        (f"{'s' * 31}={HEX}", "entry 1 is not written"),
        (f"scale1@={HEX}", "entry 1 is not written"),
        (f"*={HEX}", "entry 1 is not written"),
        (f"a={HEX[:30]}", "the key of entry 1 is not 16 or more bytes"),
        (f"a={HEX}f", "the key of entry 1 is not 16 or more bytes"),
        (f"a={HEX[:-1]}g", "the key of entry 1 is not 16 or more bytes"),
        (f"a={KEY.hex()},a={HEX}", "entry 2 names a device or source that an earlier one has"),
        (f"a@udp:1={KEY.hex()},b@UDP:1={HEX}", "entry 2 names a device or source"),
        (",", "it names no device"),
    ],
)
def test_a_bad_value_names_the_variable_and_the_entry_and_never_a_key(
    text: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LORA_DEVICE_KEYS", text)
    with pytest.raises(ImproperlyConfigured, match="LORA_DEVICE_KEYS cannot be used") as told:
        read("LORA_DEVICE_KEYS", read_keys, default=DeviceKeys(), secret=True)
    assert says in str(told.value)
    assert HEX[:16] not in f"{told.value} {told.value.__cause__}"


def test_a_start_with_a_bad_key_fails_without_showing_it(tmp_path: Path) -> None:
    given = {"LORA_DEVICE_KEYS": f"scale1={HEX}x", "HEXABRAND_STATE_DIR": str(tmp_path),
             "DJANGO_SETTINGS_MODULE": "hexabrand.settings.pi"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT, env={**os.environ, **given}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "LORA_DEVICE_KEYS cannot be used: the key of entry 1" in done.stderr
    assert HEX not in done.stderr + done.stdout


@in_database
def test_a_key_is_in_no_log_message_or_representation(
    barn: SignedBarn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rows = [barn.scale(1), barn.scale(1), barn.hear(f"sig:scale1:2:{MAC}:{READ}"),
            barn.hear(READ, source=GATE), barn.hear(sign(KEY, "x", 1, READ))]  # fmt: skip
    monkeypatch.setattr(worker_module, "apply", fail)
    barn.scale(5)
    shown = caplog.text + "".join(row.error_message for row in rows) + repr(barn.worker._keys)
    assert "our own mistake" in caplog.text
    for key in (KEY, OTHER_KEY):
        assert key.hex() not in shown
        assert repr(key)[2:20] not in shown


# -- a simulated barn, and the documents --------------------------------------------------------


@in_database
def test_a_simulated_barn_signs_and_counts(barn: SignedBarn) -> None:
    keys = read_keys(f"scale1={KEY.hex()}")
    sent = list(islice(signed(Feedlot(seed=5).payloads(), keys, 100), 300))
    for number, payload in enumerate(sent):
        frame = Frame(payload.decode("utf-8", "backslashreplace"), "plain")
        store([Heard(frame, "udp:10.0.0.1", number * SECOND)])
    while barn.worker.step():
        pass
    codes = {code(row) for row in LoRaPayload.objects.filter(raw_payload__startswith="sig:")}
    assert codes >= {"processed", "duplicate"}
    assert codes.isdisjoint({"replayed", "bad_signature", "malformed_signature"})
    assert counter_of("scale1") > 350


def test_what_a_simulated_barn_sends_twice_is_signed_once() -> None:
    plain = list(islice(Feedlot(seed=5).payloads(), 300))
    sent = list(islice(signed(iter(plain), read_keys(f"scale1={KEY.hex()}"), 100), 300))
    twice = [n for n in range(1, 300) if plain[n] == plain[n - 1]]
    assert twice
    assert [n for n in range(1, 300) if sent[n] == sent[n - 1]] == twice


def test_a_simulated_barn_refuses_a_bad_key_without_showing_it() -> None:
    with pytest.raises(CommandError, match="--sign cannot be used: the key of entry 1") as told:
        call_command("simulate", sign=f"scale1={HEX}x", count=1)
    assert HEX not in str(told.value)


@pytest.mark.parametrize(
    "reason",
    ["unsigned", "unknown_device", "bad_signature", "replayed", "malformed_signature"],
)
def test_every_reason_of_a_refusal_is_documented(reason: str) -> None:
    assert f"| `{reason}` |" in (ROOT / "docs/protocol.md").read_text()


def test_the_documents_example_is_right() -> None:
    assert sign(KEY, "scale1", 7, READ) in (ROOT / "docs/protocol.md").read_text()


# -- on its way in, and at a conflict -----------------------------------------------------------


SIGNED = sign(KEY, "scale1", 7, READ)


def test_a_signed_text_is_a_payload_in_every_form() -> None:
    (frame,) = read_datagram(SIGNED.encode() + b"\r\n").frames
    assert (frame.text, frame.error) == (SIGNED, None)
    (framed,) = read_datagram(b"\xff\x01\x00\x00" + SIGNED.encode()).frames
    assert (framed.text, framed.error) == (SIGNED, None)
    (first_line,) = SerialDecoder().feed(SIGNED.encode() + b"\r\n")
    assert isinstance(first_line, Frame)
    assert (first_line.text, first_line.error) == (SIGNED, None)


@in_database
def test_a_conflict_is_told_by_what_stands_in_the_envelope(barn: SignedBarn) -> None:
    barn.hear("hxb:B1:LF1:U1", "hxb:B1:LF2:U2")
    row = barn.scale(1, "hxb:B1:LF1:U2")
    assert code(row) == "tag_conflict"
    found = conflict_of(row.pk)
    assert (found.lf, found.uhf, len(found.animals)) == ("LF1", "U2", 2)
