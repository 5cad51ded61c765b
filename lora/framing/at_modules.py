"""What RAK and Wio-E5 modules print, the payload in hex, in one line or two → frames and notes.

Every reader gets the match of its form's pattern. Sources stand beside the patterns.
"""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from lora.framing.frames import Frame, Item, Note, malformed, printable, read_message

Reader: TypeAlias = Callable[[re.Match[bytes]], Item]

NUMBER: Final = rb"-?\d{1,4}(?:\.\d{1,3})?"
_RSSI = rb"RSSI[ :=]{0,2}(?P<rssi>%b) ?(?:dBm)?" % NUMBER
_SNR = rb"SNR[ :=]{0,2}(?P<snr>%b) ?(?:dB)?" % NUMBER
_LENGTH = rb"LEN(?:GTH)?[ :=]{0,2}(?P<length>\d{1,3})"

# RAK RUI3 manual, "AT+PRECV": rssi, snr, payload in hex. Some versions put a length before the
# payload, some the words RSSI and SNR before their numbers.
_RUI3 = re.compile(
    rb"\+EVT:RXP2P[:,] ?(?:RSSI[ :=]{0,2})?(?P<rssi>%b) ?(?:dBm)?"
    rb"[:,] ?(?:SNR[ :=]{0,2})?(?P<snr>%b) ?(?:dB)?"
    rb"(?:[:,] ?(?:LEN(?:GTH)?[ :=]{0,2})?(?P<length>\d{1,3}))?"
    rb"[:,] ?(?:(?:PAYLOAD|DATA)[ :=]{0,2})?(?P<hex>.*)" % (NUMBER, NUMBER),
    re.IGNORECASE | re.DOTALL,
)
_RUI3_SAYS = re.compile(rb"\+EVT:RXP2P RECEIVE (?:TIMEOUT|ERROR)")
# The same as a LoRaWAN node: receive window, rssi, snr, kind, port, payload.
_RUI3_WAN = re.compile(
    rb"\+EVT:RX_\w{1,3}:(?P<rssi>%b):(?P<snr>%b):(?:UNI|MULTI)CAST:\d{1,3}:(?P<hex>.*)"
    % (NUMBER, NUMBER),
    re.IGNORECASE | re.DOTALL,
)
_RUI3_BROKEN = re.compile(rb"\+EVT:RX(?:P2P|_).*", re.DOTALL)
# RAK3172 before RUI3: the numbers in one line, the payload in the next, with the port where the
# node is in a LoRaWAN.
_OLD_NUMBERS = re.compile(
    rb"\+EVT:RX(?:P2P|_\w{1,3}), ?(?:PORT[ :=]?\d{1,3}, ?)?(?:DR[ :=]?\d{1,2}, ?)?"
    rb"%b, ?%b(?:, ?%b)?" % (_RSSI, _SNR, _LENGTH),
    re.IGNORECASE,
)
_OLD_DATA = re.compile(rb"\+EVT:(?:\d{1,3}:)?(?P<hex>[0-9A-Fa-f]{2,})")

# ST's AT_Slave firmware of the STM32WL: port, length in hex, payload in hex, in a line beside the
# numbers.
_ST_DATA = re.compile(rb"\+EVT:\d{1,3}:(?P<size>[0-9A-F]{2}):(?P<hex>[0-9A-F]*)", re.IGNORECASE)

# RAK4270 and RAK811 AT manuals: [port,]rssi,snr,length:payload in hex.
_RECV = re.compile(
    rb"at\+recv=(?:\d{1,3}, ?)?(?P<rssi>%b), ?(?P<snr>%b), ?(?P<length>\d{1,4}):(?P<hex>.+)"
    % (NUMBER, NUMBER),
    re.IGNORECASE | re.DOTALL,
)
# RAK811 firmware 1: status,port,[rssi,snr,]length,payload in hex.
_RECV_1 = re.compile(
    rb"at\+recv=\d{1,3},\d{1,3},(?:(?P<rssi>%b),(?P<snr>%b),)?(?P<length>[1-9]\d{0,3}),(?P<hex>.+)"
    % (NUMBER, NUMBER),
    re.IGNORECASE | re.DOTALL,
)
# No data, as the length says: "at+recv=6,0,0" acknowledges what the module sent.
_RECV_SAYS = re.compile(rb"at\+recv=(?:[-\d.]+,)+0[:,]?", re.IGNORECASE)
_RECV_BROKEN = re.compile(rb"at\+recv=.*", re.IGNORECASE | re.DOTALL)

# Seeed Wio-E5 AT manual, "AT+TEST=RXLRPKT": two lines as well.
_E5_NUMBERS = re.compile(rb"\+TEST: ?%b, ?%b, ?%b" % (_LENGTH, _RSSI, _SNR), re.IGNORECASE)
_E5_DATA = re.compile(rb'\+TEST: ?RX "(?P<hex>[^"]*)"')
# The same as a LoRaWAN node: "AT+MSG" and its kin, downlink.
_E5_WAN = re.compile(
    rb'\+C?MSG(?:HEX)?: ?PORT: ?\d{1,3}; ?RX: ?"(?P<hex>[0-9A-F ]*)"', re.IGNORECASE
)
_E5_BROKEN = re.compile(rb'\+TEST: ?RX ".*|\+TEST: ?LEN.*', re.DOTALL)

_PAIRS: Final = (
    ("rui3-old", _OLD_NUMBERS, _OLD_DATA),
    ("stm32wl", _OLD_NUMBERS, _ST_DATA),
    ("wio-e5", _E5_NUMBERS, _E5_DATA),
)

# A line end that was lost on the wire: no payload in hex holds the beginning of the next line.
_GLUED = re.compile(rb"(?<!\A)(?=\+EVT:|\+TEST: |at\+recv=)", re.IGNORECASE)
_MODULES_LINE = re.compile(rb"\+EVT:|\+TEST: |at\+recv=", re.IGNORECASE)


def split_glued(line: bytes) -> list[bytes]:
    """Return the lines of a module that follow each other without a line end between them."""
    return _GLUED.split(line) if _MODULES_LINE.match(line) else [line]


def may_be_followed_by_numbers(line: bytes) -> bool:
    """Return whether a payload's numbers may be told in the next line, if they were not before."""
    return _ST_DATA.fullmatch(line) is not None


def waits_for_data(line: bytes) -> bool:
    """Return whether the payload that belongs to this line is in one of the next."""
    return any(numbers.fullmatch(line) for _, numbers, _ in _PAIRS)


def join(held: bytes, line: bytes) -> Frame | None:
    for form, numbers, data in _PAIRS:
        first, second = numbers.fullmatch(held), data.fullmatch(line)
        if first and second:
            length = first.groupdict().get("length") or _size(second)
            return _from_hex(second["hex"], length, heard_in(form, first), held + b" " + line)
    return None


def alone(held: bytes) -> Frame | None:
    """Return the frame of numbers whose payload never came."""
    for form, numbers, _ in _PAIRS:
        if found := numbers.fullmatch(held):
            return malformed(held, heard_in(form, found))
    return None


def heard_in(form: str, found: re.Match[bytes]) -> Frame:
    """Return an empty frame with the radio numbers that the pattern found."""
    numbers = found.groupdict()
    rssi, snr = numbers.get("rssi"), numbers.get("snr")
    return Frame("", form, rssi=float(rssi) if rssi else None, snr=float(snr) if snr else None)


def note(found: re.Match[bytes]) -> Note:
    text = printable(found[0])
    return Note("module", text, error="ERR" in text)


def broken(form: str) -> Reader:
    return lambda found: malformed(found[0], Frame("", form))


def _size(found: re.Match[bytes]) -> bytes | None:
    """Return a length in hex, as the others tell theirs."""
    size = found.groupdict().get("size")
    return str(int(size, 16)).encode() if size else None


def _hex_reader(form: str) -> Reader:
    def read(found: re.Match[bytes]) -> Frame:
        length = found.groupdict().get("length") or _size(found)
        return _from_hex(found["hex"], length, heard_in(form, found), found[0])

    return read


def _from_hex(digits: bytes, length: bytes | None, heard: Frame, whole: bytes) -> Frame:
    """Return the frame that the hex digits hold."""
    # A declared length that they do not have means that bytes were lost on the wire.
    try:
        data = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return malformed(whole, heard)
    if length is not None and int(length) != len(data):
        return malformed(whole, heard)
    return read_message(data, heard)


# In this order: a form's damaged spelling is looked for after its good ones.
FORMS: Final[tuple[tuple[re.Pattern[bytes], Reader], ...]] = (
    (_RUI3_SAYS, note),
    (_RUI3, _hex_reader("rui3")),
    (_RUI3_WAN, _hex_reader("rui3")),
    (_RUI3_BROKEN, broken("rui3")),
    (_OLD_DATA, _hex_reader("rui3-old")),
    (_ST_DATA, _hex_reader("stm32wl")),
    (_E5_DATA, _hex_reader("wio-e5")),
    (_E5_WAN, _hex_reader("wio-e5")),
    (_E5_BROKEN, broken("wio-e5")),
    (_RECV, _hex_reader("rak4270")),
    (_RECV_1, _hex_reader("rak811")),
    (_RECV_SAYS, note),
    (_RECV_BROKEN, broken("rak4270")),
)
