"""A UHF tag's number: GS1 EPC Tag Data Standard, and what readers send around it. Hex, upper case.

SGTIN-96: header 8 bits (30 hex), filter 3, partition 3, company prefix and item reference 44,
serial 38.
"""

import binascii
import re
from typing import Final

_LARGEST = (1 << 38) - 1  # a serial
_SGTIN_HEX = re.compile(r"30[0-9A-F]{22}")
_SGTIN_URN = re.compile(r"TAG:SGTIN-96:([0-7])\.([0-9]{6,12})\.([0-9]{1,7})\.(0|[1-9][0-9]{0,11})")
# SGTIN partition table: bits and digits of the company prefix. The item reference has the rest of
# 44 bits and 13 digits.
_PARTITIONS: Final = ((40, 12), (37, 11), (34, 10), (30, 9), (27, 8), (24, 7), (20, 6))
_OF_OTHERS: Final = 0x1FF  # of a PC word: the number is no EPC of GS1, and what it is
_SHORTEST: Final = 24  # hex digits; GS1 has no EPC for a thing that is shorter


def without_protocol_words(form: str) -> str:
    """Return the EPC out of what a reader sends around it: a word of protocol control before it,
    which tells its length, and a checksum after it (EPC Gen2: PC, CRC-16)."""
    words = len(form) // 4
    if len(form) % 4 or len(form) < _SHORTEST + 4:
        return form
    # 112 bits that begin with 3000 may be somebody's own number, but then none of GS1's has that
    # length. A word like 3034 begins an SGTIN-96 as well: behind that one the PC word may stand.
    for control, epc in ((form[:4], form[4:]), (form[-4:], form[:-4])):
        if _words(control) == words - 1 and int(control, 16) & _OF_OTHERS == 0:
            return epc
    epc = form[4:-4]
    if _words(form[:4]) == words - 2 and len(epc) >= _SHORTEST and _crc(form[:-4]) == form[-4:]:
        return epc
    epc, control = form[:-8], form[-8:-4]
    if _words(control) == words - 2 and len(epc) >= _SHORTEST and _crc(control + epc) == form[-4:]:
        return epc
    return form


def _words(control: str) -> int:
    """Return the length of the EPC in words of 16 bits."""
    return int(control, 16) >> 11


def _crc(form: str) -> str:
    return f"{binascii.crc_hqx(bytes.fromhex(form), 0xFFFF) ^ 0xFFFF:04X}"


def sgtin_hex(urn: str) -> str | None:
    """Return the hex of `TAG:SGTIN-96:…`, None for numbers that such a tag cannot hold."""
    found = _SGTIN_URN.fullmatch(urn)
    if not found:
        return None
    company_digits = len(found[2])
    company_bits = next(bits for bits, digits in _PARTITIONS if digits == company_digits)
    value = 0x30 << 3 | int(found[1])
    value = value << 3 | (12 - company_digits)
    value = value << company_bits | int(found[2])
    value = value << (44 - company_bits) | int(found[3])
    value = value << 38 | int(found[4])
    fits = len(found[3]) == 13 - company_digits and int(found[4]) <= _LARGEST
    return f"{value:024X}" if fits else None


def sgtin_parts(form: str) -> tuple[str, str, str, str] | None:
    """Return filter, company prefix, item reference and serial; None of no SGTIN-96."""
    if not _SGTIN_HEX.fullmatch(form):
        return None
    bits = int(form, 16)
    partition = bits >> 82 & 7
    if partition >= len(_PARTITIONS):
        return None
    company_bits, digits = _PARTITIONS[partition]
    item_bits, item_digits = 44 - company_bits, 13 - digits
    company = bits >> (38 + item_bits) & ((1 << company_bits) - 1)
    item = bits >> 38 & ((1 << item_bits) - 1)
    if company >= 10**digits or item >= 10**item_digits:
        return None
    return (
        str(bits >> 85 & 7),
        f"{company:0{digits}}",
        f"{item:0{item_digits}}",
        str(bits & _LARGEST),
    )
