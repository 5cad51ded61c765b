"""Threads of which one runs at a time, until it comes to a point where another may go on.

Such points are before each statement, before the writers' queue and behind it: the order in which
the threads pass them is given, and so is repeated exactly.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections

LONGEST = 60.0  # seconds at one point: longer is a deadlock
# After so many points, or with None where it has thought and waits for its turn, go on with another
# thread, and with which.
Switch = tuple[int | None, int]


class Actor(threading.Thread):
    def __init__(self, act: Callable[[], None], back: threading.Semaphore | None) -> None:
        super().__init__(daemon=True)
        self._act, self._back = act, back
        self._go = threading.Semaphore(0)
        self.is_done = self.is_waiting = self.has_turn = False  # waiting for another's turn to end
        self.error: BaseException | None = None
        self.doing: Any = None

    def run(self) -> None:
        try:
            if self._back is not None:
                self._go.acquire()
            with connection.execute_wrapper(self._before_statement):
                self._act()
        except BaseException as error:  # noqa: BLE001 - raised again by `run`
            self.error = error
        finally:
            connections.close_all()
            self.is_done = True
            if self._back is not None:
                self._back.release()

    def _before_statement(self, execute: Callable[..., Any], *given: Any) -> Any:
        self.pause()
        return execute(*given)

    def pause(self) -> None:
        if self._back is not None:
            self._back.release()
            self._go.acquire()

    def go_on(self) -> None:
        assert self._back is not None
        self._go.release()
        assert self._back.acquire(timeout=LONGEST), f"{self.name} does not come back"


class Turn:
    """The writers' queue, as the schedule sees it: who waits for it is not gone on with."""

    def __init__(self) -> None:
        self.holder: Actor | None = None

    @contextmanager
    def taken(self, me: Actor) -> Iterator[None]:
        me.is_waiting = True
        me.pause()
        me.is_waiting = False
        self.holder, me.has_turn = me, True
        try:
            yield
        finally:
            self.holder, me.has_turn = None, False
            me.pause()


def current() -> Actor | None:
    thread = threading.current_thread()
    return thread if isinstance(thread, Actor) else None


def run(acts: Sequence[Callable[[], None]], switches: Sequence[Switch] | None, turn: Turn) -> None:
    """Run all of them side by side in the order of the switches; with None as the machine does."""
    back = None if switches is None else threading.Semaphore(0)
    actors = [Actor(act, back) for act in acts]
    for actor in actors:
        actor.start()
    if switches is not None:
        _follow(actors, list(switches), turn)
    for actor in actors:
        actor.join(LONGEST)
        assert not actor.is_alive(), f"{actor.name} does not end"
    for actor in actors:
        if actor.error is not None:
            raise actor.error


def _follow(actors: Sequence[Actor], switches: list[Switch], turn: Turn) -> None:
    current, points = actors[0], 0
    while able := [one for one in actors if _is_able(one, turn)]:
        after, which = switches[0] if switches else (-1, 0)
        if points == after or (after is None and current.is_waiting):
            del switches[0]
            others = [one for one in able if one is not current] or able
            current, points = others[which % len(others)], 0
        if current not in able:
            current, points = able[0], 0
        current.go_on()
        points += 1


def _is_able(actor: Actor, turn: Turn) -> bool:
    return not actor.is_done and not (actor.is_waiting and turn.holder is not None)
