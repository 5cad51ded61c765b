"""Silence inside a line: only a message that has no end of its own is ended by it."""

import os
import pty
import threading
import time
from collections.abc import Iterator

import pytest

from lora.framing.frames import Frame, Note
from lora.framing.readers import SerialDecoder
from lora.listeners import Inbox, SerialListener

READ = b"hxb:BATCH001:LF123:UHF456"
HEX = READ.hex().upper().encode()
HALT = 0.2  # seconds, far beyond the 50 ms that end an EByte message

LINES = [
    b"+RCV=7,25,%b,-48,39\r\n" % READ,
    b"+EVT:RXP2P:-48:12:%b\r\n" % HEX,
    b"+EVT:RXP2P, RSSI -54, SNR 12\r\n+EVT:%b\r\n" % HEX,
    b"at+recv=-48,12,25:%b\r\n" % HEX,
    b'+TEST: LEN:25, RSSI:-40, SNR:12\r\n+TEST: RX "%b"\r\n' % HEX,
    b"Received packet '%b' with RSSI -48\r\n" % READ,
    b"[0] Received data: %b (RSSI:-48dBm, SNR:12dBm)\r\n" % READ,
    b"RX:%b\r\n" % READ,
]


class Line:
    """A pty with an ear at its other end."""

    def __init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        self.inbox, self._stop = Inbox(), threading.Event()
        ear = SerialListener((os.ttyname(self._theirs), 115_200), self.inbox)
        self._thread = threading.Thread(target=ear.listen, args=(self._stop,))
        self._thread.start()
        while not self.heard(wait=0.2):  # what is sent before the port is open is lost
            os.write(self._ours, b"+EVT:OPEN")
            time.sleep(0.05)
            os.write(self._ours, b"\r\n")
        while self.heard(wait=0.2):
            pass

    def send(self, *parts: bytes, halt: float = HALT) -> None:
        for part in parts:
            os.write(self._ours, part)
            time.sleep(halt)

    def heard(self, wait: float = 3.0) -> list[tuple[str, str | None]]:
        taken = [one.what for one in self.inbox.take(100, wait)]
        assert not any(isinstance(what, bytes) for what in taken)
        return [
            (what.text, what.error if isinstance(what, Frame) else "note")
            for what in taken
            if isinstance(what, Frame | Note)
        ]

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        os.close(self._ours)
        os.close(self._theirs)


@pytest.fixture
def port() -> Iterator[Line]:
    port = Line()
    yield port
    port.close()


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_a_halt_inside_a_modules_line_loses_nothing(port: Line, line: bytes) -> None:
    port.send(line[: len(line) // 2], line[len(line) // 2 :])

    assert port.heard() == [(READ.decode(), None)]


def test_a_halt_inside_a_plain_line_gives_one_read_and_no_wrong_tag(port: Line) -> None:
    port.send(READ + b"\r\n", READ[:22], READ[22:] + b"\r\n")

    assert port.heard() + port.heard(wait=0.5) == [(READ.decode(), None)] * 2


def test_a_message_without_a_line_end_is_heard_at_once_where_none_ends_lines(port: Line) -> None:
    port.send(READ, halt=1.5)  # the port has ended a line before: this one waits for its end
    assert port.heard() == [(READ.decode(), None)]

    port.send(READ + b"\xc5", READ + b"\xb0")
    assert port.heard() + port.heard(wait=0.5) == [(READ.decode(), None)] * 2


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_wherever_a_line_halts_it_is_read(line: bytes) -> None:
    for cut in range(5, len(line)):
        decoder = SerialDecoder(at_start=False)
        decoder.feed(b"+OK\r\n")
        items = decoder.feed(line[:cut]) + decoder.idle(0.9) + decoder.feed(line[cut:])

        assert [item.text for item in items + decoder.idle()] == [READ.decode()]


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_a_line_that_never_ends_is_given_up(line: bytes) -> None:
    decoder = SerialDecoder(at_start=False)
    decoder.feed(line[:20])

    assert decoder.idle(0.9) == []
    assert len(decoder.idle(1.0)) == 1


def test_an_rssi_byte_after_a_line_end_does_not_make_the_next_line_impatient() -> None:
    decoder = SerialDecoder(at_start=False)
    decoder.feed(READ + b"\r\n\xc5")
    decoder.idle(0.05)

    assert decoder.feed(READ[:22]) + decoder.idle(0.9) == []
    assert [item.text for item in decoder.feed(READ[22:] + b"\r\n") + decoder.idle()] == [
        READ.decode()
    ]
