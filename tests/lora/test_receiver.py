"""The intake over real sockets and a real pty: stored first, acknowledged after."""

import errno
import fcntl
import json
import os
import pty
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from django.conf import settings
from django.db import OperationalError

from herd.models import Animal, JournalEntry
from herd.storage.journal import JournalBusy
from lora.framing.frames import Frame
from lora.group_store import GroupStore
from lora.intake import Heard, store_frames
from lora.listeners import Arrival, Inbox, SerialListener, UdpListener
from lora.many_datagrams import Datagram, ManyDatagrams
from lora.models import LoRaPayload, Source
from lora.noise import BURST
from lora.processes.watchdog import last_beat
from lora.receiver import Group, Receiver
from lora.worker import Worker
from tests.lora.inline import Inline

pytestmark = pytest.mark.django_db

FRAME = Frame("hxb:B1:LF1:U1", "plain")

PUSH = (
    b"\x02\xa1\xb2\x00\xaa\x55\x5a\x00\x00\x00\x01\x01"
    b'{"rxpk":[{"tmst":1,"stat":1,"rssi":-61,"lsnr":9.5,"datr":"SF7BW125",'
    b'"data":"aHhiOkJBVENIMDAxOkxGMTIzOlVIRjQ1Ng"}]}'
)


def receiving(inbox: Inbox, udp: UdpListener | None = None, *serials: SerialListener) -> Receiver:
    """A receiver without a spill file: what cannot be stored waits in memory."""
    return Receiver(inbox, udp, list(serials), GroupStore(None, Inline()))


@contextmanager
def listening(allowed: str = "127.0.0.0/8") -> Iterator[tuple[Receiver, socket.socket]]:
    """A receiver with its ear open, and a sender connected to it."""
    inbox, stop = Inbox(), threading.Event()
    ear = UdpListener(("127.0.0.1", 0), [allowed], inbox)
    thread = threading.Thread(target=ear.listen, args=(stop,))
    thread.start()
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(ear.socket.getsockname())
    sender.settimeout(5)
    try:
        yield receiving(inbox, ear), sender
    finally:
        stop.set()
        thread.join()
        sender.close()
        ear.socket.close()


def store_until(receiver: Receiver, rows: int) -> list[LoRaPayload]:
    for _ in range(20):
        receiver.step(threading.Event())
        if LoRaPayload.objects.count() >= rows:
            break
    return list(LoRaPayload.objects.order_by("pk"))


def test_a_datagram_is_stored_with_its_journal_row() -> None:
    with listening() as (receiver, sender):
        sender.send(b"hxb:BATCH001:LF123:UHF456")
        (row,) = store_until(receiver, 1)
    assert (row.raw_payload, row.status, row.source) == (
        "hxb:BATCH001:LF123:UHF456",
        "received",
        "udp:127.0.0.1",
    )
    entry = JournalEntry.objects.get()
    assert (entry.kind, entry.object_id) == ("payload:received", row.pk)


def test_every_line_of_a_datagram_is_a_payload() -> None:
    with listening() as (receiver, sender):
        sender.send(b"hxb:B:LF1:U1\r\nhxb:B:LF2:U2\nhxb:B:LF3:U3")
        rows = store_until(receiver, 3)
    assert [row.raw_payload[-5:] for row in rows] == ["F1:U1", "F2:U2", "F3:U3"]


def test_a_gateway_is_acknowledged_only_after_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    stored_when_acked = []
    with listening() as (receiver, sender):
        assert receiver.udp is not None
        answer = receiver.udp.answer

        def watch(ack: bytes, address: tuple[str, int]) -> None:
            stored_when_acked.append(LoRaPayload.objects.count())
            answer(ack, address)

        monkeypatch.setattr(receiver.udp, "answer", watch)
        sender.send(PUSH)
        (row,) = store_until(receiver, 1)
        assert sender.recv(100) == b"\x02\xa1\xb2\x01"
    assert stored_when_acked == [1]
    assert (row.source, row.rssi, row.snr) == ("gateway:aa555a0000000101", -61, 9.5)


def test_what_cannot_be_stored_is_not_acknowledged_and_is_stored_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries: list[int] = []

    def full_disk_once(*args: object, **kwargs: object) -> object:
        tries.append(LoRaPayload.objects.count())
        if len(tries) == 1:
            sender.settimeout(0.05)
            with pytest.raises(TimeoutError):
                sender.recv(100)
            raise OperationalError("database or disk is full")
        return store_frames(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr("lora.group_store.store_frames", full_disk_once)
    with listening() as (receiver, sender):
        sender.send(PUSH)
        assert len(store_until(receiver, 1)) == 1
        sender.settimeout(5)
        assert sender.recv(100) == b"\x02\xa1\xb2\x01"
    assert len(tries) == 2


def test_one_frame_that_is_refused_does_not_take_the_others_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(heard: list[Heard], *notes: object, **more: object) -> object:
        if any(one.frame.text == "hxb:bad" for one in heard):
            raise ValueError("no such character")
        return store_frames(heard)

    monkeypatch.setattr("lora.group_store.store_frames", refuse)
    with listening() as (receiver, sender):
        sender.send(b"hxb:B:L1:U1\nhxb:bad\nhxb:B:L2:U2")
        rows = store_until(receiver, 3)
    assert [row.status for row in rows] == ["received", "error", "received"]


def test_a_sender_outside_the_allowed_networks_is_not_heard() -> None:
    with listening(allowed="10.0.0.0/8") as (receiver, sender):
        sender.send(b"hxb:BATCH001:LF123:UHF456")
        receiver.step(threading.Event(), wait=0.3)
        assert receiver.udp is not None
        assert receiver.udp.refused == 1
    assert not LoRaPayload.objects.exists()
    assert Source.objects.get().note == (
        "Datagrams refused, as their senders are not in LORA_UDP_ALLOW: 1"
    )


class Lossy:
    """An ear whose kernel buffer has overflowed."""

    name, refused = "port:udp:1700", 0

    def __init__(self) -> None:
        self.lost = 3

    def drops(self) -> int:
        return self.lost


def test_losses_that_cannot_be_noted_now_are_noted_later_and_end_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("lora.receiver.NOTE_EVERY", 0.0)
    receiver, stop = receiving(Inbox(), cast("UdpListener", Lossy())), threading.Event()
    with monkeypatch.context() as locked:
        locked.setattr("lora.receiver.note_port", busy)
        receiver.step(stop, wait=0.0)
        receiver.step(stop, wait=0.0)
    assert [record.message for record in caplog.records] == ["What was lost cannot be noted now: x"]
    receiver.step(stop, wait=0.0)
    assert Source.objects.get().drops == 3


def busy(*_: object, **__: object) -> object:
    raise OperationalError("x")


def test_a_receiver_that_waits_for_the_disk_tells_that_it_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lora.group_store.store_frames", busy)
    receiver, stop = receiving(Inbox()), threading.Event()
    told: list[int] = []
    monkeypatch.setattr(receiver._watchdog, "alive", lambda: told.append(1))
    threading.Timer(0.6, stop.set).start()
    receiver.inbox.put(Arrival(b"hxb:B1:LF1:U1", "127.0.0.1", 1))
    receiver.step(stop)
    assert len(told) >= 3


@pytest.mark.django_db(transaction=True)
def test_a_database_that_others_hold_is_waited_for_no_longer_than_patience(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lora.group_store.PATIENCE", 0.3)
    receiver = receiving(Inbox())
    numbered = receiver._groups.number([Heard(FRAME, "udp:1", 1)], [])
    lock, began = writers_line(), time.monotonic()
    try:
        with pytest.raises(JournalBusy):
            receiver._groups.store(numbered)
    finally:
        os.close(lock)
    assert time.monotonic() - began < 5
    receiver._groups.store(numbered)
    assert LoRaPayload.objects.count() == 1


def test_what_cannot_be_stored_leaves_a_mark_of_how_long_and_how_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lora.group_store.PATIENCE", 0.1)
    monkeypatch.setattr("lora.processes.watchdog.EVERY", 0.0)
    receiver, stop = receiving(Inbox()), threading.Event()
    group = Group(heard=[Heard(FRAME, "udp:1", 1)] * 3)
    lock, timer = writers_line(), threading.Timer(1.0, stop.set)
    timer.start()
    try:
        assert not receiver._keep(group, stop)
    finally:
        os.close(lock)
        timer.join()
    assert (beat := last_beat("receiver")) is not None
    assert (beat.waiting, beat.pid) == (3, os.getpid())
    assert beat.failing > 0
    assert receiver._keep(group, threading.Event())
    receiver._watchdog.alive()
    assert (beat := last_beat("receiver")) is not None
    assert (beat.waiting, beat.failing) == (0, 0)


def writers_line() -> int:
    """Held by somebody else, until it is closed."""
    handle = os.open(settings.HEXABRAND_STATE_DIR / "writers.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def test_a_damaged_reception_is_kept_with_its_reason() -> None:
    with listening() as (receiver, sender):
        sender.send(PUSH.replace(b'"stat":1', b'"stat":-1'))
        (row,) = store_until(receiver, 1)
    assert (row.status, row.error_code) == ("error", "bad_crc")
    assert "damaged on the air" in row.error_message
    assert list(JournalEntry.objects.order_by("seq").values_list("kind", flat=True)) == [
        "payload:received",
        "payload:error",
    ]


def test_a_gateways_own_word_updates_its_source_and_is_no_payload() -> None:
    with listening() as (receiver, sender):
        sender.send(PUSH[:12] + b'{"stat":{"time":"2026-11-23 10:00:00 GMT","rxnb":2,"rxok":2}}')
        assert receiver.step(threading.Event(), wait=5)
    assert not LoRaPayload.objects.exists()
    assert Source.objects.get().name == "gateway:aa555a0000000101"


def test_a_serial_module_is_heard_through_its_port() -> None:
    controller, port = pty.openpty()
    inbox, stop = Inbox(), threading.Event()
    ear = SerialListener((os.ttyname(port), 115_200), inbox)
    thread = threading.Thread(target=ear.listen, args=(stop,))
    thread.start()
    try:
        receiver = receiving(inbox, None, ear)
        while not LoRaPayload.objects.exists():  # what is sent before the port is open is lost
            os.write(controller, b"+OK\r\n+RCV=7,25,hxb:BATCH001:LF123:UHF456,-48,39\r\n")
            receiver.step(stop, wait=0.2)
        row = LoRaPayload.objects.earliest("pk")
    finally:
        stop.set()
        thread.join()
        os.close(controller)
        os.close(port)
    assert row.raw_payload == "hxb:BATCH001:LF123:UHF456"
    assert (row.source.rpartition("#")[2], row.rssi, row.snr) == ("7", -48, 39)


def test_a_full_inbox_leaves_datagrams_in_the_kernel_and_loses_none() -> None:
    inbox, stop = Inbox(limit=3), threading.Event()
    ear = UdpListener(("127.0.0.1", 0), ["127.0.0.0/8"], inbox)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for number in range(10):
        sender.sendto(b"hxb:B:L%d:" % number, ear.socket.getsockname())
    thread = threading.Thread(target=ear.listen, args=(stop,))
    thread.start()
    try:
        assert len(store_until(receiving(inbox, ear), 10)) == 10
    finally:
        stop.set()
        thread.join()
        sender.close()
        ear.socket.close()


def test_sixty_kilobytes_of_noise_are_a_few_rows_and_no_reading_waits_for_them() -> None:
    with listening() as (receiver, sender):
        sender.send(b"x\n" * 30_000)
        sender.send(b"hxb:B1:LF1:U1")
        store_until(receiver, 10)
    *noise, rest, good = LoRaPayload.objects.order_by("pk")
    assert (good.raw_payload, good.status) == ("hxb:B1:LF1:U1", "received")
    assert (rest.status, rest.error_code, rest.lines) == ("error", "noise", 30_000 - 8)
    assert "29,992" in rest.error_message
    assert {row.raw_payload for row in noise} == {"x"}
    Worker().step()
    assert Animal.objects.get().lf_tag == "LF1"


def test_a_reading_within_noise_is_stored_and_its_gateway_answered() -> None:
    entries = [1] * 15_000
    entries[200:201] = json.loads(PUSH[12:])["rxpk"]
    with listening() as (receiver, sender):
        sender.send(PUSH[:12] + json.dumps({"rxpk": entries}).encode())
        rows = store_until(receiver, 10)
        assert sender.recv(100) == b"\x02\xa1\xb2\x01"
    assert [row.raw_payload for row in rows if row.status == "received"] == [
        "hxb:BATCH001:LF123:UHF456"
    ]
    assert (len(rows), sum(row.lines or 1 for row in rows)) == (10, 15_000)


def test_noise_that_does_not_end_is_one_row_that_counts_on() -> None:
    with listening() as (receiver, sender):
        for number in range(20):
            for _ in range(50):
                sender.send(b"\xff noise")
            sender.send(b"hxb:B1:LF%d:" % number)
            store_until(receiver, 1)
        while receiver.step(threading.Event(), wait=0.2):
            pass
    readings = LoRaPayload.objects.filter(raw_payload__startswith="hxb:")
    noise = LoRaPayload.objects.exclude(raw_payload__startswith="hxb:").order_by("pk")
    assert (readings.count(), noise.count()) == (20, BURST + 1)
    assert sum(row.lines or 1 for row in noise) == 1_000
    rest = noise[BURST]
    assert f"{rest.lines}, of {rest.original_length:,} bytes" in rest.error_message
    assert JournalEntry.objects.filter(object_id=rest.pk, kind="payload:error").count() > 1
    source = Source.objects.get()
    assert (source.frames, source.errors) == (1_020, 1_000)


def test_a_serial_line_that_rustles_is_one_row_that_counts_on() -> None:
    controller, port = pty.openpty()
    inbox, stop = Inbox(), threading.Event()
    ear = SerialListener((os.ttyname(port), 115_200), inbox)
    thread = threading.Thread(target=ear.listen, args=(stop,))
    thread.start()
    try:
        receiver = receiving(inbox, None, ear)
        while not LoRaPayload.objects.filter(raw_payload__startswith="hxb:").exists():
            os.write(controller, b"x\n" * 500 + b"hxb:B1:LF1:U1\n" + b"y" * 2_000 + b"\n")
            receiver.step(stop, wait=0.2)
    finally:
        stop.set()
        thread.join()
        os.close(controller)
        os.close(port)
    noise = LoRaPayload.objects.exclude(raw_payload__startswith="hxb:")
    assert noise.count() <= BURST + 1
    assert sum(row.lines or 1 for row in noise) >= 500


def test_long_datagrams_wait_in_the_kernel_before_they_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lora.listeners.INBOX_BYTES", 100_000)
    with listening() as (receiver, sender):
        for number in range(10):
            sender.send(b"x\n" * 29_000 + b"hxb:B1:LF%d:" % number)
        most = 0
        while LoRaPayload.objects.filter(raw_payload__startswith="hxb:").count() < 10:
            most = max(most, receiver.inbox.waiting())
            receiver.step(threading.Event())
    assert 0 < most <= 2


def test_a_port_is_heard_after_a_signal_and_after_an_error_that_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A tracer, a stopped and continued process, a signal: each interrupts the system call."""
    inbox, stop, receive = Inbox(10), threading.Event(), ManyDatagrams.receive
    errors = iter([OSError(errno.ENOMEM, "no memory")])

    def fail_once(datagrams: ManyDatagrams, most: int) -> list[Datagram]:
        for error in errors:
            raise error
        return receive(datagrams, most)

    monkeypatch.setattr(ManyDatagrams, "receive", fail_once)
    listener = UdpListener(("127.0.0.1", 0), ["127.0.0.0/8"], inbox)
    listening = threading.Thread(target=listener.listen, args=[stop])
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        listening.start()
        for _ in range(20):
            signal.pthread_kill(listening.ident or 0, signal.SIGUSR1)
            time.sleep(0.01)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"hxb:B1:LF1:U1", listener.socket.getsockname())
        assert [one.what for one in inbox.take(10, 5.0)] == [b"hxb:B1:LF1:U1"]
    finally:
        stop.set()
        listening.join()
        signal.signal(signal.SIGUSR1, before)
        listener.socket.close()
