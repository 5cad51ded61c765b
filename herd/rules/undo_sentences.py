"""The sentences in which an undo says what it would do, or why it or a part of it cannot be, and
their parts; see `refusal_sentences.py`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from herd.fields import ANIMAL, BATCH, PEN
from herd.fields import gettext_noop as _

UNDO_SENTENCES: Final = (
    # why it cannot be
    _("{name} was read, weighed or treated since."),
    _("{name} was read, weighed, treated, moved or given a tag since."),
    _("{name} was moved since."),
    _("{row} was changed since ({what})."),
    _("{row} no. {n} was deleted since."),
    _("{row} was deleted for good."),
    _("{row} cannot be taken back."),
    _("{row} is in use by now: something was done with it."),
    _("{row} holds animals by now. Move them first."),
    _("{name}: what was done cannot be taken back ({rows})."),
    _("Another {kind} is called {name} by now."),
    _("The weight of {name} is void since."),
    _("The weight of {name} is void no more since."),
    _("{name} was taken out of the shipment since."),
    _("{name} is in shipment {shipment} again by now."),
    _("{name} in shipment {shipment} is loaded by now: take it off first."),
    _("{name} in shipment {shipment} was changed since."),
    _("One is loaded on shipment {shipment} by now. Take them off."),
    _("{n} are loaded on shipment {shipment} by now. Take them off."),
    _("Shipment {shipment} holds animals by now. Take them out of it, or cancel it."),
    _(
        "Shipment {shipment} was reported on {day}. Note first that it was not, or was taken back"
        " there."
    ),
    _("Animal no. {n} was merged into another one since the shipment left."),
    _("Animal {name} was changed since the shipment left: it is {status} on {day}."),
    _("Animal {name} was changed since the shipment left: it is {status}."),
    _("Animal no. {n} was merged or removed since."),
    _("Animal no. {n} was merged into another one since this import."),
    _("Animal no. {n} has been removed since this import."),
    _(
        "Animal {name} was read, weighed, moved or given a tag since this import; taking it back"
        " would lose that."
    ),
    _("Animal {name} was changed since this import ({what}); taking it back would lose that."),
    _("Animal {name} was changed since this import."),
    _("{name} is another animal by now; give that one another id first."),
    _("{name} is another animal by now (no. {n}); give that one another id first."),
    _(
        "Animal no. {n} was merged again since: “{merge}”. Take that back first (change no."
        " {other_n})."
    ),
    _("Animal no. {n} has other tags by now; taking this back would lose them."),
    _("Tag {tag} is on animal {name} (no. {n}) by now; taking this back would lose that."),
    _("Some of the weights were corrected once more: take that back first."),
    _("This took something back. Do that again by hand instead."),
    _("Change no. {n} does not exist."),
    # what it would do
    _("One animal is as before."),
    _("{n} animals are as before."),
    _("All of it is as before."),
    _("The shipment will be cancelled."),
    _("The shipment is as before."),
    _("One animal is in the shipment as before."),
    _("{n} animals are in the shipment as before."),
    _("One animal is as before the shipment left."),
    _("{n} animals are as before the shipment left."),
    _("The shipment is being loaded again."),
    _("Animal no. {n} is a record of its own again, with its tags, weights, reads and moves."),
    _("Animal {name} is a record of its own again, with its tags, weights, reads and moves."),
    _("What was recorded since the merge stays with animal no. {n}."),
    _("Animal no. {n} wears LF {tag} and UHF {other_tag} again."),
    _("Weights that get back the kilograms they had before: {n}."),
    _("Payload no. {n} is in conflict again and waits for a decision."),
    _("One animal that it added will be deleted."),
    _("{n} animals that it added will be deleted."),
    _("One animal gets back the values it had before."),
    _("{n} animals get back the values they had before."),
    _("One weight will be voided."),
    _("{n} weights will be voided."),
    _("One treatment will be voided."),
    _("{n} treatments will be voided."),
    _("One pen that it made will be deleted if it is empty."),
    _("{n} pens that it made will be deleted if they are empty."),
    _("One stays as it is:"),
    _("{n} stay as they are:"),
    _("And {n} more."),
)

# What a row is, as its table calls it.
ROWS: Final = (
    *(_("Animal"), _("Batch"), _("Pen"), _("Product"), _("Session"), _("Shipment"), _("Movement")),
    *(_("Weight record"), _("Treatment"), _("Pull"), _("Scale step"), _("Work mark")),
    *(_("Tag pairing"), _("Shipment animal"), _("Payload")),
)


def spoken(column: str) -> str:
    """Return a column's name as it is said, such as `batch` for batch_id."""
    return column.removesuffix("_id").replace("_", " ")


def listed(columns: Iterable[str]) -> str:
    """Return the names of columns, one after the other."""
    return ", ".join(map(spoken, columns))


# What the columns are called that can have been changed since.
COLUMNS: Final[Mapping[str, Any]] = {
    **{spoken(one.name): one.label for table in (PEN, BATCH, ANIMAL) for one in table if one.label},
    "first seen at": _("First seen"),
    "last seen at": _("Last seen"),
    "id": _("Number"),
    "last read at": _("Last seen"),
    "head count": _("Head"),
    "on feed count": _("On feed"),
    "clear on": _("Clear on"),
    "not clear reason": _("Why it may leave all the same"),
    # weights, treatments, pulls
    "weight kg": _("Weight"),
    "read kg": _("Weight as read"),
    "quality": _("Quality"),
    "reason": _("Reason"),
    "recorded at": _("When"),
    "given at": _("When"),
    "recorded by": _("Who"),
    "accepted by": _("Accepted by"),
    "session": _("Session"),
    "amount": _("Amount"),
    "unit": _("Unit"),
    "void reason": _("Why it is void"),
    "voided at": _("Voided"),
    "voided by": _("Voided by"),
    "cause": _("Cause"),
    "note": _("Note"),
    "pulled at": _("Pulled"),
    "from pen": _("From pen"),
    "to pen": _("To pen"),
    "returned at": _("Back"),
    "returned by": _("Sent back by"),
    "product": _("Product"),
    # products
    "name": _("Name"),
    "kind": _("Kind"),
    "withdrawal days": _("Withdrawal"),
    "dose": _("Amount"),
    "ml per 100kg": _("ml per 100 kg"),
    "route": _("Route"),
    "lot no": _("Lot number"),
    "expires on": _("Expires on"),
    "active": _("In use"),
    # sessions
    "tasks": _("What is done in it"),
    "source": _("Source"),
    "notes": _("Notes"),
    "started at": _("Begun"),
    "started by": _("Begun by"),
    "ended at": _("Ended"),
    "ended by": _("Ended by"),
    # shipments
    "shipment number": _("Number"),
    "day": _("Day"),
    "destination": _("Destination"),
    "carrier": _("Carrier"),
    "premises from": _("Premises, from"),
    "premises to": _("Premises, to"),
    "planned head": _("Head"),
    "state": _("State"),
    "planned at": _("Planned"),
    "planned by": _("Planned by"),
    "planned": _("Planned"),
    "loading at": _("Loading begun"),
    "loading by": _("Loading begun by"),
    "loaded at": _("Loaded"),
    "loaded by": _("Loaded by"),
    "shipped": _("Shipped"),
    "shipped at": _("Shipped"),
    "shipped by": _("Shipped by"),
    "shipped on": _("Left on"),
    "cancelled at": _("Cancelled"),
    "cancelled by": _("Cancelled by"),
    "reported on": _("Reported on"),
    "reported by": _("Reported by"),
    "manifest": _("Manifest"),
    "change": _("Shipped"),
    "shipment": _("Shipment"),
    # scales and work
    "scale": _("Scale"),
    "factor": _("Factor"),
    "animals": _("Animals"),
    "found at": _("Found"),
    "confirmed at": _("Confirmed"),
    "confirmed by": _("Confirmed by"),
    "undone at": _("Taken back"),
    "undone by": _("Taken back by"),
    "key": _("About"),
    "text": _("Text"),
    "until": _("Until"),
    "through": _("Through"),
    "made at": _("When"),
    "made by": _("Who"),
    "animal": _("Animal"),
    "at": _("When"),
}
