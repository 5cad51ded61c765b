"""Each column stands in the table of fields, and every place that knows fields agrees with it.

Whoever adds a column and forgets a place reads here which one: the file, and the list in it.
"""

import dataclasses
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.db import models

from herd import commands, operations
from herd.errors import UndoImpossible
from herd.fields import ANIMAL, BATCH, PEN, SEXES, Field, set_by
from herd.models import Animal, Batch, Pen, ReversibleChange
from herd.rules import spellings
from herd.sheets.reader import read_table
from herd.sheets.rows import AnimalRow, read_animals
from herd.unit_of_work import open_unit_of_work
from remote.api import inputs, schema_serializers, serializers

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 1)
TABLES: dict[type[models.Model], tuple[Field, ...]] = {Animal: ANIMAL, Batch: BATCH, Pen: PEN}
# Columns that are no field, each with the reason.
EXCEPTIONS: dict[type[models.Model], dict[str, str]] = {
    Animal: {"id": "The database gives it."},
    Batch: {
        "id": "The database gives it.",
        "weight_sum_kg": "The mean is worked out from it; nobody sees the sum.",
        "gaining_count": "The mean gain is worked out from it.",
        "gain_sum_kg": "The mean gain is worked out from it.",
    },
    Pen: {
        "id": "The database gives it.",
        "created_at": "The admin alone shows it.",
        "updated_at": "The admin alone shows it.",
    },
}
HOLDS: dict[str, tuple[type[Any], ...]] = {
    "text": (models.CharField,),
    "tag": (models.CharField,),
    "choice": (models.CharField,),
    "lines": (models.TextField,),
    "date": (models.DateField,),
    "time": (models.DateTimeField,),
    "number": (models.IntegerField, models.FloatField, models.DecimalField),
    "reference": (models.ForeignKey,),
}
FIELDS = [(model, one) for model, table in TABLES.items() for one in table]
STORED = [pair for pair in FIELDS if pair[1].holds != "computed"]


def named(pair: object) -> str | None:
    return pair.name if isinstance(pair, Field) else getattr(pair, "__name__", None)


def column_of(model: type[models.Model], name: str) -> Any:
    columns = {one.name: one for one in model._meta.concrete_fields}
    assert name in columns, f"herd/models.py: {model.__name__} has no column {name}"
    return columns[name]


def agree(place: str, there: Collection[str], wanted: Iterable[str]) -> None:
    """Each of these names is there."""
    missing = sorted(set(wanted) - set(there))
    assert not missing, f"{place} lacks {', '.join(missing)}, which herd/fields.py tells of"


# -- the table and the models -------------------------------------------------------------------


@pytest.mark.parametrize("model", TABLES, ids=named)
def test_every_column_is_in_the_table(model: type[models.Model]) -> None:
    columns = {one.name for one in model._meta.concrete_fields}
    missing = columns - {one.name for one in TABLES[model]} - EXCEPTIONS[model].keys()
    assert not missing, (
        f"herd/fields.py: {model.__name__.upper()} lacks {', '.join(sorted(missing))}; where it is"
        " no field, name it in EXCEPTIONS of this test with the reason"
    )


@pytest.mark.parametrize(("model", "field"), STORED, ids=named)
def test_a_field_holds_what_its_column_holds(model: type[models.Model], field: Field) -> None:
    column = column_of(model, field.name)
    assert isinstance(column, HOLDS[field.holds]), f"herd/fields.py: {field.name} holds"
    is_day = field.holds == "date"
    assert not (is_day and isinstance(column, models.DateTimeField)), f"{field.name} is a time"
    assert (field.holds == "choice") == bool(column.choices), f"herd/fields.py: {field.name} holds"


@pytest.mark.parametrize(("model", "field"), STORED, ids=named)
def test_a_field_is_as_long_as_its_column(model: type[models.Model], field: Field) -> None:
    column = column_of(model, field.name)
    if field.holds == "reference":
        column = column_of(column.related_model, field.sheet_name)
    if field.holds != "lines":  # those have no length in the database
        assert field.longest == (column.max_length or 0), f"herd/fields.py: {field.name} longest"


@pytest.mark.parametrize(("model", "field"), STORED, ids=named)
def test_a_field_is_required_where_its_column_is(model: type[models.Model], field: Field) -> None:
    column = column_of(model, field.name)
    must = "person" in field.set_by and not column.blank and not column.has_default()
    assert field.required == must, f"herd/fields.py: {field.name} required"


@pytest.mark.parametrize(("model", "field"), FIELDS, ids=named)
def test_what_a_person_or_a_sheet_sets_has_a_label(model: type[models.Model], field: Field) -> None:
    if {"person", "sheet"} & set(field.set_by):
        assert field.label, f"herd/fields.py: {field.name} label"
    assert bool(field.headers) == ("sheet" in field.set_by), f"herd/fields.py: {field.name} headers"


# -- the places that are written out ------------------------------------------------------------


def test_a_row_of_a_sheet_has_every_field_of_a_sheet() -> None:
    there = {one.name for one in dataclasses.fields(AnimalRow)}
    wanted = [one.sheet_name for one in ANIMAL if "sheet" in one.set_by]
    agree("herd/sheets/rows.py: AnimalRow", there, wanted)
    assert there == {"line", *wanted}, "herd/sheets/rows.py: AnimalRow has more than the table"


def test_an_induction_has_every_field_that_it_sets() -> None:
    there = {one.name for one in dataclasses.fields(commands.Induction)}
    wanted = [*set_by("induction", ANIMAL), *set_by("induction", BATCH)]
    agree("herd/commands.py: Induction", there, wanted)


def test_a_sheet_may_say_every_status() -> None:
    assert set(spellings.STATUSES) == set(Animal.Status.values), "herd/rules/spellings.py: STATUSES"
    assert {*SEXES} < {*spellings.SEXES}, "herd/rules/spellings.py: SEXES"


@pytest.mark.parametrize("model", TABLES, ids=named)
def test_the_admin_shows_what_a_person_sets(model: type[models.Model]) -> None:
    page = admin.site._registry[model]
    rows: Any = page.fields or [one.name for one in model._meta.concrete_fields if one.editable]
    there = [name for row in rows for name in ([row] if isinstance(row, str) else row)]
    place = f"herd/admin/pages.py: fields of {type(page).__name__}"
    agree(place, there, set_by("person", TABLES[model]))
    changed = set(there) - {"id", *page.readonly_fields}
    assert changed == set(set_by("person", TABLES[model])), f"{place}: read only"


@pytest.mark.parametrize("model", TABLES, ids=named)
def test_json_and_its_schema_have_every_field(model: type[models.Model]) -> None:
    name = {Animal: "cattle", Batch: "batch", Pen: "pen"}[model]
    row = model(id=1)
    for one in TABLES[model]:
        if one.holds == "time":
            setattr(row, one.name, AT)
    shape = getattr(serializers, f"{name}_shape")(row)
    schema = getattr(schema_serializers, f"{name.title()}Serializer")().fields
    wanted = ["id", *(one.name for one in TABLES[model] if one.in_json)]
    agree(f"remote/api/serializers.py: {name}_shape", shape, wanted)
    agree(f"remote/api/schema_serializers.py: {name.title()}Serializer", schema, wanted)
    assert [*shape] == [*schema], f"remote/api: order of {name}_shape and of its schema"
    assert set(shape) == set(wanted), f"remote/api/serializers.py: {name}_shape has more"


@pytest.mark.parametrize("model", TABLES, ids=named)
def test_rest_takes_what_a_person_sets(model: type[models.Model]) -> None:
    name = {Animal: "CattleInput", Batch: "BatchInput", Pen: "PenInput"}[model]
    there = getattr(inputs, name)().fields
    agree(f"remote/api/inputs.py: {name}", there, set_by("person", TABLES[model]))


# -- what is told once is done everywhere -------------------------------------------------------


@pytest.mark.parametrize("name", set_by("sheet", ANIMAL))
def test_a_cell_is_as_long_as_rest_allows(name: str) -> None:
    field = next(one for one in ANIMAL if one.name == name)
    if field.holds not in {"text", "lines"}:
        return
    for count, fits in ((field.longest, True), (field.longest + 1, False)):
        table = read_table(f"EID,This one\nLF1,{'x' * count}\n".encode())
        _, errors = read_animals(
            table, {"lf_tag": "EID", name: "This one"}, now=AT.replace(tzinfo=None)
        )
        assert (errors == []) == fits, f"herd/sheets/rows.py: {name}"
        if "person" in field.set_by:
            edit = inputs.CattleInput(data={name: "x" * count}, partial=True)
            assert edit.is_valid() == fits, f"remote/api/inputs.py: {name}"


def imported(**cells: Any) -> Animal:
    with open_unit_of_work("office:ana") as unit:
        operations.import_animals(unit, [AnimalRow(2, lf_tag="LF1", **cells)], "sheet", AT)
    return Animal.objects.get(lf_tag="LF1")


def a_value(field: Field) -> Any:
    return DAY if field.holds == "date" else "Bull" if field.name == "sex" else "7"


WRITTEN = [one for one in ANIMAL if "person" in one.set_by]


@pytest.mark.django_db
@pytest.mark.parametrize("field", WRITTEN, ids=named)
def test_an_import_brings_what_a_person_may_write(field: Field) -> None:
    animal = imported(**{field.name: a_value(field)})
    assert getattr(animal, field.name) == a_value(field)


@pytest.mark.django_db
@pytest.mark.parametrize("field", WRITTEN, ids=named)
def test_an_undone_import_never_loses_what_a_person_wrote(field: Field) -> None:
    animal = imported()
    with open_unit_of_work("office:ana") as unit:
        operations.edit_animal(unit, unit.animal_no(animal.pk), {field.name: a_value(field)}, AT)
    with open_unit_of_work("office:ana") as unit, pytest.raises(UndoImpossible, match="changed"):
        operations.undo(unit, ReversibleChange.objects.get(kind="import").pk, AT)


@pytest.mark.django_db
@pytest.mark.parametrize("field", WRITTEN, ids=named)
def test_a_merge_keeps_what_either_record_says_and_is_undone(field: Field) -> None:
    seen = {"first_seen_at": AT, "last_seen_at": AT}
    kept = Animal.objects.create(uhf_tag="U1", **seen)
    other = Animal.objects.create(lf_tag="LF1", **seen, **{field.name: a_value(field)})
    with open_unit_of_work("office:ana") as unit:
        merged, change = operations.merge(unit, operations.Merge(kept.pk, other.pk, AT))
        assert getattr(merged, field.name) == a_value(field)
    with open_unit_of_work("office:ana") as unit:
        operations.undo(unit, change.pk, AT)
    assert getattr(Animal.objects.get(pk=kept.pk), field.name) in {None, ""}


@pytest.mark.django_db
def test_a_merge_from_before_a_column_was_added_is_undone() -> None:
    seen = {"first_seen_at": AT, "last_seen_at": AT}
    kept = Animal.objects.create(uhf_tag="U1", **seen)
    other = Animal.objects.create(lf_tag="LF1", breed="Angus", **seen)
    with open_unit_of_work("office:ana") as unit:
        _, change = operations.merge(unit, operations.Merge(kept.pk, other.pk, AT))
    for row in ("before", "after", "absorbed"):
        del change.steps[row]["health"]
    change.save()
    with open_unit_of_work("office:ana") as unit:
        operations.undo(unit, change.pk, AT)
    assert Animal.objects.get(uhf_tag="U1").breed == ""
