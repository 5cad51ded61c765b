"""Why the Pi refused, in the reader's language: its sentence by its parts, names as they are
(decision 59)."""

import re
from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext, ngettext

from herd.rules.refusal_sentences import refusal_parts

SINCE: Final = re.compile(r"(\w+) since (\S+)")
HELD: Final = re.compile(r"(.+) is clear on (\S+), in (\d+) days?")
MORE: Final = re.compile(r"and (\d+) more")


def refusal_text(text: str) -> str:
    """Return the sentence as the reader speaks; one of a newer Pi as it came."""
    parts = refusal_parts(text)
    if parts is None or gettext(parts.sentence) == parts.sentence:
        return text
    values = {name: VALUES.get(name, str)(value) for name, value in parts.values.items()}
    return gettext(parts.sentence).format(**values)


def _since(text: str) -> str:
    """Return `exported since 2026-11-05`, or the status alone."""
    if found := SINCE.fullmatch(text):
        told = {"status": gettext(found[1]), "on": found[2]}
        return gettext("%(status)s since %(on)s") % told
    return gettext(text)


def _gone(text: str) -> str:
    one_by_one = (one.partition(" is ") for one in text.split(", "))
    return ", ".join(f"{name}: {_since(what)}" if mark else name for name, mark, what in one_by_one)


def _held(text: str) -> str:
    return "; ".join(map(_one_held, text.split("; ")))


def _one_held(text: str) -> str:
    if found := HELD.fullmatch(text):
        days = int(found[3])
        told = ngettext(
            "%(name)s is clear on %(day)s, in %(days)d day",
            "%(name)s is clear on %(day)s, in %(days)d days",
            days,
        )
        return told % {"name": found[1], "day": found[2], "days": days}
    found = MORE.fullmatch(text)
    return gettext("and %(count)s more") % {"count": found[1]} if found else text


VALUES: Final[dict[str, Callable[[str], str]]] = {
    "since": _since,
    "status": gettext,
    "cause": gettext,
    "gone": _gone,
    "held": _held,
}
