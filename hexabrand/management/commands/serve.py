"""`manage.py serve`: daphne for this role, in place of this process."""

import io
import os
import shlex
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from herd.storage import database_corruption
from hexabrand import shutdown
from hexabrand.hosts import web_port_refusal

# Daphne's WebSocket library builds a validator with cffi, glibc keeps an arena for each thread and
# freed pages for later: together some 6 MB of a Pi's memory, for nothing that we use.
SPARE_MEMORY = {"AUTOBAHN_USE_NVX": "0", "MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "65536"}
# Daphne ends a WebSocket after a day of wall-clock time: also when the clock jumps by a day.
# No --websocket-max-message-size: it would bound what is sent too, and drop it without a word.
QUIETLY = ("-v", "0", "--websocket_timeout", "-1")


class Command(BaseCommand):
    help = "Serve this role with daphne: the Pi over TLS on PI_PORT, the office on OFFICE_PORT."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--print", action="store_true", help="print the daphne command only")

    def handle(self, *args: Any, **options: Any) -> None:
        arguments = _pi() if settings.IS_PI_BACKEND else _office()
        if options["print"]:
            self.stdout.write(shlex.join(["daphne", *arguments]))
            return
        _refuse_before_setup()
        if refusal := web_port_refusal():
            raise CommandError(refusal)
        if settings.IS_PI_BACKEND:
            _recover_first()
            _hold_the_database()
        os.environ.update(SPARE_MEMORY)
        _become_daphne(arguments)


def _become_daphne(arguments: list[str]) -> None:
    # From whatever folder: `-P` keeps the modules of that folder out, PYTHONPATH names ours.
    paths = [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    shutdown.held()
    os.execv(sys.executable, [sys.executable, "-P", "-m", "hexabrand.daphne", *arguments])  # noqa: S606 - our own command


def _recover_first() -> None:
    """Set the database up anew where a process has met damage."""
    # A service manager runs `setup` before a start; a supervisor or a terminal does not.
    if database_corruption.is_known():
        call_command("setup", "--json", stdout=io.StringIO())


def _hold_the_database() -> None:
    # So that a restore cannot take the database away from under this process.
    from lora.processes.process_lock import AlreadyRunning, only_one_from_now_on  # noqa: PLC0415 - Pi only

    try:
        only_one_from_now_on("web")
    except AlreadyRunning as error:
        raise CommandError(str(error)) from error


def _pi() -> list[str]:
    endpoint = (
        f"ssl:{settings.PI_PORT}"
        f":privateKey={_escaped(str(settings.TLS_KEY_FILE))}"
        f":certKey={_escaped(str(settings.TLS_CERTIFICATE_FILE))}"
        f":interface={_escaped(settings.PI_BIND)}"
    )
    return ["-e", endpoint, *QUIETLY, "hexabrand.asgi.pi:application"]


def _office() -> list[str]:
    endpoint = f"tcp:{settings.OFFICE_PORT}:interface={_escaped(settings.OFFICE_BIND)}"
    return ["-e", endpoint, *QUIETLY, "hexabrand.asgi.ui:application"]


def _escaped(text: str) -> str:
    # Endpoints are cut at colons, which IPv6 addresses and folder names may hold.
    return text.replace("\\", "\\\\").replace(":", "\\:").replace("=", "\\=")


def _refuse_before_setup() -> None:
    role = "pi" if settings.IS_PI_BACKEND else "office"
    ready = (settings.HEXABRAND_STATE_DIR / f"{role}-secret.key").exists()
    if settings.IS_PI_BACKEND:
        ready = ready and settings.TLS_CERTIFICATE_FILE.exists()
    if not ready and not os.environ.get("SECRET_KEY"):
        raise CommandError("This role has not been set up. Type: manage.py setup")
