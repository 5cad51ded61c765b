"""What a barn's devices say in a load: new tags and known ones in other batches, inductions,
pairings, weights, and some of it again, as a radio repeats itself."""

from collections import deque
from random import Random

BATCHES = 20
PENS = 5
LATELY = 30  # texts: at 40 a second still well within the window that makes a repeat


class Barn:
    """Each text that `says` gives must take effect once, however often it is given."""

    def __init__(self) -> None:
        self._read = self._inducted = self._paired = self._events = 0
        self._lately: deque[str] = deque(maxlen=LATELY)

    def says(self, chance: Random) -> str:
        if self._lately and chance.random() < 0.15:
            return chance.choice(self._lately)
        text = self._something_new(chance)
        self._lately.append(text)
        return text

    def _something_new(self, chance: Random) -> str:
        what = chance.random()
        if what < 0.15 and self._read:
            return self._move(chance)
        if what < 0.30:
            return self._induction(chance)
        if what < 0.40 and self._paired < self._inducted:
            return self._pairing()
        if what < 0.60 and self._inducted:
            return self._weight(chance)
        self._read += 1
        return f"hxb:FAULT{self._read % BATCHES}:BLF{self._read}:BUHF{self._read}"

    def _move(self, chance: Random) -> str:
        animal = chance.randint(1, self._read)
        return f"hxb:FAULT{chance.randrange(BATCHES)}:BLF{animal}:BUHF{animal}"

    def _induction(self, chance: Random) -> str:
        self._inducted += 1
        batch, pen = chance.randrange(BATCHES), chance.randrange(PENS)
        return f"{self._event('ind')}|funder:Acme|lot:FAULT{batch}|pen:P{pen}|{self._lid()}"

    def _pairing(self) -> str:
        self._paired += 1
        tag = self._paired
        return f"{self._event('pai')}|lf:PLF{tag}|epc:PUHF{tag}|lid:L{tag}"

    def _weight(self, chance: Random) -> str:
        animal = chance.randint(1, self._inducted)
        return f"{self._event('chi')}|weight:{chance.randint(250, 450)}|lid:L{animal}"

    def _lid(self) -> str:
        return f"lid:L{self._inducted}"

    def _event(self, kind: str) -> str:
        self._events += 1
        return f"event:hxb{kind}{self._events:06d}"
