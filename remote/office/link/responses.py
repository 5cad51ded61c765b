"""What comes back from the Pi's REST, and what it means."""

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from remote.office.link.errors import PiRefused
from remote.office.mirror.tables import Row


def was_connected(error: requests.RequestException) -> bool:
    """Whether anybody was met: a port that refuses is a Pi that is being started."""
    if isinstance(error, requests.ConnectTimeout):
        return False
    cause = error.args[0] if error.args else None
    return not (isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError))


def object_of(answer: requests.Response) -> Row:
    """Return the answer's JSON object; raise PiRefused where it is none."""
    try:
        row = answer.json()
    except requests.JSONDecodeError:
        row = None
    if not isinstance(row, dict):
        raise PiRefused(answer.status_code, "not_understood", "The Pi's answer cannot be read.")
    return row


def refusal_of(answer: requests.Response) -> PiRefused:
    """Return what the Pi said when it did not do what was asked, as an error for the person who
    asked."""
    status = answer.status_code
    if 300 <= status < 400:
        detail = "A redirect came from the Pi's address; it is not followed."
        return PiRefused(status, "redirect", detail)
    try:
        row = object_of(answer)
    except PiRefused:
        row = {}
    wait = answer.headers.get("Retry-After", "")
    return PiRefused(
        status,
        code=str(row.get("code", "refused")),
        detail=str(row.get("detail", f"The Pi refused with status {status}.")),
        retry_after=float(wait) if wait.isascii() and wait.isdigit() else None,
        body=row,
    )
