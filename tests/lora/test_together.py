"""A change and its journal row are there together or not at all, wherever a process dies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import timezone

from herd import operations
from herd.commands import TagRead
from herd.models import Animal, JournalEntry
from herd.storage import journal
from herd.unit_of_work import open_unit_of_work
from lora.framing.frames import Frame
from lora.intake import Heard, store_frames
from lora.models import LoRaPayload

pytestmark = pytest.mark.django_db(transaction=True)

Change = Callable[[], object]
Left = tuple[bool, bool]  # the change, its journal row


def a_read() -> None:
    with open_unit_of_work("radio") as unit:
        read = TagRead("B1", "LF1", "U1", "hxb")
        operations.record_read(unit, read, timezone.now())


def a_frame() -> None:
    store_frames([Heard(Frame("hxb:B1:LF1:U1", "plain"), "udp:10.0.0.1", 1)])


def left() -> Left:
    changed = Animal.objects.exists() or LoRaPayload.objects.exists()
    return changed, JournalEntry.objects.exists()


class Died(BaseException):
    """The process ends here: nothing that it wrote may catch it."""


@pytest.fixture(params=["before its journal row", "after its journal row"])
def dies(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    record = journal.record_many

    def die(*told: Any) -> None:
        if request.param.startswith("after"):
            record(*told)
        raise Died

    monkeypatch.setattr(journal, "record_many", die)


@contextmanager
def no_transaction(_: float | None = None) -> Iterator[None]:
    yield


@pytest.mark.usefixtures("dies")
@pytest.mark.parametrize("change", [a_read, a_frame])
def test_who_dies_between_a_change_and_its_commit_leaves_neither(change: Change) -> None:
    with pytest.raises(Died):
        change()
    assert left() == (False, False)


@pytest.mark.parametrize("change", [a_read, a_frame])
def test_who_lives_leaves_both(change: Change) -> None:
    change()
    assert left() == (True, True)


@pytest.mark.usefixtures("dies")
@pytest.mark.parametrize("change", [a_read, a_frame])
def test_without_the_transaction_the_change_would_be_there(
    change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it shows that the failpoint lies behind the change."""
    monkeypatch.setattr(journal, "writing", no_transaction)
    with pytest.raises(Died):
        change()
    assert left() != (False, False)
