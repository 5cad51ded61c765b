"""The Pi's paths."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

import remote.schema  # noqa: F401 - tells OpenAPI how a key is given
from remote import views, wire

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    path(wire.API_ROOT.removeprefix("/"), include("remote.urls")),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema")),
    re_path(r"^api/", views.not_found),
]
handler400 = views.refused
handler500 = views.server_error
