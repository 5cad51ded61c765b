"""The Pi's REST paths and its machine socket."""

from channels.routing import URLRouter
from django.urls import path, re_path

from remote import herd_views, radio_views, system_views, wire
from remote.consumers import EventsConsumer, Nowhere

urlpatterns = [
    path("batches", herd_views.BatchList.as_view()),
    path("batches/<int:pk>", herd_views.BatchDetail.as_view()),
    path("cattle", herd_views.CattleList.as_view()),
    path("cattle/<int:pk>", herd_views.CattleDetail.as_view()),
    path("cattle/<int:pk>/weights", herd_views.CattleWeights.as_view()),
    path("cattle/<int:pk>/history", herd_views.CattleHistory.as_view()),
    path("pens", herd_views.PenList.as_view()),
    path("pens/<int:pk>", herd_views.PenDetail.as_view()),
    path("weights", herd_views.WeightList.as_view()),
    path("payloads", radio_views.PayloadList.as_view()),
    path("payloads/<int:pk>", radio_views.PayloadDetail.as_view()),
    path("payloads/<int:pk>/retry", radio_views.PayloadRetry.as_view()),
    path("sources", radio_views.SourceList.as_view()),
    path("events", system_views.Events.as_view()),
    path("snapshot", system_views.Snapshot.as_view()),
    path("status", system_views.Status.as_view()),
    path("health", system_views.Health.as_view()),
    path("auth/login", system_views.Login.as_view()),
]

sockets = URLRouter(
    [
        re_path(f"^{wire.SOCKET_PATH.removeprefix('/')}$", EventsConsumer.as_asgi()),
        re_path("", Nowhere.as_asgi()),
    ]
)
