"""`manage.py runworker`: works batches, cattle, pens and weights out of the stored payloads."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from herd.storage import database_corruption
from lora.processes.process_lock import AlreadyRunning, only_one
from lora.worker import Worker

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Apply stored payloads to the herd, oldest first."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            with only_one("worker"), database_corruption.ending():
                logger.info("The worker is at work.")
                Worker().run(stop)
        except (AlreadyRunning, database_corruption.DatabaseDamaged) as error:
            raise CommandError(str(error)) from error
