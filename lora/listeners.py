"""Threads that only take bytes off a socket or port, so a burst finds them ready."""

import contextlib
import ipaddress
import logging
import queue
import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import serial

from lora.framing.frames import Frame, Note
from lora.framing.readers import SerialDecoder
from lora.many_datagrams import LONGEST, MOST, ManyDatagrams

logger = logging.getLogger(__name__)

INBOX_LIMIT = 50_000  # arrivals; beyond it the kernel's buffer fills, and its drops are counted
# Bytes of datagrams; 50,000 of the longest would be 3 GB, and hold whatever comes behind them up.
INBOX_BYTES = 16 * 1024 * 1024
RECEIVE_BUFFER = 8 * 1024 * 1024
STOP_CHECK = struct.pack("@ll", 0, 200_000)  # SO_RCVTIMEO: one system call a datagram, not two
SO_MEMINFO = 55
MEMINFO_DROPS = 8
# In a burst the kernel gathers for a moment: each look costs those who store a turn in the
# interpreter.
BURST, BURST_PAUSE = 8, 0.002  # datagrams in one look, seconds
IDLE_GAP = 0.05  # seconds without a byte end a message that has no line end (EByte)
NETWORK_GAP = 0.5  # the same over a network, which stalls in mid-line at times
REOPEN_AFTER = (0.5, 15.0)  # seconds: the first try and the longest

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A datagram as it came, or what a serial port's decoder made of its bytes."""

    what: bytes | Frame | Note
    sender: str
    arrived_ns: int
    reply_to: Address | None = None


class Inbox:
    """What was heard and is not stored yet. Full means: leave it in the kernel."""

    def __init__(self, limit: int = INBOX_LIMIT) -> None:
        self._queue: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        self._limit = limit
        self.put = self._queue.put
        # Each is written by one thread alone, so neither needs a lock.
        self._bytes_in = self._bytes_out = 0

    def put_datagram(self, arrival: Arrival, size: int) -> None:
        """Take in a datagram; for the one thread that listens on the socket."""
        self._bytes_in += size
        self.put(arrival)

    def waiting(self) -> int:
        return self._queue.qsize()

    def is_full(self) -> bool:
        return not self.room()

    def room(self) -> int:
        """Return how many datagrams may come at once, however long they are."""
        held = self._bytes_in - self._bytes_out
        if self.waiting() >= self._limit or held >= INBOX_BYTES:
            return 0
        return max(1, (INBOX_BYTES - held) // LONGEST)

    def take(self, most: int, wait: float) -> list[Arrival]:
        """Wait for the first arrival, then take what else is there."""
        taken: list[Arrival] = []
        with contextlib.suppress(queue.Empty):
            taken.append(self._queue.get(timeout=wait))
            while len(taken) < most:
                taken.append(self._queue.get_nowait())
        self._bytes_out += sum(len(one.what) for one in taken if isinstance(one.what, bytes))
        return taken


class UdpListener:
    """One bound UDP socket; datagrams from outside the allowed networks are dropped and counted."""

    def __init__(self, bind: Address, allowed: list[str], inbox: Inbox) -> None:
        family = socket.AF_INET6 if ":" in bind[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        _widen(self.socket)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, STOP_CHECK)
        self.socket.bind(bind)
        self.name = f"port:udp:{self.socket.getsockname()[1]}"
        self.refused = 0
        self._inbox = inbox
        self._networks = [ipaddress.ip_network(network) for network in allowed]
        self.allows = lru_cache(maxsize=4096)(self._allows)

    def listen(self, stop: threading.Event) -> None:
        datagrams = ManyDatagrams(self.socket)
        while not stop.is_set():
            if not (room := self._inbox.room()):
                stop.wait(0.01)
                continue
            try:
                if BURST < self._take(datagrams, room) < MOST:
                    stop.wait(BURST_PAUSE)
            except (BlockingIOError, InterruptedError):  # nothing came; a signal, a tracer, a stop
                continue
            except OSError as error:  # it may pass, and a thread that died hears nothing
                logger.warning("The port %s cannot be read now: %s", self.name, error)
                stop.wait(1.0)

    def _take(self, datagrams: ManyDatagrams, most: int) -> int:
        """Put into the inbox what has come; return how many."""
        found = datagrams.receive(most)
        at = time.monotonic_ns()
        for data, address in found:
            if self.allows(address[0]):
                arrival = Arrival(data, address[0], at, address)
                self._inbox.put_datagram(arrival, len(data))
            else:
                self.refused += 1
        return len(found)

    def _allows(self, host: str) -> bool:
        address = ipaddress.ip_address(host.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None) or address
        allowed = any(mapped in network for network in self._networks)
        if not allowed:
            logger.warning("Datagrams from %s are refused: not in LORA_UDP_ALLOW.", host)
        return allowed

    def answer(self, ack: bytes, address: Address) -> None:
        try:
            self.socket.sendto(ack, address)
        except OSError as error:
            logger.warning("The gateway at %s cannot be answered: %s", address[0], error)

    def drops(self) -> int:
        """Return how many datagrams the kernel threw away because its buffer was full."""
        words = self.socket.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36)
        return int(struct.unpack("9I", words)[MEMINFO_DROPS])


def _widen(udp: socket.socket) -> None:
    """Ask for a large receive buffer: past the system's limit where we are allowed to force it."""
    so_rcvbufforce = 33
    try:
        udp.setsockopt(socket.SOL_SOCKET, so_rcvbufforce, RECEIVE_BUFFER)
    except PermissionError:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)


class SerialListener:
    """One serial port, near or over a network, reopened when it vanishes."""

    def __init__(self, port: tuple[str, int], inbox: Inbox) -> None:
        self._url, self._baud = port
        self.name = f"serial:{self._url.rpartition('/')[2]}"
        self._inbox = inbox

    def listen(self, stop: threading.Event) -> None:
        waits = growing_waits(*REOPEN_AFTER)
        lost = False
        while not stop.is_set():
            try:
                with self._open() as port:
                    logger.info("Listening on %s.", self._url)
                    waits, lost = growing_waits(*REOPEN_AFTER), False
                    self._read(port, stop)
            except (OSError, serial.SerialException) as error:
                if not lost:
                    logger.warning("The serial port %s is gone: %s", self._url, error)
                lost = True
                stop.wait(next(waits))

    def _open(self) -> serial.Serial:
        gap = NETWORK_GAP if "://" in self._url else IDLE_GAP
        port = serial.serial_for_url(self._url, baudrate=self._baud, timeout=gap, do_not_open=True)
        if isinstance(port, serial.Serial):
            port.exclusive = True
        port.dtr = False  # many boards take DTR for their reset button
        port.rts = False
        port.open()
        return port

    def _read(self, port: serial.Serial, stop: threading.Event) -> None:
        decoder, at = SerialDecoder(), time.monotonic_ns()
        while not stop.is_set():
            if data := port.read(1):
                data += port.read(port.in_waiting)
                at = time.monotonic_ns()
                items = decoder.feed(data)
            else:
                items = decoder.idle((time.monotonic_ns() - at) / 1e9)
            for heard in items:
                self._inbox.put(Arrival(heard, self.name, at))
            while self._inbox.is_full() and not stop.is_set():
                stop.wait(0.01)


def growing_waits(first: float, longest: float) -> Iterator[float]:
    """Yield seconds to wait before each further try, growing and jittered."""
    wait = first
    while True:
        yield wait * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret
        wait = min(wait * 2, longest)
