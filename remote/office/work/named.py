"""The items that an address or a form names by their keys."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from remote.office.mirror.mirror import Mirror
from remote.office.pages.page import whole_number
from remote.office.work.animal_work import CAUSES
from remote.office.work.items import Kind, WorkItem
from remote.office.work.kinds import BY_NAME
from remote.office.work.put_away import NOTHING

MOST_AT_ONCE: Final = 1_000
NOISE: Final = "noise"  # keys of the kind `refused`


def items_named(mirror: Mirror, keys: Iterable[str], unit: str) -> list[WorkItem]:
    """Return those of the items that there are, whether put away or not."""
    wanted = dict.fromkeys(keys)
    by_kind: dict[str, list[str]] = {}
    for key in wanted:
        name = key.partition(":")[0]
        by_kind.setdefault("refused" if name == NOISE else name, []).append(key)
    found = {
        item.key: item
        for name, some in by_kind.items()
        if name in BY_NAME
        for item in _of_kind(mirror, BY_NAME[name], some, unit)
    }
    return [found[key] for key in wanted if key in found][:MOST_AT_ONCE]


def _of_kind(mirror: Mirror, kind: Kind, keys: Sequence[str], unit: str) -> Iterator[WorkItem]:
    subjects = _animals(mirror, keys) if kind.name in CAUSES else kind.found(mirror, NOTHING)
    return (kind.item(mirror, one, unit) for one in subjects)


def _animals(mirror: Mirror, keys: Sequence[str]) -> Sequence[Any]:
    numbers = (whole_number(key.split(":")[1]) for key in keys if ":" in key)
    return [pk for pk in numbers if pk in mirror.tables["cattle"]]
