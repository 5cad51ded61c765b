"""What a disk may hold when the power goes: operations on files, and crash images made of them.

A sync makes durable what had ended before it began, of that file alone. All else is free to be
there, missing, or torn between sectors. A name is durable once its *folder* was synced, which is
stricter than Linux filesystems are. Survivors are applied in the order in which they were written:
of two writes to one place the cache holds the later, so another order would only look as if the
later had been dropped, and dropping is tried anyway.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

SECTOR = 512
FOLDER = "."  # as a file that is synced

Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Write:
    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Create:
    file: str


@dataclass(frozen=True, slots=True)
class Unlink:
    file: str


@dataclass(frozen=True, slots=True)
class Sync:
    """`begun`: how many operations had ended when it was called."""

    file: str
    begun: int


@dataclass(frozen=True, slots=True)
class Acknowledge:
    token: int


Change = Write | Truncate | Create | Unlink
Operation = Change | Sync | Acknowledge


class Unsynced(NamedTuple):
    """A change that the cache holds; `place` is the number of its file, whatever its name."""

    position: int
    place: int
    change: Change

    @property
    def is_of_the_folder(self) -> bool:
        return isinstance(self.change, Create | Unlink)


Survive = Callable[[Sequence[Unsynced], Random], Sequence[Unsynced]]


class Disk:
    """One folder while operations pass by, and what may be left of it at any moment."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._contents = [bytearray(content) for content in files.values()]
        self._durable_names = {name: place for place, name in enumerate(files)}
        self._names = dict(self._durable_names)
        self._unsynced: list[Unsynced] = []
        self._position = 0

    def do(self, operation: Operation) -> None:
        match operation:
            case Sync():
                self._sync(operation)
            case Create(file):
                self._names[file] = len(self._contents)
                self._contents.append(bytearray())
                self._keep(operation)
            case Unlink(file):
                self._keep(operation)
                del self._names[file]
            case Write() | Truncate():
                self._keep(operation)
        self._position += 1

    def owes(self) -> int:
        """How many changes a cut could take."""
        return len(self._unsynced)

    def image(self, survive: Survive, chance: Random) -> Files:
        """The folder as the next start finds it."""
        contents, names = [bytearray(one) for one in self._contents], dict(self._durable_names)
        for one in survive(self._unsynced, chance):
            _apply(one, contents, names)
        return {name: bytes(contents[place]) for name, place in names.items()}

    def _keep(self, change: Change) -> None:
        self._unsynced.append(Unsynced(self._position, self._names[change.file], change))

    def _sync(self, sync: Sync) -> None:
        rest = []
        for one in self._unsynced:
            if one.position < sync.begun and self._concerns(sync, one):
                _apply(one, self._contents, self._durable_names)
            else:
                rest.append(one)
        self._unsynced = rest

    def _concerns(self, sync: Sync, one: Unsynced) -> bool:
        if one.is_of_the_folder:
            return sync.file == FOLDER
        return one.place == self._names.get(sync.file)


def _apply(one: Unsynced, contents: list[bytearray], names: dict[str, int]) -> None:
    content = contents[one.place]
    match one.change:
        case Write(_, offset, data):
            _resize(content, max(len(content), offset + len(data)))
            content[offset : offset + len(data)] = data
        case Truncate(_, size):
            _resize(content, size)
        case Create(file):
            names[file] = one.place
        case Unlink(file):
            names.pop(file, None)


def _resize(content: bytearray, size: int) -> None:
    """What was never written reads as zeros."""
    del content[size:]
    content.extend(bytes(size - len(content)))


# -- what survives -------------------------------------------------------------------------------


def nothing(_unsynced: Sequence[Unsynced], _chance: Random) -> Sequence[Unsynced]:
    return ()


def everything(unsynced: Sequence[Unsynced], _chance: Random) -> Sequence[Unsynced]:
    return unsynced


def some(unsynced: Sequence[Unsynced], chance: Random) -> Sequence[Unsynced]:
    share = chance.random()
    return [one for one in unsynced if chance.random() < share]


def the_first(unsynced: Sequence[Unsynced], chance: Random) -> Sequence[Unsynced]:
    return unsynced[: chance.randint(0, len(unsynced))]


def whole_files(unsynced: Sequence[Unsynced], chance: Random) -> Sequence[Unsynced]:
    """All of one file and nothing of another."""
    coins: dict[int, bool] = {}
    return [one for one in unsynced if coins.setdefault(one.place, chance.random() < 0.5)]


def last_torn(unsynced: Sequence[Unsynced], chance: Random) -> Sequence[Unsynced]:
    kept = list(the_first(unsynced, chance))
    if not kept:
        return kept
    pieces = list(_sectors(kept[-1]))
    return kept[:-1] + pieces[: chance.randint(0, len(pieces))]


def sectors(unsynced: Sequence[Unsynced], chance: Random) -> Sequence[Unsynced]:
    """Each sector of each write for itself."""
    return some([piece for one in unsynced for piece in _sectors(one)], chance)


def _sectors(one: Unsynced) -> Iterator[Unsynced]:
    if not isinstance(one.change, Write):
        yield one
        return
    offset, end = one.change.offset, one.change.offset + len(one.change.data)
    while offset < end:
        following = min(end, (offset // SECTOR + 1) * SECTOR)
        first = offset - one.change.offset
        data = one.change.data[first : first + following - offset]
        yield one._replace(change=replace(one.change, offset=offset, data=data))
        offset = following


MODES: tuple[Survive, ...] = (
    nothing,
    everything,
    some,
    the_first,
    whole_files,
    last_torn,
    sectors,
)
