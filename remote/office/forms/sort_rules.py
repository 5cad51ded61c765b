"""Where the animals of a session go: what a person writes of it, as the session's `sort` has it."""

import re
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import get_language, gettext

from herd.rules.spellings import folded, sex_of, sexes_meant
from herd.rules.tags import TagError, normalise
from herd.sheets.dates import day, latest_year
from herd.sheets.table import BadCell
from remote.office.forms.decimal_text import THOUSANDS
from remote.office.mirror.mirror import Mirror
from remote.office.pages.chute_card import listed_as
from remote.office.refusal_text import refusal_text
from remote.office.units import to_kg_float

LISTED: Final = "list"
LIST_WORDS: Final = frozenset((LISTED, "lista"))  # whatever language the page is in
BETWEEN: Final = re.compile(r"[\n,;\t]+")
MOST_NAMES: Final = 700  # what the Pi takes of a session, in tags of 24 digits


class RuleError(Exception):
    """What was written cannot be meant."""


def limits_of(by: str, text: str, unit: str) -> list[dict[str, Any]]:
    """Return what a rule asks of an animal, one of several: `is` of a sex or a list, else
    `below`."""
    match by:
        case "sex":
            return [{"is": sex.casefold()} for sex in _sexes(text)]
        case "list":
            if folded(text) not in LIST_WORDS:
                raise RuleError(gettext("Write “list = P4” for the animals of the list."))
            return [{"is": LISTED}]
        case "target":
            return [{"below": _day(text)}]
    below = to_kg_float("" if THOUSANDS.fullmatch(text) else text, unit)
    if below is None:
        raise RuleError(gettext("“%s” is no number.") % text)
    return [{"below": below}]


def _sexes(text: str) -> tuple[str, ...]:
    sex = sex_of(text)
    if sex is None:
        raise RuleError(gettext("“%s” is no sex.") % text)
    return sexes_meant(sex)


def _day(text: str) -> str:
    # 1/3/2027 is one day where people read Spanish, and two elsewhere.
    order = "dmy" if get_language() == "es" else ""
    try:
        return day(text, order, latest_year(timezone.now()) + 10).isoformat()
    except BadCell:
        raise RuleError(gettext("“%s” is no day: write it as 2027-03-01.") % text) from None


def names_of(text: str, mirror: Mirror) -> list[str]:
    """Return the tags and ids of a pasted list, as the card names an animal; a tag that nobody
    wears yet may come."""
    names = dict.fromkeys(filter(None, map(str.strip, BETWEEN.split(text))))
    if not names:
        raise RuleError(gettext("Paste the list: tags or ids, one a line."))
    if len(names) > MOST_NAMES:
        raise RuleError(gettext("At most %d animals in one list.") % MOST_NAMES)
    return list(dict.fromkeys(_name(name, mirror) for name in names))


def _name(name: str, mirror: Mirror) -> str:
    if len(mirror.held.named(name)) > 1:
        raise RuleError(gettext("“%s” has more than one animal: write its tag.") % name)
    try:
        return normalise(name)
    except TagError as error:
        if error.code == "spreadsheet":
            raise RuleError(f"“{name}”: {refusal_text(str(error))}") from error
        return listed_as(name)
