"""Sessions over REST."""

import re
from functools import partial
from typing import Final

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from herd import operations
from herd.models import Session
from herd.operations.sessions import session_no
from herd.unit_of_work import UnitOfWork
from remote.api import filters, inputs, session_answers, session_inputs
from remote.api import schema_serializers as schemas
from remote.api.changes import ChangeView, EditView
from remote.api.serializers import Shape, session_shape
from remote.api.session_summary import compared, csv_of, figures_of, summary_of
from remote.api.views.base import HerdList, HerdView, JsonToAnybody, valid


class SessionList(ChangeView, HerdList):
    queryset = Session.objects.all()
    serializer_class = schemas.SessionSerializer
    input_class = session_inputs.SessionInput
    filterset_class = filters.SessionFilter
    orderings = ("started_at",)

    @extend_schema(request=session_inputs.SessionInput, responses={201: schemas.SessionSerializer})
    def post(self, request: Request) -> Response:
        given = valid(session_inputs.SessionInput, request)
        begin = partial(operations.begin_session, values=given, at=timezone.now())
        return self.run_operation(request, begin, _session, 201)


class SessionDetail(EditView):
    queryset = Session.objects.all()
    serializer_class = schemas.SessionSerializer
    input_class = session_inputs.SessionInput

    @extend_schema(request=session_inputs.SessionEdit, responses=schemas.SessionSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        return self.run_edit(
            session_inputs.SessionEdit,
            lambda unit: session_no(unit, pk),
            operations.change_session,
            _session,
        )


class SessionEnd(ChangeView):
    input_class = inputs.NothingInput

    @extend_schema(request=None, responses=schemas.SessionSerializer)
    def post(self, request: Request, pk: int) -> Response:
        end = partial(operations.end_session, pk=pk, at=timezone.now())
        return self.run_operation(request, end, _session)


class SessionResume(ChangeView):
    input_class = inputs.NothingInput

    @extend_schema(request=None, responses=schemas.SessionSerializer)
    def post(self, request: Request, pk: int) -> Response:
        resume = partial(operations.resume_session, pk=pk, at=timezone.now())
        return self.run_operation(request, resume, _session)


WITH: Final = "with"  # another session, to be compared with
IDS: Final = "ids"
MOST_IDS: Final = 100
MOST_DIGITS: Final = 15  # of a session's number
LARGEST: Final = 10**MOST_DIGITS - 1
_NUMBER: Final = re.compile(f"[0-9]{{1,{MOST_DIGITS}}}")


class SessionFigures(HerdView):
    parameters = {"GET": frozenset({IDS})}

    @extend_schema(
        responses=session_answers.FiguresSerializer,
        parameters=[
            OpenApiParameter(IDS, str, required=True, pattern="^[0-9]{1,15}(,[0-9]{1,15}){0,99}$")
        ],
    )
    def get(self, request: Request) -> Response:
        words = request.query_params.get(IDS, "").split(",")
        if len(words) > MOST_IDS or not all(_NUMBER.fullmatch(word) for word in words):
            raise ValidationError({IDS: [f"Numbers of at most {MOST_IDS} sessions, with commas."]})
        data = figures_of(list(dict.fromkeys(map(int, words))))
        return Response({"data": data, "next": None, "total": len(data)})


class SessionSummary(HerdView):
    parameters = {"GET": frozenset({WITH})}

    @extend_schema(
        responses=session_answers.SummarySerializer,
        parameters=[OpenApiParameter(WITH, {"type": "integer", "minimum": 0, "maximum": LARGEST})],
    )
    def get(self, request: Request, pk: int) -> Response:
        session, other = get_object_or_404(Session, pk=pk), request.query_params.get(WITH)
        answer = session_shape(session) | summary_of(session)
        if other is None:
            return Response(answer | {"compared": None})
        if not _NUMBER.fullmatch(other):
            raise ValidationError({WITH: ["The number of another session."]})
        return Response(
            answer | {"compared": compared(session, get_object_or_404(Session, pk=int(other)))}
        )


class SessionCsv(JsonToAnybody, HerdView):
    @extend_schema(operation_id="sessions_csv_retrieve", responses={(200, "text/csv"): str})
    def get(self, request: Request, pk: int) -> HttpResponse:
        session = get_object_or_404(Session, pk=pk)
        answer = HttpResponse(csv_of(session), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="session-{pk}.csv"'
        return answer


def _session(_: UnitOfWork, session: Session) -> Shape:
    return session_shape(session)
