"""An EID in every spelling that readers print → its 15 digits.

ISO 11784: a 3-digit country or manufacturer and 12 digits below 2^38.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

_LARGEST = (1 << 38) - 1  # an EID's last 12 digits have 38 bits
SEPARATORS: Final = str.maketrans("", "", " -_\u2010\u2011\u2012\u2013\u2014")
HEX_MARK: Final = re.compile(
    r"(?:0|\\)X|\AX|(?<![0-9A-Z])(?:EPC|PC|CRC)(?![0-9A-Z])|[\s:,.=_;/|()-]|H\Z"
)
_FIELD_MARK = re.compile(r" ?[][.,;:/|'()\u2019] ?")
_GROUPS: Final = {(15,), (16,), (3, 12), (4, 12), (3, 3, 3, 3, 3), (3, 4, 4, 4), (3, 6, 6)}
_RUN = re.compile(r"[0-9]+(?:(?: ?[][.,;:/|'()\u2019] ?|[ _-])[0-9]+)*")
EID_DIGITS: Final = 15
# Before an EID: its sixteen first bits in hex (the animal bit alone), or a field filled with zeros.
_FILLED_UP = re.compile(r"(?:0{2,}|[18]0{3,7})([0-9]{15})")
_FLOAT = re.compile(r"([0-9]{14,15})[.,]0{1,2}")  # from a program that took it for a number

# Separators removed, these are the decimal forms that readers print:
#   Allflex panel and stick readers: L = line mode, A = animal, 14 reserved bits as five digits,
#   data block flag. Tru-Test and Datamars ("ISO") print 1 for A. NAIT takes it without A.
#   ISO 24631-6 ("ISO23"): A or 1, retagging counter, user information, three digits of further
#   fields, country in four digits.
# The counter and the user information say how the animal was tagged, not which animal it is.
_DECIMAL = re.compile(
    r"(?:0{0,7}|0{5}1)[0-9]{15}"
    r"|L?A[0-9]{15}"
    r"|(?:L?A|1)(?:0[0-9]|1[0-6])[0-9]{3}[01][0-9]{15}"
    r"|(?:L?A|1)[0-7](?:[0-2][0-9]|3[01])(?:0[0-9]{2}|1[01][0-9]|12[0-7])0[0-9]{15}"
)
# A spreadsheet makes 36… of 036…, Australia. Andorra's 20 would be a farm's day: 20261127…
_FIRST_ZERO_LOST = re.compile(r"(?!20)[0-9]{2}(?: ?[0-9]{12}|(?:[ .,'\u2019][0-9]{3}){4})")
_SHORTENED = re.compile(r"[1-9][0-9]{14}0{5,8}")  # a spreadsheet keeps 15 digits, then zeros
_A_AND_DIGITS = re.compile(r"A[0-9]{15}")
_COUNTRY_FIRST = re.compile(r"([A-Z]{2,3}) ?-?([0-9].*)")
_ALPHA = {"UK": "GB", "USA": "US", "CAN": "CA", "AUS": "AU"}
_DOT_HEX = re.compile(r"([0-9A-F]{3})\.([0-9A-F]{10})")
_HEX_WITHOUT_DOT = re.compile(r"(?=.*[A-F])([0-9A-F]{3})([0-9A-F]{10})")
_AS_LETTERS = str.maketrans("OQIL", "0011")  # what a hand types and a camera reads for digits
_MAKERS = range(900, 999)
_64_BITS = re.compile(r"[0-9A-F]{16}")
DIGITS_LOST: Final = (
    "A spreadsheet has shortened this number to {} and its last digits are lost."
    " Format the column as text and copy the tag again, or read the tag again."
)


class Country(NamedTuple):
    alpha: str
    names: Mapping[str, str]  # by language


def _read_countries(file: Path) -> dict[int, Country]:
    with file.open(encoding="utf-8", newline="") as opened:
        rows = csv.DictReader(opened)
        return {
            int(row["numeric"]): Country(row["alpha2"], {"en": row["name"], "es": row["name_es"]})
            for row in rows
        }


# ISO 3166-1, with which an EID begins: numeric code → alpha-2 code and short names.
COUNTRIES: Final = _read_countries(Path(__file__).with_name("countries.csv"))


class TagError(ValueError):
    """A text that cannot be trusted as a tag: `code` for machines, the sentence for people.

    `reading` is the tag that it seems to hold, for a person to confirm.
    """

    def __init__(self, code: str, message: str, reading: str = "") -> None:
        super().__init__(message)
        self.code, self.reading = code, reading


def known_eid(digits: str) -> str | None:
    """Return an EID whose country or manufacturer exists."""
    form = digits[-15:]
    known = int(form[:3]) in COUNTRIES or form[0] == "9"
    return form if known and is_eid(form) and digits[:-15] in {"", "0"} else None


def is_eid(form: str) -> bool:
    if len(form) != 15 or not form.isascii() or not form.isdigit():
        return False
    return form[:3] != "000" and int(form[3:]) <= _LARGEST


def spaced_eid(tag: str) -> str | None:
    """Return the EID of a decimal form with spaces or dashes alone, which readers print: fast."""
    compact = tag.translate(SEPARATORS)
    # Sixteen hex digits may begin with A too: without a gap after it, A is no word of its own.
    fits = _DECIMAL.fullmatch(compact) and not _A_AND_DIGITS.fullmatch(tag)
    if fits and _SHORTENED.fullmatch(tag):
        raise TagError("spreadsheet", DIGITS_LOST.format(tag))
    return compact[-15:] if fits and is_eid(compact[-15:]) else None


def eid_digits(tag: str) -> str | None:
    """Return the 15 digits of an EID in any spelling; raise TagError where a reader's line is
    damaged."""
    compact = _without_marks(tag)
    if _SHORTENED.fullmatch(compact):
        raise TagError("spreadsheet", DIGITS_LOST.format(compact))
    if _DECIMAL.fullmatch(compact) and not _A_AND_DIGITS.fullmatch(tag):
        if is_eid(compact[-15:]):
            return compact[-15:]
        if compact[0] in "LA":
            raise TagError(
                "impossible_eid", f"{tag} is not a number that an ear tag can hold. Read it again."
            )
    number = compact if _FLOAT.fullmatch(tag) else tag
    if _FIRST_ZERO_LOST.fullmatch(number) and int(compact[:2]) in COUNTRIES:
        return known_eid("0" + compact)
    compact = tag.translate(SEPARATORS)
    parts = _DOT_HEX.fullmatch(compact)
    if parts:
        return _digits(int(parts[1], 16), int(parts[2], 16))
    compact = HEX_MARK.sub("", tag)
    if _64_BITS.fullmatch(compact):
        found = _both_orders(compact)
        return found.pop() if len(found) == 1 else None
    return None


def _without_marks(tag: str) -> str:
    """Return a number without what parts its fields or its thousands, where its groups fit."""
    if found := _FLOAT.fullmatch(tag):
        return found[1]
    groups = [group.translate(SEPARATORS) for group in _FIELD_MARK.split(tag)]
    thousands = len(groups[0]) <= 3 and {*map(len, groups[1:])} == {3}
    fits = len(groups) == 1 or len(groups[-1]) in {12, 15} or thousands
    return "".join(groups) if fits else ""


def by_country(tag: str) -> str | None:
    """Return an EID after its country's letters, which say the same as its first digits."""
    found = _COUNTRY_FIRST.fullmatch(tag)
    form = eid_digits(found[2]) if found else None
    if found is None or form is None:
        return None
    country = COUNTRIES.get(int(form[:3]))
    return form if country and country.alpha == _ALPHA.get(found[1], found[1]) else None


def readings_in_doubt(compact: str) -> Iterator[str]:
    """Yield the EIDs that a farm's own label may be meant as, when somebody looks for it."""
    if _A_AND_DIGITS.fullmatch(compact):
        yield compact[1:]
    if _64_BITS.fullmatch(compact):
        yield from sorted(_both_orders(compact))
    if _FIRST_ZERO_LOST.fullmatch(compact):
        yield "0" + compact


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


def near_eid(compact: str) -> str | None:
    """Return the EID that a text may be meant as: letters for digits, or hex without its dot."""
    if len(compact) == EID_DIGITS and not compact.isdigit():
        return known_eid(digits) if (digits := compact.translate(_AS_LETTERS)).isdigit() else None
    found = _HEX_WITHOUT_DOT.fullmatch(compact)
    # A farm's own label may begin with the hex of any country: only makers' codes are so rare.
    if found is None or int(found[1], 16) not in _MAKERS:
        return None
    return _digits(int(found[1], 16), int(found[2], 16))


def is_digits_of_a_maker(compact: str) -> bool:
    """Return whether a digit was lost of, or added to, a number with a maker's code."""
    one_off = len(compact) in {EID_DIGITS - 1, EID_DIGITS + 1}
    return one_off and compact.isascii() and compact.isdigit() and int(compact[:3]) in _MAKERS


def eids_within(text: str) -> list[str]:
    """Return the EIDs that stand somewhere in a text, as groups of digits."""
    runs = map(_groups_of, _RUN.findall(text))
    found = (known_eid(digits) for groups in runs for digits in _joined(groups))
    return [form for form in found if form]


def _groups_of(run: str) -> list[str]:
    groups = re.findall("[0-9]+", run)
    if len(groups) == 1 and len(run) == 2 * EID_DIGITS:
        return [run[:EID_DIGITS], run[EID_DIGITS:]]
    return [
        _FILLED_UP.sub(r"\1", group) if _FILLED_UP.fullmatch(group) else group for group in groups
    ]


def _joined(groups: list[str]) -> Iterator[str]:
    """Yield what a run of digits in groups may hold as an EID."""
    if len(groups) > 1 and len("".join(groups)) == EID_DIGITS and len(groups[-1]) > 1:
        yield "".join(groups)
    for start in range(len(groups)):
        for end in range(start + 1, min(len(groups), start + 5) + 1):
            if tuple(map(len, groups[start:end])) in _GROUPS:
                yield "".join(groups[start:end])
