"""Words that no template holds: what the Pi's values are called, and what the scripts say.

Each is translated when it is shown, so none is kept as text.
"""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_noop as _


def _same(*words: str) -> dict[str, str]:
    return dict(zip(words, words, strict=True))


VALUES: Final[Mapping[str, str]] = {
    # animals and batches
    **_same(_("active"), _("pending"), _("exported"), _("sold"), _("dead"), _("open"), _("closed")),
    "on_feed": _("on feed"),
    **_same(_("held"), _("clear"), _("death"), _("pull")),
    **_same(_("antibiotic"), _("vaccine"), _("implant"), _("dewormer"), _("other")),
    **_same(_("barn"), _("export")),
    **_same(_("Steer"), _("Heifer"), _("Bull"), _("Cow"), _("Mixed")),
    # shipments
    **_same(_("planned"), _("loading"), _("shipped"), _("cancelled")),
    "not_reported": _("not reported"),
    # payloads and weights
    **_same(_("received"), _("processed"), _("duplicate"), _("error")),
    **_same(_("ok"), _("suspect"), _("void")),
    **_same(_("dismissed"), _("later")),
    # the link
    **_same(_("live"), _("reconnecting"), _("away")),
    "no_copy": _("no copy yet"),
    # who did it, and through which door
    **_same(_("viewer"), _("manager"), _("administrator")),
    **_same(_("key"), _("office"), _("admin"), _("radio")),
    # where an animal went, and in what order pens stand
    **_same(_("batch"), _("pen"), _("fullest"), _("emptiest"), _("head")),
}

# Why a payload was refused, in general: each row says it in particular.
REFUSALS: Final[Mapping[str, str]] = {
    # on the air
    "bad_crc": _("Damaged on the air"),
    "bad_encoding": _("Not readable as text"),
    "malformed_frame": _("A damaged line of the radio module"),
    "oversized": _("Too long"),
    "binary": _("No text"),
    "empty": _("Nothing in it"),
    "partial": _("The beginning is missing"),
    "noise": _("Unreadable lines, counted together"),
    "too_many_lines": _("More readings than one datagram may bring"),
    # who sent it
    "unsigned": _("Not signed"),
    "bad_signature": _("The signature is wrong"),
    "malformed_signature": _("The signature is damaged"),
    "unknown_device": _("Signed by an unknown device"),
    # what it says
    "unknown_prefix": _("Not a message of this barn"),
    "wrong_field_count": _("Too few or too many fields"),
    "empty_batch": _("No batch"),
    "missing_tags": _("No tag"),
    "missing_weight": _("No weight"),
    "missing_field": _("Something is missing"),
    "bad_weight": _("The weight cannot be read"),
    "bad_event_id": _("The event's number cannot be read"),
    "unknown_event": _("Nobody knows what happened"),
    "ambiguous_field": _("Something is given twice"),
    "field_too_long": _("Something is too long"),
    "not_printable": _("It has characters that cannot be printed"),
    # what the herd says to it
    "bad_tag": _("The tag is none"),
    "bad_value": _("A value cannot be right"),
    "tag_conflict": _("The tags belong to two animals"),
    "conflict_ignored": _("Two animals, left as they are"),
    "not_on_feed": _("The animal has left"),
    "unknown_animal": _("No such animal"),
}

# By the name that hexabrand/static/live asks for; it fills in what stands in braces.
SPOKEN: Final[Mapping[str, str]] = {
    "pause": _("Pause"),
    "goOn": _("Go on"),
    "paused": _("Paused: {count} changes wait"),
    "pausedOne": _("Paused: 1 change waits"),
    "pausedStill": _("Paused: nothing has changed since"),
    "typedKept": _("You were signed out. What you had typed is here again, and not sent yet."),
    "waiting": _("Changes are waiting"),
    "pill": _("{count} new"),
    "newRow": _("1 new row"),
    "newRows": _("{count} new rows"),
    "newRowWaiting": _("1 new row waiting"),
    "newRowsWaiting": _("{count} new rows waiting"),
    "tick": _("Tick animals to move or treat them"),
    "tickWork": _("Tick rows to dismiss them or put them off"),
    "ticked": _("{count} ticked"),
    "tickedAway": _("{count} ticked, {away} of them not on this page"),
    "scanned": _("{tag} was scanned. What you have typed here is not sent yet."),
    "needsPi": _("This waits until the Pi is back."),
    "printed": _("Printed {at}"),
    "printedOf": _("Printed {at}, from data {span} old"),
    "gone": _("What this page showed is gone."),
    "lost": _("This page lost the office server {span} ago"),
    "justNow": _("just now"),
    "secondsAgo": _("{count} s ago"),
    "minutesAgo": _("{count} min ago"),
    "hoursAgo": _("{count} h ago"),
    "daysAgo": _("{count} d ago"),
    "seconds": _("{count} s"),
    "minutes": _("{count} min"),
    "hours": _("{count} h"),
}


def refusal(code: str) -> str:
    """Return why payloads of this error code were refused; a code of a newer Pi as it is."""
    return gettext(REFUSALS[code]) if code in REFUSALS else code


def named(value: str) -> str:
    """Return what a value of the Pi is called; one that is not known here as it is."""
    return gettext(VALUES[value]) if value in VALUES else value


# How many have a status: the word bends with their number in languages other than English.
COUNTED: Final = {
    "active": ngettext_lazy("%d active", "%d active"),
    "pending": ngettext_lazy("%d pending", "%d pending"),
    "exported": ngettext_lazy("%d exported", "%d exported"),
    "sold": ngettext_lazy("%d sold", "%d sold"),
    "dead": ngettext_lazy("%d dead", "%d dead"),
    "received": ngettext_lazy("%d received", "%d received"),
    "processed": ngettext_lazy("%d processed", "%d processed"),
    "duplicate": ngettext_lazy("%d duplicate", "%d duplicate"),
    "error": ngettext_lazy("%d error", "%d error"),
}
