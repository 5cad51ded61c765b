"""The HTML of an animal in a list.

By hand: as a template it took 0.3 ms, of which a page that nobody looked at before has fifty; so it
takes 0.03 ms. Whatever a radio or a person wrote is escaped.
"""

from datetime import date
from functools import lru_cache
from html import escape
from typing import Final

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from herd.rules.withdrawal import days_until_clear
from remote.office.mirror.index import ON_FEED, SEARCHED_FIELDS
from remote.office.mirror.mirror import Row
from remote.office.pages.labels import named
from remote.office.written import ABSENT, gain, moment, weight, written_time

TICK: Final = (
    '<input type="checkbox" class="tick" name="id" value="{id}" form="bulk" aria-label="{name}"> '
)
ROW: Final = """<tr data-key="{id}">
<th scope="row">{tick}<a href="/office/cattle/{id}">{name}</a>{sex}</th>
<td data-label="{labels[tags]}"><code>{lf_tag}</code>{uhf_tag}</td>
<td data-label="{labels[batch]}">{batch}</td>
<td data-label="{labels[pen]}">{pen}</td>
<td data-label="{labels[weight]}" class="number">{weight}</td>
<td data-label="{labels[gain]}" class="number">{gain}</td>
<td data-label="{labels[status]}">{status}</td>
<td data-label="{labels[seen]}">{seen}</td></tr>"""
SHEET_ROW: Final = """<tr><th scope="row">{name}{sex}</th>
<td data-label="{labels[visual_id]}">{visual_id} {tag_color}</td>
<td data-label="{labels[tags]}"><code>{lf_tag}</code></td>
<td data-label="{labels[batch]}">{batch}</td>
<td data-label="{labels[weight]}" class="number">{weight}</td>
<td data-label="{labels[weighed]}">{weighed}</td>
<td data-label="{labels[gain]}" class="number">{gain}</td>
<td data-label="{labels[seen]}">{seen}</td></tr>"""
UNSURE: Final = '<abbr title="{}"> ?</abbr>'
PARTS_KEPT: Final = 8_192  # pens and batches of a yard, in a language or two


def animal_row(row: Row, unit: str, *, may_write: bool, today: date) -> str:
    name = escape(next((row[field] for field in SEARCHED_FIELDS if row[field]), ""))
    language = get_language()
    unsure = _words(language)["unsure"] if row.get("adg_confidence") == "low" else ""
    batch, pen = row["batch"], row["pen"]
    return ROW.format(
        id=row["id"],
        name=name,
        tick=TICK.format(id=row["id"], name=name) if may_write else "",
        sex=f" <small>{escape(named(row['sex']))}</small>" if row["sex"] else "",
        lf_tag=escape(row["lf_tag"] or ABSENT),
        uhf_tag=f"<br><code>{escape(row['uhf_tag'])}</code>" if row["uhf_tag"] else "",
        batch=_batch(batch["id"], batch["batch_number"]) if batch else ABSENT,
        pen=_pen(pen["id"], pen["pen_number"], row["status"], language) if pen else ABSENT,
        weight=weight(row["last_weight_kg"], unit),
        gain=gain(row["adg_kg"], unit) + unsure,
        status=chip(row["status"], language) + held_chip(row, today, language),
        seen=moment(row["last_seen_at"]),
        labels=_words(language),
    )


def sheet_row(row: Row, name: str, unit: str) -> str:
    """Return an animal's row on the sheet of its pen: the same on paper, without links."""
    batch = row["batch"]
    return SHEET_ROW.format(
        name=escape(name),
        sex=f" <small>{escape(named(row['sex']))}</small>" if row["sex"] else "",
        visual_id=escape(row["visual_id"] or ABSENT),
        tag_color=escape(row["tag_color"] or ""),
        lf_tag=escape(row["lf_tag"] or ABSENT),
        batch=escape(batch["batch_number"]) if batch else ABSENT,
        weight=weight(row["last_weight_kg"], unit),
        weighed=written_time(row["last_weighed_at"]),
        gain=gain(row["adg_kg"], unit),
        seen=written_time(row["last_seen_at"]),
        labels=_words(get_language()),
    )


@lru_cache(maxsize=8)
def _words(_language: str | None) -> dict[str, str]:
    words = {
        "visual_id": _("Visual id"),
        "weighed": _("Weighed"),
        "tags": _("Tags"),
        "batch": _("Batch"),
        "pen": _("Pen"),
        "weight": _("Weight"),
        "gain": _("ADG"),
        "status": _("Status"),
        "seen": _("Last seen"),
    }
    unsure = UNSURE.format(escape(_("less than 14 days: uncertain")))
    return {name: escape(word) for name, word in words.items()} | {"unsure": unsure}


@lru_cache(PARTS_KEPT)
def _batch(pk: int, number: str) -> str:
    return f'<a href="/office/batches/{pk}">{escape(number)}</a>'


@lru_cache(PARTS_KEPT)
def _pen(pk: int, number: str, status: str, _language: str | None) -> str:
    animal = {"status": status, "pen": {"id": pk, "pen_number": number}}
    return get_template("office/_pen_of.html").render({"animal": animal}).strip()


def held_chip(row: Row, today: date, language: str | None) -> str:
    """Return what is shown of an animal on feed that is not clear, "" of the others."""
    clear_on = row.get("clear_on")  # an older Pi tells none
    if not clear_on or row["status"] not in ON_FEED:
        return ""
    return _held(days_until_clear(today, date.fromisoformat(clear_on)), clear_on, language)


@lru_cache(PARTS_KEPT)
def _held(days: int, clear_on: str, _language: str | None) -> str:
    if not days:
        return ""
    text = ngettext("clear in %d day", "clear in %d days", days) % days
    return f' <span class="chip held" title="{clear_on}">{escape(text)}</span>'


@lru_cache(PARTS_KEPT)
def chip(status: str, _language: str | None) -> SafeString:
    """Return a status with its sign, as it stands in every list."""
    return mark_safe(get_template("office/_chip.html").render({"status": status}).strip())  # noqa: S308 - rendered
