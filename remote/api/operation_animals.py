"""Which operations were about an animal, and which animals an operation was about."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from herd.models import Animal, JournalEntry, OperationAnimal, ReversibleChange
from lora.models import LoRaPayload


def about(animal: int) -> Q:
    """Select the operations with a journal row of this animal, those that were about it without
    one, and those that corrected or tried again a message which then told of it."""
    without_one = OperationAnimal.objects.filter(animal_id=animal).values("operation_id")
    told = LoRaPayload.objects.filter(animal_id=animal).values("pk")
    return (
        Q(pk__in=operations_of("cattle", [animal]))
        | Q(pk__in=without_one)
        | Q(pk__in=operations_of("payload", told))
    )


def operations_of(word: str, numbers: Iterable[int] | QuerySet[Any]) -> QuerySet[Any]:
    """Return the numbers of the operations with a journal row of these, by a kind's first word."""
    entries = JournalEntry.objects.filter(object_id__in=numbers, operation__isnull=False)
    return entries.filter(kind__startswith=f"{word}:").values("operation_id")


def animals_of(operation: ReversibleChange) -> QuerySet[Animal]:
    """Return the animals that the operation was about, and that there are."""
    entries = operation.entries.values("object_id")
    told = LoRaPayload.objects.filter(pk__in=entries.filter(kind__startswith="payload:"))
    return Animal.objects.filter(
        Q(pk__in=entries.filter(kind__startswith="cattle:"))
        | Q(pk__in=operation.animals.values("animal_id"))
        | Q(pk__in=told.values("animal_id"))
    )
