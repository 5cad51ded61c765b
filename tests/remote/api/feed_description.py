"""What the AsyncAPI document says of the feed, to hold against what is sent."""

from functools import cache
from typing import Any

import jsonschema_rs
import yaml

from remote.api.views.asyncapi import DOCUMENT


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text())
    return found


@cache
def validator(message: str) -> jsonschema_rs.Draft7Validator:
    payload = document()["components"]["messages"][message]["payload"]
    # Beside the components, to which its references point.
    schema = payload | {"components": document()["components"]}
    return jsonschema_rs.Draft7Validator(schema, validate_formats=True)


def assert_described(frame: Any) -> None:
    """A frame of the feed, one message or a list of events, is as the document says."""
    message = "events" if isinstance(frame, list) else str(frame.get("type"))
    assert message in document()["channels"]["events"]["messages"], frame
    problems = [error.message for error in validator(message).iter_errors(frame)]
    assert problems == [], (frame, problems)
