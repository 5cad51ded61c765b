"""Which query strings the admin takes: those that a page of its own, or a person, could have made.

Django looks up whatever an address asks for. A regular expression can hold the process for minutes,
and a number or a day that no table can hold ends as an error of ours, or as one of the database.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC
from typing import Any, Final

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.admin.views.main import IGNORED_PARAMS, PAGE_VAR, SEARCH_VAR
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import CharField, DateTimeField, Field, Model, TextField
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

LONGEST: Final = 1000  # characters; a page's own filters go from form to form in one value
LONGEST_SEARCH: Final = 100
MOST_WORDS: Final = 10  # each is looked for in every column of every row
SEARCHES: Final = (SEARCH_VAR, "term")
OF_PAGES: Final = frozenset({*IGNORED_PARAMS, PAGE_VAR, "e", "_changelist_filters"})
OF_TEXTS: Final = frozenset(
    {"iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith"}
)
OF_VALUES: Final = frozenset({"", "exact", "in", "gt", "gte", "lt", "lte"})
PARTS: Final = {"year": (1000, 9998), "month": (1, 12), "day": (1, 31)}
TO_ADD: Final = "add_view"  # where a query fills in the form


def wrong_with_query(request: HttpRequest, view: Any) -> str:  # noqa: ANN401 - any view of the admin
    """Return why a query string is not taken, as a sentence; "" where it is."""
    given = [(name, value) for name, values in request.GET.lists() for value in values]
    for name, value in given:
        if sentence := _wrong_with_text(name, value):
            return sentence
    page = getattr(view, "__self__", None)
    if not isinstance(page, ModelAdmin):
        return ""
    if not _are_values(page.model._meta.pk, request.POST.getlist(ACTION_CHECKBOX_NAME)):  # noqa: SLF001 - Django's own
        return "What is ticked is no row of the list."
    to_field = request.GET.get(TO_FIELD_VAR)
    if to_field and not page.to_field_allowed(request, to_field):
        return "The admin knows no such field."
    own = {*OF_PAGES, *_own_filters(page, request)}
    is_form = view.__name__ == TO_ADD
    for name, value in given:
        if name not in own and not _is_taken(page, request, name, value, is_form=is_form):
            return f"This is no filter of the admin: {name[:100]}={value[:100]}"
    return ""


def _wrong_with_text(name: str, value: str) -> str:
    if "\0" in name + value:
        return "An address with a NUL character in it is not looked up."
    if len(name) > LONGEST or len(value) > LONGEST:
        return f"At most {LONGEST} characters are looked up."
    if name in SEARCHES and (len(value) > LONGEST_SEARCH or len(value.split()) > MOST_WORDS):
        return f"Search for at most {LONGEST_SEARCH} characters, in {MOST_WORDS} words."
    return ""


def _own_filters(page: "ModelAdmin[Any]", request: HttpRequest) -> Iterator[str]:
    """Yield the names of filters that are no lookups: they compare what is asked by themselves."""
    for one in page.get_list_filter(request):
        if isinstance(one, type) and issubclass(one, SimpleListFilter):
            yield str(one.parameter_name)


def _is_taken(
    page: "ModelAdmin[Any]", request: HttpRequest, name: str, value: str, *, is_form: bool
) -> bool:
    field, lookup = _field_of(page.model, name.split("__"))
    if field is None:
        return True  # of no column: the admin goes on without it
    if is_form:
        # Django's own form fails on a day and time that an address fills in.
        return not isinstance(field, DateTimeField) and _are_values(field, value.split(","))
    return page.lookup_allowed(name, value, request) and _is_looked_up(field, lookup, value)


def _is_looked_up(field: Any, lookup: str, value: str) -> bool:  # noqa: ANN401 - relations are no fields
    if lookup == "isnull":
        return True
    if lookup in PARTS:
        least, most = PARTS[lookup]
        return value.isascii() and value.isdigit() and least <= int(value[:9]) <= most
    if lookup in OF_TEXTS:
        return isinstance(field, CharField | TextField)
    values = value.split(",") if lookup == "in" else [value]
    return lookup in OF_VALUES and _are_values(field, values)


def _field_of(model: type[Model], path: list[str]) -> tuple[Any, str]:
    """Return the column at the end of a path, and what follows it; None where none is named."""
    field: Any = None
    for at, part in enumerate(path):
        try:
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)  # noqa: SLF001 - Django's own
        except FieldDoesNotExist:
            return field, "__".join(path[at:])
        if field.related_model is None:
            return field, "__".join(path[at + 1 :])
        model = field.related_model
    return field, ""


def _are_values(field: Any, values: Iterable[str]) -> bool:  # noqa: ANN401 - relations are no fields
    """Return whether the column, or the key of the table that it points to, can hold them all."""
    column = field.related_model._meta.pk if field.related_model else field  # noqa: SLF001 - Django's own
    return all(_is_value(column, value) for value in values)


def _is_value(field: "Field[Any, Any]", value: str) -> bool:
    # ArithmeticError: of decimals, and of numbers that no database holds.
    with suppress(ValidationError, ValueError, ArithmeticError):
        if isinstance(field, DateTimeField):
            at = parse_datetime(value)
            # Without a zone Django guesses one; in year 1 or 9999 UTC is past the calendar.
            return at is not None and at.tzinfo is not None and bool(at.astimezone(UTC))
        field.run_validators(field.to_python(value))
        return True
    return False
