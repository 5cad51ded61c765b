"""Uplinks that a LoRaWAN server posts by HTTP: an already parsed JSON body → its payloads.

Sources: HTTP integrations of ChirpStack v4 and v3, event `up`; The Things Stack v3 webhooks and
its storage and event streams, uplink message. Which it is shows in the body's shape; bodies of
other servers are read by the names of their fields (lorawan_servers.py).
Bytes that are no text come back as a frame with an error; only a body of another shape raises.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lora.framing import chirpstack_protobuf, lorawan_servers
from lora.framing.bounds import MOST_READINGS, TOO_MANY, bounded
from lora.framing.frames import Frame, FrameError, payloads_in
from lora.framing.uplinks import (
    DELIVERY_ID,
    Uplink,
    bytes_of,
    counter_of,
    earliest,
    hex_of,
    moment_of,
    name_of,
    strongest,
)

# Correlation ids of a TTS uplink; those of connections and calls are of many uplinks.
_CORRELATED = ("as:up:", "ns:uplink:", "gs:uplink:")


def read_webhook(body: object, event: str | None = None) -> list[Frame] | None:
    """Return the uplink's payloads, [] for another of these servers' events, None for a body that
    is none of theirs.

    Bytes are ChirpStack's protobuf encoding; `event` is what it adds to the address: it also posts
    joins and acknowledgements, and repeats what is refused.
    """
    if event not in {None, "up"}:
        return []
    if isinstance(body, bytes):
        body, event = chirpstack_protobuf.read_body(body), "up"
    uplinks = _read_all(body, event)
    if uplinks is None:
        return None
    return list(bounded([payload for uplink in uplinks for payload in payloads_in(uplink)]))


def _read_all(body: object, event: str | None) -> list[Frame] | None:
    """Read an uplink, or each one of a list."""
    if not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
        return _read(body, event)
    if len(body) > MOST_READINGS:
        raise FrameError(TOO_MANY, f"One body may bring {MOST_READINGS} uplinks: send it in parts.")
    found = [uplinks for one in body if (uplinks := _read(one, event)) is not None]
    if not found or len(found) < len(body):
        return None
    return [uplink for uplinks in found for uplink in uplinks]


def _read(body: object, event: str | None) -> list[Frame] | None:
    inner = _unwrapped(body)
    if isinstance(inner, dict) and "end_device_ids" in inner:
        return [read_tts(inner)] if "uplink_message" in inner else []
    if event:
        return [read_chirpstack(body)]
    if isinstance(body, dict) and ("deviceInfo" in body or "devEUI" in body):
        if "data" in body:
            return [read_chirpstack(body)]
        if not lorawan_servers.holds_data(body):
            # Of all its events an uplink alone has a port; it may have no data.
            return [read_chirpstack(body)] if "fPort" in body else []
    return lorawan_servers.read(body)


def _unwrapped(body: object) -> object:
    """Return the message itself."""
    # The Things Stack's event and storage streams put it into another object.
    for key in ("data", "result"):
        inner = body.get(key) if isinstance(body, dict) else None
        if isinstance(inner, dict):
            body = inner
    return body


def read_chirpstack(body: object) -> Frame:
    """Read an uplink of ChirpStack, or of a gateway that writes as its version 3 does."""
    uplink = _object(body, "The body of a ChirpStack event is a JSON object.")
    address = hex_of(uplink.get("devEUI"), 8)  # version 3; in its Protobuf JSON it is base64
    if not address:
        sentence = "A ChirpStack uplink names its device: deviceInfo."
        address = name_of(_object(uplink.get("deviceInfo"), sentence).get("devEui"))
    if not address:
        raise FrameError("malformed_frame", "A ChirpStack uplink holds deviceInfo.devEui.")
    own_id = uplink.get("deduplicationId")  # version 3 has none
    session = hex_of(uplink.get("devAddr"), 4)
    reported_at = earliest(_times_of_chirpstack(uplink))
    said = Uplink(
        _data(uplink, "data", lorawan_servers.encoding_in(uplink)),
        own_id if isinstance(own_id, str) and DELIVERY_ID.fullmatch(own_id) else "",
        session,
        counter=counter_of(uplink.get("fCnt", 0 if session else None)),
        moment=moment_of(reported_at, [uplink.get("time"), *_fields(uplink, "rxInfo", "uplinkID")]),
        reported_at=reported_at,
    )
    rssi, snr = strongest(uplink.get("rxInfo"))
    return said.frame(Frame("", "chirpstack", None, address, rssi, snr))


def _times_of_chirpstack(uplink: Mapping[str, Any]) -> list[object]:
    """Return the times that the server itself tells."""
    # `time` of version 4 is the gateway's where it tells one, and its clock may be wrong.
    ours = [*_fields(uplink, "rxInfo", "nsTime"), uplink.get("publishedAt")]
    ours = [one for one in ours if one is not None]
    return ours or [uplink.get("time"), uplink.get("timestamp")]


def _fields(uplink: Mapping[str, Any], key: str, name: str) -> Iterator[object]:
    receptions = uplink.get(key)
    for reception in receptions if isinstance(receptions, list) else []:
        if isinstance(reception, dict) and name in reception:
            yield reception[name]


def read_tts(body: object) -> Frame:
    """Read an uplink of The Things Stack."""
    # The device is known by `dev_eui`, or by its name where an integration leaves that out.
    event = _object(body, "The body of a Things Stack webhook is a JSON object.")
    device = _object(event.get("end_device_ids"), "An uplink names its device: end_device_ids.")
    uplink = _object(event.get("uplink_message"), "This event holds no uplink_message.")
    address = name_of(device.get("dev_eui")) or name_of(device.get("device_id"))
    if not address:
        raise FrameError("malformed_frame", "end_device_ids holds neither dev_eui nor device_id.")
    session = name_of(uplink.get("session_key_id"))
    reported_at = earliest([uplink.get("received_at"), event.get("received_at")])
    said = Uplink(
        _data(uplink, "frm_payload"),
        session=session or hex_of(device.get("dev_addr"), 4),
        is_lasting=bool(session),
        counter=counter_of(uplink.get("f_cnt", 0 if session else None)),
        moment=moment_of(reported_at, [_correlation(event)]),
        reported_at=reported_at,
    )
    rssi, snr = strongest(uplink.get("rx_metadata"))
    is_simulated = event.get("simulated") is True
    return said.frame(Frame("", "tts", None, address, rssi, snr, simulated=is_simulated))


def _correlation(event: Mapping[str, Any]) -> str:
    """Return the uplink's own correlation ids, of the first kind that there are any of."""
    ids = event.get("correlation_ids")
    texts = sorted(one for one in (ids if isinstance(ids, list) else []) if isinstance(one, str))
    of_kind = ([one for one in texts if one.startswith(kind)] for kind in _CORRELATED)
    return " ".join(next(filter(None, of_kind), []))


def _object(value: object, sentence: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FrameError("malformed_frame", sentence)
    return value


def _data(uplink: Mapping[str, Any], key: str, encoding: object = None) -> bytes:
    # Both servers leave the key out when the device sent no bytes.
    value = uplink.get(key)
    return b"" if value is None else bytes_of(value, key, encoding)
