"""The office's figures for Prometheus, and who may have them."""

import ipaddress
import platform
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from prometheus_client.core import Metric

from remote.exposition import build, gauge, gauges
from remote.office.health import health_of
from remote.office.mirror.mirror import Mirror
from remote.office.office import Office
from remote.office.pulled_backups import copies, last_pull
from remote.wire import RELEASE

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


def _link(mirror: Mirror) -> Iterator[Metric]:
    state = mirror.link.state
    yield from gauges(
        "link_state", "1 for the state that the banner shows, 0 for the others.", "state",
        ((name, name == state) for name in STATES),
    )  # fmt: skip
    yield from gauge(
        "data_age_seconds", "Since the copy was known to be what the Pi has.", mirror.age_seconds()
    )
    rows = ((topic, len(table)) for topic, table in mirror.tables.items())
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
    """Decide by where it comes from. Behind a proxy each address that it or another one names must
    be allowed too: a client can add some, and take none away."""
    named = request.headers.get("X-Forwarded-For", "").split(",")
    addresses = [request.META.get("REMOTE_ADDR", ""), *filter(None, map(str.strip, named))]
    return all(_is_allowed(address) for address in addresses)


def _is_allowed(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in ipaddress.ip_network(network) for network in settings.METRICS_ALLOW)
