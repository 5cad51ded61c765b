"""The API's root, which lists its paths."""

from django.urls import URLPattern, get_resolver
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from remote.api.views.base import HerdView
from remote.wire import API_ROOT


class Root(HerdView):
    @extend_schema(exclude=True)  # for who looks around: a schema's path ends in no slash
    def get(self, request: Request) -> Response:
        """Return the paths without a number, by name."""
        patterns = get_resolver("remote.api.urls").url_patterns
        names = [str(one.pattern) for one in patterns if isinstance(one, URLPattern)]
        shown = sorted(name for name in names if name and "<" not in name)
        return Response({name: request.build_absolute_uri(API_ROOT + name) for name in shown})
