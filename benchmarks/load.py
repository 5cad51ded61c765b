"""Payload texts for measuring: a feedlot's day, the same every time."""

import itertools
import random
from collections.abc import Iterator


def lf(number: int) -> str:
    return f"840003{number:09d}"


def uhf(number: int) -> str:
    return f"E28011{number:018X}"


def read(number: int) -> str:
    """The tag read of an animal, in a lot of 200 head."""
    return f"hxb:LOT{number // 200:04d}:{lf(number)}:{uhf(number)}"


def day(count: int, seed: int = 1) -> Iterator[str]:
    """Inductions, pairings, check-ins and reads: `count` texts with every effect among them.

    Half of the reads are of animals that were never inducted, one in fifty is an export, one in
    a hundred is damaged.
    """
    chance = random.Random(seed)
    sent = 0
    for animal in itertools.count(1):
        texts = _of_animal(animal, chance)[: count - sent]
        yield from texts
        sent += len(texts)
        if sent >= count:
            return


def _of_animal(animal: int, chance: random.Random) -> list[str]:
    lot, pen = animal // 200, animal // 400
    texts = [
        f"event:hxbind{animal:06d}|funder:Acme|lot:LOT{lot:04d}|pen:P{pen:03d}|lid:{animal}",
        f"event:hxbpai{animal:06d}|lf:{lf(animal)}|epc:{uhf(animal)}|lid:{animal}",
        f"event:hxbchi{animal:06d}|weight:{chance.gauss(354, 20):.1f}|lid:{animal}",
        read(animal),
        read(1_000_000 + animal),
        read(chance.randint(1, animal)),
    ]
    if chance.random() < 0.1:
        texts.append(read(animal).replace("hxb:", "hxe:"))
    if chance.random() < 0.05:
        texts.append(f"hxb:LOT{lot:04d}:{lf(animal)}")
    return texts
