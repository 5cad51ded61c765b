"""What a path may be asked in its URL: an unknown name must not pass for one it knows."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final

from rest_framework import exceptions
from rest_framework.request import Request

ANYWHERE: Final = frozenset({"format", "_override"})  # the browsable API's own
YES: Final = frozenset({"1", "true"})
NO: Final = frozenset({"0", "false"})


def check_parameters(request: Request, known: Collection[str]) -> None:
    """Raise ValidationError where the URL has a parameter that is unknown, or one twice."""
    wrong: dict[str, list[str]] = {}
    for name, values in request.query_params.lists():
        if name not in known and name not in ANYWHERE:
            wrong[name] = [_unknown(name, known)]
        elif len(values) > 1:
            wrong[name] = ["Give it once."]
    if wrong:
        raise exceptions.ValidationError(dict(sorted(wrong.items())))


def _unknown(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    if nearest := get_close_matches(name.lower(), names, n=1):
        return f"There is no such parameter here. Did you mean {nearest[0]}?"
    if names:
        return f"There is no such parameter here, but: {', '.join(names)}."
    return "There is no such parameter here."


def flag(request: Request, name: str) -> bool:
    """Return whether the flag is set in the URL; raise ValidationError for neither yes nor no."""
    text = request.query_params.get(name, "0").lower()
    if text not in YES | NO:
        # Not even nothing is a no: who writes `?preview` wants to look, and would have changed it.
        raise exceptions.ValidationError({name: ["Give 1 or 0, true or false."]})
    return text in YES
