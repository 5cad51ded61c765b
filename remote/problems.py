"""The Pi's refusals as RFC 9457 has them: one table of codes for answers, schema and docs."""

from http import HTTPStatus
from typing import Any, Final, NamedTuple

PROBLEM_JSON: Final = "application/problem+json"
PLAIN_JSON: Final = "application/json"
PLACE: Final = "/api/problems"  # the page of all of them


class Problem(NamedTuple):
    status: int
    title: str


PROBLEMS: Final[dict[str, Problem]] = {
    "parse_error": Problem(400, "The body is not the JSON or the form that it says it is."),
    "invalid": Problem(400, "A field or a parameter is missing, unknown or wrong: see `fields`."),
    "bad_value": Problem(400, "A value cannot be right."),
    "bad_tag": Problem(400, "A text is no tag, or holds more than a tag."),
    "reason_needed": Problem(400, "This change needs a reason."),
    "nothing_to_change": Problem(400, "Nothing was given that would change."),
    "out_of_range": Problem(400, "A number or a time is beyond what can be stored."),
    "bad_host": Problem(400, "The Pi is not known by the name that was asked for."),
    "bad_request": Problem(400, "The request cannot be understood."),
    "not_authenticated": Problem(401, "No key was given, and nobody is signed in."),
    "authentication_failed": Problem(401, "Who asks cannot be told."),
    "bad_key": Problem(401, "The key is unknown, revoked or expired."),
    "bad_credentials": Problem(401, "Name or password is wrong."),
    "code_needed": Problem(401, "The account has a second factor: give a code too."),
    "bad_code": Problem(401, "The code is wrong, or was used already."),
    "permission_denied": Problem(403, "The key or the person may not do this."),
    "not_found": Problem(404, "There is no such path or row."),
    "unknown_animal": Problem(404, "There is no such animal."),
    "unknown_place": Problem(404, "There is no such batch or pen."),
    "unknown_weight": Problem(404, "There is no such weight."),
    "unknown_session": Problem(404, "There is no such session."),
    "unknown_scale_step": Problem(404, "No such day of a scale is known."),
    "unknown_product": Problem(404, "There is no such product."),
    "unknown_treatment": Problem(404, "There is no such treatment."),
    "unknown_work_mark": Problem(404, "There is no such mark of a work item."),
    "unknown_pull": Problem(404, "There is no such pull."),
    "unknown_shipment": Problem(404, "There is no such shipment."),
    "unknown_change": Problem(404, "There is no such change."),
    "unknown_payload": Problem(404, "There is no such payload."),
    "no_such_person": Problem(404, "The Pi knows nobody of this name, or the account is closed."),
    "method_not_allowed": Problem(405, "This path does not know the method."),
    "not_acceptable": Problem(406, "The answer has none of the forms that were asked for."),
    "name_taken": Problem(409, "Another one bears this name."),
    "changed_since": Problem(409, "Somebody else changed what was seen: see `now`."),
    "pen_full": Problem(409, "The pen has no room."),
    "pen_in_use": Problem(409, "Animals stand in the pen."),
    "source_in_use": Problem(409, "Another open session listens to the source."),
    "in_shipment": Problem(409, "Some of the animals are in another shipment."),
    "wrong_state": Problem(409, "The shipment is not planned, loading or shipped, as this needs."),
    "has_left": Problem(409, "Some of the animals have left in another way."),
    "not_clear": Problem(409, "An animal would leave before it is clear: see `not_clear`."),
    "status_differs": Problem(409, "One of the animals has left: say whose status counts."),
    "already_pulled": Problem(409, "The animal was pulled before, and is not back yet."),
    "not_on_feed": Problem(409, "The animal is not in the feedlot."),
    "tag_conflict": Problem(409, "Another animal bears the tag."),
    "no_conflict": Problem(409, "The payload is in no conflict, or not in this one any more."),
    "not_in_error": Problem(409, "The payload is not in error."),
    "undo_impossible": Problem(409, "Something was done since that taking this back would lose."),
    "import_begun": Problem(409, "The import is being written, or has ended."),
    "unknown_cursor": Problem(410, "The cursor is of another journal: load a new snapshot."),
    "pruned": Problem(410, "What followed the cursor is not kept: load a new snapshot."),
    "length_required": Problem(411, "The body came without a Content-Length."),
    "too_large": Problem(413, "The body is too large."),
    "unsupported_media_type": Problem(415, "Bodies of this kind are not taken here."),
    "rows_refused": Problem(422, "Rows of the sheet cannot be taken: see `errors`."),
    "idempotency_key_reused": Problem(422, "The Idempotency-Key was used for another request."),
    "throttled": Problem(429, "Too many tries: wait as long as Retry-After says."),
    "internal": Problem(500, "HexaBrand itself failed."),
    "busy": Problem(503, "The Pi is busy: try again as soon as Retry-After says."),
    "unavailable": Problem(503, "The Pi cannot use its database or its backups at the moment."),
    "disk_full": Problem(507, "The Pi's disk is full."),
}
CODES: Final = [(code, one.title) for code, one in PROBLEMS.items()]


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """Return the body of a refusal; `more` are further members."""
    known, place = PROBLEMS.get(code), f"{PLACE}#{code}"
    if known is None:
        known, place = Problem(status, HTTPStatus(status).phrase), "about:blank"
    told = {"type": place, "title": known.title, "status": status}
    return {**told, "detail": detail, "code": code, **more}


def media_type(accepted: str) -> str:
    """Return what a problem is sent as to whoever accepts this: a client that names plain JSON
    alone may know no other, and the body is the same."""
    is_older = PLAIN_JSON in accepted and PROBLEM_JSON not in accepted
    return PLAIN_JSON if is_older else PROBLEM_JSON
