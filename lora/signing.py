"""Signed payloads, `sig:<device>:<counter>:<mac>:<payload>`: whose they are, and who must sign.

The mac is the first 16 hex digits of HMAC-SHA256(key, "<device>:<counter>:<payload>") over UTF-8.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from lora.payloads import InvalidPayload

UNSIGNED: Final = "unsigned"  # the one refusal that depends on where a payload came from
SHORTEST_KEY: Final = 16  # bytes

_DEVICE: Final = r"[a-z0-9_.-]{1,30}"
_ENTRY = re.compile(rf"({_DEVICE})(?:@(.{{1,120}}))?=([^=]*)", re.IGNORECASE | re.ASCII)
_KEY = re.compile(r"(?:[0-9a-f]{2})+", re.IGNORECASE | re.ASCII)
_PREFIX: Final = "sig:"
_ENVELOPE = re.compile(
    rf"sig:({_DEVICE}):([0-9]{{1,15}}):([0-9a-f]{{16}}):(.*)", re.IGNORECASE | re.ASCII | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed payload's parts as they were written: the mac is over their spelling."""

    device: str
    counter: str
    mac: str
    payload: str


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """Each device's key, and of some sources the device that has to sign all that they bring."""

    by_device: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    signers: Mapping[str, str] = field(default_factory=dict)

    def signer_of(self, source: str) -> str:
        """Return the device that has to sign for a source; "" where anybody may speak."""
        # A whole port or address stands for its `#…` too.
        if not self.signers:
            return ""
        source = source.lower()
        return self.signers.get(source) or self.signers.get(source.rpartition("#")[0], "")


def read_keys(text: str) -> DeviceKeys:
    """Read `device=hexkey,device@source=hexkey`; a ValueError tells the entry by its number."""
    # By its number alone: what stands where the name belongs may be the key.
    keys: dict[str, bytes] = {}
    signers: dict[str, str] = {}
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    if not entries:
        raise ValueError("it names no device")
    for number, entry in enumerate(entries, 1):
        found = _ENTRY.fullmatch(entry)
        if found is None:
            raise ValueError(f"entry {number} is not written device=hexkey or device@source=hexkey")
        device, source, key = found[1], (found[2] or "").lower(), found[3]
        if not _KEY.fullmatch(key) or len(key) < 2 * SHORTEST_KEY:
            raise ValueError(
                f"the key of entry {number} is not {SHORTEST_KEY} or more bytes in hex"
            )
        if device in keys or source in signers:
            raise ValueError(f"entry {number} names a device or source that an earlier one has")
        keys[device] = bytes.fromhex(key)
        if source:
            signers[source] = device
    return DeviceKeys(keys, signers)


def mac_of(key: bytes, device: str, counter: str, payload: str) -> str:
    signed = f"{device}:{counter}:{payload}".encode("utf-8", "surrogatepass")
    return hmac.digest(key, signed, hashlib.sha256).hex()[:16]


def sign(key: bytes, device: str, counter: int, payload: str) -> str:
    """Return what the device sends: the payload in its signed envelope."""
    return f"{_PREFIX}{device}:{counter}:{mac_of(key, device, str(counter), payload)}:{payload}"


@lru_cache(maxsize=1024)  # a step of the worker asks three times for each text
def read_envelope(text: str) -> Envelope | InvalidPayload | None:
    """Return the parts of a signed payload, None for a plain one."""
    # White space around the text is the radio's, and not signed.
    text = text.strip()
    if text[: len(_PREFIX)].lower() != _PREFIX:
        return None
    found = _ENVELOPE.fullmatch(text)
    if found:
        return Envelope(*found.groups())
    return InvalidPayload(
        "malformed_signature",
        "A signed payload is written sig:device:counter:signature:payload, the counter in at most"
        " 15 digits and the signature in 16 hex digits; this one is not.",
    )


def inner(text: str) -> str:
    """Return the payload in its envelope; a text that is no envelope is its own payload."""
    envelope = read_envelope(text)
    return envelope.payload if isinstance(envelope, Envelope) else text


def devices_in(texts: Iterable[str]) -> set[str]:
    """Return the devices that these texts say they are from."""
    envelopes = map(read_envelope, texts)
    return {envelope.device for envelope in envelopes if isinstance(envelope, Envelope)}


class Guard:
    """Judges the payloads of one step, one after another, by the counters accepted before it."""

    def __init__(self, keys: DeviceKeys, counters: Mapping[str, int]) -> None:
        self._keys = keys
        self._counters = dict(counters)
        self.accepted: dict[str, int] = {}  # each device's last counter in this step

    def judge(self, source: str, text: str) -> str | InvalidPayload:
        """Return the device that signed, "" for a plain payload that may come so, or a refusal."""
        envelope = read_envelope(text)
        if isinstance(envelope, InvalidPayload):
            return envelope
        signer = self._keys.signer_of(source)
        if envelope is None:
            return _refused_unsigned(source, signer, "not signed") if signer else ""
        refused = self._refused(envelope)
        if refused is not None:
            return refused
        if signer not in {"", envelope.device}:
            return _refused_unsigned(source, signer, f'signed by "{envelope.device}"')
        self._counters[envelope.device] = self.accepted[envelope.device] = int(envelope.counter)
        return envelope.device

    def _refused(self, envelope: Envelope) -> InvalidPayload | None:
        device, key = envelope.device, self._keys.by_device.get(envelope.device)
        if key is None:
            sentence = f'It is signed by "{device}", a device that LORA_DEVICE_KEYS has no key for.'
            return InvalidPayload("unknown_device", sentence)
        mac = mac_of(key, device, envelope.counter, envelope.payload)
        if not hmac.compare_digest(mac, envelope.mac.lower()):
            return InvalidPayload(
                "bad_signature",
                f'The signature is not one of "{device}": the text was changed on its way, or'
                " the device has another key than LORA_DEVICE_KEYS.",
            )
        last = self._counters.get(device, -1)
        if int(envelope.counter) > last:
            return None
        return InvalidPayload(
            "replayed",
            f'"{device}" has counted to {last} already, and this payload is its no.'
            f" {int(envelope.counter)}: an old one came again, or the device lost its count.",
        )


def _refused_unsigned(source: str, signer: str, but: str) -> InvalidPayload:
    sentence = f'All that comes from {source} must be signed by "{signer}"; this is {but}.'
    return InvalidPayload(UNSIGNED, sentence)
