"""Radio intake: drains what the listeners heard, one commit after another; acks what is stored."""

import logging
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field

from herd.storage import database_corruption
from lora.framing.frames import Frame
from lora.framing.readers import read_datagram
from lora.group_store import LATER, RETRY_AFTER, GroupStore
from lora.intake import Heard, SourceNote, note_port
from lora.listeners import Address, Arrival, Inbox, SerialListener, UdpListener, growing_waits
from lora.noise import NoiseLimiter
from lora.processes.watchdog import PATIENCE, Watchdog

logger = logging.getLogger(__name__)

GROUP = 2_000  # arrivals in one commit, at most
NOTE_EVERY = 2.0  # seconds
DRAIN_PAUSE = 0.05  # seconds without an arrival, while something waits in the spill file


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
        self,
        inbox: Inbox,
        udp: UdpListener | None,
        serials: list[SerialListener],
        groups: GroupStore,
    ) -> None:
        self.inbox = inbox
        self._groups = groups
        self.udp = udp
        self._listeners: list[SerialListener | UdpListener] = [*serials, udp] if udp else [*serials]
        self._watchdog = Watchdog("receiver")
        self._noise = NoiseLimiter()
        self._noted = self._found = (0, 0)  # lost by the kernel, refused by us
        self._noting: Future[None] = Future()
        self._noting.set_result(None)
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
        arrivals = self.inbox.take(GROUP, DRAIN_PAUSE if self._groups.error is not None else wait)
        if arrivals:
            self._take_in(arrivals, stop)
        while self._groups.drain() and not self.inbox.waiting():
            self._watchdog.alive()
        self._tell()
        if not stop.is_set() and self._groups.error is None:
            self._note_losses()
        return bool(arrivals)

    def _take_in(self, arrivals: list[Arrival], stop: threading.Event) -> None:
        group = Group()
        for arrival in arrivals:
            group.add(arrival)
        group.heard = self._noise.sift(group.heard)
        if self._keep(group, stop) and self.udp:
            for ack, address in group.acks:
                self.udp.answer(ack, address)

    def _keep(self, group: Group, stop: threading.Event) -> bool:
        """Try until the group is stored, in the database or the spill file; return False only when
        told to stop before it was."""
        failed, numbered = False, self._groups.number(group.heard, group.notes)
        for wait in growing_waits(*RETRY_AFTER):
            self._watchdog.alive()  # waiting for the disk is no hanging: ended, it would forget
            database_corruption.check()
            try:
                self._groups.store(numbered)
            except LATER as error:
                if not failed:
                    logger.warning("Frames cannot be stored now and wait in memory: %s", error)
                failed = True
                self._tell(len(group.heard), is_failing=True)
                self._groups.drain()  # else a spill that takes nothing more would stop all
            else:
                self._tell()
                if failed:
                    logger.info("Frames are stored again.")
                return True
            if stop.wait(wait):
                logger.error("Stopped with %d frames that could not be stored.", len(group.heard))
                return False
        return False

    def _tell(self, held: int = 0, *, is_failing: bool = False) -> None:
        """Say in the beat how much waits, in memory and in the spill file."""
        is_failing = is_failing or self._groups.error is not None
        tell = self._watchdog.fails if is_failing else self._watchdog.works
        tell(held + self.inbox.waiting(), self._groups.spilled)

    def _note_losses(self) -> None:
        """Tell in the log and on the port's source what the kernel or we have thrown away."""
        if self.udp is None or not self._noting.done() or time.monotonic() < self._note_next:
            return
        self._note_next = time.monotonic() + NOTE_EVERY
        self._see_noted()
        name, (drops, refused) = self.udp.name, (self.udp.drops(), self.udp.refused)
        if (drops, refused) != self._noted:
            self._found = drops, refused
            self._noting = self._groups.submit(
                lambda: note_port(name, drops, _refusals(refused), timeout=PATIENCE)
            )

    def _see_noted(self) -> None:
        """Take what was noted last for known; what could not be is noted again."""
        error = self._noting.exception()
        if isinstance(error, LATER):
            if not self._cannot_note:
                logger.warning("What was lost cannot be noted now: %s", error)
            self._cannot_note = True
            return
        if error is not None:
            raise error
        self._cannot_note = False
        if self._found[0] != self._noted[0]:
            logger.warning(
                "%d datagrams were lost: they came faster than they could be read.",
                self._found[0] - self._noted[0],
            )
        self._noted = self._found


def _refusals(count: int) -> str:
    if not count:
        return ""
    return f"Datagrams refused, as their senders are not in LORA_UDP_ALLOW: {count}"
