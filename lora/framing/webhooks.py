"""Uplinks that a LoRaWAN server posts by HTTP: an already parsed JSON body → one frame.

Sources: HTTP integrations of ChirpStack v4 and v3, event `up`; The Things Stack v3 webhooks and
its storage and event streams, uplink message. Which it is shows in the body's shape.
Bytes that are no text come back as a frame with an error; only a body of another shape raises.
"""

import re

from lora.framing.frames import Frame, FrameError, finite, from_base64, printable, read_message

_DELIVERY_ID = re.compile(r"[!-~]{1,100}")
_NAME_LENGTH = 64
_EUI_BYTES = 8
_EUI = re.compile(r"[0-9a-f]{16}")


def read_webhook(body: object, event: str | None = None) -> list[Frame] | None:
    """Return the uplink, [] for another of these servers' events, None for a body that is none of
    theirs.

    `event` is what ChirpStack adds to the address: it also posts joins and acknowledgements, and
    repeats what is refused.
    """
    if event not in {None, "up"}:
        return []
    inner = _unwrapped(body)
    if isinstance(inner, dict) and "end_device_ids" in inner:
        return [read_tts(inner)] if "uplink_message" in inner else []
    if event:
        return [read_chirpstack(body)]
    if isinstance(body, dict) and ("deviceInfo" in body or "devEUI" in body):
        # Of all its events an uplink alone has these; the port may be missing where it is 0.
        return [read_chirpstack(body)] if "data" in body or "fPort" in body else []
    return None


def _unwrapped(body: object) -> object:
    """Return the message itself."""
    # The Things Stack's event and storage streams put it into another object.
    for key in ("data", "result"):
        inner = body.get(key) if isinstance(body, dict) else None
        if isinstance(inner, dict):
            body = inner
    return body


def read_chirpstack(body: object) -> Frame:
    """Read an uplink of ChirpStack."""
    # `deduplicationId` is the same for every delivery of one uplink; version 3 has none.
    uplink = _object(body, "The body of a ChirpStack event is a JSON object.")
    address = _eui_of_version_3(uplink.get("devEUI"))
    if not address:
        sentence = "A ChirpStack uplink names its device: deviceInfo."
        address = _name(_object(uplink.get("deviceInfo"), sentence).get("devEui"))
    if not address:
        raise FrameError("malformed_frame", "A ChirpStack uplink holds deviceInfo.devEui.")
    rssi, snr = _strongest(uplink.get("rxInfo"))
    delivery = uplink.get("deduplicationId")
    if not (isinstance(delivery, str) and _DELIVERY_ID.fullmatch(delivery)):
        delivery = ""
    heard = Frame("", "chirpstack", None, address, rssi, snr, delivery_id=delivery)
    return read_message(_data(uplink, "data"), heard)


def read_tts(body: object) -> Frame:
    """Read an uplink of The Things Stack."""
    # The device is known by `dev_eui`, or by its name where an integration leaves that out.
    event = _object(body, "The body of a Things Stack webhook is a JSON object.")
    device = _object(event.get("end_device_ids"), "An uplink names its device: end_device_ids.")
    uplink = _object(event.get("uplink_message"), "This event holds no uplink_message.")
    address = _name(device.get("dev_eui")) or _name(device.get("device_id"))
    if not address:
        raise FrameError("malformed_frame", "end_device_ids holds neither dev_eui nor device_id.")
    rssi, snr = _strongest(uplink.get("rx_metadata"))
    return read_message(_data(uplink, "frm_payload"), Frame("", "tts", None, address, rssi, snr))


def _object(value: object, sentence: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise FrameError("malformed_frame", sentence)
    return value


def _data(uplink: dict[str, object], key: str) -> bytes:
    # Both servers leave the key out when the device sent no bytes.
    value = uplink.get(key)
    if value is None:
        return b""
    data = from_base64(value)
    if data is None:
        raise FrameError("malformed_frame", f"{key} is not base64.")
    return data


def _name(value: object) -> str:
    if not isinstance(value, str):
        return ""
    # "#" parts a source from its device: what must be signed is looked up by what stands before it.
    name = value.strip().lower().replace("#", "_")
    return printable(name.encode("utf-8", "surrogatepass"))[:_NAME_LENGTH]


def _eui_of_version_3(value: object) -> str:
    # Its JSON has the EUI in hex, its Protobuf JSON in base64.
    name = _name(value)
    data = None if _EUI.fullmatch(name) else from_base64(value)
    return data.hex() if data is not None and len(data) == _EUI_BYTES else name


def _strongest(receptions: object) -> tuple[float | None, float | None]:
    """Return RSSI (dBm) and SNR (dB) at the gateway that heard the device best."""
    best: tuple[float | None, float | None] = (None, None)
    for reception in receptions if isinstance(receptions, list) else []:
        if not isinstance(reception, dict):
            continue
        rssi = finite(reception.get("rssi"))
        if rssi is not None and (best[0] is None or rssi > best[0]):
            best = rssi, finite(reception.get("snr", reception.get("loRaSNR")))
    return best
