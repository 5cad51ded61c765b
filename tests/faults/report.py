"""One line of the table for each fault."""

import statistics
from dataclasses import dataclass, field

from tests.faults.ledger import Finding

HEADING = (
    "| fault | trials | acknowledged | stored | lost | doubled | noticed s, worst |"
    " recovery s, median | worst |\n|---|---|---|---|---|---|---|---|---|"
)


@dataclass(slots=True)
class Result:
    """Recovery in seconds: from the fault's end until all is settled and the office follows."""

    fault: str
    trials: int = 0
    finding: Finding = field(default_factory=Finding)
    recovery: list[float] = field(default_factory=list)
    acknowledged: int = 0
    noticed: list[float] = field(default_factory=list)

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

    def faults(self) -> list[str]:
        """What was found wrong, in words."""
        if not (self.finding.lost or self.finding.doubled):
            return []
        return [f"{self.fault}: {'; '.join(self.finding.where)}"]
