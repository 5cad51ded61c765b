"""What the operations of a unit of work look up: each row is one object, loaded once, and seen as
the unit has left it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import setitem
from typing import Any, Literal, TypeAlias, TypeVar

from django.db.models import Model

from herd.counters import COLUMNS, Contribution
from herd.errors import UnknownAnimal, UnknownPlace
from herd.loader import NAMED, NAMES, Loader
from herd.models import Animal, Batch, Pen, TagPairing

R = TypeVar("R", bound=Model)
TagKind = Literal["lf", "uhf"]
TAG_FIELDS: dict[TagKind, str] = {"lf": "lf_tag", "uhf": "uhf_tag"}
Place = Batch | Pen
# What changes all the time and no operation decides by: it is added to, or the latest one counts.
PASSING = {*COLUMNS, "head_count", "last_read_at", "created_at", "updated_at"}


@dataclass(frozen=True, slots=True)
class Prefetch:
    """What the coming operations will look up; tags in their normal form."""

    lf_tag: frozenset[str] = frozenset()
    uhf_tag: frozenset[str] = frozenset()
    livestock_id: frozenset[str] = frozenset()
    batches: frozenset[str] = frozenset()
    pens: frozenset[str] = frozenset()
    weighed: frozenset[str] = frozenset()  # any names of animals whose weighings are needed
    products: frozenset[str] = frozenset()

    def by_column(self) -> dict[str, frozenset[str]]:
        animals = {name: getattr(self, name) for name in NAMES}
        return {**animals, "batch_number": self.batches, "pen_number": self.pens}


Row: TypeAlias = Any  # a row of any table, each of which has an `id`


class Lookups:
    """The rows of a unit of work; `_undo` holds what takes the changes back, the last one last:
    functions with their arguments."""

    def __init__(self, loader: Loader | None = None) -> None:
        self.asked = 0  # look-ups that `prepare` had not foreseen
        self._loader = loader or Loader()
        self._undo: list[tuple[Any, ...]] = []
        self.by_lookups = False  # set by who reads the herd by these look-ups alone
        # What else is to be thought again for: each is asked with the ids that others changed.
        self.conditions: list[Callable[[Mapping[str, set[int]]], bool]] = []
        # Names, by column and without case, that no other row may have.
        self._claimed: set[tuple[str, str]] = set()
        self._as_loaded: dict[tuple[type[Place], int], tuple[Any, ...]] = {}
        self._heads_asked: dict[int, int] = {}  # of pens whose room was looked at, as loaded
        # One object for each row, weighings apart: an animal's figures must add up.
        self._rows: defaultdict[type[Model], dict[int, Any]] = defaultdict(dict)
        self._deleted: defaultdict[type[Model], dict[int, None]] = defaultdict(dict)
        self._named: dict[tuple[str, str], Any] = {}  # by column, or kind of an open pairing
        self._counted: dict[int, Contribution] = {}

    def _set_entry(self, held: dict[Any, Any], key: Any, value: Any) -> None:  # noqa: ANN401 - any of the unit's
        if key in held:
            self._undo.append((setitem, held, key, held[key]))
        else:
            self._undo.append((dict.pop, held, key))
        held[key] = value

    def _drop_entry(self, held: dict[Any, Any], key: Any) -> None:  # noqa: ANN401 - any of the unit's
        if key in held:
            self._undo.append((setitem, held, key, held.pop(key)))

    def prepare(self, wanted: Prefetch) -> None:
        """Load what the coming operations need, in a few queries for all of them."""
        new = {
            name: [one for one in values if (name, one) not in self._named]
            for name, values in wanted.by_column().items()
        }
        self._named.update({(name, one): None for name, values in new.items() for one in values})
        for row in self._loader.named(new):
            self._loaded(row)

    def _loaded(self, row: Row) -> None:
        """Take up a row that came from the database, unless it is held or deleted by now."""
        model, pk = type(row), row.id
        held = self._rows[model]
        if pk in held or pk in self._deleted[model]:
            return
        held[pk] = row
        match row:
            case Animal():
                self._counted[pk] = Contribution.of(row)
            case Batch() | Pen():
                self._as_loaded.setdefault((model, pk), _lasting(row))
            case TagPairing(to_at=None):
                self._named.setdefault((row.kind, row.tag), row)
        for name in NAMED.get(model, ()):
            key = name, getattr(row, name)
            if key[1] is not None and self._named.get(key) is None:  # else it is another's by now
                self._named[key] = row

    # -- any rows ---------------------------------------------------------------------------

    def by_number(self, model: type[R], pks: Iterable[int]) -> dict[int, R]:
        """Return those of these rows that there are, in this order."""
        wanted, held = list(dict.fromkeys(pks)), self._rows[model]
        missing = [pk for pk in wanted if pk not in held]
        for row in self._loader.rows(model, "id", missing):
            self._loaded(row)
        return {pk: held[pk] for pk in wanted if pk in held}

    def rows(self, model: type[R], attname: str, values: Collection[Any]) -> list[R]:
        """Return the rows with one of these values in this column."""
        for row in self._loader.rows(model, attname, values):
            self._loaded(row)
        return [row for row in self._rows[model].values() if getattr(row, attname) in values]

    def rows_naming(self, model: type[Model], attname: str, pks: Collection[int]) -> dict[int, int]:
        """Return the rows that name one of these others: its number by theirs."""
        if not pks:  # a sheet of weights makes no animals, and holds thousands of rows
            return {}
        stored = self._loader.column(model, attname, pks)
        found = {pk: one for pk, one in stored if pk not in self._deleted[model]}
        found |= {row.id: getattr(row, attname) for row in self._held(model)}
        return {pk: one for pk, one in found.items() if one in pks}

    def _held(self, model: type[Model]) -> Iterable[Row]:
        return self._rows[model].values()

    def is_taken(self, row: Model, name: str, value: str | None) -> bool:
        """Return whether another row of the table has this name."""
        found = self._find(type(row), name, value) if value else None
        return found is not None and found.pk != row.pk

    def named_alike(self, row: Model, name: str) -> list[str]:
        """Return the names of other rows that are that of `row` but for upper and lower case."""
        model, value = type(row), getattr(row, name)
        self.claim(name, value)
        stored = self._loader.alike(model, name, value)
        found = {pk: one for pk, one in stored if pk not in self._deleted[model]}
        found |= {pk: getattr(one, name) or "" for pk, one in self._rows[model].items()}
        found.pop(row.pk, None)
        return [one for one in found.values() if one.casefold() == value.casefold()]

    def _find(self, model: type[R], name: str, value: str) -> R | None:
        if (name, value) not in self._named:
            self.asked += 1
            self._named[name, value] = None
            for row in self._loader.rows(model, name, [value]):
                self._loaded(row)  # not one that is held: it has lost this name by now
        found: R | None = self._named[name, value]
        return found

    def _rename(self, row: Row, name: str, before: str | None, now: str | None) -> None:
        """Let the row be found by its new name, and no longer by the one before."""
        if before is not None and self._named.get((name, before)) is row:
            # None and not removed: the database still holds the name on the row that lost it.
            self._set_entry(self._named, (name, before), None)
        if now is not None:
            self._set_entry(self._named, (name, now), row)

    # -- animals and places -----------------------------------------------------------------

    def animal_by_tag(self, kind: TagKind, tag: str) -> Animal | None:
        return self._find(Animal, TAG_FIELDS[kind], tag) if tag else None

    def animal(self, livestock_id: str) -> Animal | None:
        return self._find(Animal, "livestock_id", livestock_id)

    def animals(self, ids: Iterable[int]) -> list[Animal]:
        """Return the animals in this order. Raise UnknownAnimal for a number that none has."""
        wanted = list(ids)
        found = self.by_number(Animal, wanted)
        for pk in wanted:
            if pk not in found:
                raise UnknownAnimal(f"Animal no. {pk} does not exist.")
        return list(found.values())

    def animal_no(self, pk: int) -> Animal:
        return self.animals([pk])[0]

    def batch(self, number: str) -> Batch | None:
        return self._find(Batch, "batch_number", number)

    def pen(self, number: str) -> Pen | None:
        return self._find(Pen, "pen_number", number)

    def batch_no(self, pk: int) -> Batch:
        return self._place(Batch, pk)

    def pen_no(self, pk: int) -> Pen:
        return self._place(Pen, pk)

    def _place(self, model: type[R], pk: int) -> R:
        found = self.by_number(model, [pk])
        if not found:
            raise UnknownPlace(f"{model.__name__} no. {pk} does not exist.")
        return found[pk]

    # -- what others changed ------------------------------------------------------------------

    def claim(self, name: str, value: str) -> None:
        """Note that no other row may have this name, nor one that differs in case alone."""
        self._claimed.add((name, value.casefold()))

    def has_any_animal(self, ids: set[int]) -> bool:
        return not ids.isdisjoint(self._rows[Animal])

    def has_asked_for(self, name: str, value: str) -> bool:
        """Return whether a row of this name would matter, where it was none when asked."""
        return (name, value) in self._named or (name, value.casefold()) in self._claimed

    def is_place_touched(self, model: type[Place], pk: int, now: Place | None) -> bool:
        """Return whether a batch or pen that others changed is not as it was looked up; `now` is
        None where it is gone."""
        was = self._as_loaded.get((model, pk))
        if was is None:
            # It was not there when it was asked for.
            return now is not None and self.has_asked_for(NAMED[model][0], str(now))
        if now is None or _lasting(now) != was:
            return True
        return isinstance(now, Pen) and self._heads_asked.get(pk, now.head_count) != now.head_count


def _lasting(place: Place) -> tuple[Any, ...]:
    """Return what operations decide by."""
    return tuple(
        getattr(place, column.attname)
        for column in place._meta.concrete_fields  # noqa: SLF001 - Django's own
        if column.attname not in PASSING
    )
