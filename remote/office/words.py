"""Words that no template holds: what the Pi's values are called, and what the scripts say.

Each is translated when it is shown, so none is kept as text.
"""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VALUES: Final[Mapping[str, Promise]] = {
    # animals and batches
    "active": _("active"), "pending": _("pending"), "exported": _("exported"), "sold": _("sold"),
    "dead": _("dead"), "on_feed": _("on feed"), "open": _("open"), "closed": _("closed"),
    "barn": _("barn"), "export": _("export"),
    "Steer": _("Steer"), "Heifer": _("Heifer"), "Bull": _("Bull"), "Cow": _("Cow"),
    "Mixed": _("Mixed"),
    # payloads and weights
    "received": _("received"), "processed": _("processed"), "duplicate": _("duplicate"),
    "error": _("error"), "ok": _("ok"), "suspect": _("suspect"), "void": _("void"),
    # the link
    "live": _("live"), "reconnecting": _("reconnecting"), "away": _("away"),
    "no_copy": _("no copy yet"),
    # who did it, and through which door
    "viewer": _("viewer"), "manager": _("manager"), "administrator": _("administrator"),
    "key": _("key"), "office": _("office"), "admin": _("admin"), "radio": _("radio"),
    # where an animal went, and in what order pens stand
    "batch": _("batch"), "pen": _("pen"),
    "fullest": _("fullest"), "emptiest": _("emptiest"), "head": _("head"),
}  # fmt: skip

# By the name that hexabrand/static/live asks for; it fills in what stands in braces.
SPOKEN: Final[Mapping[str, Promise]] = {
    "pause": _("Pause"), "goOn": _("Go on"), "waiting": _("Changes are waiting"),
    "pill": _("{count} new"), "newRow": _("1 new row"), "newRows": _("{count} new rows"),
    "newRowWaiting": _("1 new row waiting"), "newRowsWaiting": _("{count} new rows waiting"),
    "tick": _("Tick animals to move them"), "ticked": _("{count} ticked"),
    "tickedAway": _("{count} ticked, {away} of them not on this page"),
    "scanned": _("{tag} was scanned. What you have typed here is not sent yet."),
    "needsPi": _("This waits until the Pi is back."),
    "gone": _("What this page showed is gone."),
    "lost": _("This page lost the office server {span} ago"),
    "justNow": _("just now"), "secondsAgo": _("{count} s ago"), "minutesAgo": _("{count} min ago"),
    "hoursAgo": _("{count} h ago"), "daysAgo": _("{count} d ago"),
    "seconds": _("{count} s"), "minutes": _("{count} min"), "hours": _("{count} h"),
}  # fmt: skip


def named(value: str) -> str:
    """What a value of the Pi is called; one that is not known here as it is."""
    return str(VALUES.get(value, value))
