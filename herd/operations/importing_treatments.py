"""The treatments of a sheet, as another program's export or a treatment book has them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from herd.errors import UnknownAnimal
from herd.models import Treatment
from herd.operations import sheet_import
from herd.operations.sheet_import import Imported, SheetImport
from herd.operations.sheet_names import SheetNames, spellings_of
from herd.operations.sheet_slices import together
from herd.operations.treating import Dose, Treating, treat
from herd.rules.counts import counted
from herd.sheets.rows import TreatmentRow
from herd.unit_of_work import Prefetch, UnitOfWork

Given = tuple[int, int, datetime]  # to which animal which product, and when


def import_treatments(
    unit: UnitOfWork, rows: Iterable[TreatmentRow], name: str, at: datetime
) -> Imported:
    """Import treatments, but those that were recorded before; raise RowsRefused."""
    return TreatmentImport(rows, name, at).write_whole(unit)


class TreatmentImport(SheetImport[TreatmentRow]):
    """Treatments of known animals with known products: neither is ever invented."""

    def __init__(self, rows: Iterable[TreatmentRow], name: str, at: datetime) -> None:
        super().__init__(sorted(rows, key=_tag_and_when), name, at)
        self._names = SheetNames()
        self._given: set[Given] = set()

    def summary(self) -> str:
        return f"{self.name}: {counted(self.outcome.recorded, 'treatment')}"

    def slices(self) -> list[Sequence[TreatmentRow]]:
        """Return the rows in slices, one at least; those of one animal are all in one."""
        return together(self.rows, _tag, sheet_import.WRITTEN_AT_ONCE)

    def prepare(self, unit: UnitOfWork, rows: Sequence[TreatmentRow]) -> None:
        names = frozenset(row.tag for row in rows)
        keys, products = spellings_of(names), frozenset(row.product for row in rows)
        wanted = Prefetch(lf_tag=keys, uhf_tag=keys, livestock_id=names, products=products)
        self._names.prepare(unit, names, wanted)
        found = filter(None, (self._quietly(unit, name) for name in names))
        held = unit.rows(Treatment, "animal_id", set(found))
        self._given = {
            (one.animal_id, one.product_id, one.given_at) for one in held if one.voided_at is None
        }

    def _quietly(self, unit: UnitOfWork, name: str) -> int | None:
        """Return the number of the animal, None where the row will be refused."""
        if self._names.is_of_several(name):
            return None
        animal = self._names.animal(unit, name)
        return None if animal is None else animal.id

    def take(self, unit: UnitOfWork, row: TreatmentRow) -> None:
        animal = self._names.animal(unit, row.tag)
        if animal is None:
            raise UnknownAnimal(f"No animal is known as {row.tag}.")
        product = unit.product_named(row.product)
        if row.repeat_of:
            self.outcome.repeats += 1
            self.tell(row.line, animal, "repeat")
            return
        # As those that are held: of another zone an hour that comes twice never compares as equal.
        if (animal.id, product.id, row.at.astimezone(UTC)) in self._given:
            self.outcome.known += 1
            self.tell(row.line, animal, "known")
            return
        texts = (row.unit, row.lot_no, row.route, row.reason)
        dose = Dose(product.id, row.at, row.amount, *texts)
        treating = Treating([animal.id], dose, self.at, Treatment.Source.IMPORT)
        (made,) = treat(unit, treating)
        self.outcome.recorded += 1
        self.outcome.steps["treatments"].append(made.id)
        self.tell(row.line, animal, "recorded")


def _tag(row: TreatmentRow) -> str:
    return row.tag


def _tag_and_when(row: TreatmentRow) -> tuple[str, datetime]:
    return row.tag, row.at
