"""The office's paths."""

from django.urls import include, path

urlpatterns = [path("", include("remote.office.urls"))]
