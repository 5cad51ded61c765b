"""Every change to the herd, one function each: rows and journal rows, in one transaction.

Each takes a `UnitOfWork` (see `open_unit_of_work`) and a small value that says what was seen or
asked. Doing the same thing twice changes nothing the second time.
"""

from herd.operations.correcting import Corrected, Correction, correct_weights
from herd.operations.edits import (
    create_animal,
    create_batch,
    create_pen,
    create_product,
    delete_pen,
    edit_animal,
    edit_batch,
    edit_pen,
    edit_product,
)
from herd.operations.events import induct, pair_tags, record_read, repair_tags
from herd.operations.importing import import_animals
from herd.operations.importing_treatments import import_treatments
from herd.operations.importing_weights import import_weights
from herd.operations.loading import load, plan_animals, plan_no_longer, unload
from herd.operations.merging import Merge, merge
from herd.operations.moves import Leaving, Move, change_batch, leave, move_animals
from herd.operations.pulling import Pulling, SendingBack, pull, send_back, void_pull
from herd.operations.retagging import Retag, retag
from herd.operations.retiming import Retiming, retime
from herd.operations.scale_steps import (
    Adjusted,
    confirm_step,
    judge_across,
    note_scale_day,
    undo_step,
)
from herd.operations.sessions import (
    begin_session,
    change_session,
    end_session,
    resume_session,
)
from herd.operations.sheet_import import Imported
from herd.operations.shipping import (
    Shipping,
    begin_loading,
    cancel_shipment,
    create_shipment,
    edit_shipment,
    look_at_shipping,
    report_shipment,
    ship,
)
from herd.operations.treating import Dose, Treating, treat, void_treatment
from herd.operations.undo import undo
from herd.operations.weighings import (
    Weighing,
    animal_or_pending,
    record_weight,
    void_weight,
    weighed_after_leaving,
)
from herd.operations.weight_decisions import (
    Replacement,
    accept_weight,
    replace_weight,
    unvoid_weight,
)
from herd.operations.work_marks import MarkedItem, Marking, end_mark, mark_work

__all__ = [
    "Adjusted",
    "Corrected",
    "Correction",
    "Dose",
    "Imported",
    "Leaving",
    "MarkedItem",
    "Marking",
    "Merge",
    "Move",
    "Pulling",
    "Replacement",
    "Retag",
    "Retiming",
    "SendingBack",
    "Shipping",
    "Treating",
    "Weighing",
    "accept_weight",
    "animal_or_pending",
    "begin_loading",
    "begin_session",
    "cancel_shipment",
    "change_batch",
    "change_session",
    "confirm_step",
    "correct_weights",
    "create_animal",
    "create_batch",
    "create_pen",
    "create_product",
    "create_shipment",
    "delete_pen",
    "edit_animal",
    "edit_batch",
    "edit_pen",
    "edit_product",
    "edit_shipment",
    "end_mark",
    "end_session",
    "import_animals",
    "import_treatments",
    "import_weights",
    "induct",
    "judge_across",
    "leave",
    "load",
    "look_at_shipping",
    "mark_work",
    "merge",
    "move_animals",
    "note_scale_day",
    "pair_tags",
    "plan_animals",
    "plan_no_longer",
    "pull",
    "record_read",
    "record_weight",
    "repair_tags",
    "replace_weight",
    "report_shipment",
    "resume_session",
    "retag",
    "retime",
    "send_back",
    "ship",
    "treat",
    "undo",
    "undo_step",
    "unload",
    "unvoid_weight",
    "void_pull",
    "void_treatment",
    "void_weight",
    "weighed_after_leaving",
]
