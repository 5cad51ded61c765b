"""The office's ASGI application: pages over HTTP, live changes over a WebSocket."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexabrand.settings.ui")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter

from hexabrand.alerts.office import OfficeWatch
from hexabrand.alerts.start import start as start_alerts
from hexabrand.asgi.edges import until_gone, without_body
from hexabrand.asgi.start import when_serving
from remote.office import link
from remote.office.mirror import mirror
from remote.office.urls import sockets

application = ProtocolTypeRouter({"http": without_body(pages), "websocket": until_gone(sockets)})


def _beside_the_requests() -> None:
    link.start()
    start_alerts(lambda: OfficeWatch(mirror))


when_serving(_beside_the_requests, "office")
