"""The many spellings of an ear tag's number → one normal form.

EID: ISO 11784, a 3-digit country or manufacturer and 12 digits below 2^38; normal form 15 digits.
EPC: GS1 EPC Tag Data Standard, and chip TIDs; normal form upper-case hex.
Anything else is a farm's own label: trimmed, upper-cased, otherwise left alone.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

LONGEST: Final = 64  # characters: the column that holds a tag, and an EPC of 256 bits
_LARGEST = (1 << 38) - 1  # an EID's last 12 digits and an SGTIN-96's serial have 38 bits

# Nearly every tag: every other spelling is longer than a plain one, or has a mark in it.
_PLAIN = re.compile(r"[0-9A-Z]{1,15}|(?:[0-9A-F]{2}){12,32}")
_SEPARATORS = str.maketrans("", "", " -_")
_PREFIX = re.compile(r"\A(?:(?:URN|EPC):\s*)+")
_SPREADSHEET = re.compile(r"[0-9]+(?:[.,][0-9]*)?E\+[0-9]+|[0-9][.,][0-9]+E[0-9]+")

# Separators removed, these are the decimal forms that readers print:
#   Allflex panel and stick readers: L = line mode, A = animal, 14 reserved bits as five digits,
#   data block flag. Tru-Test and Datamars ("ISO") print 1 for A.
#   ISO 24631-6 ("ISO23"): A or 1, retagging counter, user information, three digits of further
#   fields, country in four digits.
# The counter and the user information say how the animal was tagged, not which animal it is.
_DECIMAL = re.compile(
    r"0?[0-9]{15}"
    r"|L?A[0-9]{15}"
    r"|(?:L?A|1)(?:0[0-9]|1[0-6])[0-9]{3}[01][0-9]{15}"
    r"|(?:L?A|1)[0-7](?:[0-2][0-9]|3[01])(?:0[0-9]{2}|1[01][0-9]|12[0-7])0[0-9]{15}"
)
_FIRST_ZERO_LOST = re.compile(r"[0-9]{14}")  # a spreadsheet makes 36… of 036…, Australia
_A_AND_DIGITS = re.compile(r"A[0-9]{15}")
_DOT_HEX = re.compile(r"([0-9A-F]{3})\.([0-9A-F]{10})")
_64_BITS = re.compile(r"[0-9A-F]{16}")
_EPC = re.compile(r"(?:RAW:[0-9]{2,3}\.X)?((?:[0-9A-F]{2}){12,32})")
_SGTIN_HEX = re.compile(r"30[0-9A-F]{22}")
_SGTIN_URN = re.compile(r"TAG:SGTIN-96:([0-7])\.([0-9]{6,12})\.([0-9]{1,7})\.(0|[1-9][0-9]{0,11})")
# EPC Tag Data Standard, SGTIN partition table: bits and digits of the company prefix. The item
# reference has the rest of 44 bits and 13 digits.
_PARTITIONS: Final = ((40, 12), (37, 11), (34, 10), (30, 9), (27, 8), (24, 7), (20, 6))


def _read_countries(file: Path) -> dict[int, tuple[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        rows = csv.DictReader(opened)
        return {int(row["numeric"]): (row["alpha2"], row["name"]) for row in rows}


# ISO 3166-1, with which an EID begins: numeric code → alpha-2 code and short English name.
COUNTRIES: Final = _read_countries(Path(__file__).with_name("countries.csv"))


class TagError(ValueError):
    """A text that cannot be trusted as a tag: `code` for machines, the sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Eid:
    """`country` is ISO 3166 alpha-2, None where the code names no country."""

    digits: str
    country: str | None
    country_code: int
    manufacturer: bool
    test: bool


@lru_cache(maxsize=4096)  # a step of the worker asks three times for each tag
def normalise(text: str) -> str:
    """Return the one form of a tag, however it is spelt; that form stays as it is. Raise
    TagError."""
    tag = text.strip().upper()
    if _PLAIN.fullmatch(tag) and tag.strip("0"):
        return tag
    tag = _PREFIX.sub("", " ".join(tag.split()))
    _refuse_unusable(tag)
    form = _eid_digits(tag) or _epc_hex(tag) or tag
    if len(form) > LONGEST:
        raise TagError("too_long", f"The tag has more than {LONGEST} characters.")
    return form


def eid(text: str) -> Eid | None:
    """Return the parts of an EID in any spelling, None when the text is not an EID."""
    form = _form(text)
    if not _is_eid(form):
        return None
    code = int(form[:3])
    country, _ = COUNTRIES.get(code, (None, ""))
    return Eid(form, country, code, manufacturer=900 <= code <= 998, test=code == 999)


def epc_urn(text: str) -> str | None:
    """Return `urn:epc:tag:sgtin-96:3.0614141.812345.6789` of an SGTIN-96, None of other text."""
    parts = _sgtin_parts(_form(text))
    return "urn:epc:tag:sgtin-96:" + ".".join(parts) if parts else None


def describe(tag: str) -> str:
    """Return where a tag comes from, in a few words; "" for a farm's own label."""
    form = _form(tag)
    found = eid(form)
    if found:
        return _describe_eid(found)
    parts = _sgtin_parts(form)
    if parts:
        return f"SGTIN {parts[1]}…"
    if not _EPC.fullmatch(form):
        return ""
    return "chip TID" if form.startswith("E2") else "EPC"


def search_keys(text: str) -> tuple[str, ...]:
    """Return the normal forms that a text in a search box may mean, likeliest first; there may be
    none."""
    keys = dict.fromkeys(_form(guess) for guess in _guesses(text.strip().upper()))
    return tuple(key for key in keys if key)


def _guesses(text: str) -> Iterator[str]:
    compact = text.translate(_SEPARATORS)
    yield text
    if ":" not in text:
        yield compact
    if _A_AND_DIGITS.fullmatch(compact):
        yield compact[1:]
    if _64_BITS.fullmatch(compact):
        yield from sorted(_both_orders(compact))
    if _FIRST_ZERO_LOST.fullmatch(compact):
        yield "0" + compact


def _form(text: str) -> str:
    """Return the normal form, "" where there is none."""
    try:
        return normalise(text)
    except TagError:
        return ""


def _refuse_unusable(tag: str) -> None:
    if not tag:
        raise TagError("empty", "The tag is empty.")
    if not tag.isprintable():
        raise TagError("not_printable", "The tag has characters that cannot be printed.")
    if not tag.isascii() and any(c.isdecimal() and not c.isascii() for c in tag):
        raise TagError("foreign_digits", "The tag's digits must be written as 0 to 9.")
    if _SPREADSHEET.fullmatch(tag):
        raise TagError(
            "spreadsheet",
            f"A spreadsheet has shortened this number to {tag[:40]} and its last digits are lost."
            " Format the column as text and copy the tag again, or read the tag again.",
        )
    # A chip that was never programmed reads as zeros: the next one would be taken for its animal.
    compact = tag.translate(_SEPARATORS)
    if len(compact) >= 15 and not compact.strip("0"):
        raise TagError("blank_tag", "The tag holds only zeros: its chip was never programmed.")


def _is_eid(form: str) -> bool:
    if len(form) != 15 or not form.isascii() or not form.isdigit():
        return False
    return form[:3] != "000" and int(form[3:]) <= _LARGEST


def _eid_digits(tag: str) -> str | None:
    """Return the 15 digits of an EID in any spelling; raise TagError where a reader's line is
    damaged."""
    compact = tag.translate(_SEPARATORS)
    # Sixteen hex digits may begin with A too: without a gap after it, A is no word of its own.
    if _DECIMAL.fullmatch(compact) and not _A_AND_DIGITS.fullmatch(tag):
        if _is_eid(compact[-15:]):
            return compact[-15:]
        if compact[0] in "LA":
            raise TagError(
                "impossible_eid", f"{tag} is not a number that an ear tag can hold. Read it again."
            )
    parts = _DOT_HEX.fullmatch(compact)
    if parts:
        return _digits(int(parts[1], 16), int(parts[2], 16))
    if _64_BITS.fullmatch(compact):
        found = _both_orders(compact)
        return found.pop() if len(found) == 1 else None
    return None


def _both_orders(bits: str) -> set[str]:
    """Return the EIDs that 16 hex digits hold when read from the first bit or from the last one."""
    value = int(bits, 16)
    mirrored = int(f"{value:064b}"[::-1], 2)
    return {digits for order in (value, mirrored) if (digits := _from_64_bits(order))}


def _from_64_bits(bits: int) -> str | None:
    """Read ISO 11784: animal bit 1, 14 reserved bits 0, data block flag, 10 bits country, 38 bits.

    Later editions use the reserved bits (retagging counter, user information). They must be 0
    here: without them one in a hundred chip numbers that are no EID would be taken for one.
    """
    if bits >> 49 != 1 << 14:
        return None
    return _digits(bits >> 38 & 0x3FF, bits & _LARGEST)


def _digits(country: int, national: int) -> str | None:
    in_range = 1 <= country <= 999 and national <= _LARGEST
    return f"{country:03}{national:012}" if in_range else None


def _describe_eid(found: Eid) -> str:
    code = f"{found.country_code:03}"
    if found.test:
        return f"test code {code}"
    if found.manufacturer:
        return f"manufacturer {code}"
    _, name = COUNTRIES.get(found.country_code, ("", ""))
    return f"{name} ({code})" if name else f"country code {code}"


def _epc_hex(tag: str) -> str | None:
    if tag.startswith("TAG:SGTIN-96:"):
        return _sgtin_hex(tag)
    found = _EPC.fullmatch(tag.translate(_SEPARATORS))
    return found[1] if found else None


def _sgtin_hex(urn: str) -> str:
    found = _SGTIN_URN.fullmatch(urn)
    if found:
        company_digits = len(found[2])
        company_bits = next(bits for bits, digits in _PARTITIONS if digits == company_digits)
        value = 0x30 << 3 | int(found[1])
        value = value << 3 | (12 - company_digits)
        value = value << company_bits | int(found[2])
        value = value << (44 - company_bits) | int(found[3])
        value = value << 38 | int(found[4])
        if len(found[3]) == 13 - company_digits and int(found[4]) <= _LARGEST:
            return f"{value:024X}"
    raise TagError("impossible_epc", f"{urn[:60]} is not a number that an SGTIN-96 tag can hold.")


def _sgtin_parts(form: str) -> tuple[str, str, str, str] | None:
    """Return filter, company prefix, item reference and serial; None of no SGTIN-96.

    Header 8 bits (30 hex), filter 3, partition 3, company prefix and item reference 44, serial 38.
    """
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
