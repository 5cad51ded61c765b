"""What every REST view shares: the cursor header, the shape of errors."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from rest_framework import exceptions, generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from herd.journal import JournalBusy
from remote.events import head
from remote.wire import CURSOR_HEADER


class HerdView(APIView):
    """Answers with `X-Herd-Cursor`, read before the data: what it says is in the answer."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.cursor = str(head())

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        answer = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        answer[CURSOR_HEADER] = getattr(self, "cursor", None) or str(head())
        return answer


class HerdList(HerdView, generics.ListAPIView[Any]):
    """A keyset page of one table; `orderings` are the columns it may be sorted by."""

    orderings: tuple[str, ...] = ()


class HerdDetail(HerdView, generics.RetrieveAPIView[Any]):
    """One row."""


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """`{"detail": sentence, "code": word}`, and for invalid input the fields by name."""
    if isinstance(error, JournalBusy):
        return Response(
            {"detail": str(error), "code": "busy"},
            status.HTTP_503_SERVICE_UNAVAILABLE,
            headers={"Retry-After": "2"},
        )
    answer = exception_handler(error, context)
    if answer is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        answer.data = _invalid(error)
    else:
        detail = answer.data.get("detail", "") if isinstance(answer.data, dict) else ""
        answer.data = {"detail": str(detail), "code": getattr(detail, "code", "error")}
    return answer


def _invalid(error: exceptions.ValidationError) -> dict[str, Any]:
    fields = error.detail if isinstance(error.detail, dict) else {"body": error.detail}
    told = "; ".join(f"{name}: {_first(problems)}" for name, problems in fields.items())
    return {"detail": told, "code": "invalid", "fields": fields}


def _first(problems: Any) -> str:  # noqa: ANN401 - nested lists and dicts of strings
    while isinstance(problems, (list, dict)) and problems:
        problems = next(iter(problems.values() if isinstance(problems, dict) else problems))
    return str(problems)


def not_found(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"detail": "There is nothing at this path.", "code": "not_found"},
                        status=404)  # fmt: skip


def server_error(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"detail": "HexaBrand itself failed; the Pi's log says why.",
                         "code": "internal"}, status=500)  # fmt: skip
