"""What taking a change back would do, in sentences for the person who is about to."""

from herd.models import ReversibleChange
from lora.conflicts import ASKED_BY

Kind = ReversibleChange.Kind


def undoing(change: ReversibleChange) -> list[str]:
    match change.kind:
        case Kind.MERGE:
            told = _parting(change)
        case Kind.RETAG:
            told = _giving_back(change)
        case _:
            told = _taking_out(change)
    if payload := change.steps.get(ASKED_BY):
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
    does = {
        "animals": "{} animals that it added will be deleted.",
        "changed": "{} animals get back the values they had before.",
        "weights": "{} weights will be voided.",
        "pens": "{} pens that it made will be deleted if they are empty.",
    }
    counts = {name: len(change.steps[name]) for name in does}
    return [does[name].format(count) for name, count in counts.items() if count]
