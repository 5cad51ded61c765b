"""The act of a person that a unit of work carries out: what it was, told from what it changed.

It stands here once, where every change comes by, and in no view: whatever asks for a change, its
journal rows belong to an operation.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from django.db.models import Model

from herd.act import MOST_NAMED, Act, Kind, Told, reason_of
from herd.acts_of_shipments import shipment_act
from herd.captured_rows import VOID
from herd.causes import CAUSES
from herd.models import (
    Animal,
    Batch,
    Movement,
    Pen,
    Product,
    Pull,
    ScaleStep,
    Session,
    Treatment,
    WeightRecord,
    WorkMark,
)
from herd.rules.counts import counted

LEFT: Final = {"dead": "died", "sold": "sold", "exported": "exported"}


def tell(act: Act) -> Told:
    """Return what the act was."""
    for rule in RULES:
        if (told := rule(act)) is not None:
            return told
    kinds = list(dict.fromkeys(one.kind for one in act.entries))
    return Told(Kind.OTHER, ", ".join(kinds))


# -- weights and treatments ---------------------------------------------------------------------


def _weighed(act: Act) -> Told | None:
    made, void = act.made(WeightRecord), act.changed(WeightRecord, "quality")
    void = [one for one in void if one[1]["quality"][1] == VOID]
    if made and void:
        what = f"Weight of {act.named(made)}: {_kg(void[0][0])} → {_kg(made[0])}"
        return Told(Kind.REPLACE, what, reason_of((row for row, _ in void), "reason"))
    if made:
        what = _kg(made[0]) if len(made) == 1 else counted(len(made), "weight")
        return Told(Kind.WEIGHT, f"{what} of {act.named(made)}")
    if not void:
        return None
    rows = [row for row, _ in void]
    return Told(Kind.VOID, f"{_weights(rows)} of {act.named(rows)} void", reason_of(rows, "reason"))


def _weight_decided(act: Act) -> Told | None:
    changed = act.changed(WeightRecord, "quality", "accepted_by")
    if not changed:
        return None
    rows = [row for row, _ in changed]
    was_void = any(VOID in told.get("quality", ()) for _, told in changed)
    kind, what = (Kind.UNVOID, "void no more") if was_void else (Kind.ACCEPT, "accepted")
    return Told(kind, f"{_weights(rows)} of {act.named(rows)} {what}")


def _kg(record: WeightRecord) -> str:
    return f"{float(record.weight_kg):g} kg"


def _weights(rows: Sequence[WeightRecord]) -> str:
    return f"Weight of {_kg(rows[0])}" if len(rows) == 1 else counted(len(rows), "weight")


def _treated(act: Act) -> Told | None:
    made = act.made(Treatment)
    if made:
        products = act.unit.by_number(Product, [one.product_id for one in made])
        what = f"{act.named(made)} treated with {', '.join(map(str, products.values()))}"
        return Told(Kind.TREATMENT, what, reason_of(made, "reason"))
    if not (void := [row for row, _ in act.changed(Treatment, "voided_at")]):
        return None
    products = act.unit.by_number(Product, [one.product_id for one in void])
    what = f"Treatment of {act.named(void)} with {', '.join(map(str, products.values()))} void"
    return Told(Kind.TREATMENT_VOID, what, reason_of(void, "void_reason"))


def _pulled(act: Act) -> Told | None:
    if made := act.made(Pull):
        causes = ", ".join(dict.fromkeys(CAUSES[one.cause] for one in made))
        return Told(Kind.PULL, f"{act.named(made)} pulled: {causes}", reason_of(made, "note"))
    if not (rows := [row for row, _ in act.changed(Pull, "returned_at", "voided_at")]):
        return None
    what = "not pulled after all" if rows[0].voided_at else "sent back to the pen"
    return Told(Kind.PULL, f"{act.named(rows)} {what}", reason_of(rows, "void_reason"))


# -- animals ------------------------------------------------------------------------------------


def _left(act: Act) -> Told | None:
    rows = [row for row, _ in act.changed(Animal, "status", "left_on", "left_reason")]
    if not rows:
        return None
    first = rows[0]
    what = LEFT.get(first.status)
    day = f" on {first.left_on}" if first.left_on else ""
    text = f"{act.head(rows)} {what}{day}" if what else f"{act.head(rows)} back on feed"
    return Told(Kind.LEAVING, text, reason_of(rows, "left_reason"))


def _moved(act: Act) -> Told | None:
    for name, model in (("pen_id", Pen), ("batch_id", Batch)):
        if not (moved := act.changed(Animal, name)):
            continue
        olds, news = ({told[name][n]: None for _, told in moved} for n in (0, 1))
        way = f"{_places(act, model, olds)} → {_places(act, model, news)}"
        what = f"{act.head([row for row, _ in moved])} moved {way}"
        return Told(Kind.MOVE, what, reason_of(act.made(Movement), "reason"))
    return None


def _places(act: Act, model: type[Batch | Pen], numbers: Iterable[int | None]) -> str:
    wanted = list(numbers)
    if len(wanted) > MOST_NAMED:
        return f"{len(wanted)} {'pens' if model is Pen else 'batches'}"
    found = act.unit.by_number(model, [pk for pk in wanted if pk is not None])
    names = [f"no. {pk}" if pk not in found else str(found[pk]) for pk in wanted if pk is not None]
    return ", ".join([*names, *["–"] * (None in wanted)])


# -- all else -----------------------------------------------------------------------------------


def _entered(act: Act) -> Told | None:
    for model in (Animal, Batch, Pen, Product):
        if made := act.made(model):
            return Told(Kind.CREATE, f"{_called(model)} {act.named(made)} entered")
    return None


def _deleted(act: Act) -> Told | None:
    rows = [(model, row) for model, some in act.did.deleted.items() for row in some]
    rows = [one for one in rows if one[0] in {Animal, Batch, Pen}]
    if not rows:
        return None
    return Told(Kind.DELETE, ", ".join(f"{_called(model)} {row} deleted" for model, row in rows))


def _session(act: Act) -> Told | None:
    if made := act.made(Session):
        return Told(Kind.SESSION, f"Session {act.named(made)} begun")
    if not (changed := act.changed(Session, *_columns(Session))):
        return None
    row, told = changed[0]
    what = _details(told)
    if "ended_at" in told:
        what = "ended" if row.ended_at else "resumed"
    return Told(Kind.SESSION, f"Session {row} {what}")


def _scale_step(act: Act) -> Told | None:
    rows = [*act.made(ScaleStep), *(row for row, _ in act.changed(ScaleStep, *_columns(ScaleStep)))]
    if not rows:
        return None
    what = "not adjusted" if rows[0].undone_at else "adjusted"
    return Told(Kind.SCALE_STEP, f"Scale {rows[0].scale} {what} on {rows[0].day}")


def _message(act: Act) -> Told | None:
    # By the journal and not by its table, which belongs to the radio.
    entries = [one for one in act.entries if one.kind.startswith("payload:")]
    if not entries:
        return None
    what = "tried again" if entries[0].kind == "payload:received" else "decided on"
    numbers = ", ".join(f"no. {one.object_id}" for one in entries[:MOST_NAMED])
    more = f" and {len(entries) - MOST_NAMED} more" if len(entries) > MOST_NAMED else ""
    return Told(Kind.MESSAGE, f"Radio message {numbers}{more} {what}", entries[0].detail[:200])


def _work(act: Act) -> Told | None:
    rows = [*act.made(WorkMark), *(row for row, _ in act.changed(WorkMark, *_columns(WorkMark)))]
    if not rows:
        return None
    ended = " (ended)" if rows[0].ended_at else ""
    return Told(Kind.WORK, f"Work {act.named(rows)}{ended}", reason_of(rows, "reason"))


def _edited(act: Act) -> Told | None:
    changed = [(model, one) for model, some in act.did.changed.items() for one in some]
    if not changed:
        return None
    model, (row, told) = changed[0]
    if len(changed) > 1:
        rows = act.named(row for _, (row, _) in changed)
        return Told(Kind.EDIT, f"{rows}: {', '.join(told)}".replace("_", " "))
    return Told(Kind.EDIT, f"{_called(model)} {row}: {_details(told)}")


def _called(model: type[Model]) -> str:
    return str(model._meta.verbose_name).capitalize()  # noqa: SLF001 - Django's own


def _columns(model: type[Model]) -> list[str]:
    return [one.attname for one in model._meta.concrete_fields]  # noqa: SLF001 - see above


def _details(told: dict[str, Any]) -> str:
    """Return `breed: – → Angus; notes: limps → –`."""
    spoken = {"batch_id": "batch", "pen_id": "pen"}
    return "; ".join(
        f"{spoken.get(name, name).replace('_', ' ')}: {was or '–'} → {now or '–'}"
        for name, (was, now) in told.items()
    )


# The first that knows the act tells it; one that changes less comes after one that changes more.
RULES: Final[tuple[Callable[[Act], Told | None], ...]] = (
    *(_deleted, _entered, _session, shipment_act, _treated, _pulled, _weighed, _weight_decided),
    *(_left, _moved, _scale_step, _message, _work, _edited),
)
