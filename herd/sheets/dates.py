"""The days and times of a sheet, as scales, spreadsheets and people write them.

A day in numbers alone may mean several days: the other days of its column tell which, or the
column's header, or a person.
"""

import re
from calendar import month_name
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final

from herd.rules.weight_outliers import FIRST_YEAR
from herd.sheets.table import BadCell

ORDERS: Final = ("dmy", "mdy", "ymd")  # of the parts of a day
_LONGEST: Final = 100  # characters; a longer cell may hold anything, and is no moment
_CENTURY_ENDS: Final = 90  # 90 is 1990, 89 is 2089: nothing of a herd is older

_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.]?)([0-9]{1,2})\2([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_WORDS = re.compile(r"[0-9]+|[^\W\d_]+")
_TIME = re.compile(
    r"([0-9]{1,2})([:.h-])([0-9]{2})(?:(?:\2|m)([0-9]{2})(?:[.,][0-9]+)?)?s?"
    r"(?: *([AaPp])(?:\.? ?[Mm]\.?)?)? *(Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_SIX_DIGITS = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})")
# Each character has one way to fit: where digits could be of either of two groups, a cell of a page
# of digits took for ever.
_NUMBERS_AND_TIME = re.compile(r"(?=[0-9./-]{6})([0-9]+(?:[-/.][0-9]+){0,2})(?:T|,?\s+)(.+)")
_ENDS_IN_TIME = re.compile(r"(?:(?<=[0-9])T|,?\s+)(?=[0-9]{1,2}[:h][0-9]{2})")

# English, Spanish, German, French and Portuguese, by their first letters; two letters are those of
# Digi-Star's scales (13MR02).
_MONTHS: Final = {
    begin: number
    for number, words in enumerate(
        (
            "jan ene jän ja",
            "feb fev fév fe",
            "mar mär mae mr",
            "apr abr avr ap",
            "may mai",
            "jun juin jn",
            "jul juil jl",
            "aug ago aou aoû au",
            "sep set se",
            "oct okt out oc",
            "nov no",
            "dec dic dez déc de",
        ),
        start=1,
    )
    for begin in words.split()
}
_BETWEEN: Final = frozenset(("de", "del", "of", "the", "st", "nd", "rd", "th", "er"))


def latest_year(now: datetime) -> int:
    """Return the last year of which a sheet may tell: a clock may be a day behind."""
    return (now + timedelta(days=1)).year


def orders_of(text: str, latest: int) -> dict[str, date]:
    """Return the day that a text of numbers means in each order of its parts; none where it is no
    such text. No day lies behind the year `latest`."""
    found = _YEAR_LAST.fullmatch(text)
    if found is None:
        return {}
    orders: tuple[str, ...] = ORDERS
    if len(found[4]) == 4:
        orders = ORDERS[:1] if found[2] == "." else ORDERS[:2]
    numbers = (int(found[1]), int(found[3]), int(found[4]))
    days = {order: _in_order(numbers, order, whole=len(found[4]) == 4) for order in orders}
    return {order: day for order, day in days.items() if day and _may_be(found[4], day, latest)}


def _may_be(year: str, day: date, latest: int) -> bool:
    return len(year) == 4 or day.year <= latest


def _in_order(numbers: tuple[int, int, int], order: str, *, whole: bool) -> date | None:
    parts = dict(zip(order, numbers, strict=True))
    with suppress(ValueError):  # not in the calendar
        return date(parts["y"] if whole else _whole(parts["y"]), parts["m"], parts["d"])
    return None


def _whole(year: int) -> int:
    return year + (1900 if year >= _CENTURY_ENDS else 2000)


def split_moment(cell: str) -> tuple[str, str]:
    """Return the day and the time of a cell as they are written; "" for no time."""
    if len(cell) > _LONGEST:
        return cell, ""
    found = _NUMBERS_AND_TIME.fullmatch(cell)
    if found:
        return found[1], found[2]
    text, *rest = _ENDS_IN_TIME.split(cell, maxsplit=1)
    return text.rstrip(","), rest[0] if rest else ""


def _days(cells: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(split_moment(cell)[0] for cell in dict.fromkeys(cells))


def date_order(cells: Iterable[str], latest: int) -> str:
    """Return the order in which the cells write 20/11/2026: "dmy", "mdy" or "ymd".

    "both" where they contradict each other, "" where no day beyond 12 tells.
    """
    found = [set(orders_of(text, latest)) for text in _days(cells)]
    plain = {next(iter(orders)) for orders in found if len(orders) == 1}
    if len(plain) == 1:
        return plain.pop()
    if plain:
        return "both"
    left = set.intersection(*[orders for orders in found if orders] or [set()])
    return left.pop() if len(left) == 1 else ""


def first_unclear(cells: Iterable[str], latest: int) -> str:
    """Return the first date that may mean two days, or ""."""
    return next((one for one in _days(cells) if len(_meanings(one, latest)) > 1), "")


def unclear_text(text: str, latest: int) -> str:
    days = list(dict.fromkeys(orders_of(text, latest).values()))
    if len({day.year for day in days}) > 1:
        told = " or ".join(f"{day.day} {month_name[day.month]} {day.year}" for day in days)
        return f"{text} is not a date of one meaning, but {told}: choose what comes first."
    told = " or ".join(f"{day.day} {month_name[day.month]}" for day in days)
    return f"{text} is {told} {days[0].year}: choose whether the day or the month comes first."


def _meanings(text: str, latest: int) -> set[date]:
    return set(orders_of(text, latest).values())


@lru_cache(maxsize=512)  # of one day many animals are weighed
def day(text: str, order: str, latest: int) -> date:
    """Return the day of a text; `order` is that of `date_order`. Raise BadCell."""
    found = _YEAR_FIRST.fullmatch(text)
    if found and (found[2] or len(text) == 8):
        return _of_calendar(text, int(found[1]), int(found[3]), int(found[4]))
    if not _YEAR_LAST.fullmatch(text):
        return _with_month_name(text)
    days = orders_of(text, latest)
    if order in days:
        return days[order]
    if not days:
        raise BadCell(f"{text} is not in the calendar.")
    if len(set(days.values())) > 1:
        raise BadCell(_contradicted(text, order, latest))
    return next(iter(days.values()))


def _contradicted(text: str, order: str, latest: int) -> str:
    if order == "both":
        return f"{text}: the column has days first and months first. Which is it here?"
    return unclear_text(text, latest)


def _of_calendar(text: str, year: int, month: int, day_of_month: int) -> date:
    try:
        return date(year, month, day_of_month)
    except ValueError as error:
        raise BadCell(f"{text} is not in the calendar.") from error


def _with_month_name(text: str) -> date:
    """Return the day of 25-Jul-2026, 25. Juli 2026, Jul 25, 2026 or 13MR02."""
    words = _WORDS.findall(text.casefold())
    numbers = [one for one in words if one.isascii() and one.isdigit()]
    months = [number for one in words if (number := _month(one))]
    if len(months) != 1 or len(numbers) != 2 or len(text) > 40:
        raise BadCell(f'"{text[:40]}" is not a date: write it as 2026-11-20.')
    first, last = sorted(numbers, key=len, reverse=True) if len(numbers[0]) == 4 else numbers[::-1]
    if len(last) > 2 or len(first) not in {2, 4}:
        raise BadCell(f'"{text[:40]}" is not a date: write it as 2026-11-20.')
    year = int(first) if len(first) == 4 else _whole(int(first))
    return _of_calendar(text, year, months[0], int(last))


def _month(word: str) -> int | None:
    if word in _BETWEEN:
        return None
    return _MONTHS.get(word) or _MONTHS.get(word[:4]) or _MONTHS.get(word[:3])


def clock(text: str) -> time:
    """Return the time of a text such as 10:15, 10-15-30, 3:41P or 10:15 AM, with its zone where it
    says one; raise BadCell."""
    found = _TIME.fullmatch(text)
    if found is None and (digits := _SIX_DIGITS.fullmatch(text)):
        found = _TIME.fullmatch(":".join(digits.groups()))
    if found and not (found[5] and int(found[1]) > 12):
        hour = int(found[1])
        if found[5]:
            hour = hour % 12 + 12 * (found[5] in "Pp")
        with suppress(ValueError):  # 24:00
            return time(hour, int(found[3]), int(found[4] or 0), tzinfo=_zone(found[6]))
    raise BadCell(f'"{text[:40]}" is not a time: write it as 10:15.')


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-away if text[0] == "-" else away)


def looks_like_day(cell: str, latest: int) -> bool:
    """Return whether the cell is a day, whichever order its parts have."""
    text, _ = split_moment(cell)
    if orders_of(text, latest):
        return True
    with suppress(BadCell):
        return FIRST_YEAR <= day(text, "", latest).year <= latest + 1
    return False
