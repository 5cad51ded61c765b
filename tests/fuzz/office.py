"""The office's pages: addresses and forms that no page of ours would send."""

import re
from random import Random

import requests

from benchmarks.pages import sign_in
from tests.fuzz.corpus import noise, number, text
from tests.fuzz.tally import Tally, until
from tests.system.farm import Farm

PATHS = (
    "/login",
    "/health",
    "/office/",
    "/office/find",
    "/office/unit",
    "/office/language",
    "/office/batches",
    "/office/batches/new",
    "/office/batches/{id}/edit",
    "/office/batches/{id}",
    "/office/cattle",
    "/office/cattle/move",
    "/office/cattle/leave",
    "/office/cattle/{id}",
    "/office/cattle/{id}/edit",
    "/office/cattle/{id}/move",
    "/office/cattle/{id}/weigh",
    "/office/cattle/{id}/tags",
    "/office/cattle/{id}/leave",
    "/office/cattle/pull",
    "/office/cattle/{id}/pull",
    "/office/pulls/{id}/return",
    "/office/pulls/{id}/void",
    "/office/deaths",
    "/office/left",
    "/office/pens",
    "/office/pens/new",
    "/office/pens/{id}",
    "/office/pens/{id}/edit",
    "/office/pens/{id}/delete",
    "/office/pens/{id}/move",
    "/office/weights",
    "/office/weights/{id}/void",
    "/office/weights/{id}/unvoid",
    "/office/weights/{id}/accept",
    "/office/weights/{id}/replace",
    "/office/sessions",
    "/office/sessions/new",
    "/office/sessions/{id}",
    "/office/sessions/{id}/edit",
    "/office/sessions/{id}/end",
    "/office/sessions/{id}/resume",
    "/office/import",
    "/office/import/{id}",
    "/office/scales",
    "/office/scales/adjusted",
    "/office/scales/correct",
    "/office/scales/{id}/deny",
    "/office/journal",
    "/office/journal/{id}/undo",
    "/office/journal/{id}",
    "/office/payloads",
    "/office/payloads/{id}/correct",
    "/office/payloads/{id}/conflict",
    "/office/payloads/{id}/retry",
    "/office/status",
    "/office/nowhere",
    "/static/{id}",
)
NAMES = (
    "search",
    "page",
    "sort",
    "order",
    "show",
    "batch",
    "pen",
    "status",
    "format",
    "unit",
    "animal",
    "animals",
    "weight",
    "weight_kg",
    "at",
    "reason",
    "notes",
    "text",
    "next",
    "pen_number",
    "capacity",
    "batch_number",
    "keep",
    "file",
    *("q", "before", "batch_number", "sex", "code", "source", "each", "run", "all", "print"),
    *("cursor", "token", "ids", "cattle_id"),
)


def pages(farm: Farm, chance: Random, seconds: float) -> Tally:
    tally, session = Tally("office pages and forms"), sign_in(farm)
    for turn, _ in enumerate(until(seconds)):
        if turn % 200 == 199:  # a sign-out may have been among them
            session = sign_in(farm)
        url = farm.office_url + chance.choice(PATHS).replace("{id}", number(chance))
        values = [chance.choice((text, number))(chance) for _ in range(3)]
        told = {chance.choice(NAMES): value.encode("utf-8", "replace") for value in values}
        if chance.random() < 0.5:
            tally.ask(session, "GET", url, params=told)
        else:
            _post(tally, session, url, told, chance)
    return tally


def _post(
    tally: Tally,
    session: requests.Session,
    url: str,
    told: dict[str, bytes],
    chance: Random,
) -> None:
    token = session.cookies.get("hexabrand_office_csrf") or ""
    body = {**told, "csrfmiddlewaretoken": token}
    if chance.random() < 0.1:
        files = {"file": (re.sub(r"[^\w.]", "", text(chance))[:50] or "a.csv", noise(chance, 5000))}
        tally.ask(session, "POST", url, data=body, files=files, allow_redirects=False)
    else:
        tally.ask(session, "POST", url, data=body, allow_redirects=False)
