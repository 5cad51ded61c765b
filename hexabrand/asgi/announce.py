"""Has the Pi's web process announce itself on its network."""

import ipaddress

from django.conf import settings

from remote.api.status import certificate


def announce() -> None:
    """Start it in the running event loop, unless the Pi serves its own machine alone."""
    bind = settings.PI_BIND
    shown = certificate()
    if not settings.MDNS or shown is None or _is_loopback(bind):
        return
    from remote.api.announcing import Announcer  # noqa: PLC0415 - zeroconf takes 4 MB

    Announcer(bind, settings.PI_PORT, shown["fingerprint"]).start()


def _is_loopback(bind: str) -> bool:
    return bind == "localhost" or (bool(bind) and ipaddress.ip_address(bind).is_loopback)
