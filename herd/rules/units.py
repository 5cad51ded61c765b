"""What a scale can say: in which unit, and how much at most. Pure."""

from decimal import Decimal
from typing import Final

KG_PER_LB: Final = Decimal("0.45359237")  # the international pound of 1959, exactly
# Beyond every scale. What no animal weighs is kept below it, and doubted by `can_be`.
MOST_KG: Final = 5000
