"""A merge taken back: both records are as before, as if it had never been (decision 40)."""

from datetime import datetime
from typing import Any, Final

from herd.errors import UndoImpossible
from herd.models import Animal, Batch, Movement, Pen, ReversibleChange, TagPairing
from herd.operations.merging import FILLED, PLACES, is_move_of
from herd.operations.moves import LEAVING
from herd.operations.references import repoint_foreign_keys
from herd.operations.retagging import by_kind, check_tags, remove_tags, restore_tags
from herd.operations.reversible_changes import as_column
from herd.operations.treating import recalculate_clear_on
from herd.operations.weighings import recalculate_gain
from herd.rules.withdrawal import has_left_early
from herd.unit_of_work import TAG_FIELDS, TagKind, UnitOfWork
from herd.withdrawal_lookups import is_early

# What is restored together: a day without its status would be nobody's.
RESTORED: Final = (*((name,) for name in FILLED), LEAVING, ("first_seen_at",), ("last_seen_at",))
Row = dict[str, Any]


def pens_of(unit: UnitOfWork, steps: dict[str, Any]) -> set[int | None]:
    """Return the pens that the animals of a merge are in, or will be when it is taken back."""
    kept = unit.by_number(Animal, [steps["kept"]]).values()
    return {steps[name]["pen_id"] for name in ("before", "absorbed")} | {one.pen_id for one in kept}


def unmerge(
    unit: UnitOfWork, change: ReversibleChange, steps: dict[str, Any], detail: str, at: datetime
) -> None:
    """Restore the two records as they were; what was recorded since stays with the kept one."""
    _check_order(unit, change, steps["kept"])
    before, after, absorbed = steps["before"], steps["after"], steps["absorbed"]
    check_tags(unit, steps["kept"], {kind: after[name] for kind, name in TAG_FIELDS.items()})
    kept = unit.animal_no(steps["kept"])
    _take_off_tags(unit, kept, steps, at)
    _accept_as_before(unit, kept, before)
    restored = _restore(unit, kept, (before, after), _moved_since(unit, steps))
    _delete_moves(unit, steps, restored)
    again = _restore_absorbed(unit, absorbed)
    repoint_foreign_keys(unit, steps["pointed"], again, at)
    _reopen_pairings(unit, steps.get("ended", ()))
    for animal, row in ((kept, before), (again, absorbed)):
        recalculate_clear_on(unit, animal)
        restore_tags(unit, animal, _tags(row), at)
        unit.record_change("cattle:retagged", animal, at, detail)
        recalculate_gain(unit, animal, at)


def _accept_as_before(unit: UnitOfWork, kept: Animal, before: Row) -> None:
    """Accept that the animal had left before it was clear, where it had before the merge."""
    names = ("status", "left_on", "clear_on", "not_clear_reason")
    if has_left_early(*(as_column(name, before.get(name)) for name in names)):
        unit.accept_early(kept)


def _check_order(unit: UnitOfWork, change: ReversibleChange, kept: int) -> None:
    """Raise UndoImpossible where a later merge is built upon this one."""
    for other in unit.rows(ReversibleChange, "kind", [ReversibleChange.Kind.MERGE]):
        merged = {other.steps["kept"], other.steps["absorbed"]["id"]}
        if other.pk > change.pk and other.undone_at is None and kept in merged:
            raise UndoImpossible(
                f"Animal no. {kept} was merged again since: “{other}”. Take that back first"
                f" (change no. {other.pk})."
            )


def _tags(row: Row) -> dict[TagKind, str]:
    return by_kind({kind: row[name] for kind, name in TAG_FIELDS.items()})


# -- the kept one -------------------------------------------------------------------------------


def _take_off_tags(unit: UnitOfWork, kept: Animal, steps: dict[str, Any], at: datetime) -> None:
    """Take off the tags that the merge gave; their pairings have never been."""
    made = unit.by_number(TagPairing, steps.get("paired", ()))
    for pairing in made.values():
        if pairing.to_at is None:
            unit.change(kept, **{TAG_FIELDS[pairing.kind]: None})  # type: ignore[index]  # one of the two
            unit.delete(TagPairing, [pairing.pk])
    was, is_now = _tags(steps["before"]), _tags(steps["after"])
    remove_tags(unit, kept, [kind for kind in was if was[kind] != is_now[kind]], is_now, at)


def _moved_since(unit: UnitOfWork, steps: Row) -> set[str]:
    """Return the places, as columns, that the kept animal was moved to since the merge."""
    if "own" not in steps:
        return set()  # a merge from before that was noted
    known = {*steps["own"], *steps["moved"].values()}
    for one in steps["pointed"]:
        known.update(one["ids"] if one["model"] == Movement._meta.label else ())  # noqa: SLF001 - Django's own
    moves = unit.rows(Movement, "animal_id", [steps["kept"]])
    new = [one for one in moves if one.pk not in known]
    return {name for name in PLACES for one in new if is_move_of(one, name)}


def _restore(unit: UnitOfWork, kept: Animal, rows: tuple[Row, Row], but_for: set[str]) -> set[str]:
    """Restore what nobody has changed since; return the names of those columns."""
    before, after = rows
    restored = set()
    for names in RESTORED:
        known = [name for name in names if name in before]  # not a column that was added since
        as_left = all(as_column(name, after[name]) == getattr(kept, name) for name in known)
        if as_left and but_for.isdisjoint(known):
            unit.change(kept, **{name: _value(unit, name, before) for name in known})
            restored.update(known)
    return restored


def _value(unit: UnitOfWork, name: str, row: Row) -> Any:  # noqa: ANN401 - any column's value
    """Return the column's value; none for a batch or pen that is gone since."""
    value = as_column(name, row[name])
    if name not in PLACES or value is None:
        return value
    return value if unit.by_number(Batch if name == "batch_id" else Pen, [value]) else None


def _delete_moves(unit: UnitOfWork, steps: dict[str, Any], restored: set[str]) -> None:
    """Delete the movements that the merge left, but for one on which later ones are built."""
    for name, pk in steps.get("moved", {}).items():
        if name in restored or steps["before"][name] == steps["after"][name]:
            unit.delete(Movement, [pk])


def _reopen_pairings(unit: UnitOfWork, ended: list[int]) -> None:
    for pairing in unit.by_number(TagPairing, ended).values():
        bearer = unit.animal_by_tag(pairing.kind, pairing.tag)  # type: ignore[arg-type]  # one of the two
        if bearer is None:  # else `restore_tags` says who
            unit.change(
                unit.animal_no(pairing.animal_id),
                **{TAG_FIELDS[pairing.kind]: pairing.tag},  # type: ignore[index]  # one of the two
            )
            unit.reopen_pairing(pairing)


# -- the other one ------------------------------------------------------------------------------


def _restore_absorbed(unit: UnitOfWork, row: Row) -> Animal:
    """Add the record again, without its tags, which are unique and may still be on the kept one."""
    values = {name: _value(unit, name, row) for name in row}
    bearer = unit.animal(values["livestock_id"]) if values["livestock_id"] else None
    if bearer is not None:
        raise UndoImpossible(
            f"{bearer.livestock_id} is another animal by now (no. {bearer.pk}); give that one"
            " another id first."
        )
    animal = Animal(**{**values, **dict.fromkeys(TAG_FIELDS.values())})
    unit.add(animal)
    if is_early(animal):
        unit.accept_early(animal)  # as it was before the merge
    unit.record_change("cattle:created", animal, animal.last_seen_at)
    return animal
