"""Radio intake: drains what the listeners heard, one commit after another; acks what is stored."""

import logging
import threading
import time
from dataclasses import dataclass, field

from django.db import OperationalError, connection

from herd.storage import database_corruption
from herd.storage.journal import JournalBusy
from lora.framing.frames import Frame
from lora.framing.readers import read_datagram
from lora.intake import Heard, SourceNote, note_port, store_frames
from lora.listeners import Address, Arrival, Inbox, SerialListener, UdpListener, growing_waits
from lora.processes.disk_space import DiskFull
from lora.processes.watchdog import PATIENCE, Watchdog

logger = logging.getLogger(__name__)

GROUP = 2_000  # arrivals in one commit, at most
NOTE_EVERY = 2.0  # seconds
RETRY_AFTER = (0.05, 2.0)  # seconds: the first try and the longest, while the disk is full
# The database is busy, the disk full, or the system out of something: all of them end.
LATER = (OperationalError, JournalBusy, DiskFull, OSError)


@dataclass(slots=True)
class Group:
    """What one commit stores, and what may be answered once it has."""

    heard: list[Heard] = field(default_factory=list)
    notes: list[SourceNote] = field(default_factory=list)
    acks: list[tuple[bytes, Address]] = field(default_factory=list)

    def add(self, arrival: Arrival) -> None:
        match arrival.what:
            case bytes(data):
                self._add_datagram(data, arrival)
            case Frame() as frame:
                self._add_frame(frame, arrival)
            case note:
                self.notes.append(SourceNote(arrival.sender, note, arrival.arrived_ns))

    def _add_datagram(self, data: bytes, arrival: Arrival) -> None:
        datagram = read_datagram(data)
        for frame in datagram.frames:
            self._add_frame(frame, arrival)
        for note in datagram.notes:
            source = f"gateway:{note.address}" if note.address else f"udp:{arrival.sender}"
            self.notes.append(SourceNote(source, note, arrival.arrived_ns))
        if datagram.ack is not None and arrival.reply_to is not None:
            self.acks.append((datagram.ack, arrival.reply_to))

    def _add_frame(self, frame: Frame, arrival: Arrival) -> None:
        self.heard.append(Heard(frame, source_name(frame, arrival), arrival.arrived_ns))


def source_name(frame: Frame, arrival: Arrival) -> str:
    """Return `gateway:<EUI>`, `udp:<address>`, `serial:<port>` or `serial:<port>#<address>`."""
    if frame.form == "semtech":
        return f"gateway:{frame.address}"
    listener = f"udp:{arrival.sender}" if arrival.reply_to else arrival.sender
    return f"{listener}#{frame.address}" if frame.address else listener


class Receiver:
    """The committer. `step` is one commit; `run` is steps until told to stop."""

    def __init__(
        self, inbox: Inbox, udp: UdpListener | None, serials: list[SerialListener]
    ) -> None:
        self.inbox = inbox
        self.udp = udp
        self._listeners: list[SerialListener | UdpListener] = [*serials, udp] if udp else [*serials]
        self._watchdog = Watchdog("receiver")
        self._noted = (0, 0)  # lost by the kernel, refused by us
        self._note_next, self._cannot_note = 0.0, False

    def run(self, stop: threading.Event) -> None:
        threads = [
            threading.Thread(target=listener.listen, args=(stop,), daemon=True, name=listener.name)
            for listener in self._listeners
        ]
        for thread in threads:
            thread.start()
        while not stop.is_set():
            database_corruption.check()
            self._watchdog.alive()
            self.step(stop)
        for thread in threads:
            thread.join(timeout=1.0)
        while self.step(stop, wait=0.0):
            pass

    def step(self, stop: threading.Event, wait: float = 0.5) -> bool:
        """Store what has arrived; return True when there was something."""
        arrivals = self.inbox.take(GROUP, wait)
        if arrivals:
            self._take_in(arrivals, stop)
        if not stop.is_set():
            self._note_losses()
        return bool(arrivals)

    def _take_in(self, arrivals: list[Arrival], stop: threading.Event) -> None:
        group = Group()
        for arrival in arrivals:
            group.add(arrival)
        if self._keep(group, stop) and self.udp:
            for ack, address in group.acks:
                self.udp.answer(ack, address)

    def _keep(self, group: Group, stop: threading.Event) -> bool:
        """Try until the group is stored; return False only when told to stop before it was."""
        failed = False
        for wait in growing_waits(*RETRY_AFTER):
            self._watchdog.alive()  # waiting for the disk is no hanging: ended, it would forget
            database_corruption.check()
            try:
                self._store(group)
            except LATER as error:
                if database_corruption.is_damage(error):
                    raise
                if not failed:
                    logger.warning("Frames cannot be stored now and wait in memory: %s", error)
                failed = True
                self._watchdog.fails(len(group.heard) + self.inbox.waiting())
                connection.close_if_unusable_or_obsolete()
            else:
                self._watchdog.works(self.inbox.waiting())
                if failed:
                    logger.info("Frames are stored again.")
                return True
            if stop.wait(wait):
                logger.error("Stopped with %d frames that could not be stored.", len(group.heard))
                return False
        return False

    def _store(self, group: Group) -> None:
        """Store the group in one commit."""
        # Where one frame is refused, each is stored alone, so that the rest is kept.
        try:
            store_frames(group.heard, group.notes, timeout=PATIENCE)
        except Exception as error:
            if isinstance(error, LATER) or database_corruption.is_damage(error):
                raise
            count = len(group.heard)
            logger.exception("A group of %d frames is refused; trying each alone.", count)
            for heard in group.heard:
                self._watchdog.alive()
                _store_alone(heard)

    def _note_losses(self) -> None:
        """Tell in the log and on the port's source what the kernel or we have thrown away."""
        if self.udp is None or time.monotonic() < self._note_next:
            return
        self._note_next = time.monotonic() + NOTE_EVERY
        drops, refused = found = (self.udp.drops(), self.udp.refused)
        if found == self._noted:
            return
        try:
            note_port(self.udp.name, drops, _refusals(refused), timeout=PATIENCE)
        except LATER as error:
            if not self._cannot_note:
                logger.warning("What was lost cannot be noted now: %s", error)
            self._cannot_note = True
            connection.close_if_unusable_or_obsolete()
            return
        self._cannot_note = False
        if drops != self._noted[0]:
            logger.warning(
                "%d datagrams were lost: they came faster than they could be read.",
                drops - self._noted[0],
            )
        self._noted = found


def _refusals(count: int) -> str:
    if not count:
        return ""
    return f"Datagrams refused, as their senders are not in LORA_UDP_ALLOW: {count}"


def _store_alone(heard: Heard) -> None:
    try:
        store_frames([heard], timeout=PATIENCE)
    except Exception as error:
        if isinstance(error, LATER) or database_corruption.is_damage(error):
            raise
        logger.exception("A frame is refused as it is; its text is kept in ASCII.")
        plain = Frame(ascii(heard.frame.text)[:1000], "raw", error="malformed_frame")
        store_frames([Heard(plain, heard.source, heard.arrived_ns)], timeout=PATIENCE)
