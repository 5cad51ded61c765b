"""A barn that is not there: the payloads of a working feedlot, the same for the same seed. Pure.

Lots of steers come in, are inducted and paired at the chute, weighed again every four simulated
weeks, read at the water trough and in the alley, and shipped when finished. Weights follow the
reference herd: 354 kg at induction, 619 kg after 167 days, 1.55 kg a day.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lora.signing import DeviceKeys, sign

INDUCTION_KG = (354.0, 22.0)  # mean and spread over a lot
DAILY_GAIN_KG = (1.55, 0.18)
SHIPPED_AFTER_DAYS = 167
WEIGHED_EVERY_DAYS = 28
LOT_HEAD = (20, 60)
FUNDERS = ("Sandhills Cattle", "Prairie Feeders", "Rio Blanco", "Lone Tree Ranch")
SEXES = ("Steer", "Heifer")
COLORS = ("yellow", "orange", "white", "blue")
# What is given, by name, with what else REST's `products` takes; `make demo` enters them.
PRODUCTS: Final[dict[str, dict[str, object]]] = {
    "Oxytetracycline 200": {"kind": "antibiotic", "withdrawal_days": 28, "ml_per_100kg": 10},
    "Ivermectin pour-on": {"kind": "dewormer", "withdrawal_days": 35, "ml_per_100kg": 10},
    "7-way clostridial": {"kind": "vaccine", "withdrawal_days": 21, "dose": "5 ml"},
}
REASONS = ("foot rot", "pneumonia", "on arrival")
MOST_TREATED = 30  # head: these are not shipped, since no farm's days pass as fast as here
MOMENT_DAYS = 0.0002
DAYS_PER_PAYLOAD = 0.02  # at two payloads a second a steer is weighed again after 12 minutes
# What a scale says besides the weight, and how often: an animal that has not left it, one that
# stands on it with half its feet, and nonsense.
REREAD, PART_WEIGHED, WILD = 0.03, 0.02, 0.01
DAMAGED = (
    b"hxb:LOT",
    b"hxb::840003000000001:",
    b"hello from a sensor",
    b"\x07\xf3\x00\x91\xc4",
    b"hxb:LOT\xff\xfe:1:2",
    b"event:hxbchi|weight:NaN|lid:1",
    b"hxb:L1:9.82E+14:",
)


@dataclass(slots=True)
class Steer:
    number: int
    lot: str
    pen: str
    day: float  # of induction
    start_kg: float
    gain_kg: float
    weighed: float = 0.0  # the day of the last weighing
    is_treated: bool = False

    @property
    def eid(self) -> str:
        return f"840003{self.number:09d}"

    @property
    def epc(self) -> str:
        return f"3074257BF7194E4{self.number:09X}"

    def weight_after(self, days: float, chance: random.Random) -> float:
        """Return the weight with the noise of a scale and of a full or empty gut."""
        return self.start_kg + self.gain_kg * days + chance.gauss(0, 4)


@dataclass(slots=True)
class Feedlot:
    """Endless payloads as bytes. `growing`: simulated days pass for the animals too; without it
    they weigh what they weigh today, which is true where the payloads are sent as they are made.
    `steers`: those that are there already.
    """

    seed: int
    growing: bool = False
    steers: list[Steer] = field(default_factory=list)
    coming_and_going: float = 1.0  # how often, of what a barn does without a herd to begin with
    day: float = 0.0
    _animals: int = 0
    _events: int = 0
    _lots: int = 0

    def payloads(self) -> Iterator[bytes]:
        chance = random.Random(self.seed)  # noqa: S311 - a simulation, repeatable on purpose
        first = chance.randrange(10**6)
        self._animals, self._events, self._lots = first * 900, first * 900, first % 9000
        while True:
            for payload in self._scene(chance):
                self.day += DAYS_PER_PAYLOAD
                yield payload
                if chance.random() < 0.04:
                    yield payload  # sent twice, or heard by two gateways
                if chance.random() < 0.015:
                    yield chance.choice(DAMAGED)

    def _scene(self, chance: random.Random) -> Iterator[bytes]:
        """Yield what happens next in the barn."""
        often = self.coming_and_going
        if len(self.steers) < 40 or chance.random() < 0.02 * often:
            return self._induction(chance)
        due = [s for s in self.steers if self.day - s.weighed >= WEIGHED_EVERY_DAYS]
        clear = [s for s in self.steers if not s.is_treated]
        finished = [s for s in clear if self.day - s.day >= SHIPPED_AFTER_DAYS]
        if finished:
            return self._shipping(finished[:30])
        if chance.random() < 0.03 * often:
            return self._shipping(clear[: chance.randint(1, 3)])  # early ones
        may_treat = len(self.steers) - len(clear) < MOST_TREATED
        if may_treat and chance.random() < 0.02 * often:
            return self._treating(chance)
        if due and chance.random() < 0.5:
            return self._weighing(due[:10], chance)
        return self._reads(chance)

    def _induction(self, chance: random.Random) -> Iterator[bytes]:
        self._lots += 1
        lot, pen = f"LOT{self._lots:04d}", f"P{chance.randint(1, 12):02d}"
        funder, sex = chance.choice(FUNDERS), chance.choice(SEXES)
        for _ in range(chance.randint(*LOT_HEAD)):
            steer = self._new_steer(lot, pen, chance)
            where = {"funder": funder, "lot": lot, "pen": pen, "lid": steer.number, "sex": sex}
            looks = {"tag_color": chance.choice(COLORS), "visual_id": steer.number % 1000}
            side = "north" if pen < "P07" else "south"
            group = {"lot_group": f"G{self._lots % 4 + 1}", "pen_location": side}
            yield self._event("ind", **where, **looks, **group)
            yield self._event("pai", lf=steer.eid, epc=steer.epc, lid=steer.number)
            yield from self._weighing([steer], chance)

    def _new_steer(self, lot: str, pen: str, chance: random.Random) -> Steer:
        self._animals += 1
        start, gain = chance.gauss(*INDUCTION_KG), chance.gauss(*DAILY_GAIN_KG)
        steer = Steer(self._animals, lot, pen, self.day, start, gain, weighed=self.day)
        self.steers.append(steer)
        return steer

    def _weighing(self, due: list[Steer], chance: random.Random) -> Iterator[bytes]:
        for steer in due:
            for slip in self._slips(steer, chance):
                yield slip
                self._a_moment_later()
            yield self._weigh(steer, chance)
            if chance.random() < REREAD:
                self._a_moment_later()
                yield self._weigh(steer, chance)

    def _a_moment_later(self) -> None:
        """Let the next payload come at once, though each one else takes its time."""
        self.day -= DAYS_PER_PAYLOAD - MOMENT_DAYS

    def _slips(self, steer: Steer, chance: random.Random) -> Iterator[bytes]:
        """Yield what the scale says before the weight, now and then."""
        kg = steer.weight_after((self.day - steer.day) * self.growing, chance)
        if chance.random() < PART_WEIGHED:
            yield self._weight_event(steer, kg * chance.uniform(0.4, 0.6))
        if chance.random() < WILD:
            yield self._weight_event(steer, chance.choice((5.0, kg * 10, kg + 250)))

    def _weigh(self, steer: Steer, chance: random.Random) -> bytes:
        steer.weighed = self.day
        kg = steer.weight_after((self.day - steer.day) * self.growing, chance)
        return self._weight_event(steer, kg)

    def _weight_event(self, steer: Steer, kg: float) -> bytes:
        return self._event("chi", weight=f"{kg:.1f}", lid=steer.number)

    def _treating(self, chance: random.Random) -> Iterator[bytes]:
        product, reason = chance.choice(list(PRODUCTS)), chance.choice(REASONS)
        for steer in chance.sample(self.steers, min(3, len(self.steers))):
            steer.is_treated = True
            given = {"amount": f"{chance.randint(8, 50)} ml", "reason": reason}
            yield self._event("trt", lid=steer.number, product=product, **given)

    def _reads(self, chance: random.Random) -> Iterator[bytes]:
        for steer in chance.sample(self.steers, min(8, len(self.steers))):
            yield f"hxb:{steer.lot}:{steer.eid}:{steer.epc}".encode()

    def _shipping(self, finished: list[Steer]) -> Iterator[bytes]:
        for steer in finished:
            self.steers.remove(steer)
            yield f"hxe:{steer.lot}:{steer.eid}:{steer.epc}".encode()

    def _event(self, kind: str, **fields: object) -> bytes:
        self._events += 1
        return event(kind, f"{self._events:06d}", fields).encode()


def event(kind: str, number: str, fields: Mapping[str, object]) -> str:
    """Return the text of a barn's event."""
    pairs = "|".join(f"{name}:{value}" for name, value in fields.items())
    return f"event:hxb{kind}{number}|{pairs}"


def signed(payloads: Iterator[bytes], keys: DeviceKeys, counter: int) -> Iterator[bytes]:
    """Yield the payloads signed by the first of these devices; what is sent twice, signed once."""
    [(device, key), *_] = keys.by_device.items()
    before, sent = b"", b""
    for payload in payloads:
        if payload != before:
            counter += 1
            before, sent = payload, payload
            if payload.isascii():
                sent = sign(key, device, counter, payload.decode()).encode()
        yield sent
