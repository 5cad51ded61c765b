"""What taking a change back would do, in sentences for the person who is about to."""

from typing import Final

from django.db import transaction
from django.utils import timezone

from herd.errors import HerdError
from herd.models import ReversibleChange
from herd.unit_of_work import open_unit_of_work
from lora import conflicts
from remote.api.changes import PATIENCE

Kind = ReversibleChange.Kind

_DOES: Final = {  # of one, of many
    "animals": (
        "One animal that it added will be deleted.",
        "{} animals that it added will be deleted.",
    ),
    "changed": (
        "One animal gets back the values it had before.",
        "{} animals get back the values they had before.",
    ),
    "weights": ("One weight will be voided.", "{} weights will be voided."),
    "pens": (
        "One pen that it made will be deleted if it is empty.",
        "{} pens that it made will be deleted if they are empty.",
    ),
}


def refused(change: ReversibleChange, actor: str) -> str:
    """Why the change cannot be taken back, "" where it can: that is tried, and undone."""
    try:
        with open_unit_of_work(actor, timeout=PATIENCE) as unit:
            conflicts.undo(unit, change.pk, timezone.now())
            unit.write()
            transaction.set_rollback(True)
    except HerdError as error:
        return str(error)
    return ""


def undoing(change: ReversibleChange) -> list[str]:
    match change.kind:
        case Kind.MERGE:
            told = _parting(change)
        case Kind.RETAG:
            told = _giving_back(change)
        case _:
            told = _taking_out(change)
    if payload := change.steps.get(conflicts.ASKED_BY):
        told.append(f"Payload no. {payload} is in conflict again and waits for a decision.")
    return told


def _parting(change: ReversibleChange) -> list[str]:
    absorbed, kept = change.steps["absorbed"], change.steps["kept"]
    name = absorbed["livestock_id"] or f"no. {absorbed['id']}"
    return [
        f"Animal {name} is a record of its own again, with its tags, weights, reads and moves.",
        f"What was recorded since the merge stays with animal no. {kept}.",
    ]


def _giving_back(change: ReversibleChange) -> list[str]:
    told = []
    for one in change.steps["tags"]:
        before = one["before"]
        told.append(
            f"Animal no. {one['animal']} wears LF {before['lf'] or '–'} and UHF"
            f" {before['uhf'] or '–'} again."
        )
    return told


def _taking_out(change: ReversibleChange) -> list[str]:
    counts = {name: len(change.steps[name]) for name in _DOES}
    return [_DOES[name][count > 1].format(count) for name, count in counts.items() if count]
