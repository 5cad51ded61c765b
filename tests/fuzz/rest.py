"""The Pi's REST: what its own schema allows, what it forbids, and what is no request at all."""

import base64
import warnings
from random import Random
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz.corpus import BODIES, noise, text, value
from tests.fuzz.tally import LONGEST, Tally, until
from tests.system.farm import Farm

EXAMPLES = 4  # of each operation and kind, in one round
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
DESCRIBED = (
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW")
KINDS = (
    *("application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x"),
    *("application/json; charset=punycode", "application/json; charset=utf-16", ""),
)
OF_CELLS = (
    "1",
    "20",
    " ",
    "-",
    "/",
    ".",
    ",",
    ":",
    "T",
    "E",
    "a",
    "animals ",
    "kg",
    "(",
    "\n",
    '"',
)


def by_the_schema(farm: Farm, chance: Random, seconds: float) -> Tally:
    """Requests made from the OpenAPI document, right ones and wrong ones."""
    tally = Tally("REST, from its schema")
    asked = schemathesis.openapi.from_dict(_schema(farm))
    operations = [found.ok() for found in asked.get_all_operations() if isinstance(found, Ok)]
    for _ in until(seconds):
        operation = chance.choice(operations)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _try(farm, tally, operation, mode, chance.randrange(2**32))
    return tally


def _schema(farm: Farm) -> dict[str, Any]:
    root = farm.api_url.removesuffix("/api/remote")
    answer = requests.get(
        f"{root}/api/schema?format=json",
        headers={"X-API-Key": farm.account["api_key"]},
        verify=farm.certificate,
        timeout=LONGEST,
    )
    found: dict[str, Any] = answer.json()
    return found


def _try(farm: Farm, tally: Tally, operation: Any, mode: GenerationMode, number: int) -> None:
    @seed(number)
    @QUIET
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        try:
            answer = case.call(
                base_url=farm.api_url.removesuffix("/api/remote"),
                timeout=LONGEST,
                headers={"X-API-Key": farm.account["api_key"]},
                verify=farm.certificate,
            )
        except requests.exceptions.RequestException as error:
            tally.failed(error, f"{case.method} {case.path} {case.body!r}")
        else:
            tally.answered(answer.status_code, f"{case.method} {case.path} {case.body!r}")
            _describe(tally, case, answer)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            one()
        except Exception as error:
            if "nsatisfiable" not in type(error).__name__:
                raise


def _describe(tally: Tally, case: Any, answer: requests.Response) -> None:
    """Hold the answer against what the schema says of it."""
    try:
        case.validate_response(answer, checks=DESCRIBED)
    except FailureGroup as error:
        what = "; ".join(f"{one.title}: {one.message}" for one in error.exceptions)
        tally.wrong.append(f"{case.method} {case.path} {case.body!r}: {what}"[:600])


def by_hand(farm: Farm, chance: Random, seconds: float) -> Tally:
    """Bodies that are no JSON, queries that mean nothing, methods that nobody has."""
    tally, session = Tally("REST, by hand"), _session(farm)
    paths = [path.replace("/api/remote/", "") for path in _schema(farm)["paths"]]
    for _ in until(seconds):
        path = chance.choice(paths).replace("{id}", chance.choice(("1", "0", "99999", "x", "-1")))
        url, method = f"{farm.api_url}/{path.removeprefix('/')}", chance.choice(METHODS)
        match chance.randrange(4):
            case 0:
                kind = chance.choice(KINDS)
                body = chance.choice((*BODIES, noise(chance)))
                tally.ask(session, method, url, data=body, headers={"Content-Type": kind})
            case 1:
                words = ("search", "limit", "cursor", "ordering", "since", "tag", "batch", "x")
                query = {chance.choice(words): text(chance).encode("utf-8", "replace")}
                tally.ask(session, method, url, params=query)
            case 2:
                url = f"{farm.api_url}/imports?preview=1"
                tally.ask(session, "POST", url, json=_a_sheet(chance))
            case _:
                names = ("payload", "payloads", "text", "weight_kg", "at", "pen_id", "animals")
                tally.ask(session, method, url, json=_json(chance, names))
    return tally


def _a_sheet(chance: Random) -> dict[str, str]:
    """A sheet with a cell, or a header, of a page."""
    part = "".join(chance.choice(OF_CELLS) for _ in range(chance.randint(1, 3)))
    page = chance.choice(OF_CELLS) + part * (40_000 // len(part)) + chance.choice(OF_CELLS)
    cells = ["EID", "Weight", "Date", "Time", "LF1", "350", "2026-11-20", "10:15"]
    cells[chance.randrange(len(cells))] = page
    text = "\n".join(map(";".join, (cells[:4], cells[4:])))
    kind = chance.choice(("animals", "weights", "treatments"))
    return {"kind": kind, "data": base64.b64encode(text.encode()).decode()}


def _json(chance: Random, names: tuple[str, ...]) -> Any:
    """What `json` can write: a surrogate on its own goes as its escape."""
    if chance.random() < 0.2:
        return value(chance)
    return {chance.choice(names): value(chance) for _ in range(chance.randint(1, 4))}


def _session(farm: Farm) -> requests.Session:
    session = requests.Session()
    session.headers["X-API-Key"] = farm.account["api_key"]
    session.verify, session.trust_env = farm.certificate, False
    return session
