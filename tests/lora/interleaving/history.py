"""What was done in which order, and the same done again one after the other."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple
from unittest.mock import patch

from django.utils import timezone

from herd.concurrency import carry_out
from herd.errors import HerdError
from herd.models import JournalEntry
from herd.storage import journal
from herd.storage.row_numbers import RowNumbers
from tests.lora.interleaving import scheduler
from tests.lora.interleaving.barn import NOW, Barn, Operation


class Done(NamedTuple):
    """One turn in the writers' queue, and the journal rows that it left."""

    actor: str
    operation: Operation
    entries: list[JournalEntry]

    def settled(self) -> list[int]:
        return [one.object_id for one in self.entries if one.kind.startswith("payload:")]


@contextmanager
def unclaimed(oldest: Callable[[int], object], most: int) -> Iterator[Callable[[], object]]:
    yield lambda: oldest(most)


@dataclass
class History:
    """The turns of one run, in their order; and each row number that was written."""

    done: list[Done] = field(default_factory=list)
    numbers: list[tuple[str, int]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @contextmanager
    def noted(self, turn: scheduler.Turn) -> Iterator[None]:
        """Note all turns and numbers while this lasts; time stands still meanwhile."""
        writing, keep = journal.writing, RowNumbers.keep

        @contextmanager
        def writing_noted(timeout: float | None = None) -> Iterator[None]:
            actor = scheduler.current()
            if actor is None or actor.has_turn:
                with writing(timeout):
                    yield
                return
            with turn.taken(actor), writing(timeout):
                since, _ = journal.newest()
                yield
                entries = list(JournalEntry.objects.after(since))
                name, operation = actor.doing
                self.done.append(Done(name, operation, entries))

        def keep_noted(numbers: RowNumbers) -> None:
            used = numbers._used.items()
            self.numbers += [(model.__name__, one) for model, found in used for one in found]
            keep(numbers)

        with ExitStack() as stack:
            stack.enter_context(patch.object(journal, "writing", writing_noted))
            stack.enter_context(patch.object(RowNumbers, "keep", keep_noted))
            stack.enter_context(patch.object(timezone, "now", lambda: NOW))
            # A lane's locks are the server's, of which the scheduler knows nothing; lanes are tried
            # with real workers, in tests/system/test_lanes.py.
            stack.enter_context(patch("lora.worker.carry_out_early", carry_out))
            stack.enter_context(patch("lora.worker.lanes.claimed", unclaimed))
            yield

    def do(self, barn: Barn, actor: str, operation: Operation) -> None:
        """Do it; what the herd refuses changes nothing."""
        thread = scheduler.current()
        assert thread is not None
        thread.doing = actor, operation
        try:
            barn.do(actor, operation)
        except HerdError as error:
            self.refused.append(f"{actor}: {error}")


@dataclass(frozen=True)
class Plan:
    """What is done `first`, and then side by side, each list in a thread of its own."""

    first: Sequence[Operation]
    acts: Sequence[Sequence[Operation]]


def side_by_side(barn: Barn, plan: Plan, switches: Sequence[scheduler.Switch] | None) -> History:
    """Do what is planned in the order of the switches; with None as the machine does."""
    history, turn = History(), scheduler.Turn()

    def actor(name: str, todo: Sequence[Operation]) -> None:
        for place, operation in enumerate(todo):
            history.do(barn, f"{name}.{place}", operation)

    with history.noted(turn):
        scheduler.run([lambda: actor("first", plan.first)], None, turn)
        threads = [partial(actor, str(number), todo) for number, todo in enumerate(plan.acts)]
        scheduler.run(threads, switches, turn)
    return history


def one_after_the_other(barn: Barn, before: Sequence[Done]) -> History:
    """Do it again, in that order."""
    history, turn = History(), scheduler.Turn()

    def again() -> None:
        for one in before:
            barn.only = one.settled()
            history.do(barn, one.actor, one.operation)

    with history.noted(turn):
        scheduler.run([again], None, turn)
    return history
