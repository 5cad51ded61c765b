"""What the chute shows of the animal that was scanned, as JSON: every text is ready to be shown."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from herd.local_time import localtime
from herd.rules.tags import TagError, kind_of, normalise
from herd.rules.targets import Standing
from herd.rules.withdrawal import days_until_clear
from remote.office import clocks, written
from remote.office.mirror.index import ON_FEED, SEARCHED_FIELDS
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages import herd_alerts
from remote.office.pages.animals import name_of
from remote.office.pages.labels import named
from remote.office.pages.page import PageRequest, whole_number
from remote.office.pages.page import named as named_row
from remote.office.units import sentence_in

RECENTLY: Final = timedelta(minutes=10)  # a second weight within it may correct the first
OF_ONE_PASS: Final = 10  # weights: nobody stands on the scale so often
CHOICES: Final = 6  # of animals that a few digits may mean
LAST_DIGITS: Final = 6
SHORTEST_NUMBER: Final = 10  # of digits that a reader types: fewer are a weight, or an ear tag's
TAG_FIELDS: Final = {"lf": "lf_tag", "uhf": "uhf_tag"}
TREATMENTS: Final = 3  # that are told of one animal


def found(mirror: Mirror, name: str, asked: PageRequest) -> dict[str, Any]:
    """Return the one animal that a name means, or those that it may mean."""
    animals = candidates(mirror, name, asked.params.get("id"))
    if len(animals) == 1:
        card = card_of(mirror, animals[0], asked.unit)
        session = named_row(mirror.tables["sessions"], asked.params.get("session"))
        again = _again(mirror, animals[0]["id"], session, asked.unit) if session else None
        treated = _treated_in(mirror, animals[0]["id"], session) if session else []
        return {"found": "one", "card": {**card, "again": again, "treated": treated}}
    if animals:
        return {"found": "several", "choices": [_choice(one) for one in animals]}
    tag = _normal(name)
    is_tag = bool(tag) and not (tag.isdecimal() and len(tag) < SHORTEST_NUMBER)
    return {"found": "none", "tag_kind": kind_of(tag), "tag": tag, "is_tag": is_tag}


def candidates(mirror: Mirror, name: str, pk: str | None = None) -> Sequence[Row]:
    number = whole_number(pk)
    if number is not None:
        animal = mirror.tables["cattle"].get(number)
        return [animal] if animal else []
    return mirror.held.named(name) or mirror.held.find_animals(name, CHOICES)


def _normal(tag: str) -> str:
    try:
        return normalise(tag)
    except TagError:
        return ""


def _choice(animal: Row) -> dict[str, Any]:
    told = [animal["tag_color"], named(animal["sex"] or ""), _place(animal, "pen")]
    told.append(_last_digits(animal))
    return {"id": animal["id"], "name": name_of(animal), "told": " · ".join(filter(None, told))}


def _last_digits(animal: Row) -> str:
    tag = animal["lf_tag"] or animal["uhf_tag"] or ""
    return f"…{tag[-LAST_DIGITS:]}" if tag else ""


def card_of(mirror: Mirror, animal: Row, unit: str) -> dict[str, Any]:
    """Return the card; `hold` says why the animal must not go on, "" where it may."""
    outlook = herd_alerts.outlook_of(mirror, animal)
    return {
        "id": animal["id"],
        "name": name_of(animal),
        "visual_id": " ".join(filter(None, (animal["visual_id"], animal["tag_color"]))),
        "livestock_id": animal["livestock_id"] or "",
        "tag": _last_digits(animal),
        "lacks": [kind for kind, name in TAG_FIELDS.items() if not animal[name]],
        "sex": named(animal["sex"] or ""),
        "names": [listed_as(str(animal[name])) for name in SEARCHED_FIELDS if animal[name]],
        "sex_word": animal["sex"] or "",
        "pen_id": (animal.get("pen") or {}).get("id"),
        "pen": _place(animal, "pen"),
        "batch": _place(animal, "batch"),
        **_weight_and_gain(animal, unit),
        "expected": _told(written.weight(outlook.get("estimate_kg"), unit)),
        "target": _target(outlook, clocks.today(mirror)),
        **_target_told(outlook.get("target"), unit),
        "health": " · ".join(filter(None, (animal["health"], animal["notes"]))),
        "treatments": _treatments(mirror, animal["id"]),
        "hold": _hold(mirror, animal),
        "recent": _recent(mirror, animal["id"], unit),
    }


def _weight_and_gain(animal: Row, unit: str) -> dict[str, Any]:
    at = animal["last_weighed_at"]
    return {
        "last_kg": animal["last_weight_kg"],
        "last": _told(written.weight(animal["last_weight_kg"], unit)),
        "last_day": _day(at) if at else "",
        "gain_kg": animal["adg_kg"],
        "gain": _told(written.gain(animal["adg_kg"], unit)),
    }


def _told(text: str) -> str:
    return "" if text == written.ABSENT else text


def _day(iso: str) -> str:
    return f"{localtime(datetime.fromisoformat(iso)):%Y-%m-%d}"


def _place(animal: Row, name: str) -> str:
    return str((animal.get(name) or {}).get(f"{name}_number", ""))


def _hold(mirror: Mirror, animal: Row) -> str:
    if animal["status"] not in ON_FEED:
        left = {"status": named(animal["status"]), "on": animal["left_on"] or "–"}
        return _("%(status)s since %(on)s") % left
    tags = [tag for tag in (animal["lf_tag"], animal["uhf_tag"]) if tag]
    for payload in mirror.held.waiting():
        is_one = payload["error_code"] == "tag_conflict"
        if is_one and any(tag in payload["raw_payload"].upper() for tag in tags):
            return _("Its tags were read with another animal's: a person must decide.")
    clear_on = animal.get("clear_on")  # an older Pi tells none
    return _until_clear(date.fromisoformat(clear_on), clocks.today(mirror)) if clear_on else ""


def _until_clear(clear_on: date, today: date) -> str:
    """Return why a treated animal is held, "" where it is clear."""
    days = days_until_clear(today, clear_on)
    told = ngettext("Clear in %(days)d day, on %(day)s", "Clear in %(days)d days, on %(day)s", days)
    return told % {"days": days, "day": clear_on} if days else ""


def listed_as(name: str) -> str:
    """Return the one form in which the list of a session and the card have a name."""
    try:
        return normalise(name)
    except TagError:
        return "".join(name.upper().split())


def _target(outlook: Mapping[str, Any], today: date) -> dict[str, Any] | None:
    """Return what the page projects with once the animal is weighed; None where nobody knows."""
    if "forecast_gain_kg" not in outlook:
        return None
    target: Standing = outlook["target"]
    return {
        "kg": target.aim.kg,
        "gain_kg": outlook["forecast_gain_kg"],
        "on": target.on.isoformat() if target.on else None,
        "today": today.isoformat(),
    }


def _target_told(target: Standing | None, unit: str) -> dict[str, str]:
    """Return what the animal lacks of its target weight (“107.0 kg to go”), and when it has it."""
    if target is None:
        return {"target_told": "", "target_day": ""}
    if target.is_reached:
        return {"target_told": _("reached"), "target_day": ""}
    missing = _("%s to go") % f"{written.weight(target.missing_kg, unit)} {unit}"
    return {"target_told": missing, "target_day": target.on.isoformat() if target.on else ""}


def _treatments(mirror: Mirror, animal_id: int) -> str:
    """Return the animal's latest treatments that stand, each as its product and day."""
    products = mirror.tables["products"]
    rows = (row for row in _treatments_of(mirror, animal_id) if row["voided_at"] is None)
    told = (
        f"{products[row['product_id']]['name']} {_day(row['given_at'])}"
        for row in rows
        if row["product_id"] in products
    )
    return " · ".join(islice(told, TREATMENTS))


def _treated_in(mirror: Mirror, animal_id: int, session: Row) -> list[dict[str, Any]]:
    """Return what the animal was given in the session, the oldest first."""
    rows = [row for row in _treatments_of(mirror, animal_id) if row["session_id"] == session["id"]]
    return [
        {
            "id": row["id"],
            "product_id": row["product_id"],
            "amount": "" if row["amount"] is None else f"{row['amount']:.1f}",
            "isVoid": row["voided_at"] is not None,
        }
        for row in reversed(rows)
    ]


def _treatments_of(mirror: Mirror, animal_id: int) -> Iterator[Row]:
    """Yield those that are held here, the newest first."""
    rows = reversed(mirror.tables["treatments"].values())
    return (row for row in rows if row["cattle_id"] == animal_id)


def judged(mirror: Mirror, weight: Row, unit: str) -> list[dict[str, Any]]:
    """Return how a weight and the animal's others are judged now: one changes another."""
    held = mirror.tables["weights"].values()
    others = [row for row in held if row["cattle_id"] == weight["cattle_id"]]
    latest = {row["id"]: row for row in (weight, *others[-OF_ONE_PASS:])}
    return [
        {"id": pk, "quality": row["quality"], "reason": sentence_in(row["reason"], unit)}
        for pk, row in latest.items()
    ]


def _again(mirror: Mirror, animal_id: int, session: Row, unit: str) -> dict[str, Any] | None:
    """Return the animal's weight of this session, where it has one."""
    for row in reversed(mirror.tables["weights"].values()):
        is_one = row["cattle_id"] == animal_id and row.get("session_id") == session["id"]
        if is_one and row["quality"] != "void":
            at = localtime(datetime.fromisoformat(row["recorded_at"]))
            told = f"{written.weight(row['weight_kg'], unit)} {unit} · {at:%H:%M}"
            return {"id": row["id"], "text": told}
    return None


def _recent(mirror: Mirror, animal_id: int, unit: str) -> dict[str, Any] | None:
    """Return the animal's weight of the last minutes, which a new one may correct."""
    since = mirror.time.now() - RECENTLY
    for row in reversed(mirror.tables["weights"].values()):
        if row["cattle_id"] != animal_id or row["quality"] == "void":
            continue
        at = datetime.fromisoformat(row["recorded_at"])
        if at < since:
            return None
        told = {"id": row["id"], "weight": written.weight(row["weight_kg"], unit)}
        return told | {"at": round(at.timestamp() * 1000)}
    return None
