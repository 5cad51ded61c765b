"""Which tag is whose: tags given to another animal, and two records of one animal made one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from herd.errors import BadValue, NothingToChange, TagConflict, UndoImpossible
from herd.fields import ANIMAL
from herd.models import Animal, Batch, Pen, ReversibleChange
from herd.operations.placing import assign_tags, tag_form
from herd.operations.references import pointers, repoint_foreign_keys
from herd.operations.weighings import recalculate_gain
from herd.unit_of_work import TAG_FIELDS, TagKind, UnitOfWork

FILLED = tuple(one.attname for one in ANIMAL if one.is_merged)
Tags = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Retag:
    animal: int
    at: datetime
    lf: str = ""  # "" leaves the tag as it is
    uhf: str = ""
    reason: str = ""
    take_over: bool = False  # from another animal; else that is a TagConflict


@dataclass(frozen=True, slots=True)
class Merge:
    keep: int
    absorb: int
    at: datetime
    lf: str = ""  # the tag after the merge; "" for that of the kept one, or else of the other
    uhf: str = ""
    reason: str = ""


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


def merge(unit: UnitOfWork, asked: Merge) -> tuple[Animal, ReversibleChange]:
    """Make one animal of two records; return it and the reversible change."""
    if asked.keep == asked.absorb:
        raise BadValue("An animal cannot be merged with itself.")
    kept, absorbed = unit.animals([asked.keep, asked.absorb])
    new = _tags_after(unit, kept, absorbed, asked)
    steps: dict[str, Any] = {"kept": kept.pk, "before": _row(kept), "absorbed": _row(absorbed)}
    steps["pointed"] = pointers(unit, absorbed)
    _absorb(unit, kept, absorbed, steps["pointed"], asked.at)
    _fill(unit, kept, steps["absorbed"])
    assign_tags(unit, kept, new, asked.at, asked.reason)
    unit.record_change("cattle:retagged", kept, asked.at, f"merged with no. {asked.absorb}")
    recalculate_gain(unit, kept, asked.at)
    steps["after"] = _row(kept)
    summary = f"{steps['absorbed']['livestock_id'] or f'No. {asked.absorb}'} merged into {kept}"
    return kept, save_reversible_change(unit, "merge", summary, asked.at, steps)


def _tags_after(
    unit: UnitOfWork, kept: Animal, absorbed: Animal, asked: Merge
) -> dict[TagKind, str]:
    """Return the tags after the merge. Raise TagConflict for a tag that a third animal bears."""
    new: dict[TagKind, str] = {
        "lf": tag_form(asked.lf) or kept.lf_tag or absorbed.lf_tag or "",
        "uhf": tag_form(asked.uhf) or kept.uhf_tag or absorbed.uhf_tag or "",
    }
    for kind, tag in new.items():
        bearer = unit.animal_by_tag(kind, tag)
        if bearer is not None and bearer.pk not in {kept.pk, absorbed.pk}:
            raise TagConflict(f"Tag {tag} is on a third animal, {bearer} (no. {bearer.pk}).")
    return new


def _absorb(
    unit: UnitOfWork,
    kept: Animal,
    absorbed: Animal,
    pointed: list[dict[str, Any]],
    at: datetime,
) -> None:
    """Point what names a record to another one, take its tags off it, and delete it."""
    remove_tags(unit, absorbed, list(TAG_FIELDS), by_kind(tags_of(absorbed)), at)
    repoint_foreign_keys(unit, pointed, kept, at)
    unit.record_delete(absorbed, at, f"merged into {kept} (no. {kept.pk})")


def _fill(unit: UnitOfWork, kept: Animal, absorbed: dict[str, Any]) -> None:
    """Fill in what the kept record does not say and the other did."""
    missing = [name for name in FILLED if getattr(kept, name) in {None, ""}]
    unit.change(kept, **{name: absorbed[name] for name in missing})
    if absorbed["notes"] and absorbed["notes"] not in kept.notes:
        unit.change(kept, notes=f"{kept.notes}\n{absorbed['notes']}".strip())
    unit.change(
        kept,
        first_seen_at=min(kept.first_seen_at, absorbed["first_seen_at"]),
        last_seen_at=max(kept.last_seen_at, absorbed["last_seen_at"]),
    )
    if kept.status == Animal.Status.PENDING:
        unit.change(kept, status=absorbed["status"])


def _row(animal: Animal) -> dict[str, Any]:
    """Return all columns by their names in Python."""
    # All of them, and not the fields alone: the row is made again from these when it is undone.
    return {field.attname: getattr(animal, field.attname) for field in animal._meta.concrete_fields}  # noqa: SLF001 - Django's own


def as_column(name: str, value: Any) -> Any:  # noqa: ANN401 - any column's value
    """Return a value of the steps, which are JSON, as the column holds it."""
    if name in {"batch_id", "pen_id"}:
        return value
    column: Any = Animal._meta.get_field(name)  # noqa: SLF001 - Django's own
    return column.to_python(value)


def as_json(row: Animal | Batch | Pen, name: str) -> Any:  # noqa: ANN401 - any column's value
    """Return a column's value as the steps hold it, which are JSON."""
    value = getattr(row, name)
    if isinstance(value, datetime):
        value = value.astimezone(UTC)  # as the database returns it
    return value.isoformat() if hasattr(value, "isoformat") else value


def save_reversible_change(
    unit: UnitOfWork, kind: str, summary: str, at: datetime, steps: dict[str, Any]
) -> ReversibleChange:
    change = ReversibleChange(
        kind=kind, summary=summary[:300], made_at=at, made_by=unit.actor, steps=steps
    )
    unit.add(change)
    return change
