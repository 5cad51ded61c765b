"""What takes an import back: the steps of one slice of its sheet, and those of all as one text."""

import json
from collections.abc import Iterator
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder

# Changes are taken back long after: a name here is part of what is stored, and stays.
STEPS: Final = ("animals", "changed", "weights", "treatments", "pens", "batches")
LISTS: Final = ("animals", "changed", "weights", "treatments")
OBJECTS: Final = ("pens", "batches", "made")


def no_steps() -> dict[str, Any]:
    return {name: [] for name in STEPS}


class Steps:
    """The steps of an import's slices, as JSON: those of 20,000 animals are 4 MB even so."""

    def __init__(self) -> None:
        self._lists: dict[str, list[str]] = {name: [] for name in LISTS}
        self._objects: dict[str, list[str]] = {name: [] for name in OBJECTS}
        self._own: dict[str, list[str]] = {}

    def plus(self, steps: dict[str, Any]) -> "Steps":
        """Return these steps and those of the next slice."""
        made = Steps()
        made._lists = _joined(self._lists, {name: steps[name] for name in LISTS})
        made._objects = _joined(self._objects, {name: steps[name] for name in OBJECTS})
        made._own = _joined(self._own, steps["own"])
        return made

    def text(self) -> str:
        """Return them all as those of one import."""
        lists = _members(self._lists, "[", "]")
        objects = _members(self._objects, "{", "}")
        own = "".join(_members(self._own, "[", "]")).rstrip(",")
        return "".join(["{", *lists, *objects, '"own":{', own, "}}"])


def _joined(texts: dict[str, list[str]], found: dict[str, Any]) -> dict[str, list[str]]:
    made = dict(texts)
    for name, value in found.items():
        if value:
            made[name] = [*made.get(name, ()), encoded(value)[1:-1]]
    return made


def _members(texts: dict[str, list[str]], begin: str, end: str) -> Iterator[str]:
    for name, held in texts.items():
        yield f'"{name}":{begin}'
        for place, text in enumerate(held):
            if place:
                yield ", "
            yield text
        yield f"{end},"


def encoded(steps: object) -> str:
    return json.dumps(steps, cls=DjangoJSONEncoder)
