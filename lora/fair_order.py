"""Which payloads the worker takes next: the oldest first, and no reading waits long behind noise.

What cannot be read and what is heard again changes nothing in the herd and costs little: a step
takes a thousand of those along with its readings, in their order. Beyond these it takes readings
out of turn, but only past texts without one of `WORDS`: those are no readings, whoever sent them,
repeat none and move no signing counter. Readings themselves keep one order among all sources: two
readers see the same animals, and the later one must win.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from lora.models import LoRaPayload
from lora.payloads import InvalidPayload, parse
from lora.signing import inner

MOST_LOOKED_AT = 1_000  # settled in some 50 ms where none of them is a reading
EVERY = 10  # of a step is looked at, to see whether there is noise among it

WORDS = ("hxb", "hxe", "event", "sig:")
_MAY_BE_READING = " OR ".join(f"lower(raw_payload) LIKE '%%{word}%%'" for word in WORDS)


def next_payloads(load: Callable[[str], list[LoRaPayload]], most: int) -> list[LoRaPayload]:
    """Return the oldest that wait, `most` readings among them and what noise lies between.

    `load` returns what waits and fits a condition, which is SQL of ours.
    """
    oldest = load(f"TRUE ORDER BY id LIMIT {most}")
    if len(oldest) < most or not _is_flooded(oldest):
        return oldest
    many = load(f"TRUE ORDER BY id LIMIT {MOST_LOOKED_AT}")
    readings = list(islice(_places_of_readings(many), most + 1))
    if len(readings) > most:
        return many[: readings[most]]
    if len(many) < MOST_LOOKED_AT:
        return many
    later = f"id > {many[-1].id} AND ({_MAY_BE_READING})"
    return many + load(f"{later} ORDER BY id LIMIT {most - len(readings)}")


def _is_flooded(oldest: list[LoRaPayload]) -> bool:
    """Return whether half of them, about, change nothing."""
    repeats = len(oldest) - len({payload.raw_payload for payload in oldest})
    noise = EVERY * sum(map(_is_noise, oldest[::EVERY]))
    return 2 * (repeats + noise) >= len(oldest)


def _places_of_readings(payloads: list[LoRaPayload]) -> Iterator[int]:
    """Yield where a text stands that is a reading, and was not among those before it."""
    seen: set[str] = set()
    for place, payload in enumerate(payloads):
        if payload.raw_payload not in seen and not _is_noise(payload):
            seen.add(payload.raw_payload)
            yield place


def _is_noise(payload: LoRaPayload) -> bool:
    return isinstance(parse(inner(payload.raw_payload)), InvalidPayload)
