"""Captured and published frames: each decodes as its format says."""

import json
from pathlib import Path
from typing import Any

import pytest

from lora.framing.frames import Frame, Item, Note
from lora.framing.readers import SerialDecoder, read_datagram
from lora.framing.webhooks import read_chirpstack, read_tts

SAMPLES = Path(__file__).parents[2] / "samples" / "frames.jsonl"
GATEWAY = b"\x02\x12\x34\x00" + bytes.fromhex("b827ebfffe123456")

Sample = dict[str, Any]


def samples(*formats: str) -> list[Any]:
    rows = [json.loads(line) for line in SAMPLES.read_text().splitlines()]
    wanted = [row for row in rows if not formats or row["format"] in formats]
    assert wanted
    return [pytest.param(row, id=f"{row['format']}-{n}") for n, row in enumerate(wanted)]


def raw(sample: Sample) -> bytes:
    text: str = sample["frame"]
    return bytes.fromhex(text) if sample["encoding"] == "hex" else text.encode()


def heard(sample: Sample) -> list[Item]:
    decoder = SerialDecoder(at_start=False)
    return decoder.feed(raw(sample)) + decoder.idle()


def message_bytes(frame: Frame) -> bytes:
    return bytes.fromhex(frame.text) if frame.error else frame.text.encode()


@pytest.mark.parametrize("sample", samples())
def test_no_sample_raises_wherever_it_arrives(sample: Sample) -> None:
    data = raw(sample)
    decoder = SerialDecoder()

    over_udp = read_datagram(data), read_datagram(GATEWAY + data)
    over_serial = [decoder.feed(data[i : i + 1]) for i in range(len(data))], decoder.idle()

    assert all(over_udp)
    assert over_serial


@pytest.mark.parametrize("sample", samples("semtech-udp-json"))
def test_semtech_json(sample: Sample) -> None:
    datagram = read_datagram(GATEWAY + raw(sample))

    assert datagram.ack == b"\x02\x12\x34\x01"
    for frame, expected in zip(datagram.frames, sample.get("decoded", ()), strict=False):
        assert message_bytes(frame).hex() == expected["hex"]
        assert frame.original_length == expected["bytes"]
        assert frame.error == ("bad_crc" if expected["stat"] == -1 else "binary")
    assert bool(datagram.notes) == ('"stat":{' in sample["frame"])


@pytest.mark.parametrize("sample", samples("semtech-udp-datagram"))
def test_semtech_datagrams(sample: Sample) -> None:
    datagram, decoded = read_datagram(raw(sample)), sample["decoded"]
    answer = {"PUSH_DATA": 1, "PULL_DATA": 4}[decoded["id"]]

    assert datagram.ack == bytes([decoded["version"], *bytes.fromhex(decoded["token"]), answer])
    items: tuple[Item, ...] = (*datagram.frames, *datagram.notes)
    assert {item.address for item in items} <= {decoded["eui"]}
    assert len(datagram.frames) == decoded.get("json", "").count('"data"')


@pytest.mark.parametrize("sample", samples("reyax-rcv"))
def test_reyax(sample: Sample) -> None:
    (frame,) = [item for item in heard(sample) if isinstance(item, Frame)]

    if "decoded" not in sample:
        assert frame.error == "malformed_frame"
        return
    expected = sample["decoded"]
    assert frame == Frame(
        expected["data"],
        "reyax",
        None,
        str(expected["addr"]),
        expected["rssi"],
        expected["snr"],
        expected["len"],
    )


@pytest.mark.parametrize("sample", samples("rak-rui3-rxp2p", "rak-old-rxp2p", "rak4270-at+recv"))
def test_rak(sample: Sample) -> None:
    (frame,) = heard(sample)
    assert isinstance(frame, Frame)
    sent = bytes.fromhex(sample["decoded"]["hex"])

    assert frame.error in {None, "binary"}
    assert message_bytes(frame) == (sent if frame.error else sent.removesuffix(b"\r\n"))
    assert frame.original_length == sample["decoded"]["bytes"]
    assert frame.rssi is not None


@pytest.mark.parametrize("sample", samples("arduino-lora-receiver", "zephyr-lora-log"))
def test_sketches(sample: Sample) -> None:
    (frame,) = heard(sample)
    assert isinstance(frame, Frame)
    expected = sample["decoded"]

    assert (frame.text, frame.rssi) == (expected["data"], expected["rssi"])
    assert frame.snr == expected.get("snr")


@pytest.mark.parametrize("sample", samples("reyax-err", "rak4270-at+recv-lorawan"))
def test_what_modules_say_of_themselves(sample: Sample) -> None:
    items = heard(sample)

    assert all(isinstance(item, Note) for item in items)
    assert [item.text for item in items] == sample["frame"].split()


@pytest.mark.parametrize("sample", samples("radiohead-stripped", "reyax-noise"))
def test_unknown_text_is_a_payload_as_it_stands(sample: Sample) -> None:
    assert [item.text for item in heard(sample)] == [sample["frame"]]


@pytest.mark.parametrize("sample", samples("radiohead-raw", "serial-noise", "ebyte-rssi-query"))
def test_bytes_that_are_no_text_are_kept(sample: Sample) -> None:
    (frame,) = heard(sample)
    assert isinstance(frame, Frame)

    assert frame.error == "bad_encoding"
    assert frame.text.encode().decode("unicode_escape").encode("latin-1") == raw(sample)


@pytest.mark.parametrize("sample", samples("chirpstack-up-json"))
def test_chirpstack(sample: Sample) -> None:
    body = json.loads(sample["frame"])
    frame = read_chirpstack(body)

    assert frame.delivery_id == body["deduplicationId"]
    assert frame.address == body["deviceInfo"]["devEui"]
    assert (frame.rssi, frame.snr) == (body["rxInfo"][0]["rssi"], body["rxInfo"][0]["snr"])
    assert frame.error == "binary"


@pytest.mark.parametrize("sample", samples("tts-webhook-uplink"))
def test_tts(sample: Sample) -> None:
    frame = read_tts(json.loads(sample["frame"]))

    assert frame.text == sample["decoded"]["data"].rstrip("\0")
    assert frame.original_length == len(sample["decoded"]["data"])
