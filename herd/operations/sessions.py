"""Sessions: they are begun, changed, ended and resumed, and kept for ever."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from herd.errors import BadValue, SourceInUse, UnknownSession
from herd.local_time import localdate
from herd.models import Session
from herd.storage import fast_rows
from herd.unit_of_work import UnitOfWork

# What is done with each animal; `treat` are numbers of products, `sort` says where it goes.
NO_TASKS: Final[Mapping[str, Any]] = {"weigh": True, "pair_tags": False, "treat": [], "sort": None}


def session_no(unit: UnitOfWork, pk: int) -> Session:
    """Return the session of this number. Raise UnknownSession."""
    found = unit.by_number(Session, [pk])
    if not found:
        raise UnknownSession(f"Session no. {pk} does not exist.", field="session_id")
    return found[pk]


def enter_session(unit: UnitOfWork, pk: int | None) -> None:
    """Let what is weighed and moved from now on belong to a session, or with None to none."""
    # An ended one too: what a chute typed while it was cut off comes when the session is over.
    unit.session_id = None if pk is None else session_no(unit, pk).pk


def begin_session(unit: UnitOfWork, values: Mapping[str, Any], at: datetime) -> Session:
    """Begin a session; where it has no name, its pen or batch and the day are its name.

    Raises UnknownPlace, or SourceInUse where another open one listens to its source.
    """
    given = {**values, "tasks": {**NO_TASKS, **values.get("tasks", {})}}
    _check_places(unit, given)
    session = fast_rows.new(Session, started_at=at, started_by=unit.actor, **given)
    session.name = session.name.strip() or _free_name(unit, session, at)
    check_source(unit, session)
    unit.add(session)
    unit.note("session:begun", session.pk, at, session.name)
    return session


def change_session(
    unit: UnitOfWork, session: Session, changes: Mapping[str, Any], at: datetime
) -> Session:
    """Change what is given of a session; of its tasks, those that are given."""
    wanted = dict(changes)
    if "tasks" in wanted:
        wanted["tasks"] = {**session.tasks, **wanted["tasks"]}
    if "name" in wanted and not wanted["name"].strip():
        raise BadValue("A session needs a name.", field="name")
    differing = {name: one for name, one in wanted.items() if getattr(session, name) != one}
    if differing:
        _check_places(unit, differing)
        unit.change(session, **differing)
        check_source(unit, session)
        unit.note("session:updated", session.pk, at, ", ".join(differing))
    return session


def end_session(unit: UnitOfWork, pk: int, at: datetime) -> Session:
    """End a session. Twice is as once."""
    session = session_no(unit, pk)
    if session.ended_at is None:
        unit.change(session, ended_at=at, ended_by=unit.actor)
        unit.note("session:ended", pk, at, session.name)
    return session


def resume_session(unit: UnitOfWork, pk: int, at: datetime) -> Session:
    """Open a session again, as if it had not been ended. Twice is as once."""
    session = session_no(unit, pk)
    if session.ended_at is not None:
        unit.change(session, ended_at=None, ended_by="")
        check_source(unit, session)
        unit.note("session:resumed", pk, at, session.name)
    return session


def _check_places(unit: UnitOfWork, values: Mapping[str, Any]) -> None:
    if (pen := values.get("pen_id")) is not None:
        unit.pen_no(pen)
    if (batch := values.get("batch_id")) is not None:
        unit.batch_no(batch)


def check_source(unit: UnitOfWork, session: Session) -> None:
    """Raise SourceInUse where another open session listens to its source."""
    if not session.source or session.ended_at is not None:
        return
    for other in unit.rows(Session, "source", [session.source]):
        if other.ended_at is None and other.pk != session.pk:
            raise SourceInUse(
                f"Session {other.name} (no. {other.pk}) listens to {session.source} and is still"
                " open. End it first, or choose another source.",
                field="source",
            )


def _free_name(unit: UnitOfWork, session: Session, at: datetime) -> str:
    """Return `P12 2026-03-01`, with a number behind it where that day has such a session."""
    place: object = "Session"
    if session.pen_id is not None:
        place = unit.pen_no(session.pen_id)
    elif session.batch_id is not None:
        place = unit.batch_no(session.batch_id)
    name = first = f"{place} {localdate(at)}"
    number = 1
    while unit.rows(Session, "name", [name]):
        number += 1
        name = f"{first} ({number})"
    return name
