"""Every answer under the API's root says which place in the journal it reflects."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from remote.events import head
from remote.wire import API_ROOT, CURSOR_HEADER

Handler = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def herd_cursor(get_response: Handler) -> Handler:
    """Views tell the place before which they read; here is what no view has answered."""

    def tell(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = get_response(request)
        if _is_untold(request, response):
            _tell(response)
        return response

    async def tell_in_the_loop(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await get_response(request)
        if _is_untold(request, response):
            await sync_to_async(_tell)(response)
        return response

    return tell_in_the_loop if iscoroutinefunction(get_response) else tell


def _is_untold(request: HttpRequest, response: HttpResponseBase) -> bool:
    return request.path.startswith(API_ROOT) and CURSOR_HEADER not in response


def _tell(response: HttpResponseBase) -> None:
    try:
        response[CURSOR_HEADER] = str(head())
    except DatabaseError:
        return  # an answer that says so comes through all the same
