"""The chute's two questions: which animal a name means, and to do what somebody confirmed there.

What the browser keeps is sent once each: its key makes a repeat harmless, also days later. An
answer says what the browser is to do: `done`, `refused` with why, or `waits` to try again.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.http import JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from herd.rules.tags import TagError, kind_of, normalise
from remote.office.forms.form import Change, ask
from remote.office.link.link_errors import PiError, PiRefused
from remote.office.mirror.mirror import Mirror, Row
from remote.office.office import OfficeRequest, asked_by
from remote.office.pages import chute_card, shipments
from remote.office.pages.page import MOST_DIGITS
from remote.office.units import UNITS, sentence_in, to_kg

KEPT: Final = timedelta(days=6)  # the Pi knows a key again for seven
SOON: Final = timedelta(minutes=2)
EARLIER: Final = timedelta(seconds=1)  # who types has read the scale: the Pi takes no time to come
LONGEST_KEY: Final = 100
LONGEST_TAG: Final = 64
WEIGHT: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")
AMOUNT: Final = re.compile(r"[0-9]{1,4}\.[0-9]")
LATE: Final = timedelta(minutes=1)  # a move that was kept so long tells when it was
TIMES: Final = frozenset({"recorded_at", "given_at", "moved_at"})
BUSY: Final = frozenset({401, 403, 408, 425, 429})  # not what was sent, but that nobody can take it

Item = Mapping[str, Any]


class NotSent(Exception):
    """What was confirmed cannot be asked of the Pi as it is."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class Unreadable(NotSent):
    """No script of ours sent it."""

    def __init__(self) -> None:
        super().__init__("form", gettext("This cannot be read."))


async def card(request: OfficeRequest) -> JsonResponse:
    """Answer which animal a scan means."""
    mirror, asked = request.office.mirror, asked_by(request)
    if mirror.cursor is None:
        return JsonResponse({"found": "kept"})
    name = request.GET.get("q", "").strip()[:250]
    answer = chute_card.found(mirror, name, asked)
    return JsonResponse({"q": request.GET.get("q", ""), **answer})


@require_POST
async def send(request: OfficeRequest) -> JsonResponse:
    """Ask the Pi for one thing that somebody confirmed at the chute."""
    asked, mirror = asked_by(request), request.office.mirror
    if not asked.may_write:
        return _refused("role", gettext("Your role may look, but not change anything."), 403)
    try:
        item = _item_of(request, asked.person.username)
        change = CHANGES[item["kind"]](mirror, item)
        answer = await ask(request, change, item["key"])
    except NotSent as error:
        return _refused(error.code, sentence_in(str(error), asked.unit))
    except PiError as error:
        return _troubled(mirror, item, error, asked.unit)
    return JsonResponse(_done(mirror, item, answer, asked.unit))


def _item_of(request: OfficeRequest, username: str) -> Item:
    try:
        item = json.loads(request.body)
    except ValueError:
        item = None
    texts = [item.get(name) for name in ("kind", "key")] if isinstance(item, dict) else [None]
    if not all(isinstance(text, str) and 0 < len(text) <= LONGEST_KEY for text in texts):
        raise Unreadable
    made: Item = item
    if made["kind"] not in CHANGES:
        raise Unreadable
    if made.get("by") != username:
        raise NotSent("person", gettext("Somebody else confirmed this."))
    return made


def _refused(code: str, reason: str, status: int = 200) -> JsonResponse:
    return JsonResponse({"outcome": "refused", "code": code, "reason": reason}, status=status)


def _troubled(mirror: Mirror, item: Item, error: PiError, unit: str) -> JsonResponse:
    if not isinstance(error, PiRefused) or _is_passing(mirror, item, error):
        return JsonResponse({"outcome": "waits", "reason": sentence_in(str(error), unit)})
    return _refused(error.code, sentence_in(str(error), unit))


def _is_passing(mirror: Mirror, item: Item, error: PiRefused) -> bool:
    """Return whether the same may be taken later: by a Pi that is well, or whose clock, which is
    known here but for half of what a slow answer took, has reached the time."""
    if error.status >= 500 or error.status in BUSY:
        return True
    is_of_time = not TIMES.isdisjoint(error.body.get("fields", ()))
    return is_of_time and abs(_moment(item) - mirror.time.now()) < SOON


def _done(mirror: Mirror, item: Item, answer: Row, unit: str) -> dict[str, Any]:
    done: dict[str, Any] = {"outcome": "done", "tag": item.get("tag", "")}
    if item["kind"] in WEIGHED:
        judged = chute_card.judged(mirror, answer, unit)
        warning = sentence_in(answer.get("warning", ""), unit)
        return done | {"weight_id": answer["id"], "judged": judged, "reason": warning}
    if item["kind"] in TREATED:
        warning = sentence_in(answer.get("warning", ""), unit)
        return done | {"treatment_id": answer["id"], "reason": warning}
    if item["kind"] == "move":
        if "from_pen_id" not in answer:  # of an older Pi
            return done
        return done | {"from_pen_id": answer["from_pen_id"]}
    if item["kind"] == "load":
        return done | shipments.loaded(answer)
    animal = mirror.tables["cattle"].get(answer["id"])
    return done | ({"card": chute_card.card_of(mirror, animal, unit)} if animal else {})


# -- what is asked of the Pi ------------------------------------------------------------------


def _animal(mirror: Mirror, item: Item) -> int:
    """Return the animal that was meant; a name that was kept must be a whole one."""
    if item.get("animal_id"):
        return _number(item["animal_id"])
    if mirror.cursor is None:
        raise PiError(gettext("No copy of the herd yet."))
    animals = mirror.held.named(str(item.get("tag", "")))
    if len(animals) == 1:
        return int(animals[0]["id"])
    if animals:
        raise NotSent("several_animals", gettext("This name has more than one animal."))
    raise NotSent("unknown_animal", gettext("No animal has this tag yet."))


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**MOST_DIGITS:
        raise Unreadable
    return value


def _moment(item: Item) -> datetime:
    try:
        at = datetime.fromtimestamp(float(item["at"]) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise Unreadable from error
    return at


def _not_too_old(mirror: Mirror, item: Item) -> datetime:
    at = _moment(item)
    if mirror.time.now() - at > KEPT and not item.get("again"):
        sentence = gettext("Confirmed on %s: look whether it has been recorded since.")
        raise NotSent("too_old", sentence % f"{at:%Y-%m-%d}")
    return at


def _weight(mirror: Mirror, item: Item) -> Change:
    at, unit = _not_too_old(mirror, item), str(item.get("unit"))
    weight = str(item.get("weight"))
    if not WEIGHT.fullmatch(weight) or unit not in UNITS:
        raise Unreadable
    kg = to_kg(Decimal(weight), unit)
    body = {"weight_kg": str(kg), "recorded_at": (at - EARLIER).isoformat(), **_session(item)}
    return Change("POST", f"cattle/{_animal(mirror, item)}/weights", body, "", "")


def _session(item: Item) -> dict[str, int]:
    return {"session_id": _number(item["session_id"])} if item.get("session_id") else {}


def _move(mirror: Mirror, item: Item) -> Change:
    at = _not_too_old(mirror, item)
    pen = _number(item["pen_id"]) if item.get("pen_id") else None
    is_late = mirror.time.now() - at > LATE
    when = {"moved_at": (at - EARLIER).isoformat()} if is_late else {}
    body = {"pen_id": pen, "reason": "sorted at the chute", **_session(item), **when}
    return Change("POST", f"cattle/{_animal(mirror, item)}/move", body, "", "")


def _treat(mirror: Mirror, item: Item) -> Change:
    """Record what the animal was given, as much of it as the card said."""
    at, amount = _not_too_old(mirror, item), str(item.get("amount") or "")
    if amount and not AMOUNT.fullmatch(amount):
        raise Unreadable
    dose = {"amount": amount, "unit": "ml"} if amount else {}
    given = {"product_id": _number(item.get("product_id")), **dose, **_session(item)}
    body = {**given, "given_at": (at - EARLIER).isoformat()}
    return Change("POST", f"cattle/{_animal(mirror, item)}/treatments", body, "", "")


def _untreat(mirror: Mirror, item: Item) -> Change:
    _not_too_old(mirror, item)
    path = f"treatments/{_number(item.get('treatment_id'))}/void"
    return Change("POST", path, {"reason": "taken back at the chute"}, "", "")


def _unvoid(mirror: Mirror, item: Item) -> Change:
    return _decided(mirror, item, "unvoid")


def _accept(mirror: Mirror, item: Item) -> Change:
    return _decided(mirror, item, "accept")


def _decided(mirror: Mirror, item: Item, verb: str) -> Change:
    _not_too_old(mirror, item)
    return Change("POST", f"weights/{_number(item.get('weight_id'))}/{verb}", {}, "", "")


def _void(mirror: Mirror, item: Item) -> Change:
    _not_too_old(mirror, item)
    instead = str(item.get("instead") or "")[:20]
    # The Pi keeps the reason: as all its sentences, in English (decision 13).
    reason = f"replaced by {instead} at the chute" if instead else "voided at the chute"
    path = f"weights/{_number(item.get('weight_id'))}/void"
    return Change("POST", path, {"reason": reason}, "", "")


def _tags(mirror: Mirror, item: Item) -> Change:
    _not_too_old(mirror, item)
    body = {name: _tag(item.get(name)) for name in ("lf_tag", "uhf_tag")}
    return Change("POST", f"cattle/{_animal(mirror, item)}/tags", body, "", "")


def _tag(text: object) -> str:
    try:
        return normalise(str(text)[:250]) if text else ""
    except TagError as error:
        raise NotSent("bad_tag", str(error)) from error


def _enter(mirror: Mirror, item: Item) -> Change:
    """Enter the animal of a tag that nobody knew, where the session's animals come."""
    _not_too_old(mirror, item)
    tag = _tag(item.get("tag"))
    told = {name: str(item.get(name) or "")[:50] for name in ("visual_id", "sex")}
    places = {name: _number(item[name]) for name in ("pen_id", "batch_id") if item.get(name)}
    body = {"uhf_tag" if kind_of(tag) == "uhf" else "lf_tag": tag, **told, **places}
    return Change("POST", "cattle", body, "", "")


def _put(mirror: Mirror, item: Item) -> Change:
    """Put the tag that was scanned on an animal that was chosen."""
    _not_too_old(mirror, item)
    tag = _tag(item.get("tag"))
    body = {"uhf_tag" if kind_of(tag) == "uhf" else "lf_tag": tag}
    return Change("POST", f"cattle/{_number(item.get('animal_id'))}/tags", body, "", "")


def _load(mirror: Mirror, item: Item) -> Change:
    """Load onto a shipment what was scanned; the Pi knows the tag, in any spelling."""
    _not_too_old(mirror, item)
    tag = str(item.get("tag") or "").strip()
    if not 0 < len(tag) <= LONGEST_TAG:
        raise Unreadable
    path = f"shipments/{_number(item.get('shipment_id'))}/load"
    return Change("POST", path, {"tag": tag}, "", "")


WEIGHED: Final = frozenset({"weight", "void", "unvoid", "accept"})
TREATED: Final = frozenset({"treat", "untreat"})
CHANGES: Final[Mapping[str, Callable[[Mirror, Item], Change]]] = {
    "weight": _weight,
    "void": _void,
    "unvoid": _unvoid,
    "accept": _accept,
    "move": _move,
    "treat": _treat,
    "untreat": _untreat,
    "tags": _tags,
    "put": _put,
    "animal": _enter,
    "load": _load,
}
