"""One uplink of a LoRaWAN server, whoever the server is: its bytes, its identity, its time."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from lora.framing.frames import (
    PAYLOAD_START,
    Frame,
    FrameError,
    finite,
    from_base64,
    printable,
    read_message,
)

NAME_LENGTH: Final = 64
DELIVERY_ID: Final = re.compile(r"[!-~]{1,90}")  # the lines of one uplink add their number

_HEX = re.compile(r"(?:[0-9a-f]{2})+", re.IGNORECASE)
_ENCODINGS: Final = dict.fromkeys(("hex", "hexa", "hexstring", "hexadecimal", "base16"), "hex") | (
    dict.fromkeys(("base64", "base64string", "base64url", "b64"), "base64")
    | dict.fromkeys(("text", "ascii", "string", "plain", "plaintext", "utf8", "raw"), "text")
)
_TOO_LARGE: Final = 1e11  # seconds are less until the year 5138, and milliseconds more since 1973
_YEARS: Final = range(2000, 2200)
_LATE_AFTER: Final = 60.0  # seconds; a server's clock is that exact, and a retry comes later
_MOST_LATE: Final = 400 * 86_400.0  # seconds; beyond that a clock is wrong


@dataclass(frozen=True, slots=True)
class Uplink:
    """What a server says of an uplink.

    `own_id` is the server's own id of it. `session` changes when the device joins anew, and its
    counter begins again: `is_lasting` says that it is sure to. `moment` is the server's time as
    text, `reported_at` in Unix seconds.
    """

    data: bytes
    own_id: str = ""
    session: str = ""
    is_lasting: bool = False
    counter: int | None = None
    moment: str = ""
    reported_at: float | None = None

    def identity(self, heard: Frame) -> str:
        """Return what is the same for every delivery of this uplink and for no other one; "" where
        nothing tells it."""
        if self.own_id:
            return self.own_id
        if self.counter is None and not self.moment:
            return ""
        # A counter that began again, under the same session, is told by the day and by the bytes.
        since = "" if self.is_lasting else self.moment[: 10 if self.session else None]
        parts = heard.form, heard.address, self.session, str(self.counter), since
        digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=16)
        digest.update(b"\0" + self.data)
        return f"{heard.form}:{'sim:' if heard.simulated else ''}{digest.hexdigest()}"

    def frame(self, heard: Frame) -> Frame:
        """Return `heard` with what the device sent."""
        told = replace(heard, reported_at=self.reported_at, delivery_id=self.identity(heard))
        return read_message(self.data, told)


def bytes_of(value: object, name: str, encoding: object = None) -> bytes:
    """Return the bytes that a body holds under `name`, in the encoding that it tells.

    Raise FrameError for another encoding than the one that was told.
    """
    if isinstance(value, dict):
        value = value.get("data", value.get("bytes"))  # Node's Buffer
    if isinstance(value, list):
        return _bytes_of_numbers(value, name)
    if not isinstance(value, str):
        raise FrameError("malformed_frame", f"{name} is not base64.")
    told = _encoding(encoding, name)
    data = _decoded(value, told or certain_encoding(value) or _default_encoding(name))
    if data is None:
        sentence = f"{name} is not {told}, which the body says it is." if told else ""
        raise FrameError("malformed_frame", sentence or f"{name} is neither base64 nor hex.")
    return data


def _encoding(word: object, name: str) -> str:
    if word in (None, ""):
        return ""
    plain = re.sub(r"[^a-z0-9]", "", word.lower()) if isinstance(word, str) else ""
    if plain not in _ENCODINGS:
        shown = printable(str(word).encode("utf-8", "backslashreplace"))[:40]
        raise FrameError(
            "malformed_frame",
            f'The body says that {name} is written as "{shown}": hexstring, base64 and text are'
            " known.",
        )
    return _ENCODINGS[plain]


def certain_encoding(value: str) -> str:
    """Return the encoding by which this is one of our payloads, "" where it is none in any."""
    for encoding in ("base64", "hex", "text"):
        if PAYLOAD_START.match((_decoded(value, encoding) or b"").lstrip(b"\0\r\n")):
            return encoding
    return ""


def _default_encoding(name: str) -> str:
    return "hex" if "hex" in name.lower() or name.lower() == "pdu" else "base64"


def _decoded(value: str, encoding: str) -> bytes | None:
    if encoding == "text":
        return value.encode("utf-8", "surrogatepass")
    if encoding == "base64":
        return from_base64(value)
    digits = re.sub(r"^0x|[\s:-]", "", value.strip(), flags=re.IGNORECASE)
    return bytes.fromhex(digits) if not digits or _HEX.fullmatch(digits) else None


def _bytes_of_numbers(numbers: list[object], name: str) -> bytes:
    data = [one for one in numbers if isinstance(one, int) and 0 <= one <= 255]
    if not data or len(data) != len(numbers):
        raise FrameError("malformed_frame", f"{name} is a list, but not of bytes.")
    return bytes(data)


def name_of(value: object) -> str:
    """Return a device's name as it may stand in a source, "" for none."""
    if not isinstance(value, str):
        return ""
    # "#" parts a source from its device: what must be signed is looked up by what stands before it.
    name = value.strip().lower().replace("#", "_")
    return printable(name.encode("utf-8", "surrogatepass"))[:NAME_LENGTH]


def hex_of(value: object, length: int) -> str:
    """Return an EUI or an address of so many bytes in hex, however it is written; other text as a
    name."""
    name = name_of(value)
    plain = name.replace("-", "").replace(":", "").removeprefix("0x")
    if len(plain) == 2 * length and _HEX.fullmatch(plain):
        return plain
    # A name of eleven letters would decode to eight bytes too, but has no such end.
    data = from_base64(value) if name.endswith("=") else None
    return data.hex() if data is not None and len(data) == length else name


def counter_of(value: object) -> int | None:
    """Return a frame counter, which JSON may write as a text."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:12])
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def unix_time(value: object) -> float | None:
    """Return Unix seconds, of RFC 3339 with a zone or of a number of seconds, ms, µs or ns; None
    for what is no time."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,20}(?:\.[0-9]*)?", value):
        return _unix_time_of(value)
    number = finite(float(value) if isinstance(value, str) else value)
    while number is not None and number >= _TOO_LARGE:
        number /= 1000
    if number is None or datetime.fromtimestamp(max(number, 0), UTC).year not in _YEARS:
        return None
    return number


def _unix_time_of(text: str) -> float | None:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    # Without a zone it may be hours from what it says.
    return at.timestamp() if at.tzinfo is not None and at.year in _YEARS else None


def late_by(reported_at: float | None, arrived: datetime) -> int:
    """Return how long before its arrival a server received an uplink, in ms; 0 where that is no
    matter."""
    late = 0.0 if reported_at is None else arrived.timestamp() - reported_at
    return int(late * 1000) if _LATE_AFTER < late < _MOST_LATE else 0


def earliest(values: Iterable[object]) -> float | None:
    """Return the earliest of the times that are told, None where none is."""
    times = [at for at in map(unix_time, values) if at is not None]
    return min(times, default=None)


def moment_of(reported_at: float | None, others: Iterable[object]) -> str:
    """Return the time as text, in one spelling; where none is told, what else tells two uplinks
    apart."""
    if reported_at is not None:
        return datetime.fromtimestamp(reported_at, UTC).isoformat()
    return " ".join(printable(str(one).encode("utf-8", "replace")) for one in others if one)[:200]


def number_of(value: object) -> float | None:
    """Return a number, which a body may write as a text."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,6}(?:\.[0-9]{1,20})?", value):
        return float(value)
    return finite(value)


def strongest(receptions: object) -> tuple[float | None, float | None]:
    """Return RSSI (dBm) and SNR (dB) at the gateway that heard the device best."""
    best: tuple[float | None, float | None] = (None, None)
    for reception in receptions if isinstance(receptions, list) else []:
        if not isinstance(reception, dict):
            continue
        said = {str(key).lower(): value for key, value in reception.items()}
        rssi = number_of(said.get("rssi"))
        if rssi is not None and (best[0] is None or rssi > best[0]):
            snr = next((said[key] for key in ("snr", "lorasnr", "lsnr") if key in said), None)
            best = rssi, number_of(snr)
    return best
