"""Django's own middleware for who is signed in at the Pi, run where it is called.

The office, which has no accounts of its own, cannot even import it.
"""

from typing import cast

from asgiref.sync import sync_to_async
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from hexabrand.middleware import InTheLoop, answered


class Authentication(InTheLoop, AuthenticationMiddleware): ...


class StoredMessages(MessageMiddleware):
    """What cookies do not hold is in the session: a thread keeps it, where there is anything."""

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        self.process_request(request)
        response = cast("HttpResponse", await answered(self, request))
        told = getattr(request, "_messages", None)
        if told is None or not (told.used or told.added_new):
            return response
        return await sync_to_async(self.process_response)(request, response)
