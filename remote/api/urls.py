"""The Pi's REST paths and its machine socket."""

from channels.routing import URLRouter
from django.urls import path, re_path

from remote import wire
from remote.api.consumers import EventsConsumer, UnknownPath
from remote.api.views import (
    backups,
    cattle,
    changes,
    imports,
    places,
    radio,
    root,
    scales,
    sessions,
    system,
    treatments,
    weights,
)

urlpatterns = [
    path("", root.Root.as_view()),
    path("batches", places.BatchList.as_view()),
    path("batches/<int:pk>", places.BatchDetail.as_view()),
    path("batches/<int:pk>/growth", places.BatchGrowth.as_view()),
    path("pens", places.PenList.as_view()),
    path("pens/<int:pk>", places.PenDetail.as_view()),
    path("cattle", cattle.CattleList.as_view()),
    path("cattle/move", cattle.CattleMoveMany.as_view()),
    path("cattle/status", cattle.CattleStatusMany.as_view()),
    path("cattle/<int:pk>", cattle.CattleDetail.as_view()),
    path("cattle/<int:pk>/weights", cattle.CattleWeights.as_view()),
    path("cattle/<int:pk>/move", cattle.CattleMove.as_view()),
    path("cattle/<int:pk>/status", cattle.CattleStatus.as_view()),
    path("cattle/<int:pk>/tags", cattle.CattleTags.as_view()),
    path("cattle/<int:pk>/history", cattle.CattleHistory.as_view()),
    path("sessions", sessions.SessionList.as_view()),
    path("sessions/figures", sessions.SessionFigures.as_view()),
    path("sessions/<int:pk>.csv", sessions.SessionCsv.as_view()),
    path("sessions/<int:pk>/summary", sessions.SessionSummary.as_view()),
    path("sessions/<int:pk>", sessions.SessionDetail.as_view()),
    path("sessions/<int:pk>/end", sessions.SessionEnd.as_view()),
    path("sessions/<int:pk>/resume", sessions.SessionResume.as_view()),
    path("weights", weights.WeightList.as_view()),
    path("weights/<int:pk>/void", weights.WeightVoid.as_view()),
    path("weights/<int:pk>/unvoid", weights.WeightUnvoid.as_view()),
    path("weights/<int:pk>/accept", weights.WeightAccept.as_view()),
    path("weights/<int:pk>/replace", weights.WeightReplace.as_view()),
    path("weights/correct", scales.CorrectWeights.as_view()),
    path("scale-steps", scales.ScaleSteps.as_view()),
    path("scale-steps/<int:pk>/undo", scales.ScaleStepUndo.as_view()),
    path("cattle/<int:pk>/treatments", treatments.CattleTreatments.as_view()),
    path("products", treatments.ProductList.as_view()),
    path("products/<int:pk>", treatments.ProductDetail.as_view()),
    path("treatments", treatments.TreatmentList.as_view()),
    path("treatments/<int:pk>/void", treatments.TreatmentVoid.as_view()),
    path("payloads/<int:pk>/conflict", changes.ConflictDetail.as_view()),
    path("payloads/<int:pk>/resolve", changes.Resolve.as_view()),
    path("changes", changes.ChangeList.as_view()),
    path("changes/<int:pk>", changes.ChangeDetail.as_view()),
    path("changes/<int:pk>/undo", changes.Undo.as_view()),
    path("imports", imports.Imports.as_view()),
    path("imports/<int:pk>", imports.ImportDetail.as_view()),
    path("imports/<int:pk>/cancel", imports.ImportCancel.as_view()),
    path("payloads", radio.PayloadList.as_view()),
    path("payloads/<int:pk>", radio.PayloadDetail.as_view()),
    path("payloads/<int:pk>/retry", radio.PayloadRetry.as_view()),
    path("sources", radio.SourceList.as_view()),
    path("events", system.Events.as_view()),
    path("snapshot", system.Snapshot.as_view()),
    path("backups", backups.BackupList.as_view()),
    path("backups/<str:name>", backups.Backup.as_view()),
    path("status", system.Status.as_view()),
    path("health", system.Health.as_view()),
    path("metrics", system.Metrics.as_view()),
    path("auth/login", system.Login.as_view()),
    path("auth/person", system.CurrentPerson.as_view()),
]

sockets = URLRouter(
    [
        re_path(f"^{wire.SOCKET_PATH.removeprefix('/')}$", EventsConsumer.as_asgi()),
        re_path("", UnknownPath.as_asgi()),
    ]
)
