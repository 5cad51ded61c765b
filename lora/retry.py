"""A payload in error is corrected or simply tried again."""

from datetime import datetime

from django.utils import timezone

from herd.concurrency import carry_out
from herd.errors import HerdError
from herd.lookups import Lookups
from herd.storage.journal import REQUEST_TIMEOUT
from herd.unit_of_work import UnitOfWork
from lora.models import LoRaPayload, digest_of


class UnknownPayload(HerdError):
    code = "unknown_payload"


class NotRetryable(HerdError):
    """The row is not in error: its effect is done and must stay single."""

    code = "not_in_error"


def retry(payload_id: int, *, actor: str, text: str | None = None) -> LoRaPayload:
    """Do `retry_one` in a transaction of its own."""
    return carry_out(actor, lambda unit: retry_one(unit, payload_id, text), REQUEST_TIMEOUT)


def retry_one(unit: UnitOfWork, payload_id: int, text: str | None = None) -> LoRaPayload:
    """Hand a row in error to the worker again, with its text corrected where one is given.

    Raise UnknownPayload or NotRetryable.
    """
    # Whoever corrects a text vouches for it: it needs no signature any more. Trying again as it is
    # does not vouch.
    payload = payload_no(unit, payload_id)
    if payload.status != LoRaPayload.Status.ERROR:
        raise NotRetryable(
            f"Payload no. {payload_id} is {payload.status}; only one in error can be retried."
        )
    hand_again(unit, payload, text, timezone.now())
    return payload


def payload_no(lookups: Lookups, payload_id: int) -> LoRaPayload:
    """Return the payload of this number; raise UnknownPayload."""
    payload = lookups.by_number(LoRaPayload, [payload_id]).get(payload_id)
    if payload is None:
        raise UnknownPayload(f"Payload no. {payload_id} does not exist.")
    return payload


def hand_again(unit: UnitOfWork, payload: LoRaPayload, text: str | None, at: datetime) -> None:
    """Hand a payload to the worker, as if it had just come."""
    detail = ""
    if text is not None and _as_in_a_form(text) != _as_in_a_form(payload.raw_payload):
        detail = f"corrected from: {payload.raw_payload}"  # the journal cuts it, the row does not
        unit.change(
            payload,
            original_payload=payload.original_payload or payload.raw_payload,
            raw_payload=text,
            digest=digest_of(text),
            corrected_by=unit.actor[:150],
            signed_by=None,
        )
    unit.change(
        payload,
        status=LoRaPayload.Status.RECEIVED,
        error_code="",
        error_message="",
        attempts=0,
        processed_at=payload.processed_at or at,  # tells that its error is counted
    )
    unit.note("payload:received", payload.pk, at, detail)


def _as_in_a_form(text: str) -> str:
    """Return the text as a form's field sends it."""
    # That changes line ends and the space around, which no person did.
    return "".join(text.splitlines()).strip()
