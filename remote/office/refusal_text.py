"""Why the Pi refused, in the reader's language: its sentence by its parts, names as they are
(decision 59)."""

import re
from collections.abc import Callable
from typing import Final

from django.utils.translation import get_language, gettext, ngettext

from herd.rules.act_sentences import Parts, parts_of
from herd.rules.refusal_sentences import refusal_parts
from herd.rules.undo_sentences import COLUMNS, ROWS

END: Final = re.compile(r"(?<=[.?]) ")
DAY: Final = re.compile(r"(\d+) ([A-Z][a-z]+)( \d{4})?")
SINCE: Final = re.compile(r"(\w+) since (\S+)")
HELD: Final = re.compile(r"(.+) is clear on (\S+), in (\d+) days?")
COUNTED: Final = re.compile(r"([\d,]+) animals?")
MORE: Final = re.compile(r"and (\d+) more")


def refusal_text(text: str) -> str:
    """Return it as the reader speaks; what a newer Pi says as it came."""
    if get_language() in {None, "en"}:
        return text
    sentences = _sentences(text)
    return " ".join(map(_told, sentences)) if sentences else text


def _sentences(text: str) -> list[Parts]:
    """Return the sentences that a text is made of, none where one is not known."""
    for end in END.finditer(text):
        first = refusal_parts(text[: end.start()])
        if first and (others := _sentences(text[end.end() :])):
            return [first, *others]
    whole = refusal_parts(text)
    return [whole] if whole else []


def _told(parts: Parts) -> str:
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


def _lines(text: str) -> str:
    """Return `3, 4 and 7 more`, or lines alone."""
    lines, mark, more = text.partition(" and ")
    return f"{lines} {_one_held(f'and {more}')}" if mark else text


def _meanings(text: str) -> str:
    """Return `3 April or 4 March 2026`, of two days or three."""
    first, *others = map(_day, text.split(" or "))
    for other in others:
        first = gettext("{} or {}").format(first, other)
    return first


def _day(text: str) -> str:
    found = DAY.fullmatch(text)
    if found is None:
        return text
    return gettext("{day} {month}").format(day=found[1], month=gettext(found[2])) + (found[3] or "")


def _each_quoted(text: str) -> str:
    """Return `“LF tag” or “UHF tag”`, which are names of fields or columns."""
    names = [gettext(one) for one in re.findall("“([^”]*)”", text)]
    joined = gettext("“{}” and “{}”") if " and " in text else gettext("“{}” or “{}”")
    return joined.format(*names) if len(names) == 2 else ", ".join(f"“{one}”" for one in names)


def _row(text: str) -> str:
    """Return `Batch LOT1`, which is a table's name and a row's; or an animal's name alone."""
    found = next((one for one in ROWS if text == one or text.startswith(f"{one} ")), "")
    return gettext(found) + text.removeprefix(found) if found else text


def _rows(text: str) -> str:
    return ", ".join(gettext(one.capitalize()).lower() for one in text.split(", "))


def _columns(text: str) -> str:
    """Return the names of columns, as the forms call them."""
    return ", ".join(gettext(COLUMNS.get(one, one)) for one in text.split(", "))


def _merge(text: str) -> str:
    parts = parts_of("merge", text)
    return gettext(parts.sentence).format(**parts.values) if parts else text


def _animals(text: str) -> str:
    found = COUNTED.fullmatch(text)
    if found is None:
        return text
    count = int(found[1].replace(",", ""))
    return ngettext("%d animal", "%d animals", count) % count


VALUES: Final[dict[str, Callable[[str], str]]] = {
    "since": _since,
    "status": gettext,
    "cause": gettext,
    "gone": _gone,
    "held": _held,
    "file": gettext,
    "lines": _lines,
    "meanings": _meanings,
    "fields": _each_quoted,
    "columns": _each_quoted,
    "why": refusal_text,
    "other_since": _since,
    "row": _row,
    "rows": _rows,
    "kind": _rows,
    "what": _columns,
    "column": _columns,
    "merge": _merge,
    "there": _animals,
}
