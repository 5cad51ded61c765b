"""Work on animals: weights that are doubted, animals off what they were expected to weigh, losing
weight, not seen, or known by a read alone."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from herd.local_time import localtime
from remote.office import clocks
from remote.office.mirror.index import ON_FEED
from remote.office.mirror.masks import Mask, both, without
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages import herd_alerts
from remote.office.pages.animals import name_of
from remote.office.units import sentence_in
from remote.office.work.items import (
    Action,
    Kind,
    WorkItem,
    animal_link,
    coming_back,
    place_of,
)
from remote.office.work.put_away import PutAway
from remote.office.written import gain, weight
from remote.work_keys import key_of

MINUS: Final = "\N{MINUS SIGN}"
# An animal's item is another one when this of its row is another.
CAUSES: Final = {
    "off": "last_weighed_at",
    "losing": "last_weighed_at",
    "unseen": "last_seen_at",
    "stray": "first_seen_at",
}


def animal_key(kind: str, animal: Row) -> str:
    return key_of(kind, animal["id"], animal[CAUSES[kind]])


def animals_of(mirror: Mirror, kind: str, away: PutAway) -> Mask:
    """Return the animals of a kind whose item is not put away."""
    index, found = mirror.held.index, herd_alerts.of(mirror).found[kind]
    found = both(index.everybody(), found)  # some may have come since it was looked at
    hidden = index.mask_of(_put_away(mirror, kind, away))
    return without(found, hidden)


def _put_away(mirror: Mirror, kind: str, away: PutAway) -> Iterator[int]:
    animals = mirror.tables["cattle"]
    for key in away.of(kind):
        number = key.split(":")[1]
        pk = int(number) if number.isdecimal() else 0
        if pk in animals and animal_key(kind, animals[pk]) == key:
            yield pk


# -- weights ------------------------------------------------------------------------------------


def suspect_weights(mirror: Mirror, away: PutAway) -> Sequence[Row]:
    """Return the suspect weights of animals that are here, the newest first."""
    animals = mirror.tables["cattle"]
    return [
        row
        for row in reversed(mirror.tables["weights"].values())
        if row["quality"] == "suspect"
        and key_of("suspect", row["id"]) not in away
        and row["cattle_id"] in animals
        and animals[row["cattle_id"]]["status"] in ON_FEED
    ]


def _suspect_item(mirror: Mirror, row: Row, unit: str) -> WorkItem:
    name = name_of(mirror.tables["cattle"][row["cattle_id"]])
    doubts = [deviation(row["expected_kg"], row["weight_kg"], unit), _doubt(row, unit)]
    actions = [Action(_("Accept"), f"/office/weights/{row['id']}/accept", "a")]
    return WorkItem(
        key_of("suspect", row["id"]),
        name,
        animal_link(row["cattle_id"]),
        "; ".join(filter(None, doubts)),
        row["recorded_at"],
        leading_back("suspect", *actions, *_corrections(row["id"], row["cattle_id"])),
    )


def _doubt(row: Row, unit: str) -> str:
    return sentence_in(str(row["reason"]), unit)


def deviation(expected_kg: float | None, kg: float | None, unit: str) -> str:
    """Return `expected 480.0, got 402.0 kg, -16 %`, and what is known of it where not all is."""
    if kg is None:
        return ""
    got = f"{weight(kg, unit)} {unit}"
    if not expected_kg:
        return _("got %s") % got
    percent = round((kg - expected_kg) / expected_kg * 100)
    words = {"expected": weight(expected_kg, unit), "got": got, "percent": _signed(percent)}
    return _("expected %(expected)s, got %(got)s, %(percent)s %%") % words


def _signed(number: int) -> str:
    return f"{number:+d}".replace("-", MINUS)


def _corrections(weight_id: int, animal: int) -> tuple[Action, ...]:
    at = f"/office/weights/{weight_id}"
    return (
        Action(_("Replace"), f"{at}/replace?animal={animal}", "r"),
        Action(_("Void"), f"{at}/void?animal={animal}", "v"),
    )


def leading_back(kind: str, *actions: Action) -> tuple[Action, ...]:
    return tuple(one._replace(link=coming_back(one.link, kind)) for one in actions)


# -- animals ------------------------------------------------------------------------------------


def _off(mirror: Mirror, away: PutAway) -> Sequence[int]:
    """Return those off the expected weight, the furthest off first."""
    wanted = animals_of(mirror, "off", away)
    return mirror.held.index.among(herd_alerts.furthest_off(mirror), wanted)


def _newest(kind: str) -> Any:  # noqa: ANN401 - the `found` of a Kind
    def found(mirror: Mirror, away: PutAway) -> Sequence[int]:
        return mirror.held.index.newest_first(animals_of(mirror, kind, away))

    return found


def _longest_unseen(mirror: Mirror, away: PutAway) -> Sequence[int]:
    wanted = animals_of(mirror, "unseen", away)
    return mirror.held.index.in_order("seen", wanted, downwards=False)


def _item(
    kind: str, animal: Row, why: str, since: str | None, actions: Sequence[Action]
) -> WorkItem:
    return WorkItem(
        animal_key(kind, animal),
        name_of(animal),
        animal_link(animal["id"]),
        why,
        since,
        leading_back(kind, *actions),
    )


def _off_item(mirror: Mirror, pk: int, unit: str) -> WorkItem:
    animal = mirror.tables["cattle"][pk]
    why = deviation(animal.get("expected_kg"), animal["last_weight_kg"], unit)
    actions = (_weigh(pk), *_correct_last(mirror, animal))
    return _item("off", animal, why, animal["last_weighed_at"], actions)


def _losing_item(mirror: Mirror, pk: int, unit: str) -> WorkItem:
    animal = mirror.tables["cattle"][pk]
    words = {
        "gain": gain(animal["adg_kg"], unit).replace("-", MINUS),
        "now": f"{weight(animal['last_weight_kg'], unit)} {unit}",
        "unit": unit,
    }
    why = _("gains %(gain)s %(unit)s a day, and weighs %(now)s") % words
    actions = (_weigh(pk), _treat(pk), *_correct_last(mirror, animal))
    return _item("losing", animal, why, animal["last_weighed_at"], actions)


def _weigh(pk: int) -> Action:
    return Action(_("Weigh"), animal_link(pk, "/weigh"), "w")


def _treat(pk: int) -> Action:
    return Action(_("Treat"), animal_link(pk, "/treat"), "t")


def _correct_last(mirror: Mirror, animal: Row) -> tuple[Action, ...]:
    """Return the corrections of its last good weight, where that is held here."""
    at, pk = animal["last_weighed_at"], animal["id"]
    for row in reversed(mirror.tables["weights"].values()):
        if row["cattle_id"] == pk and row["recorded_at"] == at and row["quality"] == "ok":
            return _corrections(row["id"], pk)
    return ()


def _unseen_item(mirror: Mirror, pk: int, unit: str) -> WorkItem:
    animal = mirror.tables["cattle"][pk]
    seen = datetime.fromisoformat(animal["last_seen_at"])
    days = (clocks.surely_now(mirror) - seen).days
    read = ngettext("last read %(days)d day ago", "last read %(days)d days ago", days)
    why = f"{read % {'days': days}} ({localtime(seen):%Y-%m-%d})"
    if pen := place_of(animal):
        why = _("%(read)s; pen %(pen)s") % {"read": why, "pen": pen}
    actions = (Action(_("Move"), animal_link(pk, "/move"), "o"), _leave(pk))
    return _item("unseen", animal, why, animal["last_seen_at"], actions)


def _leave(pk: int) -> Action:
    return Action(_("Has left"), animal_link(pk, "/leave"), "l")


def _stray_item(mirror: Mirror, pk: int, unit: str) -> WorkItem:
    animal = mirror.tables["cattle"][pk]
    batch = (animal.get("batch") or {}).get("batch_number", "–")
    why = _("known by a read alone, in batch %s: no id, no induction, no weight") % batch
    edit, tags = animal_link(pk, "/edit"), animal_link(pk, "/tags")
    actions = (Action(_("Edit"), edit, "e"), Action(_("Tags"), tags, "g"), _leave(pk))
    return _item("stray", animal, why, animal["first_seen_at"], actions)


KINDS: Final = (
    Kind(
        "suspect",
        gettext_noop("suspect weight"),
        lambda n: ngettext("%d suspect weight", "%d suspect weights", n) % n,
        suspect_weights,
        _suspect_item,
    ),
    Kind(
        "off",
        gettext_noop("off the expected weight"),
        lambda n: herd_alerts.counted("off", n),
        _off,
        _off_item,
    ),
    Kind(
        "losing",
        gettext_noop("losing weight"),
        lambda n: herd_alerts.counted("losing", n),
        _newest("losing"),
        _losing_item,
    ),
    Kind(
        "unseen",
        gettext_noop("not seen"),
        lambda n: herd_alerts.counted("unseen", n),
        _longest_unseen,
        _unseen_item,
    ),
    Kind(
        "stray",
        gettext_noop("known by a read alone"),
        lambda n: herd_alerts.counted("stray", n),
        _newest("stray"),
        _stray_item,
    ),
)
