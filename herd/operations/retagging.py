"""Tags given to another animal than the one that wore them, and taken off and put back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from herd.errors import NothingToChange, TagConflict, UndoImpossible
from herd.models import Animal, ReversibleChange
from herd.operations.placing import assign_tags, tag_form
from herd.operations.reversible_changes import save_reversible_change
from herd.unit_of_work import TAG_FIELDS, TagKind, UnitOfWork

Tags = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Retag:
    animal: int
    at: datetime
    lf: str = ""  # "" leaves the tag as it is
    uhf: str = ""
    reason: str = ""
    take_over: bool = False  # from another animal; else that is a TagConflict


def retag(unit: UnitOfWork, asked: Retag) -> tuple[Animal, ReversibleChange | None]:
    """Give an animal new tags; return it and the reversible change, None where nothing changed."""
    animal = unit.animal_no(asked.animal)
    lf, uhf = tag_form(asked.lf, "lf_tag"), tag_form(asked.uhf, "uhf_tag")
    new: dict[TagKind, str] = {"lf": lf, "uhf": uhf}
    if not any(new.values()):
        raise NothingToChange("Give the animal's new tag.", field="lf_tag")
    losers = _bearers(unit, animal, new, asked)
    before = {one.pk: tags_of(one) for one in (animal, *losers)}
    for loser in losers:
        remove_tags(unit, loser, [kind for kind, tag in new.items() if tag], new, asked.at)
        unit.record_change("cattle:retagged", loser, asked.at, f"tag given to {animal}")
    if not assign_tags(unit, animal, new, asked.at, asked.reason):
        return animal, None
    unit.record_change("cattle:retagged", animal, asked.at, asked.reason)
    given = " and ".join(tag for tag in new.values() if tag)
    steps = {
        "tags": [
            {"animal": pk, "before": tags, "after": tags_of(unit.animal_no(pk))}
            for pk, tags in before.items()
        ]
    }
    summary = f"{given} given to {animal}"
    return animal, save_reversible_change(unit, "retag", summary, asked.at, steps)


def _bearers(
    unit: UnitOfWork, animal: Animal, new: dict[TagKind, str], asked: Retag
) -> list[Animal]:
    """Return the other animals that bear one of the tags now."""
    found: dict[int, Animal] = {}
    for kind, tag in new.items():
        bearer = unit.animal_by_tag(kind, tag)
        if bearer is None or bearer.pk == animal.pk:
            continue
        if not asked.take_over:
            raise TagConflict(
                f"Tag {tag} is on animal {bearer} (no. {bearer.pk}). Take it from that animal, or"
                " give another tag.",
                field=TAG_FIELDS[kind],
            )
        found[bearer.pk] = bearer
    return list(found.values())


def remove_tags(
    unit: UnitOfWork, animal: Animal, kinds: list[TagKind], tags: dict[TagKind, str], at: datetime
) -> None:
    """Take these tags off an animal, where it bears them."""
    for kind in kinds:
        if getattr(animal, TAG_FIELDS[kind]) == tags[kind]:
            unit.end_pairing(kind, tags[kind], at)
            unit.change(animal, **{TAG_FIELDS[kind]: None})


def tags_of(animal: Animal) -> Tags:
    return {kind: getattr(animal, name) for kind, name in TAG_FIELDS.items()}


def by_kind(tags: Tags) -> dict[TagKind, str]:
    """Return tags by kind, "" for none."""
    return {kind: tags.get(kind) or "" for kind in TAG_FIELDS}


def restore_tags(unit: UnitOfWork, animal: Animal, tags: dict[TagKind, str], at: datetime) -> None:
    for kind, tag in tags.items():
        bearer = unit.animal_by_tag(kind, tag)
        if bearer is not None and bearer.pk != animal.pk:
            raise UndoImpossible(
                f"Tag {tag} is on animal {bearer} (no. {bearer.pk}) by now; taking this back"
                " would lose that."
            )
    assign_tags(unit, animal, tags, at, "taken back")


def check_tags(unit: UnitOfWork, animal_id: int, tags: Tags) -> None:
    """Raise UndoImpossible where the animal wears other tags by now."""
    animal = unit.by_number(Animal, [animal_id]).get(animal_id)
    if animal is None or by_kind(tags_of(animal)) != by_kind(tags):
        raise UndoImpossible(
            f"Animal no. {animal_id} has other tags by now; taking this back would lose them."
        )
