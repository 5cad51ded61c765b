"""What a reading does that its LoRaWAN server received long ago: it takes effect at that time, and
undoes nothing that is newer."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from herd import operations
from herd.commands import (
    CheckIn,
    Command,
    Induction,
    PairTags,
    RepairTags,
    TagRead,
    TreatmentGiven,
)
from herd.local_time import localdate
from herd.models import ON_FEED, Animal, Batch, Movement, Pen, TagPairing, WeightRecord
from herd.rules import tags
from herd.unit_of_work import TAG_FIELDS, TagKind, UnitOfWork
from lora.apply_reading import apply, check_in, normal_form, treat
from lora.models import LoRaPayload
from lora.payloads import Parsed

NEWER = "Newer is known of the animal: this changes no place, status or tag."


class Past:
    """What is known of the animals of one step's late readings, in four queries for all of them."""

    def __init__(
        self, unit: UnitOfWork, payloads: Sequence[LoRaPayload], readings: Sequence[Parsed]
    ) -> None:
        self._unit = unit
        self._former: dict[str, Animal] = {}
        self._moved: dict[int, datetime] = {}
        self._retagged: dict[int, datetime] = {}
        late = [one for row, one in zip(payloads, readings, strict=True) if row.late]
        reads = [one for one in late if isinstance(one, TagRead)]
        named = [one for one in late if isinstance(one, Induction | PairTags | RepairTags)]
        found = {*map(self._bearer, reads), *(self._called(one.livestock_id) for one in named)}
        unknown = {tag for one in reads if not self._bearer(one) for tag in _tags(one).values()}
        self._load({one.id for one in found if one}, unknown)

    def _load(self, animals: set[int], unknown: Collection[str]) -> None:
        ended = self._unit.rows(TagPairing, "tag", unknown) if unknown else []
        former = self._unit.by_number(Animal, {one.animal_id for one in ended})
        for pairing in ended:
            if pairing.to_at is not None and pairing.animal_id in former:
                self._former[pairing.tag] = former[pairing.animal_id]
        if not (animals := animals | former.keys()):
            return
        latest: defaultdict[int, list[datetime]] = defaultdict(list)
        for pairing in self._unit.rows(TagPairing, "animal_id", animals):
            latest[pairing.animal_id] += filter(None, (pairing.from_at, pairing.to_at))
        self._retagged = {animal: max(times) for animal, times in latest.items()}
        for move in sorted(
            self._unit.rows(Movement, "animal_id", animals), key=lambda one: one.moved_at
        ):
            self._moved[move.animal_id] = move.moved_at

    def _bearer(self, command: TagRead) -> Animal | None:
        found = (self._unit.animal_by_tag(kind, tag) for kind, tag in _tags(command).items())
        return next(filter(None, found), None)

    def apply(self, payload: LoRaPayload, command: Command) -> tuple[Animal, str]:
        """Run a late reading's operation as far as nothing newer is undone; return the animal, and
        a sentence where that was not all of it. Raise HerdError where the herd says no."""
        at, unit = payload.read_at, self._unit
        if isinstance(command, CheckIn):
            return check_in(unit, command, at, payload.received_at), ""
        if isinstance(command, TreatmentGiven):
            return treat(unit, command, at, payload.received_at), ""
        animal = self._animal_of(command)
        if animal is not None and self._undoes(command, animal, at):
            if isinstance(command, PairTags) and command.weight_kg is not None:
                source, noted_at = WeightRecord.Source.RADIO, payload.received_at
                weighing = operations.Weighing(command.weight_kg, at, source, noted_at)
                operations.record_weight(unit, animal, weighing)
            return animal, NEWER
        seen = animal.last_seen_at if animal else at
        animal = apply(unit, command, at)
        unit.change(animal, last_seen_at=max(seen, animal.last_seen_at))
        return animal, ""

    def _animal_of(self, command: Command) -> Animal | None:
        """Return the animal that the reading is of, also by a tag that it has lost since."""
        if not isinstance(command, TagRead):
            return self._called(command.livestock_id)
        former = (self._former.get(tag) for tag in _tags(command).values())
        return self._bearer(command) or next(filter(None, former), None)

    def _called(self, name: str) -> Animal | None:
        by_tag = (self._unit.animal_by_tag(kind, tags.whole_tag(name)) for kind in TAG_FIELDS)
        return self._unit.animal(name) or next(filter(None, by_tag), None)

    def _undoes(self, command: Command, animal: Animal, at: datetime) -> bool:
        """Return whether the command would undo what is newer than `at`."""
        match command:
            case TagRead(source=source):
                worn = {kind: getattr(animal, field) for kind, field in TAG_FIELDS.items()}
                read = _tags(command).items()
                changes = source == "hxe" or any(
                    worn[kind] not in {None, tag} for kind, tag in read
                )
                changes = changes or self._is_elsewhere(animal, command)
            case Induction():
                changes = animal.induction_date is not None or self._is_elsewhere(animal, command)
            case _:
                return self._retagged_at(animal, at) > at
        return changes and self._knows_newer(animal, at)

    def _knows_newer(self, animal: Animal, at: datetime) -> bool:
        """Return whether something was noted of the animal that was after `at`."""
        has_left = animal.left_on is not None and animal.left_on >= localdate(at)
        known = animal.last_seen_at, self._moved.get(animal.id, at), self._retagged_at(animal, at)
        return has_left or max(known) > at

    def _retagged_at(self, animal: Animal, at: datetime) -> datetime:
        """Return when its tags were changed last, in this step too; `at` where they were not."""
        new = self._unit.new_rows(TagPairing)
        times = [one.from_at for one in new if one.animal_id == animal.id]
        return max([self._retagged.get(animal.id, at), *times])

    def _is_elsewhere(self, animal: Animal, said: TagRead | Induction) -> bool:
        """Return whether the animal is in another place than was said, or has left."""
        places: list[tuple[int | None, Batch | Pen | None]] = []
        if said.batch_number:
            places.append((animal.batch_id, self._unit.batch(said.batch_number)))
        if isinstance(said, Induction) and said.pen_number:
            places.append((animal.pen_id, self._unit.pen(said.pen_number)))
        is_there = (pk is None or (one is not None and one.pk == pk) for pk, one in places)
        return animal.status not in ON_FEED or not all(is_there)


def _tags(command: TagRead) -> dict[TagKind, str]:
    read: dict[TagKind, str] = {"lf": normal_form(command.lf), "uhf": normal_form(command.uhf)}
    return {kind: tag for kind, tag in read.items() if tag}
