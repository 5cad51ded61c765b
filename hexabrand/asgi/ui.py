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
from remote.office.office import Office, in_office, office_from_settings
from remote.office.urls import sockets


def _is_allowed(host: str) -> bool:
    return validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


def application_of(office: Office) -> ProxyHeaders:
    """Return the ASGI application of one office. A process may have one for each of several."""
    by_kind = ProtocolTypeRouter({"http": without_body(pages), "websocket": until_gone(sockets)})
    return ProxyHeaders(
        in_office(office, by_kind),
        settings.TRUSTED_PROXIES,
        _is_allowed,
        tls=settings.OFFICE_TLS,
        public_url=settings.OFFICE_URL,
    )


def _started(office: Office) -> ProxyHeaders:
    def beside_the_requests() -> None:
        office.link.start()
        start_alerts(lambda: OfficeWatch(office.mirror))

    when_serving(beside_the_requests, "office")
    return application_of(office)


application = _started(office_from_settings())
