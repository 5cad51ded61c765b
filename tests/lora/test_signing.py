"""Signed payloads: whose word counts, what a replay is, what a person may vouch for."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd.models import Animal
from lora.conflicts import conflict_of
from lora.framing.frames import Frame
from lora.framing.readers import SerialDecoder, read_datagram
from lora.intake import Heard, store
from lora.models import DeviceCounter, LoRaPayload
from lora.payloads import InvalidPayload
from lora.signing import DeviceKeys, Envelope, Guard, inner, mac_of, read_envelope, read_keys, sign
from tests.lora.signed import (
    ENTRIES,
    GATE,
    KEY,
    MAC,
    READ,
    SignedBarn,
    code,
    counter_of,
)
from tests.lora.test_worker import SECOND

in_database = pytest.mark.django_db


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
    [
        "sig:",
        "sig:scale1",
        f"sig:scale1:7:{READ}",
        f"sig:scale1:\u0667:{MAC}:{READ}",
        f"sig:scale1:{'9' * 16}:{MAC}:{READ}",
        f"sig:scale1:-7:{MAC}:{READ}",
        f"sig:sca le:7:{MAC}:{READ}",
        f"sig:\u017fcale1:7:{MAC}:{READ}",
        f"sig:{'s' * 31}:7:{MAC}:{READ}",
        f"sig:scale1:7:{MAC}0:{READ}",
    ],
)
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
