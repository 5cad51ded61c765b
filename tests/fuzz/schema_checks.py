"""Schemathesis' two checks of requests, but for the rules that OpenAPI cannot state.

docs/protocol.md lists these rules, with the reasons.
"""

from typing import Any, Final

import schemathesis
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from remote.problems import PROBLEM_JSON

# Refusals of a request that is well formed: they depend on what the herd is, or on other requests.
BY_THE_HERD: Final = frozenset(
    {
        "bad_tag",
        "bad_value",
        "idempotency_key_reused",
        "nothing_to_change",
        "out_of_range",
        "pruned",
        "reason_needed",
        "rows_refused",
        "unknown_cursor",
    }
)
# Fields of which what is well formed may be wrong all the same: a position is one of a list that
# was read, a sheet is a file, how a session sorts is any object, a name is percent-encoded,
# a webhook's body is as its server makes it.
BY_THEIR_TEXT: Final = frozenset({"cursor", "data", "tasks", "X-Office-User"})
TOO_LARGE: Final = 413
OF_A_WEBHOOK: Final = frozenset({"body", "payload", "payloads"})


@schemathesis.check
def well_formed_is_taken(context: Any, response: Any, case: Any) -> bool | None:
    is_problem = PROBLEM_JSON in response.headers.get("content-type", ("",))[0]
    if is_problem and _is_unsayable(response.json(), case):
        return None
    return positive_data_acceptance(context, response, case)


@schemathesis.check
def malformed_is_refused(context: Any, response: Any, case: Any) -> bool | None:
    if _is_intake(case) and (case.query or {}).get("event", "up") != "up":
        return None  # another event of a LoRaWAN server: whatever it holds is not read
    if response.status_code == TOO_LARGE:
        return None  # refused before anybody reads what it holds
    return negative_data_rejection(context, response, case)


def _is_unsayable(problem: Any, case: Any) -> bool:
    if problem["code"] in BY_THE_HERD:
        return True
    wrong = set(problem.get("fields", ()))
    return bool(wrong) and wrong <= BY_THEIR_TEXT | (OF_A_WEBHOOK if _is_intake(case) else set())


def _is_intake(case: Any) -> bool:
    return (case.method, case.path) == ("POST", "/api/remote/payloads")
