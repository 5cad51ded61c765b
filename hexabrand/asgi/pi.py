"""The Pi's ASGI application: REST and admin over HTTP, the feed over a WebSocket."""

import ctypes
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexabrand.settings.pi")

# REST framework imports `requests` for a test client that nobody uses here, and `pygments`, where a
# developer has it, for pages that are not ours: 5 MB of a Pi.
sys.modules.setdefault("requests", None)  # type: ignore[arg-type]  # None: "not installed"
sys.modules.setdefault("pygments", None)  # type: ignore[arg-type]  # as above

from django.conf import settings
from django.core.asgi import get_asgi_application

# Where PostgreSQL's driver is installed, it is loaded for fields that nobody uses here: 10 MB.
if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]  # as above

pages = get_asgi_application()

from hexabrand import releases

try:  # here too, because daphne may have been started without `manage.py serve`
    releases.refuse_newer_herd()
except releases.NewerTables as newer:
    sys.exit(str(newer))

from channels.routing import ProtocolTypeRouter

from hexabrand.alerts.pi import PiWatch
from hexabrand.alerts.start import start as start_alerts
from hexabrand.asgi.announce import announce
from hexabrand.asgi.corruption_watch import end_when_damaged
from hexabrand.asgi.edges import until_gone, without_body
from hexabrand.asgi.start import when_serving
from remote.api import feed
from remote.api.offices import offices
from remote.api.urls import sockets

application = ProtocolTypeRouter({"http": without_body(pages), "websocket": until_gone(sockets)})

# What importing all this needed and freed again goes back to the system: 2 MB.
ctypes.CDLL(None).malloc_trim(0)


def _beside_the_requests() -> None:
    feed.start()
    end_when_damaged()
    start_alerts(lambda: PiWatch(offices, settings.ALERT_OFFICE_AWAY))
    announce()


when_serving(_beside_the_requests, "web")
