"""What a sheet is to do to the herd, and what REST tells of what it did."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from herd.errors import RowsRefused, full_pens_shape
from herd.operations.importing import AnimalImport
from herd.operations.importing_treatments import TreatmentImport
from herd.operations.importing_weights import WeightImport
from herd.operations.sheet_import import Imported, SheetImport
from herd.sheets.cells import RowError
from remote.api.imports import Sheet
from remote.api.serializers import Shape


class SheetRefused(RowsRefused):
    """Raised for refused rows, with the sheet as it was read."""

    def __init__(self, refused: RowsRefused, sheet: Sheet) -> None:
        super().__init__(refused.rows, refused.full_pens)
        self._sheet = sheet

    def more(self) -> dict[str, Any]:
        return {**self._sheet.shape(), **super().more()}


def import_of(sheet: Sheet, name: str, at: datetime) -> SheetImport[Any]:
    """Return what the sheet is to do to the herd."""
    made: SheetImport[Any]
    if sheet.asked.kind == "animals":
        made = of_animals = AnimalImport(sheet.animals, name, at)
        of_animals.even_if_full = sheet.asked.even_if_full
    elif sheet.asked.kind == "treatments":
        made = TreatmentImport(sheet.treatments, name, at)
    else:
        made = WeightImport(sheet.weights, name, at, pending=sheet.asked.make_pending)
    made.leaves_out_bad_rows = sheet.asked.skip_bad_rows
    return made


def imported_shape(sheet: Sheet, outcome: Imported) -> Shape:
    left_out = [*sheet.errors, *(RowError(line, "", text) for line, text in outcome.refused)]
    shape = replace(sheet, errors=left_out).shape()
    for row in shape["understood"]:
        told = outcome.rows.get(row["line"])
        row.update(told._asdict() if told else {"animal": "", "what": "refused"})
    counts = ("created", "updated", "recorded", "known", "suspect", "repeats")
    counted = {name: getattr(outcome, name) for name in counts}
    return {
        **shape,
        **counted,
        "left_out": len({one.line for one in left_out}),
        "full_pens": full_pens_shape(outcome.full_pens),
        "change_id": outcome.change.pk,
    }
