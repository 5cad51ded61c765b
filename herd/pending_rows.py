"""What a unit of work leaves to be written, and how: one statement for a table, or for a group of
columns."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.db.models import Model
from django.utils import timezone

from herd.counters import COLUMNS, Figures
from herd.loader import NAMES
from herd.lookups import Row
from herd.models import (
    Animal,
    Batch,
    Movement,
    OperationAnimal,
    Pen,
    Product,
    Pull,
    ReversibleChange,
    Session,
    Shipment,
    ShipmentAnimal,
    TagPairing,
    Treatment,
    WeightRecord,
    WorkMark,
)
from herd.scales_table import ScaleFault, ScaleStep
from herd.storage import bulk_write, journal

# In the order in which they are inserted: the later ones name the earlier ones.
TABLES: tuple[type[Model], ...] = (
    Batch,
    Pen,
    Animal,
    Session,
    TagPairing,
    Movement,
    WeightRecord,
    Product,
    Treatment,
    Pull,
    ReversibleChange,
    OperationAnimal,
    ScaleStep,
    ScaleFault,
    WorkMark,
    Shipment,
    ShipmentAnimal,
)
# Columns that change together are written together: a step has a dozen updates, however mixed it
# is. What a read changes each time has no index.
GROUPS: dict[type[Model], tuple[tuple[str, ...], ...]] = {
    Animal: (
        ("first_seen_at", "last_seen_at"),
        (
            *("batch_id", "pen_id", "status"),
            *("left_on", "left_reason", "left_cause", "not_clear_reason"),
        ),
        ("clear_on",),
        NAMES,
        (
            *("last_weighed_at", "last_weight_kg", "expected_kg", "adg_kg", "adg_confidence"),
            *("forecast_kg", "adg_doubt_kg"),
        ),
    ),
    Batch: (("last_read_at",),),
    ShipmentAnimal: (("loaded_at", "loaded_by"),),
    WeightRecord: (("quality", "reason"), ("weight_kg", "read_kg")),
    Treatment: (("voided_at", "voided_by", "void_reason"),),
    Pull: (("returned_at", "returned_by"), ("voided_at", "voided_by", "void_reason")),
}
COUNTS = {"head_count", *COLUMNS}  # added to by differences, never written as they are held


@dataclass(frozen=True, eq=False, slots=True)
class ColumnGroup:
    """Columns of a table that are written together."""

    # Found by what it is, and not by its names: to hash those took as long as all else of a change.
    model: type[Model]
    names: tuple[str, ...]


@cache
def group_of(model: type[Model]) -> dict[str, ColumnGroup]:
    """Return the group of each column. Those that are in none are one group; of a table without
    groups, which few things change, each column is written by itself."""
    names = [column.attname for column in bulk_write.columns(model)]
    groups = {name: group for group in GROUPS.get(model, ()) for name in group}
    rest = tuple(one for one in names if one not in groups and one not in {"id", *COUNTS})
    one_each = cache(ColumnGroup)
    return {
        name: one_each(
            model, (*groups.get(name, rest if groups else (name,)), *STAMPED.get(model, ()))
        )
        for name in names
    }


SHARED = frozenset((Batch, Pen))  # a row of these is changed by units that share nothing else
STAMPED: dict[type[Model], tuple[str, ...]] = {Batch: ("updated_at",), Pen: ("updated_at",)}


@dataclass(slots=True)
class Pending:
    """What is written at the end, in this order: names are free before others get them."""

    unnamed: dict[int, Animal] = field(default_factory=dict)  # whose names others may get first
    ended: list[tuple[datetime, str, str]] = field(default_factory=list)  # pairings: at, kind, tag
    changed: defaultdict[ColumnGroup, dict[int, Row]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    new: dict[type[Model], list[Row]] = field(
        default_factory=lambda: {model: [] for model in TABLES}
    )
    fresh: dict[int, Row] = field(default_factory=dict)  # what `new` holds, by its `id()`
    acts: list[Callable[[], object]] = field(default_factory=list)  # what else is written
    shared_acts: list[Callable[[], object]] = field(default_factory=list)  # to what others change
    figures: Figures = field(default_factory=Figures)
    read: dict[int, datetime] = field(default_factory=dict)  # batches that were heard
    entries: list[journal.Entry] = field(default_factory=list)
    updates: set[tuple[str, int]] = field(default_factory=set)  # `…:updated` once per thing

    def is_empty(self) -> bool:
        others = self.ended, self.changed, self.acts, self.shared_acts, self.read, self.entries
        return not any(others) and not any(self.new.values())

    def write_rows(
        self, deleted: Mapping[type[Model], Iterable[int]], *, early: bool = False
    ) -> None:
        """Write the rows, but for the journal and what is counted for many; `early`, before a turn
        in the writers' queue, none that other units change too."""
        for model, pks in deleted.items():
            bulk_write.delete(model, pks)
        bulk_write.clear(self.unnamed.values(), NAMES)
        bulk_write.end_pairings(self.ended)
        self._write_changed(shared=False)
        if not early:
            self._write_changed(shared=True)
        for model, rows in self.new.items():
            if rows:  # of seventeen tables a reading has rows for three
                bulk_write.insert(model, rows)
        for act in self.acts:
            act()

    def write_shared(self) -> None:
        """Write batches, pens and what is counted for many."""
        self._write_changed(shared=True)
        for act in self.shared_acts:
            act()
        self.figures.write(self.read)

    def _write_changed(self, *, shared: bool) -> None:
        now = timezone.now()
        for group in [one for one in self.changed if (one.model in SHARED) is shared]:
            changed = self.changed.pop(group).values()
            for row in changed:
                if isinstance(row, Batch | Pen):
                    row.updated_at = now
            bulk_write.update(group.model, changed, group.names)
