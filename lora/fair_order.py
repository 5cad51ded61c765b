"""Which payloads the worker takes next: the oldest first, but no reading waits behind noise.

A text without one of these words is no reading, whoever sent it: it changes nothing in the herd,
repeats no reading and moves no counter, so it may be settled after what came later. Readings keep
their order among all sources: two readers see the same animals, and the later one must win.
"""

from collections.abc import Callable

from lora.models import LoRaPayload

MOST_NOISE = 1_000  # in one step beside the readings, which cost more

WORDS = ("hxb", "hxe", "event", "sig:")
_MAY_BE_READING = " OR ".join(f"lower(raw_payload) LIKE '%%{word}%%'" for word in WORDS)


def next_payloads(load: Callable[[str], list[LoRaPayload]], most: int) -> list[LoRaPayload]:
    """Return the oldest `most` of what waits, and of a backlog the oldest readings and noise.

    `load` returns what waits and fits a condition, which is SQL of ours.
    """
    oldest = load(f"TRUE ORDER BY id LIMIT {most}")
    if len(oldest) < most or all(map(_may_be_reading, oldest)):
        return oldest
    readings = load(f"({_MAY_BE_READING}) ORDER BY id LIMIT {most}")
    if len(readings) == most:
        return readings
    noise = load(f"NOT ({_MAY_BE_READING}) ORDER BY id LIMIT {MOST_NOISE}")
    return sorted([*readings, *noise], key=lambda payload: payload.id)


def _may_be_reading(payload: LoRaPayload) -> bool:
    text = payload.raw_payload.lower()
    return any(word in text for word in WORDS)
