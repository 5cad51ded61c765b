"""Keyset pages: page 10,000 costs what page 1 costs, and inserts in between shift nothing."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

if TYPE_CHECKING:
    from rest_framework.views import APIView  # at run time it imports this module

COUNT_AT_MOST = 100_000  # counting more takes longer than the page itself


class KeysetPagination(CursorPagination):
    """`{"data": […], "next": cursor or null, "total": n or null}`."""

    page_size = 50
    max_page_size = 500
    page_size_query_param = "limit"
    ordering = "-id"

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: "APIView | None" = None
    ) -> list[Any] | None:
        self.total = self._total(queryset, request)
        return super().paginate_queryset(queryset, request, view)

    def _total(self, queryset: QuerySet[Any], request: Request) -> int | None:
        """Counted for a first page alone, and only as far as it is quick."""
        if self.cursor_query_param in request.query_params:
            return None
        found = queryset.order_by().values("pk")[: COUNT_AT_MOST + 1].count()
        return found if found <= COUNT_AT_MOST else None

    def get_ordering(
        self, request: Request, queryset: QuerySet[Any], view: "APIView"
    ) -> tuple[str, ...]:
        """`?ordering=-last_seen_at` of those the view allows; the id breaks ties."""
        allowed = getattr(view, "orderings", ())
        asked = request.query_params.get("ordering", "")
        first = asked if asked.removeprefix("-") in allowed else self.ordering
        return (first,) if first.removeprefix("-") == "id" else (first, "-id")

    def encode_cursor(self, cursor: Any) -> str:  # noqa: ANN401 - the library's own tuple
        """The cursor alone: `next` goes back as `?cursor=`, whatever host the client calls us."""
        url = super().encode_cursor(cursor)
        return url.partition(f"{self.cursor_query_param}=")[2].partition("&")[0]

    def get_paginated_response(self, data: Any) -> Response:  # noqa: ANN401
        return Response({"data": data, "next": self.get_next_link(), "total": self.total})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["data", "next", "total"],
            "properties": {
                "data": schema,
                "next": {"type": ["string", "null"], "description": "Give it back as `cursor`."},
                "total": {"type": ["integer", "null"]},
            },
        }
