"""The office's forms, sheets, exports and pages know every field that herd/fields.py tells of."""

from collections.abc import Iterator
from typing import Any

import pytest

from herd.fields import ANIMAL, BATCH, PEN, SEXES, Field, set_by
from herd.rules.spellings import STATUSES
from herd.sheets.columns import FIELDS as SHEET_FIELDS
from remote.office import exports
from remote.office.forms import cattle, import_choices, places
from remote.office.pages.labels import VALUES
from tests.office.filled import animal, batch, filled, pen
from tests.office.test_pages import page

TABLES = {"cattle": ANIMAL, "batches": BATCH, "pens": PEN}
FORMS = {"cattle": cattle.EditAnimal, "batches": places.EditBatch, "pens": places.EditPen}
ROWS = {"cattle": animal, "batches": batch, "pens": pen}
TEMPLATES = {"cattle": "_identity", "batches": "_batch_figures", "pens": "_pen_figures"}
# Fields that a page says in another way than as they are.
SAID_OTHERWISE = {
    ("cattle", "induction_date"): "As the days on feed since then.",
    ("batches", "source_type"): "As the source's own word.",
}


def sample(field: Field) -> Any:
    match field.holds:
        case "date":
            return "2026-11-03"
        case "number":
            return 4711
        case "choice":
            return "closed"
    return f"Zq{field.name[:4]}7"


@pytest.fixture
def herd() -> Iterator[None]:
    rows: dict[Any, Any] = {
        topic: [row(1, **{name: sample(field) for name, field in person_set(topic)})]
        for topic, row in ROWS.items()
    }
    with filled(rows):
        yield


def person_set(topic: str) -> list[tuple[str, Field]]:
    return [(one.name, one) for one in TABLES[topic] if "person" in one.set_by]


@pytest.mark.parametrize("topic", TABLES)
def test_a_form_asks_for_what_a_person_sets(topic: str) -> None:
    form = FORMS[topic]
    for name, field in person_set(topic):
        assert name in form.base_fields, (
            f"remote/office/forms: {form.__name__} lacks {name}: a choice or a number is written"
            " there, with its words"
        )
        shown: Any = form.base_fields[name]
        assert str(shown.label) == field.form_label, f"{form.__name__}: label of {name}"
        assert getattr(shown, "max_length", None) in {None, field.longest}, f"{name} longest"
        assert name == "source_type" or field.holds == "choice" or shown.required == field.required
    others = {one.name for one in TABLES[topic]} - set(set_by("person", TABLES[topic]))
    assert not others & set(form.base_fields)


@pytest.mark.parametrize("topic", TABLES)
async def test_a_page_shows_what_a_person_sets(herd: None, topic: str) -> None:
    html = await page(f"/office/{topic}/1")
    for name, field in person_set(topic):
        if (topic, name) not in SAID_OTHERWISE:
            place = f"templates/office/{TEMPLATES[topic]}.html"
            assert str(sample(field)) in html, f"{place} does not show {name}"


def test_an_export_has_every_field_but_those_that_are_left_out() -> None:
    for topic, table in TABLES.items():
        assert exports.COLUMNS[topic] == tuple(one.name for one in table if one.in_export)


def test_an_import_shows_every_field_of_a_sheet() -> None:
    assert set(import_choices.LABELS) == {name for names in SHEET_FIELDS.values() for name in names}


def test_what_may_be_chosen_has_a_name() -> None:
    for value in (*STATUSES, "open", "closed", *SEXES):
        assert value in VALUES, f"remote/office/pages/labels.py: VALUES lacks {value}"
