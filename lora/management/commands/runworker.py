"""`manage.py runworker`: works batches, cattle, pens and weights out of the stored payloads."""

import logging
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from lora.processes.process_lock import run_alone
from lora.worker import Worker

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Apply stored payloads to the herd, oldest first."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        run_alone("worker", self._run)

    def _run(self, stop: Event) -> None:
        logger.info("The worker is at work.")
        Worker().run(stop)
