"""What a list's filters say, in words: paper has no address."""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from remote.office.mirror.mirror import Mirror
from remote.office.pages import animals, herd_alerts, places
from remote.office.pages.labels import named, refusal
from remote.office.pages.page import PageRequest
from remote.office.work.kinds import BY_NAME

LABELS: Final = {
    "q": _("Search"),
    "status": _("Status"),
    "held": _("Withdrawal"),
    "clear_on": _("Clear on"),
    "batch": _("Batch"),
    "batch_number": _("Batch"),
    "pen": _("Pen"),
    "pen_number": _("Pen"),
    "sex": _("Sex"),
    "source": _("Source"),
    "code": _("Error"),
    "state": _("Status"),
    "show": _("Shown"),
    "kind": _("Shown"),
}


def filter_words(mirror: Mirror, asked: PageRequest) -> list[tuple[str, str]]:
    """Return label and value of each filter that the address has, in a fixed order."""
    given = [(name, asked.params.get(name, "").strip()) for name in LABELS]
    return [
        (gettext(LABELS[name]), _value(mirror, asked, name, text[:100]))
        for name, text in given
        if text
    ]


def _value(mirror: Mirror, asked: PageRequest, name: str, text: str) -> str:
    match name:
        case "show":
            return herd_alerts.title(text) or text
        case "code":
            return refusal(text)
        case "kind":
            return gettext(BY_NAME[text].label) if text in BY_NAME else text
        case "batch" | "pen":
            rows = animals.places_asked(mirror, asked, name)
            return ", ".join(places.number_of(animals.PLACES[name], row) for row in rows) or text
    return named(text)
