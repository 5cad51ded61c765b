"""The feed's own description, for machines, beside that of REST."""

from pathlib import Path
from typing import Any, Final

from django.http import HttpResponse
from rest_framework.request import Request

from remote.api.views.base import JsonToAnybody

DOCUMENT: Final = Path(__file__).parents[1] / "asyncapi.yaml"
MEDIA_TYPE: Final = "application/vnd.aai.asyncapi+yaml;version=3.0.0"


class AsyncApi(JsonToAnybody):
    """The document, for anybody: it tells nothing of the herd."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    schema = None

    def get(self, _request: Request) -> HttpResponse:
        return HttpResponse(DOCUMENT.read_bytes(), content_type=MEDIA_TYPE)
