"""ChirpStack's binary events, versions 4 and 3: bytes → the body that its JSON encoding has.

Sources: `UplinkEvent` in ChirpStack's api/proto/integration/integration.proto and `UplinkRxInfo` in
gw.proto; for version 3 the same in chirpstack-api. Of their fields those are read that the JSON of
an uplink is read for: the library with all messages would take 15 MB.
"""

import base64
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from lora.framing.frames import FrameError

Value: TypeAlias = int | bytes
Message: TypeAlias = dict[int, list[Value]]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED: Final = {_FIXED64: 8, _FIXED32: 4}
_NOT_PROTOBUF: Final = "The body is no protobuf message of ChirpStack's, or it is damaged."


class _Reader:
    """Reads a message from its start."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def fields(self) -> Iterator[tuple[int, Value]]:
        while self._at < len(self._data):
            key = self._varint()
            yield key >> 3, self._value(key & 7)

    def _value(self, wire: int) -> Value:
        if wire == _VARINT:
            return self._varint()
        if wire != _BYTES and wire not in _FIXED:
            raise FrameError("malformed_frame", _NOT_PROTOBUF)
        length = _FIXED.get(wire) or (self._varint() if wire == _BYTES else 0)
        value = self._data[self._at : self._at + length]
        if len(value) < length:
            raise FrameError("malformed_frame", _NOT_PROTOBUF)
        self._at += length
        return value

    def _varint(self) -> int:
        number = 0
        for place, byte in enumerate(self._data[self._at : self._at + 10]):
            number |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                self._at += place + 1
                return number
        raise FrameError("malformed_frame", _NOT_PROTOBUF)


def read_body(data: bytes) -> dict[str, Any]:
    """Return an uplink as its JSON would be; raise FrameError for bytes that are no message."""
    message = _message(data)
    # Field 1 is version 3's number of the application, and version 4's own id of the uplink.
    is_version_3 = isinstance(_last(message, 1), int) or (4 in message and 3 not in message)
    return _body_of_3(message) if is_version_3 else _body_of_4(message)


def _body_of_4(message: Message) -> dict[str, Any]:
    receptions = [
        {
            "rssi": _signed(_last(one, 6)),
            "snr": _number(_last(one, 7), "<f"),
            "nsTime": _time(_last(one, 17)),
        }
        for one in map(_message, _all_bytes(message, 12))
    ]
    return {
        "deduplicationId": _text(_last(message, 1)),
        "time": _time(_last(message, 2)),
        "deviceInfo": {"devEui": _text(_last(_message(_bytes(_last(message, 3))), 8))},
        "devAddr": _text(_last(message, 4)),
        "fCnt": _whole(_last(message, 7)),
        "fPort": _whole(_last(message, 8)),
        "data": base64.b64encode(_bytes(_last(message, 10))).decode(),
        "rxInfo": [
            {key: one for key, one in said.items() if one is not None} for said in receptions
        ],
    }


def _body_of_3(message: Message) -> dict[str, Any]:
    receptions = [
        {"rssi": _signed(_last(one, 5)), "loRaSNR": _number(_last(one, 6), "<d"),
         "uplinkID": _bytes(_last(one, 16)).hex()}
        for one in map(_message, _all_bytes(message, 5))
    ]  # fmt: skip
    return {
        "devEUI": _bytes(_last(message, 4)).hex(),
        "devAddr": _bytes(_last(message, 15)).hex(),
        "fCnt": _whole(_last(message, 9)),
        "fPort": _whole(_last(message, 10)),
        "data": base64.b64encode(_bytes(_last(message, 11))).decode(),
        "publishedAt": _time(_last(message, 16)),
        "rxInfo": receptions,
    }


def _message(data: bytes) -> Message:
    message: Message = {}
    for number, value in _Reader(data).fields():
        message.setdefault(number, []).append(value)
    return message


def _last(message: Message, number: int) -> Value | None:
    """Return a field; of one that stands twice the last counts, and what is 0 or "" is left out."""
    return message.get(number, [None])[-1]


def _all_bytes(message: Message, number: int) -> list[bytes]:
    return [_bytes(value) for value in message.get(number, [])]


def _bytes(value: Value | None) -> bytes:
    if isinstance(value, int):
        raise FrameError("malformed_frame", _NOT_PROTOBUF)
    return value or b""


def _text(value: Value | None) -> str:
    return _bytes(value).decode("utf-8", "replace")


def _whole(value: Value | None) -> int:
    if isinstance(value, bytes):
        raise FrameError("malformed_frame", _NOT_PROTOBUF)
    return value or 0


def _signed(value: Value | None) -> int:
    """Return an int32: a negative one is written in 64 bits."""
    number = _whole(value)
    return number - (1 << 64) if number >= 1 << 63 else number


def _number(value: Value | None, form: str) -> float | None:
    data = _bytes(value)
    return struct.unpack(form, data)[0] if len(data) == struct.calcsize(form) else None


def _time(value: Value | None) -> str | None:
    """Return a Timestamp as JSON writes it."""
    said = _message(_bytes(value))
    try:
        at = datetime.fromtimestamp(_signed(_last(said, 1)), UTC)
    except (OverflowError, ValueError, OSError):
        return None
    at += timedelta(microseconds=_whole(_last(said, 2)) % 1_000_000_000 // 1000)
    return at.isoformat() if said else None
