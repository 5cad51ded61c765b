"""One line of the table for each fault, and what of its promise was not kept."""

import math
import statistics
from dataclasses import dataclass, field

from tests.faults.ledger import Finding

HEADING = (
    "| fault | trials | acknowledged | stored | lost | doubled | noticed s, worst |"
    " recovery s, median | worst |\n|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Promise:
    """Seconds, each for the worst trial: until the fault is shown, until all is well after its
    end, and for an office page meanwhile (of a trial's pages the median)."""

    noticed_within: float = math.inf
    healed_within: float = math.inf
    page_within: float = math.inf


NO_PROMISE = Promise()


@dataclass(slots=True)
class Result:
    """Recovery in seconds: from the fault's end until all is settled and the office follows."""

    fault: str
    promise: Promise = NO_PROMISE
    trials: int = 0
    finding: Finding = field(default_factory=Finding)
    recovery: list[float] = field(default_factory=list)
    acknowledged: int = 0
    noticed: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)

    def recovered_in(self, seconds: float) -> None:
        self.trials += 1
        self.recovery.append(seconds)

    def line(self) -> str:
        middle = statistics.median(self.recovery) if self.recovery else 0.0
        worst = max(self.recovery, default=0.0)
        noticed = f"{max(self.noticed):.1f}" if self.noticed else ""
        return (
            f"| {self.fault} | {self.trials} | {self.acknowledged} | {self.finding.stored} |"
            f" {self.finding.lost} | {self.finding.doubled} | {noticed} |"
            f" {middle:.1f} | {worst:.1f} |"
        )

    def miscounted(self) -> list[str]:
        """What was lost or doubled, in words."""
        if not (self.finding.lost or self.finding.doubled):
            return []
        return [f"{self.fault}: {'; '.join(self.finding.where)}"]

    def faults(self, patience: float = 1.0) -> list[str]:
        return self.miscounted() + self.late(patience)

    def late(self, patience: float = 1.0) -> list[str]:
        """What took longer than promised, in words; on a slow machine times `patience`."""
        told = (
            ("noticed after", self.noticed, self.promise.noticed_within),
            ("well again after", self.recovery, self.promise.healed_within),
            ("a page took", self.pages, self.promise.page_within),
        )
        return [
            f"{self.fault}: {what} {max(took):.2f} s, promised are {within:g} s"
            for what, took, within in told
            if took and max(took) > within * patience
        ]
