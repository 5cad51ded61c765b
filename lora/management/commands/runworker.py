"""`manage.py runworker`: works batches, cattle, pens and weights out of the stored payloads."""

import gc
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
        # What is loaded by now stays for good. A step makes some 10,000 objects and no cycle: as
        # Python comes, its collector would look at all of them a dozen times in a step.
        gc.freeze()
        gc.set_threshold(1_000_000, 20, 20)
        logger.info("The worker is at work.")
        Worker().run(stop)
