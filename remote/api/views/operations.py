"""Operations over REST: what people and imports did, each act one row, and taking it back."""

import csv
from collections.abc import Iterator
from typing import Any, Final

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from herd.models import ReversibleChange
from herd.unit_of_work import UnitOfWork
from remote.api import filters, inputs, schema
from remote.api import schema_answers as answers
from remote.api import schema_serializers as schemas
from remote.api.changes import PREVIEW, ChangeView
from remote.api.operation_animals import animals_of
from remote.api.serializers import OPERATIONS, Shape, operation_shape
from remote.api.undoing import undo_asked, undoing
from remote.api.views.base import OF_A_LIST, HerdList, HerdView, JsonToAnybody
from remote.csv_cells import safe_cell

MOST_NAMED: Final = 1_000  # animals of one operation
MOST_LINES: Final = 50_000  # of a file
COLUMNS: Final = tuple(one.name for one in OPERATIONS if one.name != "remainder")


class OperationList(HerdList):
    """What people and imports did, each act one row, the newest first."""

    queryset = ReversibleChange.objects.defer("steps")
    serializer_class = schemas.OperationSerializer
    filterset_class = filters.OperationFilter


class _Line:
    """A file that keeps nothing: a writer of CSV returns what it would write."""

    def write(self, text: str) -> str:
        return text


class OperationsCsv(JsonToAnybody, HerdList):
    """The same as a file, with the filters of the list."""

    queryset = ReversibleChange.objects.defer("steps")
    serializer_class = schemas.OperationSerializer
    filterset_class = filters.OperationFilter
    pagination_class = None

    def known_parameters(self, method: str) -> frozenset[str]:
        return super().known_parameters(method) - OF_A_LIST

    @extend_schema(
        operation_id="operations_csv_retrieve", responses={(200, "text/csv"): str}, filters=True
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - no Response
        """Return a file, as it is read."""
        rows = self.filter_queryset(self.get_queryset())
        rows.exists()  # what cannot be asked for is refused here: a file that is begun would hang
        answer = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="operations.csv"'
        return answer


def _lines(rows: QuerySet[ReversibleChange]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for row in rows[:MOST_LINES].iterator(chunk_size=500):
        shape = operation_shape(row)
        yield writer.writerow([safe_cell(shape[name]) for name in COLUMNS])


class OperationDetail(HerdView):
    parameters = {"GET": frozenset({PREVIEW})}

    @extend_schema(responses=answers.OperationDetailSerializer, parameters=[schema.PREVIEW])
    def get(self, request: Request, pk: int) -> Response:
        """Return the operation with the animals that it touched; `undoing` says in sentences what
        taking it back would do. With `?preview=1` that is tried: what would stay stands in
        `remainder`, and where all would, `refused` and `refused_code` say why."""
        operation = get_object_or_404(ReversibleChange, pk=pk)
        shape = operation_shape(operation) | undoing(request, operation)
        return Response(shape | {"cattle": _cattle(operation)})


def _cattle(operation: ReversibleChange) -> list[Shape]:
    found = animals_of(operation).order_by("pk")
    return [{"id": one.pk, "name": str(one)} for one in found[:MOST_NAMED]]


class OperationUndo(ChangeView):
    input_class = inputs.UndoInput

    @extend_schema(request=inputs.UndoInput, responses=schemas.OperationSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Take the operation back. What somebody has built on since stays, and `remainder` names
        it; 409 `undo_impossible` where all of it would, or where it can be taken back whole or not
        at all. `pen_full` where an animal comes back into a pen that has no room: `force` with a
        `reason` overfills it; `not_clear` where one would have left before it is clear, unless a
        manager's `override` says why."""
        return self.run_operation(request, undo_asked(request, pk), _shape)


def _shape(_: UnitOfWork, operation: ReversibleChange) -> dict[str, Any]:
    return operation_shape(operation)
