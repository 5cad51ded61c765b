"""What a feedlot lived through in its last 120 days, the same for the same seed and moment. Pure.

Nine lots come in ten days apart, are weighed three times each, treated, moved, and leave: a few
die, a dozen are sold, some are exported. Some things have gone wrong, so that every page has
something to show: weights that are doubted, tags of two animals read as one, a stray, a reader that
fell silent, an animal that left before it was clear.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from lora.simulation.barn import (
    COLORS,
    DAILY_GAIN_KG,
    DAMAGED,
    FUNDERS,
    INDUCTION_KG,
    PRODUCTS,
    SEXES,
    Steer,
    event,
)

DAYS: Final = 120
LOTS: Final = 9
DAYS_BETWEEN_LOTS: Final = 10
HEAD: Final = 1_200
FIRST_LOT, FIRST_STEER, FIRST_EVENT = 8_887, 890_904_000, 10**9
# Head that each pen holds, and how full the past fills it.
PENS: Final = {f"P{number:02}": 80 + 20 * (number % 4) for number in range(1, 13)}
HEAVIER_KG: Final = 62  # the oldest lot came in so much heavier: it is finished this week
GAINS_MORE_KG: Final = (0.04, -0.12, 0.1, -0.02, 0.16, -0.2, 0.02, 0.07, -0.06)  # a day, by lot
FILLED: Final = (1, 0.98, 1.02, 0.97, 0.93, 0.9, 0.96, 0.92, 0.88, 0.9, 0.85, 1)
# The simulated barn goes on as the first and the last of these; the trough's reader is silent.
ALLEY, TROUGH, GATEWAY = "udp:127.0.0.1", "udp:192.168.1.33", "gateway:aa555affffaa0001"
DEATHS: Final = {95: "bloat", 80: "respiratory", 61: "injury", 47: "bloat", 12: "respiratory"}
TREATED: Final = {70: "on arrival", 33: "pneumonia", 12: "foot rot", 3: "pneumonia"}  # days ago
SICK: Final = ("respiratory", "lameness", "foot_rot")
SOLD_AGO, EXPORTED_AGO, RETAGGED_AGO = 18, 5, 25
TRUCK: Final = 40  # head
BOUND_FOR: Final = {
    "destination": "Packer North",
    "carrier": "Two Rivers Hauling",
    "premises_from": "00A1B2C",
    "premises_to": "00P4K9Z",
}
READ_DAILY_FOR = (
    2  # days; before that only some of the herd is in the tables, as a farm's are pruned
)


NO_NUMBER: Final = "######"  # yet, of an event


@dataclass(frozen=True, slots=True)
class Heard:
    at: datetime
    text: str
    source: str
    steer: int = 0  # whom it is about, where that is one of the herd


@dataclass(frozen=True, slots=True)
class Left:
    at: datetime
    steers: list[str]
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    at: datetime
    steers: list[str]
    pen: str
    reason: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """A session of a lot at the chute; `until` is None of one that is still open."""

    at: datetime
    lot: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Pulled:
    at: datetime
    steers: list[str]
    cause: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A truck that is to go on the day after `at`."""

    at: datetime
    steers: list[str]


Happening: TypeAlias = Heard | Left | Moved | Planned | Pulled | Weighed


@dataclass(slots=True)
class Past:
    """`now` is where the past ends and the last day's midnight lies before it; `head` is how many
    came in."""

    seed: int
    now: datetime
    midnight: datetime
    head: int = HEAD
    steers: list[Steer] = field(default_factory=list)
    _left: dict[int, datetime] = field(default_factory=dict)  # of a steer's number
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 - a simulation, repeatable on purpose
        pens = self._places()
        for place in range(self.head):
            lot = place * LOTS // self.head
            start, gain = self._chance.gauss(*INDUCTION_KG), self._chance.gauss(*DAILY_GAIN_KG)
            start, gain = start + HEAVIER_KG * (not lot), gain + GAINS_MORE_KG[lot]
            name, day = f"LOT{FIRST_LOT + lot}", float(lot * DAYS_BETWEEN_LOTS)
            self.steers.append(Steer(FIRST_STEER + place, name, next(pens), day, start, gain))

    def happenings(self) -> list[Happening]:
        """Return all of it in the order in which it happened, none of it after `now`."""
        leaving = list(self._leaving())
        parts = (self._arrivals, self._weighings, self._today, self._treatments, self._pulls)
        found = [one for part in (*parts, self._reads, self._troubles) for one in part()]
        found = [one for one in (*leaving, *found) if one.at <= self.now and self._is_here(one)]
        return list(_numbered(sorted(found, key=lambda one: one.at)))

    def _is_here(self, one: Happening) -> bool:
        """Return whether it is not about a steer that had left before."""
        left = self._left.get(one.steer) if isinstance(one, Heard) else None
        return left is None or one.at <= left

    def _places(self) -> Iterator[str]:
        """Yield a pen for each of the herd, one pen after the other."""
        room = sum(PENS.values())
        for (pen, capacity), filled in zip(PENS.items(), FILLED, strict=True):
            for _ in range(max(1, round(filled * capacity * max(1.0, self.head / room)))):
                yield pen
        while True:
            yield "P12"

    def _at(self, days_ago: float, hour: float) -> datetime:
        return self.midnight - timedelta(days=days_ago) + timedelta(hours=hour)

    def _lots(self) -> Iterator[tuple[int, list[Steer]]]:
        """Yield how many days ago each lot came in, and its steers."""
        for lot in range(LOTS):
            day = lot * DAYS_BETWEEN_LOTS
            yield DAYS - day, [steer for steer in self.steers if steer.day == day]

    def _event(self, at: datetime, kind: str, steer: Steer, **told: object) -> Heard:
        text = event(kind, NO_NUMBER, {"lid": steer.number, **told})
        return Heard(at, text, ALLEY, steer.number)

    def _arrivals(self) -> Iterator[Happening]:
        for days_ago, steers in self._lots():
            funder, sex = self._chance.choice(FUNDERS), self._chance.choice(SEXES)
            for place, steer in enumerate(steers):
                at = self._at(days_ago, 13) + timedelta(seconds=40 * place)
                side = "north" if steer.pen < "P07" else "south"
                where = {"lot": steer.lot, "pen": steer.pen, "pen_location": side}
                looks = {
                    "tag_color": self._chance.choice(COLORS),
                    "visual_id": steer.number % 10_000,
                }
                told = {**where, "funder": funder, "sex": sex, **looks}
                yield self._event(at, "ind", steer, **told)
                kg = f"{steer.weight_after(0, self._chance):.1f}"
                tags = {"lf": steer.eid, "epc": steer.epc, "weight": kg}
                yield self._event(at + timedelta(seconds=15), "pai", steer, **tags)

    def _weighings(self) -> Iterator[Happening]:
        """Yield the second and the third weighing of each lot, each a session of its own."""
        for lot, (arrived, steers) in enumerate(self._lots()):
            for days_ago in (arrived // 2, LOTS - lot):
                at = self._at(days_ago, 8)
                times = [at + timedelta(seconds=25 * place) for place in range(1, len(steers) + 1)]
                yield Weighed(at, steers[0].lot, times[-1] + timedelta(minutes=2))
                is_last = days_ago == LOTS - lot
                for place, (steer, one) in enumerate(zip(steers, times, strict=True)):
                    kg = steer.weight_after(arrived - days_ago, self._chance)
                    yield self._weight(one, steer, kg * _slip(place) if is_last else kg)

    def _weight(self, at: datetime, steer: Steer, kg: float) -> Heard:
        return self._event(at, "chi", steer, weight=f"{kg:.1f}")

    def _today(self) -> Iterator[Happening]:
        """Yield the first third of a weighing that is going on now, of the oldest lot."""
        began = max(self.midnight, self.now - timedelta(minutes=50))
        steers = [steer for steer in self.steers if not steer.day]
        weighed = steers[-len(steers) // 3 :]
        yield Weighed(began, steers[0].lot, None)
        for place, steer in enumerate(weighed):
            at = began + (self.now - began) * (place + 1) / (len(weighed) + 1)
            yield self._weight(at, steer, steer.weight_after(DAYS, self._chance))

    def _treatments(self) -> Iterator[Happening]:
        products = list(PRODUCTS)
        for turn, (days_ago, reason) in enumerate(TREATED.items()):
            # Of the oldest lot some leave, which they may not before they are clear.
            here = [steer for steer in self.steers if 0 < steer.day < DAYS - days_ago]
            given = {"product": products[turn % len(products)], "reason": reason}
            treated = self._chance.sample(here, min(len(here), self.head // 50))
            for place, steer in enumerate(treated):
                at = self._at(days_ago, 10) + timedelta(minutes=3 * place)
                yield self._event(at, "trt", steer, **given)
        at = self._left[treated[0].number] = self._at(1, 14)
        yield self._read(at, treated[0], "hxe")  # it leaves all the same

    def _pulls(self) -> Iterator[Happening]:
        """Yield sick animals of the last morning, and the truck that the oldest lot fills today,
        as it was planned last evening: at every hour there are some of each."""
        sick = [steer for steer in self.steers if steer.day][:: max(1, self.head // 4)]
        morning = int(self.now < self._at(0, 7))  # days ago
        for place, (steer, cause) in enumerate(zip(sick, SICK, strict=False)):
            yield Pulled(self._at(morning, 6 + place / 4), [str(steer.number)], cause)
        lot = [steer for steer in self.steers if not steer.day and steer.number not in self._left]
        yield Planned(self._at(1, 17), [str(one.number) for one in lot[-TRUCK:]])

    def _reads(self) -> Iterator[Happening]:
        """Yield reads of the whole herd in the last days, and of a few before."""
        unseen = {steer.number for steer in self.steers[: self.head // LOTS // 20]}
        for days_ago in range(DAYS, -1, -1):
            here = [s for s in self.steers if DAYS - s.day > days_ago and s.number not in unseen]
            if days_ago > READ_DAILY_FOR:
                here = self._chance.sample(here, min(len(here), self.head // 80))
            for steer in here:
                yield self._read(self._at(days_ago, self._chance.triangular(5, 21.5)), steer)

    def _read(self, at: datetime, steer: Steer, kind: str = "hxb") -> Heard:
        is_at_trough = self._chance.random() < 0.3 and at < self._at(1, 16)
        source = TROUGH if is_at_trough else self._chance.choice((ALLEY, ALLEY, GATEWAY))
        text = f"{kind}:{steer.lot}:{self._lf_tag(steer, at)}:{steer.epc}"
        return Heard(at, text, source, steer.number)

    def _lf_tag(self, steer: Steer, at: datetime) -> str:
        """Return what it bears then: the last steer loses its tag and gets another one."""
        is_new = steer is self.steers[-1] and at >= self._at(RETAGGED_AGO, 9)
        return f"840003{steer.number + 500_000:09d}" if is_new else steer.eid

    def _leaving(self) -> Iterator[Happening]:
        """Yield deaths, a sale and an export of the oldest lot, which is there all the time."""
        lot = [steer for steer in self.steers if not steer.day]
        unseen, dead = len(lot) // 20, len(DEATHS)
        sold, exported = unseen + dead + len(lot) // 11, unseen + dead + len(lot) // 3
        for (days_ago, reason), steer in zip(DEATHS.items(), lot[unseen:], strict=False):
            yield self._leave(self._at(days_ago, 6.5), [steer], "dead", reason)
        gone = lot[unseen + dead : sold]
        yield self._leave(self._at(SOLD_AGO, 14), gone, "sold", "Sold at the auction")
        for place, steer in enumerate(lot[sold:exported]):
            at = self._left[steer.number] = self._at(EXPORTED_AGO, 13 + place / 300)
            yield self._read(at, steer, "hxe")
        moved = [
            str(one.number) for one in self.steers if one.pen == self.steers[self.head // 2].pen
        ][-self.head // 60 :]
        yield Moved(self._at(1, 11), moved, "P12", "Sorted by weight")

    def _leave(self, at: datetime, steers: list[Steer], status: str, reason: str) -> Left:
        self._left |= {steer.number: at for steer in steers}
        return Left(at, [str(steer.number) for steer in steers], status, reason)

    def _troubles(self) -> Iterator[Happening]:
        """Yield a re-tag, a conflict, a stray and what nobody can read."""
        steer, (one, other) = self.steers[-1], self.steers[-3:-1]
        new = {"old_lf": steer.eid, "new_lf": self._lf_tag(steer, self.now)}
        yield self._event(self._at(RETAGGED_AGO, 9), "rep", steer, **new, reason="tag lost")
        yield Heard(self._at(1, 15.2), f"hxb:{one.lot}:{one.eid}:{other.epc}", ALLEY)
        stray = Steer(FIRST_STEER + 900_000, "LOT9041", "", 0, 0, 0)
        yield self._read(self._at(1, 15.4), stray)
        for place, damaged in enumerate(2 * DAMAGED):
            if damaged.isascii():
                yield Heard(self._at(1 + place % 3, 8 + place / 2), damaged.decode(), ALLEY)


def _numbered(happenings: list[Happening]) -> Iterator[Happening]:
    """Yield them with the numbers of their events, of which none is left out."""
    number = FIRST_EVENT
    for one in happenings:
        if isinstance(one, Heard) and NO_NUMBER in one.text:
            number += 1
            yield replace(one, text=one.text.replace(NO_NUMBER, str(number)))
        else:
            yield one


def _slip(place: int) -> float:
    """Return what a weight is multiplied by: a few of each lot lose weight, or stand half on it."""
    return {4: 0.86, 5: 0.91, 6: 1.6}.get(place, 1.0)
