"""Why a payload is no reading of its source, whatever its text says."""

from typing import Final

from django.conf import settings

from lora.models import LoRaPayload
from lora.payloads import InvalidPayload
from lora.signing import UNSIGNED, Guard

SIMULATED: Final = "simulated"
# Refused for where it came from: the same text from another source is no repeat of it.
OF_ITS_SOURCE: Final = (UNSIGNED, SIMULATED)


def refusal(payload: LoRaPayload, guard: Guard) -> InvalidPayload | None:
    """Return why a payload is refused, or None."""
    # A signature is judged once: what was accepted, or a person has vouched for, stays so.
    if payload.signed_by is not None or payload.corrected_by is not None:
        return None
    if payload.simulated and not settings.LORA_TAKE_SIMULATED:
        return InvalidPayload(
            SIMULATED,
            "Its LoRaWAN server says that no device sent it: it was simulated there, and changes"
            " nothing here.",
        )
    judged = guard.judge(payload.source, payload.raw_payload)
    if isinstance(judged, InvalidPayload):
        return judged
    payload.signed_by = judged or None
    return None
