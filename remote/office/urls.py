"""The office's paths and its browser socket."""

from channels.routing import URLRouter
from django.urls import path

from remote.office import views
from remote.office.consumers import PageConsumer

urlpatterns = [
    path("", views.home),
    path("login", views.login, name="login"),
    path("logout", views.logout, name="logout"),
    path("health", views.health),
    path("office/", views.dashboard, name="dashboard"),
    path("office/find", views.find, name="find"),
    path("office/unit", views.set_unit, name="unit"),
    path("office/batches", views.batches, name="batches"),
    path("office/batches/<int:pk>", views.batch, name="batch"),
    path("office/cattle", views.cattle, name="cattle"),
    path("office/cattle/<int:pk>", views.animal, name="animal"),
    path("office/pens", views.pens, name="pens"),
    path("office/pens/<int:pk>", views.pen, name="pen"),
    path("office/payloads", views.payloads, name="payloads"),
    path("office/payloads/<int:pk>/retry", views.retry_payload, name="retry"),
    path("office/status", views.status, name="status"),
]

sockets = URLRouter([path("ws/office", PageConsumer.as_asgi())])
