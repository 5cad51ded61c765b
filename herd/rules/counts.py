"""Counts in words: one animal, many animals. Pure."""


def counted(count: int, one: str, many: str = "") -> str:
    """Return the count with the word that fits it; `many` where it is not `one` with an s."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"
