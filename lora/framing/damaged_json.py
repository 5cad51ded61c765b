"""JSON that was damaged on its way → the whole objects in it, and what lies between them."""

import json
from collections.abc import Callable
from typing import Final, TypeAlias

Object: TypeAlias = dict[str, object]

# Every "{" may begin an object that reaches to the end, and each error counts the line ends before
# it: without a bound, 64 KiB of them would stop the receiver for seconds.
_MOST_READ: Final = 500_000  # characters, with all looks together: at most 50 ms
_ONE_LOOK: Final = 500
_DECODER: Final = json.JSONDecoder(strict=False)


def object_at(text: str, start: int = 0) -> tuple[Object | None, int]:
    """Return the object that begins there and where it ends; None, and how far it was read."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        return None, error.pos
    except (ValueError, RecursionError):  # a number of 5,000 digits, 50,000 brackets
        return None, len(text)
    return (value if isinstance(value, dict) else None), end


def pieces(text: str, is_wanted: Callable[[Object], bool]) -> list[Object | str]:
    """Return the wanted objects that are whole, and the texts before, between and after them."""
    found: list[Object | str] = []
    position = start = 0
    left = _MOST_READ
    while left > 0 and (position := text.find("{", position)) >= 0:
        value, end = object_at(text, position)
        left -= max(_ONE_LOOK, end - position)
        if value is not None and is_wanted(value):
            found += [text[start:position], value]
            start = position = end
        else:
            position += 1  # what is no reception may hold some
    return [*found, text[start:]]
