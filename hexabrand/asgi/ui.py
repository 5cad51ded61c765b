"""The office's ASGI application: pages over HTTP, live changes over a WebSocket."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexabrand.settings.ui")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter

from remote.office import link
from remote.office.urls import sockets

application = ProtocolTypeRouter({"http": pages, "websocket": sockets})

if "twisted.internet.reactor" in sys.modules:
    # Daphne speaks no ASGI lifespan: its reactor starts what must run from the beginning.
    from twisted.internet import reactor

    # `callLater`, because the event loop itself runs only after the reactor's start-up calls.
    reactor.callWhenRunning(reactor.callLater, 0, link.start)
