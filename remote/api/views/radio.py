"""The radio log over REST: payloads in, payloads out, trying again."""

import time
from collections.abc import Sequence
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from herd.storage import journal
from herd.storage.journal import REQUEST_TIMEOUT
from lora.framing.frames import Frame, FrameError
from lora.framing.readers import read_body
from lora.framing.webhooks import read_webhook
from lora.intake import Heard, store
from lora.models import LoRaPayload, Source
from lora.retry import retry_one
from remote.api import filters, payload_inputs
from remote.api import schema_serializers as schemas
from remote.api.authentication import Caller
from remote.api.changes import ChangeView, recall, remember, repeatable
from remote.api.parsers import BytesParser, ProtobufParser
from remote.api.serializers import payload_shape
from remote.api.views.base import HerdDetail, HerdList, valid
from remote.wire import Cursor

EVENT = OpenApiParameter("event", str, description="As ChirpStack appends it: `up` and others.")


class PayloadList(HerdList):
    queryset = LoRaPayload.objects.all()
    serializer_class = schemas.PayloadSerializer
    input_class = payload_inputs.IntakeSerializer
    filterset_class = filters.PayloadFilter
    orderings = ("received_at",)
    scope = "ingest"
    parameters = {"POST": frozenset({"event"})}
    body_limit = 1024 * 1024
    parser_classes = [*HerdList.parser_classes, BytesParser, ProtobufParser]
    takes = (
        'a JSON object such as {"payload": "hxb:B1:…"} (Content-Type: application/json), the bytes'
        " of a device (application/octet-stream) or ChirpStack's Protobuf (application/x-protobuf)"
    )

    @extend_schema(
        parameters=[EVENT],
        request={
            "application/json": payload_inputs.IntakeSerializer,
            "application/octet-stream": OpenApiTypes.BINARY,
            "application/x-protobuf": OpenApiTypes.BINARY,
        },
        responses={
            201: schemas.StoredSerializer,
            200: OpenApiResponse(
                schemas.StoredSerializer, "Another event of a server's, or an uplink pruned since."
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Store payloads; answer once they are on the disk, with their rows.

        A body may bring 1,000 readings. Of lines that cannot be one the first eight have rows, and
        one more counts the rest.
        """
        source, now = _source(request), time.monotonic_ns()
        is_repeatable, frames = bool(repeatable(request).key), _frames(request)
        if not frames:
            return Response({"data": []})
        heard = [Heard(frame, _sender(source, frame), now) for frame in frames]
        if not is_repeatable:
            return self._stored(heard)
        with journal.writing(REQUEST_TIMEOUT):  # the rows and the answer for a repeat, together
            if first := recall(request):
                return Response(first.body, first.status)
            answer = self._stored(heard)
            remember(request, answer.data, answer.status_code)
        return answer

    def _stored(self, heard: list[Heard]) -> Response:
        rows = store(heard, timeout=REQUEST_TIMEOUT)
        self.cursor = str(Cursor(*journal.newest()))  # by the writer's own connection
        data = [schemas.PayloadSerializer(row).data for row in rows]
        return Response({"data": data}, 201 if data else 200)


def _source(request: Request) -> str:
    caller = request.user
    name = caller.prefix if isinstance(caller, Caller) else caller.get_username()
    return f"http:{name}"


def _sender(source: str, frame: Frame) -> str:
    """Return the source of a frame, with the device behind the server that sent it."""
    return (f"{source}#{frame.address}" if frame.address else source)[:120]


def _frames(request: Request) -> Sequence[Frame]:
    body: Any = request.data
    try:
        uplinks = read_webhook(body, request.query_params.get("event"))
    except FrameError as error:
        raise exceptions.ValidationError({"body": [str(error)]}, error.code) from error
    if uplinks is not None:
        return uplinks
    # Not by `valid`: an unknown field beside a payload is no reason to lose the payload.
    intake = payload_inputs.IntakeSerializer(data=body)
    intake.is_valid(raise_exception=True)
    given = intake.validated_data
    texts = given["payloads"] if "payloads" in given else [given["payload"]]
    return _read(texts)


def _read(texts: Sequence[str]) -> Sequence[Frame]:
    try:
        return read_body([text.encode("utf-8", "surrogatepass") for text in texts])
    except FrameError as error:
        raise exceptions.ValidationError({"payloads": [str(error)]}, error.code) from error


class PayloadDetail(HerdDetail):
    queryset = LoRaPayload.objects.all()
    serializer_class = schemas.PayloadSerializer


class PayloadRetry(ChangeView):
    input_class = payload_inputs.RetrySerializer

    @extend_schema(
        request=payload_inputs.RetrySerializer, responses={202: schemas.PayloadSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Hand a payload in error to the worker again, corrected where a text is given."""
        text = valid(payload_inputs.RetrySerializer, request).get("text")
        return self.run_operation(
            request,
            lambda unit: retry_one(unit, pk, text),
            lambda _, payload: payload_shape(payload),
            202,
        )


class SourceList(HerdList):
    queryset = Source.objects.all()
    serializer_class = schemas.SourceSerializer
    filter_backends = []
