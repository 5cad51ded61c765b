"""A packet forwarder with a ledger: every text it sent, and every text the Pi acknowledged."""

import base64
import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from tests.faults.barn import Barn
from tests.system.farm import Farm


class Gateway:
    """`push` waits for the answer; `load` sends on and on beside whatever happens meanwhile.

    Without a barn each text is a tag read that is sent once. `sent` has every sending, in order;
    a place in it names one, because a barn's texts come again.
    """

    def __init__(self, farm: Farm, start: int = 1, barn: Barn | None = None) -> None:
        self.sent: list[str] = []
        self._barn = barn
        self._sent_at: list[float] = []
        self._answered: dict[int, float] = {}
        self._number = start - 1
        self._token = 0
        self._waiting: dict[bytes, int] = {}
        self._lock = threading.Lock()
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # Many answers come at once after a fault; the default buffer holds a few hundred.
        self._udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        self._udp.connect(("127.0.0.1", farm.udp_port))
        self._udp.settimeout(0.1)
        self._closed = threading.Event()
        self._ear = threading.Thread(target=self._hear, daemon=True)
        self._ear.start()

    @property
    def acknowledged(self) -> list[str]:
        """From its acknowledgement on a text must never be lost; one that was acknowledged twice
        stands here twice."""
        return [self.sent[place] for place in list(self._answered)]

    def waits(self, since: int = 0) -> list[float]:
        """Milliseconds from sending to the acknowledgement, of all that was sent after the first
        `since` and acknowledged."""
        answered = [place for place in range(since, len(self.sent)) if place in self._answered]
        return [(self._answered[place] - self._sent_at[place]) * 1000 for place in answered]

    def close(self) -> None:
        self._closed.set()
        self._ear.join()
        self._udp.close()

    def next_text(self) -> str:
        self._number += 1
        return f"hxb:FAULT{self._number % 20}:LF{self._number}:UHF{self._number}"

    def send(self, text: str) -> int:
        """Its place in `sent`."""
        with self._lock:
            place = len(self.sent)
            self._token = (self._token + 1) % 65_536
            token = self._token.to_bytes(2, "big")
            self._waiting[token] = place
            self.sent.append(text)
            self._sent_at.append(time.monotonic())
        packet = {"stat": 1, "rssi": -60, "data": base64.b64encode(text.encode()).decode()}
        head = b"\x02" + token + b"\x00\xaa\x55\x5a\x00\x00\x00\x01\x03"
        with contextlib.suppress(OSError):  # nobody listens just now
            self._udp.send(head + json.dumps({"rxpk": [packet]}).encode())
        return place

    def push(self, text: str, patience: float = 0.25) -> bool:
        """True when the Pi answered in time."""
        place = self.send(text)
        end = time.monotonic() + patience
        while place not in self._answered and time.monotonic() < end:
            time.sleep(0.001)
        return place in self._answered

    @contextmanager
    def load(self, chance: Random, per_second: float = 200.0) -> Iterator[None]:
        """Sends in small bursts at odd moments, as long as the block lasts."""
        stop = threading.Event()

        def send() -> None:
            while not stop.wait(chance.expovariate(per_second / 4)):
                for _ in range(chance.randint(1, 7)):
                    self.send(self._barn.says(chance) if self._barn else self.next_text())

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        try:
            yield
        finally:
            stop.set()
            sender.join()

    def _hear(self) -> None:
        while not self._closed.is_set():
            try:
                answer = self._udp.recv(64)
            except OSError:  # silence, or nobody listens just now
                continue
            place = self._waiting.pop(answer[1:3], None)
            if place is not None:
                self._answered[place] = time.monotonic()
