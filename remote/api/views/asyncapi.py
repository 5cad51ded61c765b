"""The feed's own description, for machines, beside that of REST."""

from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

DOCUMENT: Final = Path(__file__).parents[1] / "asyncapi.yaml"
MEDIA_TYPE: Final = "application/vnd.aai.asyncapi+yaml;version=3.0.0"


@require_safe
def asyncapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(DOCUMENT.read_bytes(), content_type=MEDIA_TYPE)
