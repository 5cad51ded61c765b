"""What alerts say, in plain text without anything that came from outside and could be a command."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hexabrand.alerts.rules import Notice

LONGEST: Final = 300  # letters: a radio's text may be long, a subject not
# C0, DEL, C1, line separators, marks that turn the direction of writing: radio input may hold any.
_CONTROL: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+"
)


@dataclass(frozen=True, slots=True)
class Who:
    """Who sends: the farm's name, which of its machines, and the office's address where known."""

    name: str
    role: str
    url: str = ""

    def link_to(self, notice: Notice) -> str:
        """Return where to see to it; empty where nobody gave the office's address."""
        return f"{self.url.rstrip('/')}{notice.link}" if self.url else ""


def one_line(text: str) -> str:
    """Return it in one line that cannot begin a header, with an end."""
    plain = _CONTROL.sub(" ", text).encode("utf-8", "replace").decode()
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def subject(notices: Sequence[Notice], name: str) -> str:
    return one_line(f"[{name}] {_headline(notices)}")


def _headline(notices: Sequence[Notice]) -> str:
    begun = [notice for notice in notices if notice.event == "begin"]
    if len(notices) == 1 and not begun:
        over = notices[0].event == "end"
        return _("Over: %(text)s") % {"text": notices[0].text} if over else notices[0].text
    if len(begun) == 1:
        return begun[0].text
    if many := len(begun):
        return ngettext("%d thing needs attention", "%d things need attention", many) % many
    return ngettext("%d thing is over", "%d things are over", len(notices)) % len(notices)


def body(notices: Sequence[Notice], who: Who) -> str:
    headings = {"begin": _("Needs attention:"), "end": _("Over:"), "test": _("A test:")}
    parts = []
    for event, heading in headings.items():
        chosen = [notice for notice in notices if notice.event == event]
        if chosen:
            parts.append("\n".join([heading, *(_entry(notice, who) for notice in chosen)]))
    sender = _("the office") if who.role == "office" else _("the Pi in the barn")
    parts.append(
        _("Sent by HexaBrand at %(name)s, %(sender)s.") % {"name": who.name, "sender": sender}
    )
    return "\n\n".join(parts) + "\n"


def _entry(notice: Notice, who: Who) -> str:
    line = f"- {one_line(notice.text)}"
    link = who.link_to(notice)
    return f"{line}\n  {link}" if link and notice.event == "begin" else line
