"""What taking an operation back would do, in sentences for the person who is about to, and how it
is asked for."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from django.utils import timezone
from rest_framework.request import Request

from herd.concurrency import carry_out
from herd.errors import HerdError
from herd.models import ReversibleChange
from herd.operations.placing import Overfill
from herd.unit_of_work import UnitOfWork
from lora import conflicts
from remote.api import inputs
from remote.api.authentication import actor_of
from remote.api.changes import is_preview, override_of
from remote.api.serializers import Shape
from remote.api.views.base import valid

Kind = ReversibleChange.Kind
MOST_NAMED: Final = 30  # of those that stay as they are
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
    "treatments": ("One treatment will be voided.", "{} treatments will be voided."),
    "pens": (
        "One pen that it made will be deleted if it is empty.",
        "{} pens that it made will be deleted if they are empty.",
    ),
}


def undoing(request: Request, change: ReversibleChange) -> Shape:
    """Return the sentences; with `?preview=1` it is tried, and they say what would stay."""
    code, why, remainder = "", "", change.remainder
    if is_preview(request) and change.undone_at is None:
        code, why, remainder = _tried(change, actor_of(request))
    sentences = [why] if why else [*_undoing(change), *_staying(remainder or [])]
    refused = {"refused": why, "refused_code": code}
    return {"undoing": sentences, **refused, "remainder": remainder}


def _tried(change: ReversibleChange, actor: str) -> tuple[str, str, list[Any] | None]:
    """Return why the change cannot be taken back, as code and sentence, "" where it can; and what
    would stay."""
    try:
        undo = partial(conflicts.undo, change_id=change.pk, at=timezone.now())
        return "", "", carry_out(actor, undo, preview=True).remainder
    except HerdError as error:
        return error.code, str(error), None


def _staying(remainder: list[Any]) -> list[str]:
    if not remainder:
        return []
    count = len(remainder)
    named = [f"{one['why']}" for one in remainder[:MOST_NAMED]]
    more = [f"And {count - MOST_NAMED} more."] if count > MOST_NAMED else []
    head = "One stays as it is:" if count == 1 else f"{count} stay as they are:"
    return [head, *named, *more]


def undo_asked(request: Request, pk: int) -> Callable[[UnitOfWork], ReversibleChange]:
    """Return the operation that takes a change back as the request says."""
    given = valid(inputs.UndoInput, request)
    overfill = Overfill(given["force"], given.get("reason", ""))
    override = override_of(request, given)
    return lambda unit: conflicts.undo(unit, pk, timezone.now(), overfill, override)


def _undoing(change: ReversibleChange) -> list[str]:
    """Return what taking the change back would do, in sentences for the person who is about to."""
    match change.kind:
        case Kind.MERGE:
            sentences = _parting(change)
        case Kind.RETAG:
            sentences = _giving_back(change)
        case Kind.SCALE:
            count = len(change.steps["weights"])
            sentences = [f"Weights that get back the kilograms they had before: {count}."]
        case Kind.SHIPMENT:
            sentences = _loading_again(change)
        case Kind.IMPORT:
            sentences = _taking_out(change)
        case Kind.LOADING:
            sentences = [_of_a_shipment(change)]
        case _:
            sentences = [_as_before(change)]
    if payload := change.steps.get(conflicts.ASKED_BY):
        sentences.append(f"Payload no. {payload} is in conflict again and waits for a decision.")
    return sentences


def _as_before(change: ReversibleChange) -> str:
    if change.entries.filter(kind__startswith="cattle:").exists():
        count = change.count
        return f"{'One animal is' if count == 1 else f'{count} animals are'} as before."
    return "All of it is as before."


def _of_a_shipment(change: ReversibleChange) -> str:
    if any(label == "herd.Shipment" for label, *_ in change.steps["made"]):
        return "The shipment will be cancelled."
    count = change.animals.count()  # that no journal row names
    if not count:
        return "The shipment is as before."
    return f"{'One animal is' if count == 1 else f'{count} animals are'} in the shipment as before."


def _parting(change: ReversibleChange) -> list[str]:
    absorbed, kept = change.steps["absorbed"], change.steps["kept"]
    name = absorbed["livestock_id"] or f"no. {absorbed['id']}"
    return [
        f"Animal {name} is a record of its own again, with its tags, weights, reads and moves.",
        f"What was recorded since the merge stays with animal no. {kept}.",
    ]


def _giving_back(change: ReversibleChange) -> list[str]:
    return [
        f"Animal no. {one['animal']} wears LF {one['before']['lf'] or '–'} and UHF"
        f" {one['before']['uhf'] or '–'} again."
        for one in change.steps["tags"]
    ]


def _loading_again(change: ReversibleChange) -> list[str]:
    head = len(change.steps["animals"])
    return [
        f"{'One animal is' if head == 1 else f'{head} animals are'} as before the shipment left.",
        "The shipment is being loaded again.",
    ]


def _taking_out(change: ReversibleChange) -> list[str]:
    counts = {name: len(change.steps.get(name, ())) for name in _DOES}
    return [_DOES[name][count > 1].format(count) for name, count in counts.items() if count]
