"""What is in the tables at the end: sound in itself, and the same as after another run."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final

from django.db import models
from django.db.models import Model

from herd.models import (
    Animal,
    Batch,
    JournalEntry,
    Movement,
    Pen,
    ReversibleChange,
    Session,
    TagPairing,
    WeightRecord,
)
from lora.models import LoRaPayload, Source
from tests.herd.counting import counted, head

WORDS: Final[dict[type[Model], str]] = {
    Animal: "cattle",
    Batch: "batch",
    Pen: "pen",
    Session: "session",
    WeightRecord: "weight",
    LoRaPayload: "payload",
}
TABLES: Final[tuple[type[Model], ...]] = (*WORDS, TagPairing, Movement, ReversibleChange, Source)
# Whose rows are told apart by what is in them: no journal row bears their number.
UNNUMBERED: Final = (TagPairing, Movement, ReversibleChange, Source)
LEFT_OUT: Final = {"steps"}  # of numbers: what they hold shows when they are undone
NUMBER: Final = re.compile(r"(payload )?((?:[nN]o\.|animal) )(\d+)")
State = tuple[list[tuple[Any, ...]], dict[str, Any]]
Names = Callable[[str, int], int]


class Renumbered:
    """Names rows by when the journal first names them: numbers of new rows differ by run."""

    def __init__(self, journal: Iterable[JournalEntry], known: dict[str, int]) -> None:
        # `known`: the highest number in each table that was there before.
        self._known, self._names = known, defaultdict[str, dict[int, int]](dict)
        for entry in journal:
            word = entry.kind.partition(":")[0]
            names = self._names[word]
            if entry.object_id > known.get(word, 0) and entry.object_id not in names:
                names[entry.object_id] = -len(names) - 1

    def name(self, word: str, number: int) -> int:
        if number <= self._known.get(word, 0):
            return number
        return self._names[word].get(number, number)

    def sentence(self, text: str) -> str:
        def named(found: re.Match[str]) -> str:
            word = "payload" if found[1] else "cattle"
            return f"{found[1] or ''}{found[2]}{self.name(word, int(found[3]))}"

        return NUMBER.sub(named, text)


def highest() -> dict[str, int]:
    found = {}
    for model, word in WORDS.items():
        numbers = model._default_manager.values_list("pk", flat=True)
        found[word] = max(numbers, default=0)
    return found


def state(known: dict[str, int]) -> State:
    """Return the journal and the tables, with the names of rows in place of their numbers."""
    journal = list(JournalEntry.objects.order_by("seq"))
    names = Renumbered(journal, known)
    told = [
        (
            entry.kind,
            names.name(entry.kind.partition(":")[0], entry.object_id),
            *(entry.at, entry.actor, names.sentence(entry.detail)),
        )
        for entry in journal
    ]
    return told, {model.__name__: _table(model, names) for model in TABLES}


def _table(model: type[Model], names: Renumbered) -> Any:
    rows = [(row, _row(row, names)) for row in model._default_manager.order_by("pk")]
    if model in UNNUMBERED:
        return Counter(repr(sorted(values.items())) for _, values in rows)
    return {names.name(WORDS[model], row.pk): values for row, values in rows}


def _row(row: Model, names: Renumbered) -> dict[str, Any]:
    values = {}
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if column.primary_key or column.attname in LEFT_OUT:
            continue
        if isinstance(column, models.ForeignKey) and value is not None:
            value = names.name(WORDS[column.related_model], value)
        elif isinstance(value, float):
            value = round(value, 6) + 0.0  # sums, added up in another order
        elif isinstance(value, str):
            value = names.sentence(value)
        values[column.attname] = value
    return values


def check_sound() -> None:
    """Hold the herd against itself."""
    for batch in Batch.objects.all():
        now = counted(batch)
        held = {name: getattr(batch, name) for name in now}
        assert held == {name: _near(value, held[name]) for name, value in now.items()}, batch
    for pen in Pen.objects.all():
        assert pen.head_count == head(pen), pen
    worn = [
        (animal.pk, kind, tag)
        for animal in Animal.objects.all()
        for kind, tag in (("lf", animal.lf_tag), ("uhf", animal.uhf_tag))
        if tag
    ]
    paired = TagPairing.objects.filter(to_at=None).values_list("animal_id", "kind", "tag")
    assert sorted(paired) == sorted(worn)
    events = LoRaPayload.objects.filter(status="processed").exclude(event_id=None)
    applied = Counter(events.values_list("event_id", flat=True))
    assert set(applied.values()) <= {1}, applied


def _near(value: float, held: float) -> float:
    return held if abs(value - held) < 1e-6 else value
