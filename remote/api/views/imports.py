"""Imports over REST: answered when done or, with `Prefer: respond-async`, at once with a place to
ask."""

import base64
import binascii
from functools import partial
from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from herd.storage import journal
from remote.api import import_inputs, import_queue, inputs
from remote.api import schema_answers as answers
from remote.api import schema_serializers as schemas
from remote.api.authentication import actor_of
from remote.api.changes import (
    ChangeView,
    Repeatable,
    is_preview,
    recall,
    remember,
    repeatable,
)
from remote.api.import_progress import BEFORE_WRITING, State, end
from remote.api.import_runs import Answer, Wish, new_run
from remote.api.imports import Asked
from remote.api.models import ImportRun
from remote.api.serializers import Shape, import_shape
from remote.api.views.base import HerdView, Refused, valid
from remote.problems import PROBLEM_JSON
from remote.wire import API_ROOT, Cursor

ASIDE: Final = "respond-async"  # RFC 7240
PREFER = OpenApiParameter(
    "Prefer", str, OpenApiParameter.HEADER, description=f"`{ASIDE}`: 202 at once."
)


class Imports(ChangeView):
    input_class = import_inputs.ImportInput
    body_limit = 8 * 1024 * 1024
    takes = (
        "a JSON object with the file's bytes in base64 as `data` (Content-Type: application/json),"
        " or a form with the file as `data` (multipart/form-data)"
    )

    @extend_schema(
        request=import_inputs.ImportInput,
        responses={
            200: answers.ImportedSerializer,
            201: answers.ImportedSerializer,
            202: schemas.ImportRunSerializer,
            (422, PROBLEM_JSON): answers.RowsRefusedSerializer,
        },
        parameters=[PREFER],
    )
    def post(self, request: Request) -> Response:
        """Import a sheet of animals, weights or treatments: all of it or, with errors, nothing."""
        given = valid(import_inputs.ImportInput, request)
        wish = Wish(
            actor_of(request), _asked(given), given.get("name", ""), preview=is_preview(request)
        )
        data = _bytes(given["data"])
        if ASIDE in request.headers.get("Prefer", "").lower():
            return self._aside(request, wish, data)
        return self._now(request, wish, data)

    def _now(self, request: Request, wish: Wish, data: bytes) -> Response:
        wish.timeout, wish.at_end = journal.REQUEST_TIMEOUT, partial(_keep, repeatable(request))
        with import_queue.one_at_a_time(journal.REQUEST_TIMEOUT):
            if first := recall(request):
                return Response(first.body, first.status)
            answer = import_queue.carry_out_now(wish, data)
            self.cursor = str(Cursor(*journal.newest()))
        return Response(answer.body, answer.status)

    def _aside(self, request: Request, wish: Wish, data: bytes) -> Response:
        with journal.writing(journal.REQUEST_TIMEOUT):
            if first := recall(request):
                return _accepted(first.body)
            if not import_queue.has_room():
                raise Refused(503, "busy", import_queue.BUSY, wait=5)
            run = new_run(wish)
            body = import_shape(run)
            remember(request, body, 202)
        import_queue.carry_out_aside(wish, run, import_queue.keep(data))
        return _accepted(body)


def _keep(request: Repeatable, answer: Answer) -> None:
    request.keep(answer.body, answer.status)


def _accepted(body: Shape) -> Response:
    place = f"{API_ROOT}imports/{body['id']}"
    headers = {"Location": place, "Preference-Applied": ASIDE, "Retry-After": "1"}
    return Response(body, 202, headers=headers)


class ImportDetail(HerdView):
    @extend_schema(responses=schemas.ImportRunSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return how far the import is; once it has ended, `status` and `answer` are what a request
        that waits would have got."""
        run = get_object_or_404(ImportRun, pk=pk)
        return Response({**import_shape(run), "status": run.status, "answer": run.answer})


class ImportCancel(HerdView):
    refuses = (409,)
    input_class = inputs.NothingInput

    @extend_schema(request=None, responses=schemas.ImportRunSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Cancel the import, which has written nothing so far. 409 once the write has begun."""
        with journal.writing(journal.REQUEST_TIMEOUT):
            run = get_object_or_404(ImportRun, pk=pk)
            if run.state in BEFORE_WRITING:
                end(run, State.CANCELLED, detail="Cancelled: nothing was changed.")
            elif run.state != State.CANCELLED:
                raise Refused(409, "import_begun", _TOO_LATE.get(run.state, _ENDED))
        return Response(import_shape(run))


_ENDED: Final = "This import has ended; there is nothing to cancel."
_TOO_LATE: Final[dict[str, str]] = {
    State.WRITING: "The import is being written already. When it is done, take it back.",
    State.DONE: "The import is done. Take it back under “Journal”.",
}


_LENIENCE: Final = ("skip_bad_rows", "even_if_full")


def _asked(given: dict[str, Any]) -> Asked:
    names = ("unit", "header_line", "weighed_on", "weighed_now", "make_pending", *_LENIENCE)
    return Asked(
        given["kind"],
        given.get("columns"),
        order=given.get("date_order", ""),
        **{name: given[name] for name in names if name in given},
    )


def _bytes(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        wrong: dict[str, Any] = {"data": ["This is not base64."]}
        raise exceptions.ValidationError(wrong) from error
