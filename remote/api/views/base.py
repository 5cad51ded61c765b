"""What every REST view shares: limits, the cursor header, the shape of errors."""

import logging
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from django.core.exceptions import DisallowedHost
from django.db import DatabaseError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt
from django.views.defaults import bad_request
from django_filters import FilterSet
from rest_framework import exceptions, generics, serializers, status
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView
from rest_framework.views import exception_handler as default_exception_handler

from herd.storage.fast_rows import find
from herd.storage.journal import JournalBusy
from lora.processes.disk_space import DiskFull
from remote.api.events import newest_cursor
from remote.api.parameters import check_parameters
from remote.api.parsers import UnicodeJSONParser
from remote.problems import media_type, problem
from remote.wire import CURSOR_HEADER, UNAVAILABLE

logger = logging.getLogger(__name__)

M = TypeVar("M", bound=Model)

BODY_LIMIT = 64 * 1024
FORM_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - a field's name, sent by every form of Django's
OF_ALL = api_settings.NON_FIELD_ERRORS_KEY
MOST_TEXTS = 20  # of one field: thousands of numbers may be wrong in one list
OF_A_LIST = frozenset({"limit", "cursor", "ordering"})  # what any list may be asked
_PACKED = "The body is packed (Content-Encoding: {how}); it is taken as it is alone."
FAILURES: dict[type[Exception], tuple[int, str, str]] = {
    JournalBusy: (503, "busy", "The Pi is busy storing; try again in a moment."),
    DatabaseError: (503, "unavailable", UNAVAILABLE),
    DiskFull: (
        507,
        "disk_full",
        "The Pi's disk is full: nothing new is stored until there is room.",
    ),
    OverflowError: (400, "out_of_range", "A number or a time is beyond what can be stored."),
}


class Refused(exceptions.APIException):
    """A refusal with a status and a word for machines; `wait` is for Retry-After, in seconds."""

    def __init__(self, status_code: int, code: str, detail: str, wait: int | None = None) -> None:
        super().__init__(detail, code)
        self.status_code, self.wait = status_code, wait


class RestView(APIView):
    """What every path has in common: unknown parameters are refused, a refusal is a problem."""

    parameters: Mapping[str, frozenset[str]] = {}  # of the URL, by method
    refuses: tuple[int, ...] = ()  # statuses beside those of any path, for its description
    takes = "a JSON object (Content-Type: application/json)"  # for who sent something else
    # What a change is sent as: the browsable API makes its forms of it.
    input_class: type[serializers.Serializer[Any]] | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if hasattr(self, (request.method or "").lower()):  # else it is 405, whatever is asked
            check_parameters(request, self.known_parameters(request.method or ""))

    def known_parameters(self, method: str) -> frozenset[str]:
        return self.parameters.get("GET" if method in SAFE_METHODS else method, frozenset())

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the library names no type
        is_page = isinstance(request.accepted_renderer, BrowsableAPIRenderer)
        if request.method == "GET" and is_page and self.input_class is not None:
            return Response({})  # the page with the form of what can only be sent
        return super().http_method_not_allowed(request, *args, **kwargs)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        is_problem = answer.status_code >= 400 and "title" in (getattr(answer, "data", None) or ())
        if is_problem and not isinstance(answer.accepted_renderer, BrowsableAPIRenderer):
            answer.accepted_renderer = JSONRenderer()  # where else the answer is no JSON, too
            answer.content_type = media_type(request.headers.get("Accept", ""))
        return answer


class JsonToAnybody(RestView):
    """A view that answers whatever the client accepts; a refusal of its own is JSON."""

    renderer_classes = [JSONRenderer]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:  # noqa: FBT001, FBT002 - as the library
        return super().perform_content_negotiation(request, force=True)


class HerdView(RestView):
    """A view whose answers carry `X-Herd-Cursor`."""

    parser_classes = [UnicodeJSONParser, FormParser, MultiPartParser]
    body_limit = BODY_LIMIT
    cursor: str | None = None  # of a caller that is refused, the middleware tells it

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Before anything is read of it: the server itself takes bodies of any length.
        if request.headers.get("Transfer-Encoding"):
            raise Refused(411, "length_required", "Send the body with a Content-Length.")
        if (how := request.headers.get("Content-Encoding", "identity")).lower() != "identity":
            raise Refused(415, "unsupported_media_type", _PACKED.format(how=how[:20]))
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.body_limit:
            kib = self.body_limit // 1024
            raise Refused(413, "too_large", f"A body may have {kib} KiB here.")
        self.cursor = str(newest_cursor())  # before the data: all up to it is in the answer

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if self.cursor is not None:
            answer[CURSOR_HEADER] = self.cursor
        return answer


def row_or_404(model: type[M], pk: int) -> M:
    """Return a row; raise Http404 where there is none."""
    # What the office asks for at each first look: Django's making of the statement takes longer
    # than its answer.
    row = next(find(model, {"id": [pk]}), None)
    if row is None:
        raise Http404
    return row


def valid(
    kind: type[serializers.Serializer[Any]], request: Request, *, partial: bool = False
) -> dict[str, Any]:
    """Return what was sent, checked; errors name their field."""
    asked = kind(data=request.data, partial=partial)
    sent = request.data if isinstance(request.data, Mapping | QueryDict) else ()
    # Unknown names first: a misspelt field must not be reported as another one that is missing.
    if unknown := set(sent) - {*asked.fields, FORM_TOKEN}:
        raise exceptions.ValidationError(
            {str(name): ["There is no such field."] for name in sorted(unknown)}
        )
    if partial and not int(request.META.get("CONTENT_LENGTH") or 0):
        raise exceptions.ValidationError(["Send the fields that change, as a JSON object."])
    asked.is_valid(raise_exception=True)
    given: dict[str, Any] = asked.validated_data
    return given


class _Generic(generics.GenericAPIView[Any]):
    input_class: type[serializers.Serializer[Any]] | None = None

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        if self.input_class is not None and self.request.method not in SAFE_METHODS:
            return self.input_class
        return super().get_serializer_class()


class HerdList(HerdView, _Generic, generics.ListAPIView[Any]):
    """A keyset page of one table."""

    orderings: tuple[str, ...] = ()  # columns it may be sorted by
    rows: QuerySet[Any] | None = None  # with what costs (joins), for the rows of the page alone
    filterset_class: type[FilterSet] | None = None

    def known_parameters(self, method: str) -> frozenset[str]:
        known = super().known_parameters(method)
        if method not in SAFE_METHODS:
            return known
        return known | OF_A_LIST | set(getattr(self.filterset_class, "base_filters", ()))


class HerdDetail(HerdView, _Generic, generics.RetrieveAPIView[Any]):
    """One row of one table."""


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer with a problem, for invalid input with `fields`."""
    for kind, (number, code, sentence) in FAILURES.items():
        if isinstance(error, kind):
            if isinstance(error, DatabaseError):
                logger.error("The database refused: %s", error, exc_info=error)
            headers = {"Retry-After": "2"} if number == status.HTTP_503_SERVICE_UNAVAILABLE else {}
            return Response(problem(number, code, sentence), number, headers=headers)
    answer = default_exception_handler(error, context)
    if answer is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        answer.data = _invalid(error)
    else:
        detail = answer.data.get("detail", "") if isinstance(answer.data, dict) else ""
        code = getattr(detail, "code", "error")
        answer.data = problem(answer.status_code, code, _sentence(error, str(detail), context))
    return answer


def _sentence(error: Exception, detail: str, context: dict[str, Any]) -> str:
    """Return what the library says, or our own sentence where it speaks to programmers."""
    match error:
        case exceptions.UnsupportedMediaType():
            sent = context["request"].content_type[:60]
            but = f"not {sent}" if sent else "and the request has no Content-Type"
            return f"This path takes {context['view'].takes}, {but}."
        case Http404():
            return "There is nothing with this number or name, or it is gone."
    return detail


def _invalid(error: exceptions.ValidationError) -> dict[str, Any]:
    wrong = error.detail if isinstance(error.detail, dict) else {OF_ALL: error.detail}
    fields = {
        "body" if name == OF_ALL else str(name): list(islice(_texts(one), MOST_TEXTS))
        for name, one in wrong.items()
    }
    sentence = "; ".join(f"{name}: {texts[0]}" for name, texts in fields.items())
    return problem(400, "invalid", sentence, fields=fields)


def _texts(problems: Any) -> Iterator[str]:  # noqa: ANN401 - nested lists and dicts of strings
    """Yield what is wrong with a field; what is wrong with a member of it, with the member."""
    if isinstance(problems, dict):
        yield from (f"{name}: {text}" for name, one in problems.items() for text in _texts(one))
    elif isinstance(problems, list):
        yield from (text for one in problems for text in _texts(one))
    else:
        yield str(problems)


@csrf_exempt  # a wrong path is a wrong path, also for a POST
def not_found(request: HttpRequest) -> JsonResponse:
    return _json_error(request, 404, "not_found", "There is nothing at this path.")


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django refuses before any view: above all a host name that is not this Pi's."""
    if not request.path.startswith("/api/"):
        return bad_request(request, exception)
    if isinstance(exception, DisallowedHost):
        sentence = "This Pi is not known by that name; see ALLOWED_HOSTS."
        return _json_error(request, 400, "bad_host", sentence)
    return _json_error(request, 400, "bad_request", "This request cannot be understood.")


def server_error(request: HttpRequest) -> JsonResponse:
    sentence = "HexaBrand itself failed; the Pi's log says why."
    return _json_error(request, 500, "internal", sentence)


def _json_error(request: HttpRequest, status: int, code: str, sentence: str) -> JsonResponse:
    kind = media_type(request.headers.get("Accept", ""))
    return JsonResponse(problem(status, code, sentence), status=status, content_type=kind)
