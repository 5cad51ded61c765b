"""What a body is read as: JSON in any spelling of Unicode, or bytes as they are."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser


class UnicodeJSONParser(JSONParser):
    """Reads JSON with a byte order mark too, and in UTF-16 and UTF-32, as some programs on Windows
    send it; says in words what it cannot read."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - as its parent
        text = _text(stream.read(), parser_context or {})
        try:
            return json.loads(text, parse_constant=_no_number)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deep.") from error
        except json.JSONDecodeError as error:
            raise ParseError(f"The JSON cannot be read: {error}.") from error
        except ValueError as error:  # Python's bound on the digits of a number
            raise ParseError("The JSON holds a number of thousands of digits.") from error


class BytesParser(BaseParser):
    """Gives the view what was sent as it is."""

    media_type = "application/octet-stream"

    def parse(self, stream: IO[Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - it names only forms
        return bytes(stream.read())


class ProtobufParser(BytesParser):
    media_type = "application/x-protobuf"


def _text(body: bytes, context: Mapping[str, Any]) -> str:
    # Where Content-Type names no charset, the first bytes tell it.
    charset = getattr(context.get("request"), "encoding", None) or json.detect_encoding(body)
    try:
        return body.decode(charset).removeprefix("\ufeff")
    except UnicodeError as error:
        raise ParseError(f"The body is no text in {charset.upper()}: send UTF-8.") from error


def _no_number(name: str) -> NoReturn:
    raise ParseError(f"The JSON holds {name}, which is no number; null means none.")
