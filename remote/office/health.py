"""Whether the office is well: what somebody who watches over it from outside is told, and why."""

from typing import Any, Final

from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.backups import COPY_FAILED, COPY_OLD, copy_items
from remote.wire import STALE_AFTER_SECONDS

# By the state of the link; what it says of the reason may name addresses, which are not for all.
LINK: Final = {
    "no_copy": ("no_copy", "There is no copy of the herd yet: nothing can be shown."),
    "away": ("link_away", "The Pi cannot be reached: what is shown grows old."),
    "reconnecting": ("link_reconnecting", "The link to the Pi has just broken off."),
}
DATABASE_AWAY: Final = ("database_away", "The Pi's database does not answer.")
STALE: Final = ("stale", "What is shown has grown old.")
COPIES: Final = {
    COPY_FAILED: (
        "backup_copy_failed",
        "The Pi's newest backup could not be copied to the office.",
    ),
    COPY_OLD: ("backup_copy_old", "The Pi's backups were not copied to the office for a day."),
}


def health_of(mirror: Mirror) -> Row:
    """As docs/protocol.md has it. A link that has just broken off is a warning: it may be back
    before anybody could look."""
    age = mirror.age_seconds()
    link, is_grave = _link(mirror, age)
    reasons = [_told(*link)] if link and is_grave else []
    warnings = [_told(*link)] if link and not is_grave else []
    told: dict[str, Any] = {"status": "unavailable" if reasons else "ok"}
    if reasons:
        told["reasons"] = reasons
    return told | {
        "warnings": warnings + pi_troubles(mirror) + _of_copies(mirror),
        "link": mirror.link.state,
        "age_seconds": None if age is None else round(age, 1),
    }


def _link(mirror: Mirror, age: float | None) -> tuple[tuple[str, str] | None, bool]:
    """Return what is wrong with the link, and whether that is grave."""
    state, is_old = mirror.link.state, (age or 0.0) > STALE_AFTER_SECONDS
    if state != "no_copy" and mirror.link.is_database_away:
        return DATABASE_AWAY, True
    if state == "live":
        return (STALE, True) if is_old else (None, False)
    return LINK[state], state != "reconnecting" or is_old


def pi_troubles(mirror: Mirror) -> list[dict[str, str]]:
    """Return why the Pi says that it is not well, and what it warns of; nothing of an older Pi."""
    told = (mirror.status or {}).get("health", {})
    return [*told.get("reasons", []), *told.get("warnings", [])]


def _of_copies(mirror: Mirror) -> list[dict[str, str]]:
    """Return what is wrong with the copies of the Pi's backups, where some were asked for."""
    keys = {item.key for item in copy_items(mirror.time.earlier())}
    return [_told(*told) for key, told in COPIES.items() if key in keys]


def _told(code: str, detail: str) -> dict[str, str]:
    return {"code": code, "detail": detail}
