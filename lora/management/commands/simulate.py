"""`manage.py simulate`: a barn that is not there, sending real datagrams or serial lines."""

import contextlib
import itertools
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lora.processes.process_lock import stop_when_told
from lora.signing import read_keys
from lora.simulation.barn import Feedlot, signed
from lora.simulation.past_writing import steers_on_feed
from lora.simulation.senders import Sender, SerialSender, UdpSender
from lora.simulation.truck import truck_that_is_loading
from lora.simulation.walk_over import WalkOverScale

SLOWEST, FASTEST = 0.001, 1_000_000  # payloads a second
OFTEN_IN_A_HERD = 0.02  # a lot in some five hours at one payload a second


class Command(BaseCommand):
    help = "Send what a feedlot's radios would send."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rate", type=float, default=2.0, help="payloads a second (2)")
        parser.add_argument("--count", type=int, default=0, help="stop after so many (0: never)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed, the same barn")
        walk_over = "a walk-over scale: part and double weighings, on some days out of order"
        parser.add_argument("--walk-over", action="store_true", help=walk_over)
        herd = "go on with the animals on feed in this Pi's herd; few come and go"
        parser.add_argument("--herd", action="store_true", help=herd)
        truck = "the reader at the ramp, while the shipment that is loading is loaded; then it ends"
        parser.add_argument("--truck", action="store_true", help=truck)
        parser.add_argument("--serial", default="", help="a serial device instead of UDP")
        parser.add_argument("--sign", default="", help="device=hexkey: sign what is sent")
        parser.add_argument("--to", default="", help="host:port instead of LORA_UDP_BIND")

    def handle(self, *args: Any, **options: Any) -> None:
        if not SLOWEST <= options["rate"] <= FASTEST:  # nan is neither
            raise CommandError(f"--rate is a number from {SLOWEST} to {FASTEST:,}.")
        if options["count"] < 0:
            raise CommandError("--count is 0 or more.")
        wanted = itertools.islice(_payloads(options), options["count"] or None)
        stop = stop_when_told()
        with _sender(options) as sender:
            self._send(wanted, sender, options["rate"], stop)

    def _send(
        self, payloads: Iterable[bytes], sender: Sender, rate: float, stop: threading.Event
    ) -> None:
        # By an absolute schedule, so that a slow machine catches up.
        start = time.monotonic()
        for number, payload in enumerate(payloads):
            if stop.wait(max(0.0, start + number / rate - time.monotonic())):
                return
            sender.send(payload)


def _payloads(options: dict[str, Any]) -> Iterator[bytes]:
    payloads = _heard(options)
    if not options["sign"]:
        return payloads
    try:
        keys = read_keys(options["sign"])
    except ValueError as error:
        raise CommandError(f"--sign cannot be used: {error}") from error
    # The time, so that the next simulated barn counts on from where this one ended.
    return signed(payloads, keys, time.time_ns() // 1_000_000)


def _heard(options: dict[str, Any]) -> Iterator[bytes]:
    seed = options["seed"]
    if options["truck"]:
        truck = truck_that_is_loading()
        if truck is None:
            raise CommandError("No shipment of this Pi's is loading: begin to load one.")
        return truck.payloads(seed)
    # All of it is heard today: what grew by days would be too fast to be right.
    scale = WalkOverScale(seed, growing=False) if options["walk_over"] else None
    steers = steers_on_feed(timezone.now()) if options["herd"] else []
    often = OFTEN_IN_A_HERD if steers else 1.0
    barn = Feedlot(seed, steers=steers, coming_and_going=often)
    return scale.payloads() if scale else barn.payloads()


@contextlib.contextmanager
def _sender(options: dict[str, Any]) -> Iterator[Sender]:
    try:
        with contextlib.closing(_opened(options)) as sender:
            yield sender
    except (OSError, ValueError) as error:
        raise CommandError(f"The simulated barn cannot send: {error}") from error


def _opened(options: dict[str, Any]) -> Sender:
    seed = options["seed"]
    if options["serial"]:
        return SerialSender(options["serial"], seed)
    host, port = _target(options["to"]) if options["to"] else settings.LORA_UDP_BIND
    return UdpSender({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, seed)  # noqa: S104 - compared, not bound


def _target(text: str) -> tuple[str, int]:
    host, _, number = text.rpartition(":")
    if not host or not (number.isascii() and number.isdigit() and 0 < int(number) < 65536):
        raise ValueError(f"--to {text} is not host:port, the port from 1 to 65535.")
    return host.removeprefix("[").removesuffix("]"), int(number)
