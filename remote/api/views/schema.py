"""The API's own description, and the page that shows it."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from remote.api.views.base import RestView

_EITHER = frozenset({"lang", "version"})


class Schema(RestView, SpectacularAPIView):
    parameters = {"GET": _EITHER}


class SchemaPage(RestView, SpectacularSwaggerSplitView):
    parameters = {"GET": _EITHER | {"script"}}
