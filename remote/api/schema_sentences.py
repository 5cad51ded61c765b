"""How an operation of the API is described, and the sentences that several of them share."""

from typing import Any, Final, NamedTuple

STALE: Final = (
    "Only the fields that are given change. `seen` may say, by field, what the person saw: where it"
    " is something else by now, the answer is 409 `changed_since` and nothing is changed."
)
ALL_OR_NONE: Final = "All of them or, where one cannot, none."
NOT_CLEAR: Final = (
    "409 `not_clear` where an animal would be exported or sold before it is clear of what it was"
    " treated with, unless `override` says why, for a person who is a manager or an administrator."
)


class Operation(NamedTuple):
    summary: str
    description: str = ""
    example: dict[str, Any] | None = None  # of the body
