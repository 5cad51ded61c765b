"""The Pi's figures for Prometheus, which sends a key as `Authorization: Bearer`."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from remote.api import metrics
from remote.api.authentication import ApiKeyAuthentication
from remote.api.views.base import HerdView, JsonToAnybody
from remote.exposition import CONTENT_TYPE, exposed

_BEARER = "bearer "


class BearerKeyAuthentication(ApiKeyAuthentication):
    """The same key under the name by which Prometheus can send it."""

    def key_of(self, request: Request) -> str | None:
        given = request.headers.get("Authorization", "")
        return given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else None


class Metrics(JsonToAnybody, HerdView):
    authentication_classes = [ApiKeyAuthentication, BearerKeyAuthentication, SessionAuthentication]

    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponse:
        """Figures in Prometheus' text format; docs/metrics.md lists them."""
        return HttpResponse(exposed(metrics.read), content_type=CONTENT_TYPE)
