"""The office's paths and its browser socket."""

from channels.routing import URLRouter
from django.urls import path

from remote.office import views
from remote.office.forms import (
    cattle,
    chute,
    importing,
    moving,
    places,
    session_edit,
    sessions,
    tag_conflicts,
    treating,
    weights,
)
from remote.office.forms.form import form_view as form
from remote.office.live.consumers import PageConsumer
from remote.office.views import page_view as page

urlpatterns = [
    path("", views.home),
    path("login", views.login, name="login"),
    path("logout", views.logout, name="logout"),
    path("health", views.health),
    path("metrics", views.metrics),
    path("office/", page("dashboard"), name="dashboard"),
    path("office/find", views.find, name="find"),
    path("office/unit", views.set_unit, name="unit"),
    path("office/batches", page("batches"), name="batches"),
    path("office/batches/suggest", views.suggestions("batches")),
    path("office/batches/new", form(places.NewBatch), name="new-batch"),
    path("office/batches/<int:pk>/edit", form(places.EditBatch), name="edit-batch"),
    path("office/batches/<int:pk>", views.batch, name="batch"),
    path("office/cattle", views.cattle, name="cattle"),
    path("office/cattle/move", form(moving.MoveMany), name="move-many"),
    path("office/cattle/leave", form(moving.LeaveMany), name="leave-many"),
    path("office/cattle/treat", form(treating.TreatMany), name="treat-many"),
    path("office/cattle/<int:pk>/treat", form(treating.TreatAnimal), name="treat"),
    path("office/cattle/<int:pk>", views.animal, name="animal"),
    path("office/cattle/<int:pk>/edit", form(cattle.EditAnimal), name="edit-animal"),
    path("office/cattle/<int:pk>/move", form(moving.MoveAnimal), name="move-animal"),
    path("office/cattle/<int:pk>/weigh", form(cattle.Weigh), name="weigh"),
    path("office/cattle/<int:pk>/tags", form(cattle.RetagAnimal), name="retag"),
    path("office/cattle/<int:pk>/leave", form(moving.LeaveAnimal), name="leave"),
    path("office/chute", views.chute, name="chute"),
    path("office/chute/card", chute.card),
    path("office/chute/send", chute.send),
    path("office/chute/begin", form(sessions.BeginSession), name="begin-session"),
    path("office/chute/<int:pk>/end", form(sessions.EndSession), name="end-session"),
    path("office/chute/<int:pk>/resume", form(sessions.ResumeSession), name="resume-session"),
    path("office/pens", page("pens"), name="pens"),
    path("office/pens/suggest", views.suggestions("pens")),
    path("office/pens/new", form(places.NewPen), name="new-pen"),
    path("office/pens/<int:pk>", page("pen"), name="pen"),
    path("office/pens/<int:pk>/edit", form(places.EditPen), name="edit-pen"),
    path("office/pens/<int:pk>/delete", form(places.DeletePen), name="delete-pen"),
    path("office/pens/<int:pk>/move", form(moving.MoveHere), name="move-here"),
    path("office/products", page("products"), name="products"),
    path("office/products/new", form(treating.NewProduct), name="new-product"),
    path("office/products/<int:pk>/edit", form(treating.EditProduct), name="edit-product"),
    path("office/weights", page("weights"), name="weights"),
    path("office/weights/<int:pk>/void", form(weights.VoidWeight), name="void"),
    path("office/weights/<int:pk>/unvoid", form(weights.UnvoidWeight), name="unvoid"),
    path("office/weights/<int:pk>/accept", form(weights.AcceptWeight), name="accept"),
    path("office/weights/<int:pk>/replace", form(weights.ReplaceWeight), name="replace"),
    path("office/sessions", views.sessions, name="sessions"),
    path("office/sessions/<int:pk>", views.session, name="session"),
    path("office/sessions/<int:pk>/edit", form(session_edit.EditSession), name="edit-session"),
    path("office/import", form(importing.ChooseFile), name="import"),
    path("office/import/<slug:token>", importing.look, name="import-look"),
    path("office/changes", tag_conflicts.changes, name="changes"),
    path("office/changes/<int:pk>/undo", form(tag_conflicts.UndoChange), name="undo"),
    path("office/payloads", views.payloads, name="payloads"),
    path("office/payloads/<int:pk>/correct", form(tag_conflicts.CorrectPayload), name="correct"),
    path("office/payloads/<int:pk>/conflict", form(tag_conflicts.DecideConflict), name="conflict"),
    path("office/payloads/<int:pk>/retry", views.retry_payload, name="retry"),
    path("office/work", page("work"), name="work"),
    path("office/status", page("status"), name="status"),
]

sockets = URLRouter([path("ws/office", PageConsumer.as_asgi())])
