"""Finds the animals with a name that holds a text, without looking at every animal.

An animal is meant by its slot: the place at which it came. The animals of 32 slots are a block, and
of every three letters it is known which blocks have a name with them. Only blocks that have all of
a text's are looked at: with 250,000 animals 0.1 ms for six digits, where a look at every name takes
18 ms (decision 30). A bit is never taken back, so a block may be looked at in vain; what is said to
be found always is.

To note the letters takes a quarter of the time that a herd is loaded in. So they are noted later, a
few blocks at a time; a block that waits for it is looked at as one text (decision 61).
"""

from collections.abc import Iterable, Iterator
from itertools import compress, islice, repeat
from operator import contains
from typing import Final, TypeVar

T = TypeVar("T")

END: Final = "\n"  # before and after each name: no tag or id holds a line end
BLOCK: Final = 32  # 5 MB for 250,000 animals; with 64 twice as many names are looked at
LETTERS: Final = 3
AT_ONCE: Final = 4  # blocks: 1.5 ms, in the thread that answers pages
ANSWERS_KEPT: Final = 16  # an open list is searched for anew with every event


class NameSearch:
    def __init__(self) -> None:
        self._texts: list[str] = []  # by slot
        self._blocks: dict[str, bytearray] = {}  # by letters: a bit for each block that has them
        self._waiting: dict[int, str] = {}  # by block: all that its letters are to be noted of
        self._parts: dict[str, list[int]] = {}  # by text: the blocks that had it while they waited
        self._answers: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def put(self, slot: int, names: Iterable[str]) -> None:
        """Set the names of a slot, which may be the next one; none for an animal that is gone."""
        text = "".join(f"{END}{name}" for name in names) + END
        if slot == len(self._texts):
            self._texts.append(text)
            if len(self._texts) % BLOCK == 0:
                # All at once: alone, each of 32 would tell the same first letters of its tags.
                self._waiting[slot // BLOCK] = "".join(self._texts[-BLOCK:])
        elif text == self._texts[slot]:
            return  # nearly every event: weights and reads name nobody anew
        else:
            self._texts[slot] = text
            if slot < len(self._texts) // BLOCK * BLOCK:
                block = slot // BLOCK
                self._waiting[block] = self._waiting.get(block, "") + text
        self._answers.clear()
        self._parts.clear()

    def note_some(self) -> bool:
        """Note the letters of some blocks that wait for it; return whether more do."""
        for block in list(islice(self._waiting, AT_ONCE)):
            self._note(block, self._waiting.pop(block))
        return bool(self._waiting)

    def mask(self, wanted: str) -> bytes:
        """Return a byte for each slot: 1 where a name holds the text."""
        if (known := self._answers.get(wanted)) is not None:
            return known
        found = bytearray(len(self._texts))
        for first, some in self._looked_at(wanted):
            found[first : first + len(some)] = some
        return _kept(self._answers, wanted, bytes(found))

    def slots(self, wanted: str) -> list[int]:
        """Return the slots with a name that holds the text: for texts that few have."""
        return [
            slot
            for first, some in self._looked_at(wanted)
            if 1 in some
            for slot in compress(range(first, first + len(some)), some)
        ]

    def _looked_at(self, wanted: str) -> Iterator[tuple[int, bytes]]:
        """Yield first slots, and from each on a byte for every name that was looked at."""
        whole = len(self._texts) // BLOCK
        blocks = self._candidates(wanted)
        if blocks is None or blocks.bit_count() > whole // 2:
            yield 0, bytes(map(contains, self._texts, repeat(wanted)))
            return
        bits = f"{blocks:b}"[::-1]
        block = bits.find("1")
        while block >= 0:
            yield self._look(block, wanted)
            block = bits.find("1", block + 1)
        yield self._look(whole, wanted)  # the last ones are no block yet

    def _look(self, block: int, wanted: str) -> tuple[int, bytes]:
        first = block * BLOCK
        return first, bytes(map(contains, self._texts[first : first + BLOCK], repeat(wanted)))

    def _candidates(self, wanted: str) -> int | None:
        """Return the blocks that may have the text, as bits; None for any block."""
        found = None
        for letters in _letters(wanted):
            bits = int.from_bytes(self._blocks.get(letters, b""), "little")
            found = bits if found is None else found & bits
        return found if found is None else found | self._those_that_wait(wanted)

    def _those_that_wait(self, wanted: str) -> int:
        """Return the blocks that have the text in what is not noted yet, as bits."""
        # One page asks for a text as a whole name, as its end and as a part of it: all blocks are
        # looked through once.
        part = wanted.strip(END)
        blocks = self._parts.get(part)
        if blocks is None:
            having = [block for block, text in self._waiting.items() if part in text]
            blocks = _kept(self._parts, part, having)
        bits = bytearray(len(self._texts) // BLOCK // 8 + 1)
        for block in blocks:
            if wanted in self._waiting.get(block, ""):
                bits[block >> 3] |= 1 << (block & 7)
        return int.from_bytes(bits, "little")

    def _note(self, block: int, text: str) -> None:
        place, bit = block >> 3, 1 << (block & 7)
        blocks = self._blocks
        for letters in _letters(text):
            bits = blocks.get(letters)
            if bits is None:
                bits = blocks[letters] = bytearray()
            if place >= len(bits):
                bits.extend(bytes(place + 1 - len(bits)))
            bits[place] |= bit


def _kept(answers: dict[str, T], wanted: str, answer: T) -> T:
    """Keep an answer among the latest."""
    if len(answers) >= ANSWERS_KEPT:
        del answers[next(iter(answers))]
    answers[wanted] = answer
    return answer


def _letters(text: str) -> set[str]:
    """Return every three letters of a text, and four at the end of each name."""
    found = {text[place : place + LETTERS] for place in range(len(text) - LETTERS + 1)}
    # People type last digits: with the end beside them they tell ten times as much.
    endings = text.split(END)[:-1]
    found.update(name[-LETTERS:] + END for name in endings if len(name) >= LETTERS)
    return found
