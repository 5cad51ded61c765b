"""An animal's history as sentences: what happened, who did it and why."""

import re
from collections.abc import Callable
from itertools import groupby
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from remote.office.mirror.tables import Row
from remote.office.pages.labels import named
from remote.office.pages.radio_sentences import KIND
from remote.office.templatetags.office import cause, person, why
from remote.office.written import moment, weight

MARKED = re.compile("(dead|sold|exported) on |back on feed")
LONGEST = 70  # characters of a payload
RAW: Final = '{} <details class="raw"><summary aria-label="{}">…</summary><code>{}</code></details>'
# What a message tells, by the three letters of its event or the word it begins with.
HEARD: Final[dict[str, Callable[[], str]]] = {
    "hxb": lambda: _("its tags"),
    "hxe": lambda: _("its tags, as it left"),
    "ind": lambda: _("its induction"),
    "pai": lambda: _("which tags it was given"),
    "rep": lambda: _("its new tag"),
    "chi": lambda: _("its weight"),
    "trt": lambda: _("a treatment"),
}


def with_sentences(past: list[Row], unit: str) -> list[Row]:
    """Return each entry with its sentence as `text`, safe to show."""
    return [{**entry, "text": sentence(entry, unit)} for entry in past]


def folded(past: list[Row]) -> list[Row]:
    """Return the entries with reads that follow each other as one, `reads` in it."""
    found: list[Row] = []
    for kind, some in groupby(past, lambda one: one["kind"]):
        entries = list(some)
        if kind == "read" and len(entries) > 1:
            last = moment(entries[0]["at"])
            told = _("Read {count} times, last {last}")
            text = format_html(told, count=len(entries), last=last)
            found.append({**entries[0], "text": text, "reads": entries})
        else:
            found += entries
    return found


def sentence(entry: Row, unit: str) -> SafeString:
    match entry["kind"]:
        case "pairing":
            return _worn(entry)
        case "movement":
            return _ended(_moved(entry), entry)
        case "weight":
            return _weighed(entry, unit)
        case "void":
            what = _("Weight of {kg} {unit} voided")
            return _ended(format_html(what, kg=weight(entry["weight_kg"], unit), unit=unit), entry)
        case "read" | "treatment" | "pull":
            return OF_KINDS[entry["kind"]](entry)
        case _:
            return _edited(entry)


def _heard(entry: Row) -> SafeString:
    text, source = entry["raw_payload"], entry["source"]
    found = KIND.match(text)
    if found and (what := HEARD.get((found[2] or found[1]).lower())):
        told = format_html(_("Heard by {source}: {what}"), source=source, what=what())
        heard = format_html(RAW, told, _("The text as it was heard"), text)
    else:
        shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
        heard = format_html(_("Heard by {source}: <code>{text}</code>"), source=source, text=shown)
    if not entry.get("corrected_by"):
        return heard
    # The msgid's own name for it stays: translations are found by the whole text.
    by = person(entry["corrected_by"])
    return format_html(_("{told}, corrected by {by}"), told=heard, by=by)


def _worn(entry: Row) -> SafeString:
    kind, tag = entry["tag_kind"].upper(), entry["tag"]
    put_on = format_html(_("{kind} tag <code>{tag}</code> put on"), kind=kind, tag=tag)
    put_on = _ended(put_on, entry)
    if not entry["until"]:
        return put_on
    until = moment(entry["until"])
    return format_html(_("{put_on}; worn until {until}"), put_on=put_on, until=until)


def _moved(entry: Row) -> SafeString:
    what = _("Moved from {what} {old} to {what} {new}")
    if not entry["from"]:
        what = _("Put into {what} {new}")
    elif not entry["to"]:
        what = _("Taken out of {what} {old}")
    return format_html(what, what=named(entry["what"]), old=entry["from"], new=entry["to"])


def _weighed(entry: Row, unit: str) -> SafeString:
    """Return a weight's sentence. Its reason is why it is doubted or void."""
    weighed = format_html(_("Weighed {kg} {unit}"), kg=weight(entry["weight_kg"], unit), unit=unit)
    weighed = _ended(weighed, {**entry, "reason": ""})
    if entry["quality"] == "ok":
        return weighed
    return format_html("{} ({}: {})", weighed, named(entry["quality"]), why(entry, unit))


def _treated(entry: Row) -> SafeString:
    amount = "" if entry["amount"] is None else f", {entry['amount']:g} {entry['unit']}".rstrip()
    what = _("Treated with {product}{amount}, clear on {day}")
    told = format_html(what, product=entry["product"], amount=amount, day=entry["clear_on"])
    return _voided(_ended(told, entry), entry)


def _pulled(entry: Row) -> SafeString:
    what = _("Pulled to {pen}: {cause}") if entry["to"] else _("Pulled: {cause}")
    told = _ended(format_html(what, pen=entry["to"], cause=cause(entry["cause"])), entry)
    if entry["returned_at"]:
        told = format_html(_("{told}; back {at}"), told=told, at=moment(entry["returned_at"]))
    return _voided(told, entry)


def _voided(told: SafeString, entry: Row) -> SafeString:
    """Add who made it void and why, where it is."""
    if not entry["voided_at"]:
        return told
    by, reason = person(entry["voided_by"]), entry["void_reason"]
    return format_html(_("{told} (void by {by}: {reason})"), told=told, by=by, reason=reason)


def _edited(entry: Row) -> SafeString:
    what, by = entry["what"], person(entry["by"])
    if MARKED.match(what):
        return format_html(_("Marked by {by}: {what}"), by=by, what=what)
    if entry.get("event") == "cattle:retagged":
        return format_html(_("Tags changed by {by}: {what}"), by=by, what=what)
    return format_html(_("Changed by {by}: {what}"), by=by, what=what)


def _ended(what: SafeString, entry: Row) -> SafeString:
    """Add who did it and why, where that is known."""
    if entry["by"]:
        what = format_html(_("{what} by {by}"), what=what, by=person(entry["by"]))
    reason = entry["reason"]
    return format_html("{}: {}", what, reason) if reason else what


OF_KINDS: Final[dict[str, Callable[[Row], SafeString]]] = {
    "read": _heard,
    "treatment": _treated,
    "pull": _pulled,
}
