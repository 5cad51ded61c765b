"""Semtech's UDP packet forwarder protocol, versions 1 and 2: one datagram → frames, notes, answer.

Source: PROTOCOL.TXT of Semtech's packet_forwarder. Byte 0 is the version, bytes 1-2 a token that
the answer repeats unchanged, byte 3 the kind, bytes 4-11 the gateway's EUI, then JSON.
"""

import json
import re
from collections.abc import Sequence
from typing import Final

from lora.framing.bounds import NOTHING, LeftOut, bounded
from lora.framing.frames import (
    RESIDUE,
    Datagram,
    Frame,
    Note,
    cut,
    finite,
    from_base64,
    malformed,
    printable,
    read_message,
)

PUSH_DATA: Final = 0
PULL_DATA: Final = 2
TX_ACK: Final = 5

MOST_ENTRIES: Final = 255  # NB_PKT_MAX: no forwarder sends more receptions in one datagram

_HEADER = 12
_ANSWERS = {PUSH_DATA: b"\x01", PULL_DATA: b"\x04"}
_BAD_CRC = -1
# What C prints for a number that is none; JSON has no word for it.
_NO_NUMBER = re.compile(r"(?<=[:,\[])\s*-?(?:nan|inf(?:inity)?)(?=\s*[,}\]])", re.IGNORECASE)


def is_semtech(data: bytes) -> bool:
    """Return whether a gateway sent it."""
    # Text never begins with the bytes 1 or 2, so a plain line cannot be taken for a gateway's.
    return len(data) >= 4 and data[0] in {1, 2} and data[3] <= TX_ACK


def read_semtech(data: bytes) -> Datagram:
    """Read a gateway's datagram, and its answer."""
    # Every PUSH_DATA is answered, damaged ones too: sent again, they would be no better.
    kind, address = data[3], data[4:_HEADER].hex()
    ack = data[:3] + _ANSWERS[kind] if kind in _ANSWERS else None
    frames: Sequence[Frame] = []
    notes: list[Note] = []
    if len(data) < _HEADER or kind not in {PUSH_DATA, PULL_DATA, TX_ACK}:
        frames = [_damaged(data, "")]
    elif kind == PUSH_DATA:
        frames, notes = _pushed(data, address)
    elif kind == PULL_DATA:
        notes = [Note("keepalive", "PULL_DATA", address)]
    else:
        notes = [_transmitted(data[_HEADER:], address)]
    return Datagram(tuple(frames), tuple(notes), ack)


def _pushed(data: bytes, address: str) -> tuple[Sequence[Frame], list[Note]]:
    body = _json_object(data[_HEADER:])
    if body is None:
        return [_damaged(data, address)], []
    received, stat = body.get("rxpk"), body.get("stat")
    if received is None:
        received = []
    entries = received if isinstance(received, list) else [received]
    frames = [_received(entry, address) for entry in entries[:MOST_ENTRIES]]
    return (
        bounded(frames, _unread(entries[MOST_ENTRIES:], data)),
        [] if stat is None else [Note("gateway", _as_json(stat), address)],
    )


def _unread(entries: Sequence[object], data: bytes) -> LeftOut:
    # Of their bytes nothing is known without looking at each; the datagram's are no less.
    return LeftOut(len(entries), len(data), printable(data[_HEADER:])) if entries else NOTHING


def _received(entry: object, address: str) -> Frame:
    if not isinstance(entry, dict):
        return malformed(_as_json(entry).encode(), Frame("", "semtech", address=address))
    rssi, snr = _signal(entry)
    heard = Frame("", "semtech", address=address, rssi=rssi, snr=snr)
    data = from_base64(entry.get("data"))
    if data is None:
        return malformed(_as_json(entry).encode(), heard)
    if entry.get("stat") == _BAD_CRC:
        return Frame(cut(data.hex()), "semtech", "bad_crc", address, rssi, snr, len(data))
    return read_message(data, heard)


def _signal(entry: dict[str, object]) -> tuple[float | None, float | None]:
    """Return RSSI and SNR."""
    # Gateways with several antennas may tell them by antenna alone, as `rsig`.
    rssi, snr = finite(entry.get("rssi")), finite(entry.get("lsnr"))
    antennas = entry.get("rsig")
    by_antenna = [
        (finite(one.get("rssic")), finite(one.get("lsnr")))
        for one in (antennas if isinstance(antennas, list) else [])
        if isinstance(one, dict)
    ]
    heard = [one for one in by_antenna if one[0] is not None]
    if rssi is not None or not heard:
        return rssi, snr
    best = max(heard, key=lambda one: one[0] or 0.0)
    return best[0], best[1] if snr is None else snr


def _transmitted(body: bytes, address: str) -> Note:
    """Return what a TX_ACK says."""
    # No JSON, or the error NONE, when the gateway did send.
    answer = (_json_object(body) or {}).get("txpk_ack")
    failed = isinstance(answer, dict) and answer.get("error", "NONE") != "NONE"
    return Note("keepalive", printable(b"TX_ACK " + body.strip()).strip(), address, failed)


def _damaged(data: bytes, address: str) -> Frame:
    shown = printable(data[_HEADER:]) or cut(data.hex())
    form = "semtech" if address else "raw"
    return Frame(shown, form, "malformed_frame", address, original_length=len(data))


def _json_object(body: bytes) -> dict[str, object] | None:
    """Read leniently: one bad byte in a gateway's name must not cost its receptions."""
    text = body.rstrip(RESIDUE).decode("utf-8-sig", "replace")
    for spelling in (text, _NO_NUMBER.sub("null", text)):
        try:
            value = json.loads(spelling, strict=False)
        except (ValueError, RecursionError):
            continue
        return value if isinstance(value, dict) else None
    return None


def _as_json(value: object) -> str:
    # ASCII only: JSON may spell lone surrogates and NUL, which no text column takes.
    try:
        return cut(json.dumps(value, separators=(",", ":")))
    except RecursionError:
        return "(nested too deeply to show)"
