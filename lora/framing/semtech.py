"""Semtech's UDP packet forwarder protocol, versions 1 and 2: one datagram → frames, notes, answer.

Source: PROTOCOL.TXT of Semtech's packet_forwarder. Byte 0 is the version, bytes 1-2 a token that
the answer repeats unchanged, byte 3 the kind, bytes 4-11 the gateway's EUI, then JSON.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from lora.framing.bounds import NOTHING, LeftOut, bounded
from lora.framing.damaged_json import object_at, pieces
from lora.framing.frames import (
    RESIDUE,
    Datagram,
    Frame,
    Note,
    cut,
    finite,
    from_base64,
    malformed,
    payloads_in,
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
# What tells one object from another where the keys around them are damaged.
_RECEPTION: Final = frozenset({"tmst", "freq", "datr", "modu", "size", "rssi", "rsig"})
_STAT: Final = frozenset({"rxnb", "rxok", "rxfw", "ackr", "dwnb", "txnb"})
_OF_RECEPTION = re.compile(r'"(?:tmst|freq|datr|modu|codr|lsnr|rssi|data)"')
_BETWEEN_ENTRIES = re.compile(r"(?<=\}),\s*(?=\{)")
_FIELDS: Final = {
    "data": re.compile(r'"data"\s*:\s*"([^"\\]*)"'),
    **{
        name: re.compile(rf'"{name}"\s*:\s*(-?[0-9]{{1,9}}(?:\.[0-9]{{1,9}})?)\s*[,}}]')
        for name in ("size", "stat", "rssi", "lsnr")
    },
}
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
    text = _as_text(data[_HEADER:])
    body, rest = _body(text)
    # Of a key that stands twice JSON keeps the second alone; one that is damaged it does not miss.
    if body is None or text.count('"rxpk"') > 1 or ("rxpk" not in body and '"data"' in text):
        frames, notes = _from_damaged(text, address)
        if any(frame.error != "malformed_frame" for frame in frames) or (body is None and notes):
            return bounded(frames), notes
    if body is None:
        return [_damaged(data, address)], []
    received, stat = body.get("rxpk"), body.get("stat")
    if received is None:
        received = []
    entries = received if isinstance(received, list) else [received]
    receptions = [_received(entry, address) for entry in entries[:MOST_ENTRIES]]
    frames = [payload for one in receptions for payload in payloads_in(one)]
    notes = [] if stat is None else [Note("gateway", _as_json(stat), address)]
    if rest and not (frames or notes):
        return [_damaged(data, address)], []
    if rest:
        notes.append(_left(rest, address))
    return bounded(frames, _unread(entries[MOST_ENTRIES:], data)), notes


def _body(text: str) -> tuple[dict[str, object] | None, str]:
    """Return the object that the text begins with, None where it is damaged, and what follows."""
    value, end = object_at(text)
    if value is None:
        text = _NO_NUMBER.sub("null", text)
        value, end = object_at(text)
    return value, "" if value is None else text[end:].strip()


def _from_damaged(text: str, address: str) -> tuple[list[Frame], list[Note]]:
    """Read the receptions that are whole: the gateway is answered, and sends none of them again.

    No notes where nothing is known of what was found.
    """
    frames: list[Frame] = []
    stats: list[Note] = []
    left: list[str] = []
    for piece in pieces(_NO_NUMBER.sub("null", text), _is_known):
        if isinstance(piece, str):
            for part in _BETWEEN_ENTRIES.split(piece):
                if _OF_RECEPTION.search(part):
                    frames.append(_from_fragment(part, address))
                else:
                    left.append(part)
        elif _is_reception(piece):
            frames += payloads_in(_received(piece, address))
        else:
            stats.append(Note("gateway", _as_json(piece), address))
    is_read = stats or any(frame.error != "malformed_frame" for frame in frames)
    return frames, [*stats, _left(" ".join(filter(None, left)), address)] if is_read else []


def _is_known(value: dict[str, object]) -> bool:
    return _is_reception(value) or not _STAT.isdisjoint(value)


def _is_reception(value: dict[str, object]) -> bool:
    return "data" in value and not _RECEPTION.isdisjoint(value)


def _from_fragment(text: str, address: str) -> Frame:
    """Read what is left of a reception: its payload counts where it is as long as the gateway
    says, and its CRC was right."""
    found = {name: pattern.search(text) for name, pattern in _FIELDS.items()}
    told = {name: one[1] for name, one in found.items() if one}
    data = from_base64(told.get("data"))
    rssi, snr = (finite(float(told[name])) if name in told else None for name in ("rssi", "lsnr"))
    heard = Frame("", "semtech", address=address, rssi=rssi, snr=snr)
    if data is None or told.get("stat") != "1" or told.get("size") != str(len(data)):
        shown = printable(text.encode())
        return replace(heard, text=shown, error="malformed_frame", original_length=len(text))
    return read_message(data, heard)


def _left(text: str, address: str) -> Note:
    return Note("gateway", f"damaged: {printable(text.encode())}", address, error=True)


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
    value, rest = _body(_as_text(body))
    return None if rest else value


def _as_text(body: bytes) -> str:
    """Read leniently: one bad byte in a gateway's name must not cost its receptions."""
    return body.rstrip(RESIDUE).decode("utf-8-sig", "replace").strip()


def _as_json(value: object) -> str:
    # ASCII only: JSON may spell lone surrogates and NUL, which no text column takes.
    try:
        return cut(json.dumps(value, separators=(",", ":")))
    except RecursionError:
        return "(nested too deeply to show)"
