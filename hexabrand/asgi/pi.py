"""The Pi's ASGI application: REST and admin over HTTP, the feed over a WebSocket."""

import ctypes
import os
import sys
from ipaddress import ip_address

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexabrand.settings.pi")

# REST framework imports `requests` for a test client that nobody uses here, and `pygments`, where a
# developer has it, for pages that are not ours: 5 MB of a Pi.
sys.modules.setdefault("requests", None)  # type: ignore[arg-type]  # None: "not installed"
sys.modules.setdefault("pygments", None)  # type: ignore[arg-type]  # as above

from django.conf import settings
from django.core.asgi import get_asgi_application

from herd.storage.database_corruption import is_sqlite
from herd.storage.sqlite import base as sqlite

# Where PostgreSQL's driver is installed, it is loaded for fields that nobody uses here: 10 MB.
if is_sqlite():
    sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]  # as above

pages = get_asgi_application()

from hexabrand import releases

try:  # here too, because daphne may have been started without `manage.py serve`
    releases.refuse_newer_herd()
except releases.NewerTables as newer:
    sys.exit(str(newer))

from channels.routing import ProtocolTypeRouter

from hexabrand.alerts.loop import start_alerts
from hexabrand.alerts.pi import PiWatch
from hexabrand.asgi.serving import end_when_damaged, until_gone, when_serving, without_body
from remote.api import feed, import_recovery
from remote.api.offices import offices
from remote.api.status import certificate
from remote.api.urls import sockets

application = ProtocolTypeRouter({"http": without_body(pages), "websocket": until_gone(sockets)})

# What importing all this needed and freed again goes back to the system: 2 MB.
ctypes.CDLL(None).malloc_trim(0)


def _beside_the_requests() -> None:
    sqlite.kept_connections.most = sqlite.KEPT
    feed.start()
    import_recovery.recover_soon()
    end_when_damaged()
    start_alerts(lambda: PiWatch(offices, settings.ALERT_OFFICE_AWAY))
    _announce()


def _announce() -> None:
    """Announce the Pi on its network, unless it serves its own machine alone."""
    bind, shown = settings.PI_BIND, certificate()
    is_local = bind == "localhost" or (bool(bind) and ip_address(bind).is_loopback)
    if not settings.MDNS or shown is None or is_local:
        return
    from remote.api.mdns import Announcer  # noqa: PLC0415 - zeroconf takes 4 MB

    Announcer(bind, settings.PI_PORT, shown["fingerprint"]).start()


when_serving(_beside_the_requests, "web")
