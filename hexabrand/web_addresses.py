"""Where people open the pages of this role."""

from django.conf import settings

from remote.interfaces import reachable_addresses


def web_addresses() -> list[str]:
    """Return what to type into a browser, the likeliest first."""
    if settings.IS_PI_BACKEND:
        return _pages("https", settings.PI_BIND, settings.PI_PORT, "/admin/")
    if settings.OFFICE_URL:  # behind a proxy nothing else leads there
        return [f"{settings.OFFICE_URL}/office/"]
    return _pages("http", settings.OFFICE_BIND, settings.OFFICE_PORT, "/office/")


def _pages(scheme: str, bind: str, port: int, path: str) -> list[str]:
    hosts = (f"[{a}]" if ":" in a else a for a in reachable_addresses(bind))
    return [f"{scheme}://{host}:{port}{path}" for host in hosts]
