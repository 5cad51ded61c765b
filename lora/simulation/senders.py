"""How a simulated payload reaches the Pi: real datagrams, or a real serial line."""

import base64
import contextlib
import json
import random
import socket
from typing import Protocol

import serial

GATEWAY = bytes.fromhex("aa555affffaa0001")


class Sender(Protocol):
    def send(self, payload: bytes) -> None: ...

    def close(self) -> None: ...


class UdpSender:
    """Most payloads as plain text; some through a packet forwarder, whose answers are read."""

    def __init__(self, host: str, port: int, seed: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.connect((host, port))
        self._socket.setblocking(False)  # noqa: FBT003 - the standard library's own
        self._chance = random.Random(seed)  # noqa: S311 - a simulation
        self._token = 0

    def send(self, payload: bytes) -> None:
        forwarded = self._chance.random() < 0.3
        # A port that nobody listens on answers by ICMP: a barn does not stop for that.
        with contextlib.suppress(ConnectionRefusedError, BlockingIOError):
            self._socket.recv(64)
        with contextlib.suppress(ConnectionRefusedError, BlockingIOError):
            self._socket.send(self._push_data(payload) if forwarded else payload)

    def close(self) -> None:
        self._socket.close()

    def _push_data(self, payload: bytes) -> bytes:
        self._token = (self._token + 1) % 65536
        packet = {
            "tmst": self._token,
            "freq": 915.2,
            "stat": 1,
            "datr": "SF7BW125",
            "rssi": self._chance.randint(-115, -60),
            "lsnr": round(self._chance.uniform(-5, 11), 1),
            "size": len(payload),
            "data": base64.b64encode(payload).decode(),
        }
        head = b"\x02" + self._token.to_bytes(2, "big") + b"\x00" + GATEWAY
        return head + json.dumps({"rxpk": [packet]}).encode()


class SerialSender:
    """As a REYAX module prints what it received."""

    def __init__(self, path: str, seed: int) -> None:
        self._port = serial.Serial(path, 115_200, write_timeout=1.0)
        self._chance = random.Random(seed)  # noqa: S311 - a simulation

    def send(self, payload: bytes) -> None:
        head = f"+RCV={self._chance.randint(1, 4)},{len(payload)},".encode()
        tail = f",{self._chance.randint(-110, -40)},{self._chance.randint(-4, 40)}\r\n".encode()
        self._port.write(head + payload + tail)

    def close(self) -> None:
        self._port.close()
