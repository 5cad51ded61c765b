"""The parts of a page: keyed lists, regions, and what both are rendered with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from django.template.loader import get_template
from django.utils.translation import get_language

from remote.attention import failing, hung
from remote.office.link.client import Person
from remote.office.mirror.mirror import Mirror, Row
from remote.office.mirror.packed_rows import HeldRow
from remote.wire import Told

PER_PAGE = 50
PRINTED_AT_MOST = 2_000  # rows: 40 sheets of paper
MOST_DIGITS = 18  # no table holds more
ROWS_KEPT = 5_000  # rendered rows held for the next time; some 15 MB


def pages_of(total: int, per_page: int = PER_PAGE) -> int:
    return max(1, -(-total // per_page))


class NoSuchPage(Exception):
    """The batch, animal or pen that was asked for is not in the copy."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Who asks for what: the same for the page's first load and for its live changes."""

    params: dict[str, str]
    person: Person
    unit: str

    @property
    def may_write(self) -> bool:
        return self.person.role != "viewer"

    @property
    def search(self) -> str:
        return self.params.get("q", "").strip()[:100]

    @property
    def per_page(self) -> int:
        """Return how many rows a page has: to be printed, all that paper takes."""
        return PRINTED_AT_MOST if "print" in self.params else PER_PAGE

    def number(self, total: int) -> int:
        """Return the page of a list of so many rows, from 1; past the last one it is the last."""
        text = self.params.get("page", "")
        return min(max(1, whole_number(text) or 1), pages_of(total, self.per_page))

    def link(self, **changes: object) -> str:
        """Return this page's query with some of it changed; "" takes a part out."""
        merged = {**self.params, **{name: str(value) for name, value in changes.items()}}
        return "?" + urlencode({name: value for name, value in merged.items() if value})


RowMaker = str | Callable[..., str]  # a template, or what makes the HTML by hand


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows in the order they are shown, each under its key, and where in the whole they stand."""

    template: RowMaker
    rows: Sequence[Row]
    variant: tuple[object, ...]  # all but the row that its HTML depends on
    total: int
    number: int = 1
    per_page: int = PER_PAGE

    def rendered(self) -> dict[str, str]:
        """Key → HTML; a row that has not changed is not rendered again."""
        look = self.variant, get_language()
        return {str(row["id"]): _render_row(self.template, Same(row), *look) for row in self.rows}

    @property
    def pages(self) -> int:
        return pages_of(self.total, self.per_page)


@dataclass(frozen=True, slots=True)
class Page:
    """`regions`: name → template and context of a part that is replaced as a whole. `past`: what
    the parts rest on that only the Pi can tell; an open page asks for those when it is other."""

    template: str
    title: str
    topics: frozenset[Told]
    lists: dict[str, Listing] = field(default_factory=dict)
    regions: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    past: object = None

    def rendered_lists(self) -> dict[str, dict[str, str]]:
        return {name: listing.rendered() for name, listing in self.lists.items()}

    def rendered_regions(self) -> dict[str, str]:
        return {
            name: get_template(template).render(context)
            for name, (template, context) in self.regions.items()
        }


class Same:
    """A row by identity: the mirror replaces rows and never edits one."""

    __slots__ = ("_held", "row")

    def __init__(self, row: Row) -> None:
        self.row = row
        # An animal is unpacked anew for everybody who looks; what it is unpacked from stays.
        self._held: object = row.packed if isinstance(row, HeldRow) else row

    def __hash__(self) -> int:
        return id(self._held)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other._held is self._held


@lru_cache(maxsize=ROWS_KEPT)
def _render_row(
    template: RowMaker, row: Same, variant: tuple[object, ...], language: str | None
) -> str:
    """`language` keeps rows that are held in one language from pages in another."""
    unit, may_write, today = (*variant, None, None, None)[:3]
    if not isinstance(template, str):
        return template(row.row, unit, may_write=may_write, today=today)
    # Only these two and the row: what else a row's template named would be stale in the next page.
    context = {"row": row.row, "unit": unit, "may_write": may_write}
    html: str = get_template(template).render(context)
    return html.strip()


def paginate(rows: Sequence[Row], asked: PageRequest) -> Sequence[Row]:
    first = (asked.number(len(rows)) - 1) * asked.per_page
    return rows[first : first + asked.per_page]


def whole_number(text: str | None) -> int | None:
    """Return the number of a row that an address or a hidden field holds; None of other texts."""
    # `isdigit` alone takes ² and Arabic digits too, and of thousands of digits int() makes nothing.
    is_one = text and len(text) <= MOST_DIGITS and text.isascii() and text.isdigit()
    return int(text) if text and is_one else None


def named(table: Mapping[int, Row], text: str | None) -> Row | None:
    """Return the row whose number a query holds; None where that is no number or no row."""
    number = whole_number(text)
    return None if number is None else table.get(number)


def list_page(
    template: RowMaker, found: Sequence[Row], asked: PageRequest, variant: tuple[object, ...]
) -> Listing:
    total = len(found)
    rows, number = paginate(found, asked), asked.number(total)
    return Listing(template, rows, variant, total, number, asked.per_page)


def in_order(
    rows: Sequence[Row], asked: PageRequest, columns: dict[str, Callable[[Row], Any]], default: str
) -> list[Row]:
    """Return the rows sorted by `?sort=`, with a minus downwards; those without a value last."""
    wanted = asked.params.get("sort", default)
    if wanted.removeprefix("-") not in columns:
        wanted = default
    key = columns[wanted.removeprefix("-")]
    # Each value once: a time is parsed for it, of each of a batch's 200 animals.
    pairs = [(key(row), row) for row in rows]
    valued = [pair for pair in pairs if pair[0] is not None]
    valued.sort(key=itemgetter(0), reverse=wanted.startswith("-"))
    return [row for _, row in valued] + [row for value, row in pairs if value is None]


def banner(mirror: Mirror) -> dict[str, Any]:
    """Return the link's state, how old what is shown is, and the time in milliseconds."""
    age = mirror.age_seconds()
    return {
        "link": mirror.link,
        "now": round(mirror.time.now().timestamp() * 1000),  # a browser's own clock may be wrong
        "age": None if age is None else round(age, 1),
        "loading": mirror.loading,
        "troubles": _troubles(mirror),
    }


def _troubles(mirror: Mirror) -> list[str]:
    """Return that nothing is heard, or what is heard waits: no page is true then, however new."""
    if mirror.link.state != "live" or not mirror.status:
        return []
    return [*hung(mirror.status).values(), *failing(mirror.status).values()]
