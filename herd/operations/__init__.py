"""Every change to the herd, one function each: rows and journal rows, in one transaction.

Each takes a `Register` (see `open_register`) and a small value that says what was seen or asked.
Doing the same thing twice changes nothing the second time.
"""

from herd.operations.edits import edit_animal, edit_batch, edit_pen
from herd.operations.events import Induction, Pairing, Repair, induct, pair_tags, repair_tags
from herd.operations.reads import Read, record_read
from herd.operations.weighings import Weighing, record_weight, void_weight

__all__ = [
    "Induction",
    "Pairing",
    "Read",
    "Repair",
    "Weighing",
    "edit_animal",
    "edit_batch",
    "edit_pen",
    "induct",
    "pair_tags",
    "record_read",
    "record_weight",
    "repair_tags",
    "void_weight",
]
