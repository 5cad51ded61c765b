"""The Pi's admin: filters, searches, rows and forms that no page of it would ask for."""

from random import Random

import requests

from tests.fuzz.corpus import number, text
from tests.fuzz.tally import Tally, until
from tests.system.farm import Farm

COLUMNS = {
    "herd/animal": ("id", "batch", "pen__id", "lf_tag", "notes", "last_weight_kg", "last_seen_at"),
    "herd/batch": ("batch_number", "induction_date", "head_count", "status"),
    "herd/pen": ("pen_number", "capacity", "filling", "location"),
    "herd/weightrecord": ("animal", "weight_kg", "recorded_at", "quality"),
    "herd/tagpairing": ("tag", "kind", "from_at"),
    "herd/movement": ("moved_at", "from_pen", "animal__lf_tag"),
    "herd/journalentry": ("seq", "kind", "detail", "at"),
    "lora/lorapayload": ("raw_payload", "received_at", "rssi", "error_code", "event_id"),
    "lora/source": ("name", "last_heard_at"),
    "auth/user": ("username", "password", "groups__id", "is_active", "date_joined"),
    "remote/apikey": ("prefix", "scopes", "expiry_date", "hashed_key"),
}
LOOKUPS = (
    *("", "exact", "iexact", "in", "gt", "gte", "lt", "lte", "range", "isnull", "isempty"),
    *("contains", "icontains", "startswith", "iendswith", "regex", "iregex", "search"),
    *("year", "month", "day", "week_day", "date", "time", "hour", "year__gt", "year__in"),
    *("pk", "id__in", "key__key", "nothing"),
)
PATTERNS = ("^(a+)+$", "^(a|a)*$", "(", "[", "(.*)*" * 20 + "x", "(?P<n>a)\\2")
OWN = ("q", "o", "p", "e", "all", "_facets", "_popup", "_to_field", "_changelist_filters", "term")
PLACES = ("", "", "", "add/", "{}/change/", "{}/history/", "{}/delete/")


def pages(farm: Farm, chance: Random, seconds: float) -> Tally:
    """A tenth of it is sent as forms: rows that are ticked, actions, new rows."""
    tally, session = Tally("admin"), signed_in(farm)
    for _ in until(seconds):
        model = chance.choice(tuple(COLUMNS))
        url = f"{root(farm)}{_place(model, chance)}"
        query = {_name(model, chance): _value(chance) for _ in range(chance.randint(1, 3))}
        if chance.random() < 0.9:
            tally.ask(session, "GET", url, params=query, allow_redirects=False)
        else:
            token = session.cookies.get("hexabrand_pi_csrf") or ""
            form = {**query, "action": "move_animals", "_selected_action": number(chance)}
            body = {**form, "csrfmiddlewaretoken": token}
            headers = {"Referer": root(farm)}
            tally.ask(session, "POST", url, data=body, headers=headers, allow_redirects=False)
    return tally


def root(farm: Farm) -> str:
    return f"https://127.0.0.1:{farm.pi_port}/admin/"


def signed_in(farm: Farm) -> requests.Session:
    """A browser in which the administrator has signed in."""
    session = requests.Session()
    session.verify, session.trust_env = farm.certificate, False
    url = f"{root(farm)}login/"
    session.get(url)
    (token,) = (one.value for one in session.cookies if "csrf" in one.name)
    who = {name: farm.account[name] for name in ("username", "password")}
    form = {**who, "csrfmiddlewaretoken": token, "next": "/admin/"}
    answer = session.post(url, data=form, headers={"Referer": url})
    assert "Log out" in answer.text, answer.text[:500]
    return session


def _place(model: str, chance: Random) -> str:
    if chance.random() < 0.05:
        return chance.choice(("autocomplete/", "jsi18n/", f"r/{number(chance)}/1/", "nowhere/"))
    return f"{model}/{chance.choice(PLACES).format(number(chance))}"


def _name(model: str, chance: Random) -> str:
    if chance.random() < 0.2:
        return chance.choice(OWN)
    return f"{chance.choice(COLUMNS[model])}__{chance.choice(LOOKUPS)}".removesuffix("__")


def _value(chance: Random) -> bytes:
    kinds = (number, text, lambda chance: chance.choice(PATTERNS))
    return chance.choice(kinds)(chance).encode("utf-8", "replace")
