"""The many spellings of an ear tag's number → one normal form.

EID: ISO 11784, a 3-digit country or manufacturer and 12 digits below 2^38; normal form 15 digits.
EPC: GS1 EPC Tag Data Standard, and chip TIDs; normal form upper-case hex.
Anything else is a farm's own label: trimmed, upper-cased, otherwise left alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from herd.rules.eid import (
    COUNTRIES,
    DIGITS_LOST,
    EID_DIGITS,
    HEX_MARK,
    SEPARATORS,
    TagError,
    by_country,
    eid_digits,
    eids_within,
    is_digits_of_a_maker,
    is_eid,
    known_eid,
    near_eid,
    readings_in_doubt,
    spaced_eid,
)
from herd.rules.epc import sgtin_hex, sgtin_parts, without_protocol_words

__all__ = [
    "COUNTRIES",
    "LONGEST",
    "SHORTEST_EPC",
    "Eid",
    "TagError",
    "corrected",
    "eid",
    "epc_urn",
    "kind_of",
    "normalise",
    "search_keys",
    "whole_tag",
]

LONGEST: Final = 64  # characters: the column that holds a tag, and an EPC of 256 bits
_LONGEST_SPELLING: Final = 250  # 32 bytes, each as "0xE2, ", are 192

# Nearly every tag: every other spelling is longer than a plain one, or has a mark in it; but 14
# digits may have lost a zero, a spreadsheet leaves six digits of fifteen, and what is nearly an EID
# (see `near_eid`) is looked at.
_PLAIN = re.compile(
    r"[0-9]{15}|(?!0X|[0-9OQIL]{15}\Z)[0-9A-Z]{15}|[0-9A-F]{24}(?:[0-9A-F]{2})?"
    r"|(?!3[89A-E][0-9A-F]{11}\Z)[0-9A-Z]{1,13}"
)
_ZEROS: Final = "000000000"
_SHORTEST: Final = 14  # characters of a spelling: 3D6.000AC95916, or a first zero lost
SHORTEST_EPC: Final = 24  # hex digits of an EPC of 96 bits
_FIELD = re.compile(r"[^:|]+")
_PREFIX = re.compile(r"\A(?:(?:URN|EPC):\s*)+")
_SPREADSHEET = re.compile(
    r"(?<![0-9A-Z.,])(?:[0-9]+(?:[.,][0-9]*)? ?E ?\+ ?[0-9]+|[0-9][.,][0-9]+ ?E ?[0-9]+"
    r"|[0-9][.,][0-9]+ ?[X*×] ?10\^?[0-9]+)(?![0-9A-Z])"
    r"|#(?:N/A|REF!|VALUE!|NAME\?|NUM!|DIV/0!|NULL!)|#{4,}"
)
_ZEROED = re.compile(r"[0-9]{6}0{9}")  # a spreadsheet shows 8.40003E+14, and reads that again

# What people and readers write around a number, and what it says by itself is certain.
_WORDS = (
    "TRANSPONDER|ELECTRONIC|EAR ?TAG|NUMBER|FDX-?B|EIDS?|RFID|NLIS|NAIT|CHIP|TAGS?|EPC(?:-?96)?"
    "|TID|UID|AIN|PIT|ISO|FDX|HDX|UHF|URN|LF|ID|NO|NR|PC"
)
_MARKS = r"[\s\"'`#*=:;,.<>()\[\]{}|\u00ab\u00b4\u00bb\u2018-\u201f]"
_AROUND = re.compile(
    rf"\A(?:{_MARKS}|(?:{_WORDS})(?:(?![A-Z])|(?=[0-9A-F]{{24}})))+"
    rf"|(?:{_MARKS}|(?<![0-9A-Z])(?:{_WORDS})(?={_MARKS}|\Z))+\Z"
)
_CHIP_NUMBER = re.compile(r"(?<![0-9A-Z])(?:[0-9A-F]{16}|(?:[0-9A-F]{2}){12,32})(?![0-9A-Z])")
_HIDDEN_HEX = re.compile(
    r"(?<![0-9A-Z])(?:(?:0X)?([0-9A-F]{3}\.[0-9A-F]{10}|[0-9A-F]{16,64})"
    r"|0X0?([0-9A-F]{3})([0-9A-F]{10}))(?![0-9A-Z])"
)

_EPC = re.compile(r"(?:RAW:[0-9]{2,3}\.X)?((?:[0-9A-F]{2}){12,32})")
_OTHER_EPC = re.compile(
    r"(?:TAG|ID|RAW|PAT):(?:SGTIN|SSCC|SGLN|GRAI|GIAI|GSRN|GDTI|GID|ADI|CPI|ITIP)P?(?:-[0-9]{2,3}\+?)?:"
    r"|\(01\) ?[0-9]{14} ?\(21\)|/01/[0-9]{14}/21/"
)


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
    if _PLAIN.fullmatch(tag) and not tag.endswith(_ZEROS):
        return tag
    tag = " ".join(tag.split())
    form = spaced_eid(tag) or _marked(_PREFIX.sub("", tag))
    if _ZEROED.fullmatch(form):
        raise TagError("spreadsheet", DIGITS_LOST.format(form))
    if len(form) > LONGEST:
        raise TagError("too_long", f"The tag has more than {LONGEST} characters.")
    return form


def _marked(tag: str) -> str:
    """Return the form of a tag with marks or words around it, of an EPC or a farm's own label."""
    _refuse_unusable(tag)
    form = _read(tag) or _read(_AROUND.sub("", tag)) or by_country(tag)
    if form is None:
        _refuse_what_holds_a_tag(tag)
        _refuse_what_is_nearly_a_tag(tag)
    return form or tag


def corrected(payload: str) -> str:
    """Return a payload's text with the tags that its unclear fields seem to hold, for a person to
    confirm."""
    return _FIELD.sub(lambda field: _reading(field[0]) or field[0], payload)


def _reading(text: str) -> str:
    try:
        normalise(text)
    except TagError as error:
        return error.reading
    return ""


def eid(text: str) -> Eid | None:
    """Return the parts of an EID in any spelling, None when the text is not an EID."""
    form = _form(text)
    if not is_eid(form):
        return None
    code = int(form[:3])
    country = COUNTRIES[code].alpha if code in COUNTRIES else None
    return Eid(form, country, code, manufacturer=900 <= code <= 998, test=code == 999)


def whole_tag(text: str) -> str:
    """Return the normal form of a text that is an EID or EPC, "" of a farm's own name."""
    return _form(text) if kind_of(text) else ""


def kind_of(text: str) -> Literal["lf", "uhf", ""]:
    """Return which tag a text plainly is, "" of a farm's own name."""
    form = _form(text) if len(text) >= _SHORTEST else ""
    if is_eid(form):
        return "lf"
    return "uhf" if len(form) >= SHORTEST_EPC and _EPC.fullmatch(form) else ""


def epc_urn(text: str) -> str | None:
    """Return `urn:epc:tag:sgtin-96:3.0614141.812345.6789` of an SGTIN-96, None of other text."""
    parts = sgtin_parts(_form(text))
    return "urn:epc:tag:sgtin-96:" + ".".join(parts) if parts else None


def search_keys(text: str) -> tuple[str, ...]:
    """Return the normal forms that a text in a search box may mean, likeliest first; there may be
    none."""
    keys = dict.fromkeys(_form(guess) for guess in _guesses(text.strip().upper()))
    keys |= {_reading(text): None}
    return tuple(key for key in keys if key)


def _guesses(text: str) -> Iterator[str]:
    compact = text.translate(SEPARATORS)
    yield text
    if ":" not in text:
        yield compact
    yield from readings_in_doubt(compact)


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
    if found := _SPREADSHEET.search(tag):
        raise TagError("spreadsheet", DIGITS_LOST.format(found[0][:40]))
    if len(tag) > _LONGEST_SPELLING:
        raise TagError("too_long", f"The tag has more than {LONGEST} characters.")
    # A chip that was never programmed reads as zeros: the next one would be taken for its animal.
    compact = tag.translate(SEPARATORS)
    if len(compact) >= 15 and not compact.strip("0"):
        raise TagError("blank_tag", "The tag holds only zeros: its chip was never programmed.")


def _read(tag: str) -> str | None:
    """Return the one form of an EID or EPC, however it is spelt; None of what is neither."""
    return eid_digits(tag) or _epc_hex(tag)


def _refuse_what_holds_a_tag(tag: str) -> None:
    """Refuse a text in which a tag stands among marks that nobody knows: taken for a label, it
    would be a second animal."""
    if _OTHER_EPC.search(tag):
        raise TagError("unclear_tag", f"{tag[:60]} names an EPC. Give it as hex, as readers do.")
    found = _hidden(tag)
    if found:
        reading = found[0] if len(found) == 1 else ""
        raise TagError(
            "unclear_tag",
            f"{tag[:60]} holds {' and '.join(found[:3])}, and more that is not understood."
            " Give the tag alone, if it is that one.",
            reading,
        )


def _refuse_what_is_nearly_a_tag(tag: str) -> None:
    """Refuse a slip of the hand or the reader: as a label it would be a second animal."""
    compact = tag.translate(SEPARATORS)
    if reading := near_eid(compact):
        sentence = f"{tag[:60]} may be the tag {reading}. If it is that one, give it so."
        raise TagError("unclear_tag", sentence, reading)
    if is_digits_of_a_maker(compact):
        count = len(compact)
        missing = "one is missing" if count < EID_DIGITS else "one is too many"
        sentence = f"{tag[:60]} has {count} digits where a tag has {EID_DIGITS}: {missing}."
        raise TagError("unclear_tag", f"{sentence} Read the tag again.")


def _hidden(tag: str) -> list[str]:
    """Return the tags that stand somewhere in a text, each once."""
    without_chips = _CHIP_NUMBER.sub(lambda chip: chip[0] if chip[0].isdigit() else "", tag)
    words = (found[1] or f"{found[2]}.{found[3]}" for found in _HIDDEN_HEX.finditer(tag))
    forms = [_read(word) for word in words if not word.isdigit()]
    return list(dict.fromkeys(filter(None, [*eids_within(without_chips), *forms])))


def _epc_hex(tag: str) -> str | None:
    if tag.startswith("TAG:SGTIN-96:"):
        form = sgtin_hex(tag)
        if form is None:
            sentence = f"{tag[:60]} is not a number that an SGTIN-96 tag can hold."
            raise TagError("impossible_epc", sentence)
        return form
    compact = tag.removeprefix("URN:").removeprefix("EPC:")
    if found := _EPC.fullmatch(compact):
        return _whole_epc(found[1])
    groups = HEX_MARK.sub(" ", compact).split()
    form = "".join(groups)
    if not _EPC.fullmatch(form):
        return None
    if len({*groups}) == 1:
        return _read(groups[0]) or _whole_epc(form)
    epc = without_protocol_words(form)
    # Beside a whole tag stands something else, an antenna's number or another tag.
    return None if epc == form and (_hidden(tag) or max(map(len, groups)) >= SHORTEST_EPC) else epc


def _whole_epc(form: str) -> str | None:
    half, other = form[: len(form) // 2], form[len(form) // 2 :]
    eids = half.isdigit() and other.isdigit() and known_eid(half) and known_eid(other)
    if half == other and (len(half) >= SHORTEST_EPC or eids):
        return half  # a reader's buffer, sent twice
    return None if eids else without_protocol_words(form)
