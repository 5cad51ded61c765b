"""Names that people give: two that differ in upper and lower case alone would be one mistake.

What a radio brought is found by its exact name, and stays.
"""

from typing import Final

from herd.errors import NameTaken
from herd.models import Animal, Batch, Pen

NAME_OF: Final[dict[type[Batch | Pen | Animal], str]] = {
    Batch: "batch_number", Pen: "pen_number", Animal: "livestock_id",
}  # fmt: skip


def check_name(row: Batch | Pen | Animal) -> None:
    """Raise NameTaken where another row has this name but for the case."""
    field = NAME_OF[type(row)]
    name = getattr(row, field)
    if name:
        others = type(row)._default_manager.exclude(pk=row.pk)  # noqa: SLF001 - Django's own
        alike = others.filter(**{f"{field}__iexact": name}).values_list(field, flat=True)
        refuse_alike(row, alike.first() or name)


def refuse_alike(row: Batch | Pen | Animal, found: str) -> None:
    """Raise NameTaken where the name that was found is not the very name of the row."""
    field = NAME_OF[type(row)]
    if found != getattr(row, field):
        raise NameTaken(
            f"There is {row._meta.verbose_name} {found} already: {getattr(row, field)} differs from"  # noqa: SLF001 - Django's own
            " it in upper and lower case alone.",
            field=field,
        )


class Ids:
    """The livestock ids of the herd by their form without case, for the many rows of a sheet."""

    def __init__(self) -> None:
        self._known: dict[str, str] | None = None

    def claim(self, animal: Animal, was: str | None = None) -> None:
        """Give the animal its name from now on, and free `was`, its name until now. Raise
        NameTaken."""
        name = animal.livestock_id
        if not name or name == was:
            return
        if self._known is None:
            named = Animal.objects.exclude(livestock_id=None)
            rows = named.values_list("livestock_id", flat=True)
            self._known = {str(one).casefold(): str(one) for one in rows}
        found = self._known.get(name.casefold(), name)
        refuse_alike(animal, name if found == was else found)
        self._known[name.casefold()] = name
