"""The office's ASGI application: pages over HTTP, live changes over a WebSocket."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexabrand.settings.ui")

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http.request import split_domain_port, validate_host

pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter

from hexabrand.alerts.loop import start_alerts
from hexabrand.alerts.office import OfficeWatch
from hexabrand.asgi.proxy_headers import ProxyHeaders
from hexabrand.asgi.serving import until_gone, when_serving, without_body
from remote.office.link import follower
from remote.office.mirror.mirror import mirror
from remote.office.urls import sockets


def _is_allowed(host: str) -> bool:
    return validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


application = ProxyHeaders(
    ProtocolTypeRouter({"http": without_body(pages), "websocket": until_gone(sockets)}),
    settings.TRUSTED_PROXIES,
    _is_allowed,
    tls=settings.OFFICE_TLS,
    public_url=settings.OFFICE_URL,
)


def _beside_the_requests() -> None:
    follower.start()
    start_alerts(lambda: OfficeWatch(mirror))


when_serving(_beside_the_requests, "office")
