"""Sessions over REST."""

from functools import partial

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from herd import operations
from herd.models import Session
from herd.operations.sessions import session_no
from herd.unit_of_work import UnitOfWork
from remote.api import filters, inputs, session_inputs
from remote.api import schema_serializers as schemas
from remote.api.changes import ChangeView, EditView
from remote.api.serializers import Shape, session_shape
from remote.api.views.base import HerdList, valid


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


def _session(_: UnitOfWork, session: Session) -> Shape:
    return session_shape(session)
