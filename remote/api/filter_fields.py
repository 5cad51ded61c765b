"""Kinds of filters, of which the filters of the lists are made."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field

from herd.rules.searching import searched_text, unaccented
from remote.api.input_fields import LARGEST

NUMBER: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": LARGEST}
NONE = "none"


@extend_schema_field(NUMBER)
class IdFilter(django_filters.Filter):  # type: ignore[misc]  # the package has no types
    # Bounded: a number that no table can hold would be the database's OverflowError, not a 400.
    field_class = forms.IntegerField

    def __init__(self, field_name: str, lookup_expr: str = "exact", **more: str) -> None:
        super().__init__(field_name, lookup_expr, min_value=0, max_value=LARGEST, **more)


class NumberOrNone(forms.IntegerField):
    default_error_messages = {"invalid": f"Enter a whole number, or {NONE}."}
    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:  # noqa: ANN401 - whatever was asked
        is_none = isinstance(value, str) and value.strip().lower() == NONE
        return NONE if is_none else super().to_python(value)

    def run_validators(self, value: Any) -> None:  # noqa: ANN401 - see above
        if value != NONE:
            super().run_validators(value)


@extend_schema_field({"anyOf": [NUMBER, {"type": "string", "const": NONE}]})
class IdOrNoneFilter(IdFilter):
    """Takes `none` for the rows that have no such reference."""

    field_class = NumberOrNone

    def filter(self, rows: QuerySet[Any], value: Any) -> QuerySet[Any]:  # noqa: ANN401 - see above
        if value == NONE:
            return rows.filter(**{f"{self.field_name}__isnull": True})
        found: QuerySet[Any] = super().filter(rows, value)
        return found


class SearchFilter(django_filters.CharFilter):  # type: ignore[misc]  # the package has no types
    """Finds rows by any part of their text, in any case and without accents, as the office does."""

    def __init__(self, *columns: str) -> None:
        super().__init__(help_text="Any part, in any case, with or without accents.")
        self.columns = columns

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        # Not `icontains`: SQLite knows upper and lower case of English letters alone. These are
        # small tables.
        wanted = unaccented(value.strip())
        if not wanted:
            return rows
        texts = rows.order_by().values_list("pk", *self.columns)
        return rows.filter(pk__in=[pk for pk, *some in texts if wanted in searched_text(some)])


YES = {"true": True, "1": True, "false": False, "0": False}
NO = {word: not is_yes for word, is_yes in YES.items()}


class WordFilter(django_filters.TypedChoiceFilter):  # type: ignore[misc]  # the package has no types
    def __init__(self, field_name: str, values: Mapping[str, object], **more: str) -> None:
        choices = [(word, word) for word in values]
        super().__init__(field_name=field_name, choices=choices, coerce=values.get, **more)
        # Whatever a word stands for, it is asked for as text.
        set_override(self, "field", {"type": "string", "enum": [*values]})


class Filters(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    base_filters: dict[str, Any]

    def __init__(self, data: Mapping[str, Any] | None = None, *args: Any, **more: Any) -> None:
        # A list is asked for by a name or two: making fields of all the others took a tenth of an
        # answer. A page of the browsable API shows them all.
        if data is not None and not _is_page(more.get("request")):
            declared = self.base_filters.items()
            self.base_filters = {name: one for name, one in declared if name in data}
        super().__init__(data, *args, **more)

    @classmethod
    def get_filters(cls) -> dict[str, Any]:
        """Return the filters, each labelled with its name: a form shows them."""
        found: dict[str, Any] = super().get_filters()
        for name, one in found.items():
            one.label = name.replace("_", " ").capitalize()
        return found


def _is_page(request: Any) -> bool:  # noqa: ANN401 - REST framework's
    return getattr(getattr(request, "accepted_renderer", None), "format", "") == "api"
