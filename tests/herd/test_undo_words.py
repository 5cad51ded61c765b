"""What an undo names of a row has a word that the office can translate."""

import pytest
from django.db.models import Model

from herd.captured_rows import WATCHED, WORKED_OUT
from herd.models import Animal, Batch, Pen, Product, Session, Shipment
from herd.operations.undo_animal import KNOWN
from herd.operations.undo_row import called
from herd.pulls_table import Pull
from herd.rules.undo_sentences import COLUMNS, ROWS, spoken
from herd.scales_table import ScaleStep
from herd.treatments_table import Treatment
from herd.weights_table import WeightRecord
from herd.work_table import WorkMark
from lora.models import LoRaPayload

CHANGED = (Product, Session, Shipment, Treatment, Pull, WeightRecord, ScaleStep, WorkMark)


@pytest.mark.parametrize("model", CHANGED, ids=lambda model: model.__name__)
def test_each_column_of_a_row_that_an_act_changes_has_its_word(model: type[Model]) -> None:
    fixed = WORKED_OUT.get(model, frozenset())
    names = {spoken(one.attname) for one in model._meta.concrete_fields if one.attname not in fixed}
    assert names - COLUMNS.keys() == set()


@pytest.mark.parametrize("model", [Animal, Batch, Pen], ids=lambda model: model.__name__)
def test_each_column_that_people_tell_of_has_its_word(model: type[Model]) -> None:
    assert set(map(spoken, WATCHED[model])) - COLUMNS.keys() == set()


def test_each_table_that_an_act_changes_has_its_word() -> None:
    rows = {called(one).capitalize() for one in (*KNOWN, *CHANGED, Batch, Pen, LoRaPayload)}
    assert rows - set(ROWS) == set()
