"""One thing that a person must see to: what, which animal, why, since when, and what can be done.

Its key stays the same while its cause stays, and is another when it happens again: an animal that
is not seen is known by when it was seen last.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from remote.office.mirror.mirror import Mirror, Row
from remote.office.work.put_away import PutAway

WORK_PAGE: Final = "/office/work"
CATTLE: Final = "/office/cattle/"


class Action(NamedTuple):
    """What a row offers: a link to a form or, with `posts`, a button that asks the Pi at once."""

    label: str
    link: str
    letter: str  # the key that does it where the row has the focus
    posts: bool = False


@dataclass(frozen=True, slots=True)
class WorkItem:
    key: str
    name: str  # of the animal, the pen or the source
    link: str
    why: str
    since: str | None = None  # a time, or a day where no more is known
    actions: tuple[Action, ...] = ()
    through: int | None = None  # the newest radio message that it stands for

    @property
    def cattle_id(self) -> int | None:
        """Return the number of the animal that it is about, None where it is about none."""
        number = self.link.removeprefix(CATTLE)
        return int(number) if number.isdigit() else None


class Kind(NamedTuple):
    """A kind of work. `found` is what it is about, without what was put away, the first to see to
    first; `item` makes the row of one of them, with weights in the reader's unit."""

    name: str
    label: str  # of one, to be translated when it is shown
    titled: Callable[[int], str]  # "13 suspect weights"
    found: Callable[[Mirror, PutAway], Sequence[Any]]
    item: Callable[[Mirror, Any, str], WorkItem]
    is_grave: bool = False


def coming_back(link: str, kind: str) -> str:
    """Return the address of a form that leads back to this kind of work."""
    mark = "&" if "?" in link else "?"
    return f"{link}{mark}back={quote(f'{WORK_PAGE}?kind={kind}', safe='')}"


def animal_link(pk: int, form: str = "") -> str:
    return f"{CATTLE}{pk}{form}"


def place_of(row: Row) -> str:
    """Return the number of the animal's pen, "" where it stands in none."""
    return str((row.get("pen") or {}).get("pen_number", ""))
