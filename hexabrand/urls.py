"""The Pi's paths; the office's are all in `remote.office.urls`."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path, re_path
from django.views.generic import RedirectView, TemplateView

import remote.api.schema  # noqa: F401 - tells OpenAPI how a key is given
from remote import wire
from remote.api.roles import ThrottledForm
from remote.api.views import base, error_pages, schema, system
from remote.api.views.asyncapi import AsyncApi
from remote.problems import PLACE, PROBLEMS

_LOGIN = LoginView.as_view(
    template_name="rest_framework/login.html",
    authentication_form=ThrottledForm,
    next_page=f"{wire.API_ROOT}status",
)

# The browsable API's own: a viewer may read there, and has no admin to sign in to.
SIGN_IN = [
    path("login", _LOGIN, name="login"),
    path("logout", LogoutView.as_view(next_page="/api/auth/login"), name="logout"),
]
PROBLEMS_PAGE = TemplateView.as_view(
    template_name="rest_framework/problems.html", extra_context={"problems": PROBLEMS}
)
urlpatterns = [
    path("", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    path(wire.API_ROOT.removeprefix("/"), include("remote.api.urls")),
    path("api/auth/", include((SIGN_IN, "rest_framework"))),
    path("api/asyncapi", AsyncApi.as_view()),
    path("api/schema", schema.Schema.as_view(), name="schema"),
    # Where Prometheus looks; the schema has it under the API's own path.
    path("metrics", system.Metrics.as_view(schema=None)),
    path(PLACE.removeprefix("/"), PROBLEMS_PAGE),
    path("api/docs", schema.SchemaPage.as_view(url_name="schema")),
    re_path(r"^api/", base.not_found),
]
handler400 = base.refused
handler403 = error_pages.not_allowed
handler404 = error_pages.not_found
handler500 = error_pages.server_error
