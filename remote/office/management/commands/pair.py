"""`manage.py pair <string>`: makes this office follow a Pi, and trust its certificate alone."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from remote.office import pinning, pulled_backups
from remote.office.client import PiAddress, PiClient
from remote.office.errors import PiError
from remote.wire import BadPairing, Pairing


class Command(BaseCommand):
    help = "Follow the Pi that printed this pairing string."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pairing", help="the line that `manage.py pairing` printed on the Pi")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            pairing = Pairing.parse(options["pairing"])
            pair(pairing, settings.PI_CERTIFICATE_FILE)
        except (BadPairing, PiError) as error:
            raise CommandError(f"Not paired, nothing was changed. {error}") from error
        write_configuration(pairing, settings.HEXABRAND_STATE_DIR / "office.env")
        self.stdout.write(f"Paired with the Pi at {pairing.host}:{pairing.port}.")
        if recovery_key := pulled_backups.first_recovery_key():
            self.stdout.write(pulled_backups.printed(recovery_key))


def pair(pairing: Pairing, certificate_file: Path) -> None:
    """The certificate first, then the key: it is sent to no other than the Pi that was meant."""
    candidate = certificate_file.with_suffix(".candidate")
    candidate.unlink(missing_ok=True)
    try:
        pin = pinning.Pin(candidate, pinning.normal_fingerprint(pairing.fingerprint))
        PiClient(PiAddress(pairing.host, pairing.port, pairing.key, pin=pin)).status()
        pinning.store(candidate.read_text(), certificate_file)
    finally:
        candidate.unlink(missing_ok=True)


def write_configuration(pairing: Pairing, file: Path) -> None:
    """What the office's settings read at its next start."""
    lines = (
        f"REMOTE_PI_HOST={pairing.host}",
        f"REMOTE_PI_PORT={pairing.port}",
        f"PI_CERT_FINGERPRINT={pairing.fingerprint}",
        f"PI_API_KEY={pairing.key}",
    )
    pinning.store("\n".join(lines) + "\n", file)
