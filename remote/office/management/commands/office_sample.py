"""`manage.py office_sample`: an office on made-up rows and no Pi, for people who work on pages."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Final

from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.management.base import BaseCommand, CommandParser

from remote.office.office import in_office
from remote.office.sample import keep_true, sample_office
from remote.office.urls import sockets

HOST: Final = "127.0.0.1"  # nothing else, ever: who comes here is signed in without a password


class Command(BaseCommand):
    help = "Show an office on sample data, to this machine alone and without signing in."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=5050, help="on 127.0.0.1; usually 5050")

    def handle(self, *args: Any, **options: Any) -> None:
        with tempfile.TemporaryDirectory(prefix="hexabrand-sample-") as folder:
            _keep_apart(Path(folder))
            self.stdout.write(f"Sample data at http://{HOST}:{options['port']}/ until Ctrl-C.")
            self.stdout.flush()
            _serve(options["port"])


def _keep_apart(folder: Path) -> None:
    """Leave the real office's sessions, units and sheets alone, and be reached by no other name."""
    settings.HEXABRAND_STATE_DIR, settings.SESSION_FILE_PATH = folder, folder / "office-sessions"
    # A name that another site resolves to 127.0.0.1 must not open this either (DNS rebinding).
    settings.ALLOWED_HOSTS = [HOST, "localhost"]
    # The browser holds the real office's cookies for the same host: ports do not part them.
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "sample_session", "sample_csrf"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.OFFICE_URL = ""


def _serve(port: int) -> None:
    from daphne.server import Server  # noqa: PLC0415 - importing it chooses the reactor
    from twisted.internet import reactor as chosen  # noqa: PLC0415 - as above

    office, reactor = sample_office(), chosen
    routes = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": sockets})
    tasks: set[asyncio.Task[None]] = set()  # the loop itself holds them weakly

    def start() -> None:
        tasks.add(asyncio.get_event_loop().create_task(keep_true(office.mirror)))

    # `callLater`, because the event loop itself runs only after the reactor's start-up calls.
    reactor.callWhenRunning(reactor.callLater, 0, start)
    Server(
        in_office(office, routes),
        endpoints=[f"tcp:{port}:interface={HOST}"],
        websocket_timeout=-1,
        verbosity=0,
    ).run()
