"""How the office writes weights, tags and times."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as translate

from herd.causes import CAUSES
from herd.rules.tag_origin import describe
from remote.office.mirror.mirror import Row
from remote.office.pages.animal_row import chip as chip_of
from remote.office.pages.labels import COUNTED
from remote.office.pages.labels import named as called
from remote.office.pages.page import PageRequest
from remote.office.refusal_text import refusal_text
from remote.office.units import sentence_in
from remote.office.written import ABSENT, gain, in_figures, moment, weight, written_time

register = template.Library()
for written in (weight, in_figures, gain, moment, written_time):
    register.filter(written)

NAMES = ("lid", "number")  # columns of names
OPTIONS_KEPT: Final = 4000


@register.filter
def chip(status: str) -> SafeString:
    return chip_of(status, get_language())


@register.filter
def why(weighing: Row, unit: str) -> str:
    """Return why a weight is doubted, in the reader's unit, or void, as it was written."""
    reason = str(weighing["reason"])
    return sentence_in(reason, unit) if weighing["quality"] == "suspect" else reason


@register.filter
def person(actor: str) -> str:
    """Write `mary (office)` for the journal's `office:mary`."""
    door, _, name = actor.partition(":")
    if not name:
        return called(actor)
    return f"{called(door)} {name}" if door == "key" else f"{name} ({called(door)})"


@register.filter
def counted(status: str, count: int | None) -> str:
    """Return how many have a status: "3 exported", which Spanish writes as a plural."""
    return str(COUNTED[status] % (count or 0)) if status in COUNTED else f"{count} {named(status)}"


@register.filter
def named(value: str) -> str:
    """Return what a status, a role or another value of the Pi is called."""
    return called(value) if value else ""


@register.filter
def cause(code: str) -> str:
    """Return what an animal died of or was pulled for; a code of a newer Pi as it is."""
    return translate(CAUSES[code]) if code in CAUSES else code


@register.filter
def refusal_told(text: str) -> str:
    """Return why the Pi refused something, in the reader's language."""
    return refusal_text(text)


@register.filter
def tag_note(tag: str | None) -> str:
    """Return the country or maker that a tag names."""
    return describe(tag, get_language() or "en", translate) if tag else ""


@register.filter
def entry(mapping: dict[str, Any], key: str) -> Any:  # noqa: ANN401 - whatever it holds
    return mapping.get(key)


@register.filter
def one_after_another(rows: Mapping[Any, str]) -> SafeString:
    """Return the HTML of rows by their keys: to go through 200 of them took a template 2 ms."""
    return mark_safe("\n".join(rows.values()))  # noqa: S308 - rendered already


@register.filter
def gigabytes(count: int | None) -> str:
    return ABSENT if count is None else f"{count / 1e9:.1f} GB"


@register.filter
def megabytes(count: int | None) -> str:
    return ABSENT if count is None else f"{count / 1e6:.1f} MB"


@register.filter
def clock(at: datetime | None, now: int) -> str:
    """Return `14:02`, with the day where it is not that of `now`, in milliseconds."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    today = timezone.localtime(datetime.fromtimestamp(now / 1000, UTC))
    return local.strftime("%H:%M" if local.date() == today.date() else "%Y-%m-%d %H:%M")


@register.simple_tag
def page_link(asked: PageRequest, number: int, step: int) -> str:
    return asked.link(page=number + step)


@register.simple_tag
def sort_heading(
    asked: PageRequest, column: str, label: str, unit: str = "", usual: str = ""
) -> SafeString:
    """Return a column's heading: a click sorts, another one the other way.

    With a unit it is a column of numbers; `usual` is the list's order where none is asked for.
    """
    # Names begin upwards, figures and times with the largest.
    now = asked.params.get("sort") or usual
    first, second = (column, f"-{column}") if column in NAMES else (f"-{column}", column)
    arrow = {column: " ↑", f"-{column}": " ↓"}.get(now, "")
    order = {column: "ascending", f"-{column}": "descending"}.get(now, "none")
    link = asked.link(sort=second if now == first else first, page="")
    number = mark_safe(' class="number"') if unit else ""
    shown = '<th scope="col"{} aria-sort="{}"><a href="{}">{}{}</a> {}</th>'
    return format_html(shown, number, order, link, label, arrow, unit.removeprefix("#"))


@register.simple_tag
def orders(asked: PageRequest, *columns: str, usual: str = "", none: str = "") -> SafeString:
    """Return what the headings offer, as choices: each column and its label, in both directions."""
    pairs = [
        (sort, f"{label} {arrow}")
        for column, label in zip(columns[::2], columns[1::2], strict=True)
        for sort, arrow in ((column, "↑"), (f"-{column}", "↓"))
    ]
    now = asked.params.get("sort") or usual
    first = _option("", none, not now) if none else ""
    return mark_safe(  # noqa: S308 - each is escaped
        first + "".join(_option(sort, label, sort == now) for sort, label in pairs)
    )


@register.simple_tag
def options(asked: PageRequest, name: str, choices: str, none: str = "") -> SafeString:
    """Return choices `value` or `value:label`, the one that is asked for chosen."""
    pairs = [choice.partition(":")[::2] for choice in choices.split()]
    labelled = [(value, called(label or value)) for value, label in pairs]
    return _options(asked, name, labelled, none)


@register.simple_tag(name="choices")
def choices_of(asked: PageRequest, name: str, values: Iterable[Any]) -> SafeString:
    """Return choices from the copy: texts, or pairs of value and label."""
    pairs = [one if isinstance(one, tuple) else (one, one) for one in values]
    chosen = asked.params.get(name, "")
    # A select shows its first choice for one it has not: a filter that nobody set.
    if chosen and chosen not in {str(value) for value, _ in pairs}:
        pairs.append((chosen, chosen))
    return _options(asked, name, pairs)


def _options(
    asked: PageRequest, name: str, pairs: Iterable[tuple[Any, str]], none: str = ""
) -> SafeString:
    chosen = asked.params.get(name, "")
    first = _option("", none or translate("all"), not chosen)
    rest = (_option(value, label, str(value) == chosen) for value, label in pairs)
    return mark_safe(first + "".join(rest))  # noqa: S308 - each is escaped


@lru_cache(maxsize=OPTIONS_KEPT)
def _option(value: object, label: str, chosen: bool) -> str:  # noqa: FBT001 - a key of the cache
    """Return one choice. It is kept: a list of 250 batches has as many, and they seldom change."""
    selected = " selected" if chosen else ""
    return format_html('<option value="{}"{}>{}</option>', value, selected, label)


@register.simple_tag
def link_with(asked: PageRequest, **changes: object) -> str:
    return asked.link(**changes)
