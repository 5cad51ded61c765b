"""What a header says beside its name: a scale's field code, a unit, the order of a date."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, Literal

from herd.sheets.table import MOST_COLUMNS, BadSheet

Unit = Literal["kg", "lb"]

# Tru-Test's scales write DW2Peso(kg)notID: a field code of three characters, the name in the
# scale's language, a length, unit or format, and whether it names the animal.
_FIELD_CODE = re.compile(
    r"(?:[A-Z][0-9]{2}|[A-Z]{2}[0-9])(?P<name>[^\W\d_][^()]*)"
    r"\((?P<more>[^()]*)\)(?:(?:is|not)ID)?"
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_MARKS = re.compile(r"[\W_]")
_ORDER = re.compile(r"([dtjmya]{1,4})[-/. ]([dtjmya]{1,4})[-/. ]([dtjmya]{1,4})")
_DAY_FORMAT = re.compile(r"[^a-z]*([dtjmya]{1,4}[-/. ][dtjmya]{1,4}[-/. ][dtjmya]{1,4})")

_KG: Final = r"kgs?|kilos?|kilograms?|kilogramm|kilogramos?|kilogrammes?|quilos?"
_LB: Final = r"lbs?|pounds?|libras?"
_UNIT = re.compile(rf"(?:(?<![a-z])|(?<=weight))(?:({_KG})|(?:{_LB}))\.?(?![a-z])")
# A ranch may be called LB: a title tells the unit only behind a word for units or for weights.
_TITLE_UNIT = re.compile(
    r"(?:units?|uom|unidad(?:es)?|einheit(?:en)?|unites?|weights?|pesos?|gewichte?|poids)"
    rf"(?:\W|of measure|is|are|in|en)*(?<![a-z])(?:({_KG})|(?:{_LB}))(?![a-z])"
)


@lru_cache(maxsize=2 * MOST_COLUMNS)
def plain(text: str) -> str:
    """Return the text in small letters without accents: what is known is spelt so."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in parts if not unicodedata.combining(one))


def known_forms(header: str) -> tuple[str, str, str]:
    """Return the letters and digits of a header, those outside brackets, and those of words that
    are more than “number of”."""
    text = plain(header)
    telling = "".join(word for word in words(header) if word not in _NUMBER_OF)
    return _MARKS.sub("", text), _MARKS.sub("", _BRACKETS.sub("", text)), telling


_NUMBER_OF: Final = frozenset(
    (
        "n",
        "no",
        "nr",
        "nro",
        "num",
        "number",
        "numero",
        "nummer",
        "of",
        "the",
        "de",
        "del",
        "la",
        "du",
    )
)


def words(header: str) -> list[str]:
    return re.findall(r"[^\W_]+", plain(_BRACKETS.sub(" ", header)))


def named(cell: str) -> str:
    """Return the header without a scale's field code and length."""
    found = _FIELD_CODE.fullmatch(cell)
    if found is None:
        return cell
    name, more = found["name"].strip(), found["more"].strip()
    return f"{name} ({more})" if more and not more.isdigit() else name


def unique(cells: Sequence[str]) -> tuple[str, ...]:
    """Return names of one line, each different. Raise BadSheet."""
    if any(cells[MOST_COLUMNS:]):
        raise BadSheet(f"The file has more than {MOST_COLUMNS} columns.")
    found: list[str] = []
    for number, cell in enumerate(cells[:MOST_COLUMNS], start=1):
        found.append(_unused(named(" ".join(cell.split())) or f"column {number}", found))
    return tuple(found)


def _unused(name: str, taken: Sequence[str]) -> str:
    unused, count = name, 1
    while unused in taken:
        count += 1
        unused = f"{name} ({count})"
    return unused


def unit_of(header: str) -> Unit | None:
    """Return the unit that a header or a cell of units names, None for none."""
    found = _UNIT.search(plain(header))
    return None if found is None else _which(found)


def unit_of_titles(titles: Iterable[tuple[int, str]]) -> tuple[Unit, str] | None:
    """Return the unit that the lines above the headers tell, and the line that does."""
    found = [(_which(one), text) for _, text in titles for one in _TITLE_UNIT.finditer(plain(text))]
    return found[0] if len({unit for unit, _ in found}) == 1 else None


def _which(found: re.Match[str]) -> Unit:
    return "kg" if found[1] else "lb"


def is_utc(header: str) -> bool:
    """Return whether a header says that its times are those of Greenwich."""
    return not {"utc", "gmt", "zulu"}.isdisjoint(re.findall(r"[a-z]+", plain(header)))


def order_of(header: str) -> str:
    """Return the order that a header tells of its dates, as (mm/dd/yyyy) does; "" for none."""
    found = _ORDER.search(plain(header))
    if found is None:
        return ""
    parts = [found[1], found[2], found[3]]
    year = next((one for one in parts if one[0] in "ya"), "") or max(parts, key=len)
    order = "".join("y" if one == year else "m" if one[0] == "m" else "d" for one in parts)
    return order if order in {"dmy", "mdy", "ymd"} else ""
