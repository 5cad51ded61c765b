"""`manage.py runreceiver`: hears radios over UDP and serial and stores every frame."""

import logging
import sys
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lora.group_store import DatabaseThread, GroupStore
from lora.listeners import Inbox, SerialListener, UdpListener
from lora.processes.process_lock import run_alone
from lora.receiver import Receiver
from lora.spill import open_spill

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Hear radios over UDP and serial ports and store every frame."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        # The listeners must get the interpreter quickly, also while a large group is decoded.
        sys.setswitchinterval(0.0005)
        run_alone("receiver", lambda stop: self._receiver().run(stop))

    def _receiver(self) -> Receiver:
        host, number = settings.LORA_UDP_BIND
        inbox = Inbox()
        try:
            udp = UdpListener((host, number), settings.LORA_UDP_ALLOW, inbox)
        except OSError as error:
            raise CommandError(f"LORA_UDP_BIND={host}:{number} cannot be used: {error}") from error
        logger.info("Listening for radios on UDP %s:%d.", host, number)
        serials = [SerialListener(port, inbox) for port in settings.LORA_SERIAL]
        reopen = partial(open_spill, settings.HEXABRAND_STATE_DIR)
        groups = GroupStore(reopen(), DatabaseThread(), reopen=reopen)
        return Receiver(inbox, udp, serials, groups)
