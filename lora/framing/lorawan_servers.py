"""Uplinks as other LoRaWAN servers write them, read by the names of their fields.

Actility ThingPark, AWS IoT Core, Everynet, Helium, Kerlink Wanesy, Loriot, MultiTech, Orbiwise,
Senet, TTN v2 and the servers inside gateways call the same things by a handful of names.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lora.framing.frames import PAYLOAD_START, Frame, FrameError, holds_payload, read_message
from lora.framing.uplinks import (
    DELIVERY_ID,
    Uplink,
    bytes_of,
    certain_encoding,
    counter_of,
    earliest,
    hex_of,
    moment_of,
    number_of,
    strongest,
)

# Names without case, "_" and "-"; of several the first one counts.
DEVICE: Final = (
    *("deveui", "deviceeui", "hardwareserial", "eui", "device", "deviceid", "devid"),
    *("wirelessdeviceid", "devicename"),
)
DATA: Final = (
    *("frmpayload", "payloadraw", "payloadhex", "payloaddata", "rawpayload", "encodedpayload"),
    *("dataframe", "datahex", "pdu", "data", "payload", "bytes"),
)
ENCODING: Final = (
    *("dataencode", "dataencoding", "dataformat", "encodingtype", "payloadencoding", "encoding"),
    "payloadformat",
)
COUNTER: Final = ("fcntup", "fcnt", "counterup", "counter", "fcount", "seqno", "seqn", "seq")
SESSION: Final = ("sessionkeyid", "devaddr", "deviceaddress")
OWN_ID: Final = ("deduplicationid", "uuid", "packetid", "packetuuid", "uplinkid", "msgid")
TIMES: Final = (
    *("receivedat", "recvtime", "rxtime", "receivetime", "reportedat", "time", "timestamp"),
    *("ts", "datetime", "publishedat"),
)
RECEPTIONS: Final = ("rxinfo", "rxmetadata", "hotspots", "gateways", "gws", "gwinfo", "packetlist")
SIGNAL: Final = {"rssi": ("rssi", "lrrrssi"), "snr": ("snr", "lorasnr", "lsnr", "lrrsnr")}

# In these objects the fields stand; elsewhere, as in a decoder's output, the same names are others.
_OBJECTS: Final = frozenset({
    *("body", "message", "msg", "result", "data", "uplink", "deveuiuplink", "uplinkmessage"),
    *("enddeviceids", "enddevice", "endpoint", "device", "deviceinfo", "meta", "metadata"),
    *("params", "wirelessmetadata", "lorawan", "payload", "payloadmetadata", "devicemetadata"),
    *("radio", "hardware"),
})  # fmt: skip
_MARKS: Final = frozenset({
    *("deveui", "deviceeui", "hardwareserial", "eui", "enddeviceids", "deviceinfo", "devaddr"),
    *("fcnt", "fcntup", "counterup", "fport", "wirelessdeviceid", "dataencode"),
    *RECEPTIONS, *DATA[:-3],
})  # fmt: skip
_EVENT: Final = ("type", "event", "eventtype", "messagetype", "cmd")
_OTHER_EVENTS: Final = re.compile(r"join|n?ack|tx|status|down|location|error|log", re.IGNORECASE)
_OF_THINGPARK: Final = re.compile(r"deveui_(?!uplink)", re.IGNORECASE)
_LIMIT: Final = 4  # objects within objects


def read(body: object) -> list[Frame] | None:
    """Return an uplink, [] of another event, None for what is no server's body.

    Raise FrameError for one that lacks the device or the data.
    """
    if not isinstance(body, dict) or body.keys() <= {"payload", "payloads"}:
        return _bare(body)
    said: dict[str, Any] = {}
    for name, value in _flat(body, _LIMIT):
        said.setdefault(name, value)
    if _is_other_event(body, said):
        return []
    if not said.keys().isdisjoint(_MARKS):
        return [_uplink(said)]
    _check_is_ours(body)
    return None


def _is_other_event(body: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Return whether a server tells of something else than an uplink."""
    words = (str(said[name]) for name in _EVENT if name in said)
    return any(map(_OTHER_EVENTS.match, words)) or any(map(_OF_THINGPARK.match, body))


def holds_data(body: Mapping[str, Any]) -> bool:
    """Return whether the body holds an uplink's data, by any name."""
    return any(name in DATA for name, _ in _flat(body, _LIMIT))


def _bare(body: object) -> list[Frame] | None:
    """Return the payload of a body that holds nothing else, where it is plainly encoded."""
    text = body.get("payload") if isinstance(body, dict) and len(body) == 1 else None
    if not isinstance(text, str) or certain_encoding(text) not in {"base64", "hex"}:
        return None
    return [read_message(bytes_of(text, "payload"), Frame("", "lorawan"))]


def _flat(body: Mapping[str, Any], limit: int) -> Iterator[tuple[str, object]]:
    """Yield the fields by their plain names, the outer ones first."""
    inner = []
    for key, value in body.items():
        name = re.sub(r"[_\W]", "", str(key)).lower()
        if isinstance(value, dict) and name in _OBJECTS and value.get("type") != "Buffer":
            inner.append(value)
        elif value not in (None, ""):
            yield name, value
    for value in inner if limit else []:
        yield from _flat(value, limit - 1)


def _check_is_ours(body: Mapping[str, Any]) -> None:
    """Raise FrameError for another make's body, whose text would not be the payload; one of ours
    may hold more than it must."""
    text = body.get("payload")
    if not isinstance(text, str):
        return
    line = text.strip().encode("utf-8", "replace")
    if not (PAYLOAD_START.match(line) or holds_payload(line)):
        raise FrameError(
            "malformed_frame",
            "The payload is no text of ours, and the fields beside it are of a make that is not"
            " known. An uplink names its device (devEUI), its data and, where that is not base64,"
            " data_encode.",
        )


def _uplink(said: Mapping[str, Any]) -> Frame:
    address = next((hex_of(said[name], 8) for name in DEVICE if _is_text(said, name)), "")
    if not address:
        raise FrameError(
            "malformed_frame", "The uplink does not name its device: devEUI, or a name it goes by."
        )
    name = next((name for name in DATA if name in said), "")
    if not name:
        raise FrameError("malformed_frame", "The uplink holds no data: data, or payload.")
    # Not by itself: of some makes it may be the device's.
    own_id = _first(said, OWN_ID)
    own_id = own_id if isinstance(own_id, str) and DELIVERY_ID.fullmatch(own_id) else ""
    times = [said[one] for one in TIMES if one in said]
    reported_at = earliest(times[:1])
    uplink = Uplink(
        bytes_of(said[name], name, encoding_in(said)),
        session=" ".join(filter(None, (hex_of(_first(said, SESSION), 4), own_id))),
        counter=counter_of(_first(said, COUNTER, 0 if own_id else None)),
        moment=moment_of(reported_at, times[:1]),
        reported_at=reported_at,
    )
    rssi, snr = _signal(said)
    is_simulated = said.get("simulated") is True
    return uplink.frame(Frame("", "lorawan", None, address, rssi, snr, simulated=is_simulated))


def encoding_in(said: Mapping[str, Any]) -> object:
    """Return what a body says of how its data are written, None where it says nothing."""
    plain = {re.sub(r"[_\W]", "", str(key)).lower(): value for key, value in said.items()}
    return _first(plain, ENCODING)


def _first(said: Mapping[str, Any], names: tuple[str, ...], other: object = None) -> object:
    return next((said[name] for name in names if name in said), other)


def _is_text(said: Mapping[str, Any], name: str) -> bool:
    return isinstance(said.get(name), str)


def _signal(said: Mapping[str, Any]) -> tuple[float | None, float | None]:
    rssi, snr = strongest(_first(said, RECEPTIONS))
    if rssi is not None:
        return rssi, snr
    return number_of(_first(said, SIGNAL["rssi"])), number_of(_first(said, SIGNAL["snr"]))
