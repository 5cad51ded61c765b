"""The Pi's REST paths and its machine socket."""

from channels.routing import URLRouter
from django.urls import path, re_path

from remote import (
    backup_views,
    cattle_views,
    change_views,
    metrics_views,
    place_views,
    radio_views,
    system_views,
    wire,
)
from remote.consumers import EventsConsumer, Nowhere

urlpatterns = [
    path("batches", place_views.BatchList.as_view()),
    path("batches/<int:pk>", place_views.BatchDetail.as_view()),
    path("batches/<int:pk>/growth", place_views.BatchGrowth.as_view()),
    path("pens", place_views.PenList.as_view()),
    path("pens/<int:pk>", place_views.PenDetail.as_view()),
    path("cattle", cattle_views.CattleList.as_view()),
    path("cattle/move", cattle_views.CattleMoveMany.as_view()),
    path("cattle/status", cattle_views.CattleStatusMany.as_view()),
    path("cattle/<int:pk>", cattle_views.CattleDetail.as_view()),
    path("cattle/<int:pk>/weights", cattle_views.CattleWeights.as_view()),
    path("cattle/<int:pk>/move", cattle_views.CattleMove.as_view()),
    path("cattle/<int:pk>/status", cattle_views.CattleStatus.as_view()),
    path("cattle/<int:pk>/tags", cattle_views.CattleTags.as_view()),
    path("cattle/<int:pk>/history", cattle_views.CattleHistory.as_view()),
    path("weights", cattle_views.WeightList.as_view()),
    path("weights/<int:pk>/void", cattle_views.WeightVoid.as_view()),
    path("payloads/<int:pk>/conflict", change_views.Conflict.as_view()),
    path("payloads/<int:pk>/resolve", change_views.Resolve.as_view()),
    path("changes", change_views.ChangeList.as_view()),
    path("changes/<int:pk>", change_views.ChangeDetail.as_view()),
    path("changes/<int:pk>/undo", change_views.Undo.as_view()),
    path("imports", change_views.Imports.as_view()),
    path("payloads", radio_views.PayloadList.as_view()),
    path("payloads/<int:pk>", radio_views.PayloadDetail.as_view()),
    path("payloads/<int:pk>/retry", radio_views.PayloadRetry.as_view()),
    path("sources", radio_views.SourceList.as_view()),
    path("events", system_views.Events.as_view()),
    path("snapshot", system_views.Snapshot.as_view()),
    path("backups", backup_views.BackupList.as_view()),
    path("backups/<str:name>", backup_views.Backup.as_view()),
    path("status", system_views.Status.as_view()),
    path("health", system_views.Health.as_view()),
    path("metrics", metrics_views.Metrics.as_view()),
    path("auth/login", system_views.Login.as_view()),
    path("auth/person", system_views.Someone.as_view()),
]

sockets = URLRouter(
    [
        re_path(f"^{wire.SOCKET_PATH.removeprefix('/')}$", EventsConsumer.as_asgi()),
        re_path("", Nowhere.as_asgi()),
    ]
)
