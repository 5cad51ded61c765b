"""Filters beside the lists of the admin: by what is typed, and by what was heard of late."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

LONGEST = 50  # characters of a batch's or pen's number
NONE = "none"


class TypedFilter(admin.SimpleListFilter):
    """A filter by the number of a batch or pen, which is typed: a menu would name 1,250 of them."""

    template = "admin/typed_filter.html"
    reference: str

    def lookups(self, _request: HttpRequest, _admin: object) -> list[tuple[str, str]]:
        return [("", "")]  # Django leaves out a filter that offers nothing

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield what the template needs for its one field."""
        name = str(self.parameter_name)
        yield {
            "name": name,
            "value": self.value() or "",
            "others": [(key, value) for key, value in changelist.params.items() if key != name],
            "without": changelist.get_query_string(remove=[name]),
        }

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        number = (self.value() or "").strip()
        if not number:
            return queryset
        if len(number) > LONGEST or not number.isprintable():
            return queryset.none()
        if number.casefold() == NONE:
            return queryset.filter(**{self.reference: None})
        return queryset.filter(**{f"{self.reference}__{self.reference}_number__iexact": number})


def typed(name: str) -> type[TypedFilter]:
    """Return a class for a `list_filter` by `batch` or `pen`; “none” finds those without."""

    class Filter(TypedFilter):
        reference = title = name
        parameter_name = f"in_{name}"

    return Filter


class RecentValuesFilter(admin.SimpleListFilter):
    """A filter by the values that a column has among the newest rows."""

    # Django's own menu of values goes through all that a farm has heard in years: 1,984 ms for the
    # radio log, 60 with this (decision 17).
    looked_at = 5000
    column: str
    among: dict[str, str]

    def lookups(
        self, _request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> list[tuple[str, str]]:
        rows = model_admin.model._default_manager.filter(**self.among)  # noqa: SLF001 - Django's own
        newest = rows.order_by("-pk").values_list(self.column, flat=True)[: self.looked_at]
        asked_for = self.value()  # kept on the menu: without it there Django would show all rows
        return [(value, value) for value in sorted({*newest, asked_for or ""}) if value]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset


def recent_values(column_name: str, called: str, **only: str) -> type[RecentValuesFilter]:
    """Return a class for a `list_filter`; `only` says which rows are looked at."""

    class Filter(RecentValuesFilter):
        column = parameter_name = column_name
        title = called
        among = only

    return Filter
