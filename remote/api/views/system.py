"""The Pi itself over REST: status, health, metrics, snapshot, events, sign-in."""

from ipaddress import ip_address
from math import ceil
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.models import AbstractUser
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, permissions
from rest_framework.authentication import SessionAuthentication
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from remote.api import feed, metrics, second_factor, snapshot
from remote.api import schema_answers as answers
from remote.api import schema_serializers as schemas
from remote.api import schema_status as of_the_pi
from remote.api.authentication import (
    ApiKeyAuthentication,
    BearerKeyAuthentication,
    Caller,
    IsOffice,
    person_named,
    role_of,
)
from remote.api.events import read_messages, resync_reason
from remote.api.health import health
from remote.api.pagination import LIMIT, limit_of
from remote.api.people import stamp_of
from remote.api.schema import PERSON
from remote.api.status import status
from remote.api.views.base import HerdView, JsonToAnybody, Refused, valid
from remote.exposition import CONTENT_TYPE, exposed
from remote.problems import problem
from remote.throttle import login_throttle
from remote.wire import ADDRESS_HEADER, CURSOR_HEADER, START, BadCursor, Cursor

EVENTS_LIMIT = 500


class Status(HerdView):
    @extend_schema(responses=of_the_pi.StatusSerializer)
    def get(self, request: Request) -> Response:
        """Return counts, backlog, disk, database, clock, versions, certificate, sources."""
        return Response(status())


class _Lines(JSONRenderer):
    media_type = "application/x-ndjson"


class Snapshot(HerdView):
    renderer_classes = [JSONRenderer, _Lines]

    @extend_schema(
        responses={
            (200, "application/x-ndjson"): OpenApiTypes.STR,
        }
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Send every row with the cursor it stands for, one JSON object a line."""
        compressed = _takes_gzip(request.headers.get("Accept-Encoding", ""))
        client = getattr(request, "scope", {}).get("client")
        try:
            stream = snapshot.SnapshotStream(client, compressed=compressed)
        except snapshot.TooManySnapshots:
            busy = "Several snapshots are being read already; try again in a moment."
            raise Refused(503, "busy", busy, wait=5) from None
        answer = StreamingHttpResponse(stream, content_type="application/x-ndjson")
        if compressed:
            answer["Content-Encoding"] = "gzip"
        return answer


def _takes_gzip(accepted: str) -> bool:
    """Return whether `Accept-Encoding` names gzip, and not with the weight 0."""
    weights = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";q=")
        weights[name] = weight.strip("0.") != "" or not weight
    return weights.get("gzip", False)


class _RawJson(JSONRenderer):
    # Events come as bytes: they are serialised once, for REST and feed alike.
    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:  # noqa: ANN401 - the library names no type
        return data if isinstance(data, bytes) else super().render(data, *args, **kwargs)


class Events(HerdView):
    renderer_classes = [_RawJson]
    parameters = {"GET": frozenset({"since", "limit"})}
    refuses = (410,)

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "since",
                str,
                description="A cursor; absent: from the beginning.",
                pattern="^[0-9]{1,18}-[0-9a-f]{8}$",
            ),
            OpenApiParameter("limit", LIMIT, description=f"At most {EVENTS_LIMIT}."),
        ],
        responses=answers.EventsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Read the journal: `{"data": [event, …], "next": <cursor or null>}`. 410 means resync."""
        since, limit = _since(request), limit_of(request, EVENTS_LIMIT)
        reason = resync_reason(since) if "since" in request.query_params else None
        if reason is not None:
            return Response(problem(410, reason, "Load a new snapshot."), 410)
        messages = read_messages(since, limit)
        following = f'"{messages[-1].cursor}"' if len(messages) == limit else "null"
        texts = ",".join(message.text for message in messages if message.topic)
        body = f'{{"data":[{texts}],"next":{following},"total":null}}'
        return Response(body.encode())


def _since(request: Request) -> Cursor:
    try:
        return Cursor.parse(request.query_params.get("since", str(START)))
    except BadCursor as error:
        raise exceptions.ValidationError({"since": [str(error)]}) from error


class Login(HerdView):
    permission_classes = [IsOffice]  # with a key that only reads passwords could be guessed
    refuses = (429,)

    @extend_schema(request=schemas.LoginSerializer, responses={200: schemas.PersonSerializer})
    def post(self, request: Request) -> Response:
        asked = valid(schemas.LoginSerializer, request)
        name, password = asked["username"], asked["password"]
        who = name, _address_of(request), getattr(request.user, "prefix", "")
        if wait := login_throttle.enter(*who):
            seconds = ceil(wait)
            sentence = f"Too many wrong passwords or codes. Try again in {seconds} s."
            raise Refused(429, "throttled", sentence, seconds)
        person = authenticate(request, username=name, password=password)
        if not isinstance(person, AbstractUser):
            login_throttle.failed(*who)
            return Response(problem(401, "bad_credentials", "Name or password is wrong."), 401)
        if refused := second_factor.refusal_of(person, asked.get("code", "")):
            login_throttle.half_succeeded(*who)
            if refused.wait:
                raise Refused(429, refused.code, refused.sentence, refused.wait)
            return Response(problem(401, refused.code, refused.sentence), 401)
        login_throttle.succeeded(*who)
        return Response(_person(person))


class CurrentPerson(HerdView):
    refuses = (404,)
    permission_classes = [IsOffice]

    @extend_schema(
        parameters=[PERSON],
        responses=schemas.PersonSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return the person for whom an office asks, which ends the sessions of closed accounts."""
        person = person_named(getattr(request.user, "office_user", ""))
        if person is None:
            sentence = "The Pi knows nobody of this name."
            return Response(problem(404, "no_such_person", sentence), 404)
        return Response(_person(person))


def _address_of(request: Request) -> str:
    address = str(request.META.get("REMOTE_ADDR", ""))
    handed_on = request.headers.get(ADDRESS_HEADER, "")
    if not isinstance(request.user, Caller) or not handed_on:
        return address
    try:  # the browser behind an office, whose key vouches for it; else all of it were one address
        return f"{address} {ip_address(handed_on)}"
    except ValueError:
        return address


def _person(user: AbstractUser) -> dict[str, str]:
    return {
        "username": user.get_username(),
        "display_name": user.get_full_name() or user.get_username(),
        "role": role_of(user),
        "stamp": stamp_of(user),
    }


class Health(JsonToAnybody):
    authentication_classes = []
    permission_classes = [permissions.AllowAny]

    @extend_schema(responses={200: of_the_pi.HealthSerializer, 503: of_the_pi.HealthSerializer})
    def get(self, request: Request) -> Response:
        """Answer 200 where all is well, 503 with the reasons where not. No key is needed."""
        body = health()
        answer = Response(body, 200 if body["status"] == "ok" else 503)
        answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - asked every few seconds: its reasons are in the log already
        if hub := feed.running():
            answer[CURSOR_HEADER] = str(hub.cursor)  # the middleware would ask the database
        return answer


class Metrics(JsonToAnybody, HerdView):
    authentication_classes = [ApiKeyAuthentication, BearerKeyAuthentication, SessionAuthentication]

    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponse:
        """Return figures in Prometheus' text format; docs/metrics.md lists them."""
        return HttpResponse(exposed(metrics.read), content_type=CONTENT_TYPE)
