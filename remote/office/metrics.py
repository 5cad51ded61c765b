"""How the office is, for programs that watch it: /health, figures for Prometheus, who gets them."""

import ipaddress
import platform
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from prometheus_client.core import Metric

from remote.exposition import build, gauge, gauges
from remote.office.mirror.mirror import Mirror, Row
from remote.office.office import Office
from remote.office.pages.status import COPY_FAILED, COPY_OLD, copy_items
from remote.office.pulled_backups import copies, last_pull
from remote.office.work.kinds import KINDS
from remote.office.work.marks import put_away
from remote.wire import RELEASE, STALE_AFTER_SECONDS, TABLES

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
    """Return the answer of /health, as docs/protocol.md has it.

    A link that has just broken off is a warning: it may be back before anybody could look.
    """
    age = mirror.age_seconds()
    link, is_grave = _link_trouble(mirror, age)
    reasons = [_reason(*link)] if link and is_grave else []
    warnings = [_reason(*link)] if link and not is_grave else []
    health: dict[str, Any] = {"status": "unavailable" if reasons else "ok"}
    if reasons:
        health["reasons"] = reasons
    return health | {
        "warnings": warnings + pi_troubles(mirror) + _copy_troubles(mirror),
        "link": mirror.link.state,
        "age_seconds": None if age is None else round(age, 1),
    }


def _link_trouble(mirror: Mirror, age: float | None) -> tuple[tuple[str, str] | None, bool]:
    """Return what is wrong with the link, and whether that is grave."""
    state, is_old = mirror.link.state, (age or 0.0) > STALE_AFTER_SECONDS
    if state != "no_copy" and mirror.link.is_database_away:
        return DATABASE_AWAY, True
    if state == "live":
        return (STALE, True) if is_old else (None, False)
    return LINK[state], state != "reconnecting" or is_old


def pi_troubles(mirror: Mirror) -> list[dict[str, str]]:
    """Return why the Pi says that it is not well, and what it warns of; nothing of an older Pi."""
    health = (mirror.status or {}).get("health", {})
    return [*health.get("reasons", []), *health.get("warnings", [])]


def _copy_troubles(mirror: Mirror) -> list[dict[str, str]]:
    """Return what is wrong with the copies of the Pi's backups, where some were asked for."""
    keys = {item.key for item in copy_items(mirror.time.earlier())}
    return [_reason(*words) for key, words in COPIES.items() if key in keys]


def _reason(code: str, detail: str) -> dict[str, str]:
    return {"code": code, "detail": detail}


STATES: Final = ("live", "reconnecting", "away", "no_copy")


def read(office: Office) -> Iterable[Metric]:
    mirror, health = office.mirror, health_of(office.mirror)
    yield from build(version=RELEASE, role="office", python=platform.python_version())
    yield from gauge("healthy", "1 while /health is 200.", health["status"] == "ok")
    codes = [(reason["code"], 1) for reason in health.get("reasons", [])]
    yield from gauges("health_reason", "1 for each reason of a 503.", "code", codes)
    yield from _link(mirror)
    yield from _copies(mirror)
    yield from gauge("browser_sockets", "Open pages.", len(office.open_pages))
    yield from gauges("work_items", "What needs somebody, by kind.", "kind", _work(mirror))


def _work(mirror: Mirror) -> list[tuple[str, int]]:
    """Return how many items each kind of work has, without what people put away."""
    away = put_away(mirror)
    return [(kind.name, len(kind.found(mirror, away))) for kind in KINDS]


def _link(mirror: Mirror) -> Iterator[Metric]:
    states = ((name, name == mirror.link.state) for name in STATES)
    shown = "1 for the state that the banner shows, 0 for the others."
    yield from gauges("link_state", shown, "state", states)
    age, known = mirror.age_seconds(), "Since the copy was known to be what the Pi has."
    yield from gauge("data_age_seconds", known, age)
    rows = ((topic, len(mirror.tables[topic])) for topic in TABLES)
    yield from gauges("mirror_rows", "Rows of the copy.", "topic", rows)
    seq = mirror.cursor.seq if mirror.cursor else None
    yield from gauge("mirror_journal_entry", "How far the copy is in the Pi's journal.", seq)
    ahead = mirror.time.office_is_ahead() if mirror.time.is_known else None
    yield from gauge("clock_ahead_seconds", "The office's clock before the Pi's.", ahead)


def _copies(mirror: Mirror) -> Iterator[Metric]:
    """Of the Pi's backups; nothing where none were ever asked for."""
    pulled = last_pull()
    if pulled is None:
        return
    yield from gauge("backup_copies", "Copies of the Pi's backups that are kept.", len(copies()))
    failed = pulled.failed is not None
    yield from gauge("backup_copy_failed", "1 where the last one could not be fetched.", failed)
    if pulled.at:
        age = mirror.time.earlier() - datetime.fromisoformat(pulled.at)
        seconds = max(0.0, age.total_seconds())
        yield from gauge("backup_copy_age_seconds", "Since one was fetched or found here.", seconds)


def may_read(request: HttpRequest) -> bool:
    """Decide by the addresses that a request comes from."""
    # Behind a proxy each address that it or another one names must be allowed too: a client can
    # add some, and take none away.
    named = request.headers.get("X-Forwarded-For", "").split(",")
    addresses = [request.META.get("REMOTE_ADDR", ""), *filter(None, map(str.strip, named))]
    return all(_is_allowed(address) for address in addresses)


def _is_allowed(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    # A socket that takes IPv6 and IPv4 shows the latter as ::ffff:10.0.0.7.
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in ipaddress.ip_network(network) for network in settings.METRICS_ALLOW)
