"""The Pi's backups over REST, for an office that keeps copies."""

import asyncio
import os
import re
from collections.abc import AsyncGenerator
from typing import IO, Final

from django.conf import settings
from django.http import Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from remote.api.authentication import HasEveryRight
from remote.api.backups import backups, listed
from remote.api.flow_control import Client, PacedStream
from remote.api.schema_status import BackupsSerializer
from remote.api.views.base import HerdView, JsonToAnybody, Refused

BLOCK: Final = 256 * 1024
FROM: Final = re.compile(r"bytes=(\d{1,15})-")


class BackupList(HerdView):
    permission_classes = [HasEveryRight]  # a backup holds the whole farm and its keys

    @extend_schema(operation_id="backups_list", responses=BackupsSerializer)
    def get(self, request: Request) -> Response:
        """List the backups, the newest first; `sha256` is null for one from elsewhere."""
        try:
            rows = listed(settings.BACKUP_DIR)
        except OSError as error:
            sentence = f"The Pi's backups cannot be read: {error}."
            raise Refused(503, "unavailable", sentence) from error
        return Response({"data": rows, "next": None, "total": len(rows)})


class Backup(JsonToAnybody, HerdView):
    permission_classes = [HasEveryRight]

    @extend_schema(
        parameters=[
            OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="`bytes=n-`")
        ],
        responses={
            (200, "application/gzip"): OpenApiTypes.BINARY,
            (206, "application/gzip"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, name: str) -> StreamingHttpResponse:
        """Send a backup as it lies on the disk, or the rest of it."""
        file = _opened(name)
        size = os.fstat(file.fileno()).st_size
        asked = FROM.fullmatch(request.headers.get("Range", ""))
        start = int(asked[1]) if asked and int(asked[1]) < size else 0
        client = getattr(request, "scope", {}).get("client")
        answer = StreamingHttpResponse(
            BackupStream(file, start, client),
            content_type="application/gzip",
            status=206 if start else 200,
        )
        answer["Content-Length"] = str(size - start)
        answer["Accept-Ranges"] = "bytes"
        if start:
            answer["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        return answer


def _opened(name: str) -> IO[bytes]:
    try:  # found by comparing: what was asked for never becomes a path
        return next(f for f in backups(settings.BACKUP_DIR) if f.name == name).open("rb")
    except (StopIteration, OSError) as error:  # no such one, or pruned meanwhile
        raise Http404 from error


class BackupStream(PacedStream):
    """One client's backup from `start` on; the file is closed with the answer."""

    def __init__(self, file: IO[bytes], start: int, client: Client) -> None:
        super().__init__(_blocks(file, start), client)
        self._file = file

    def close(self) -> None:
        self._file.close()


async def _blocks(file: IO[bytes], start: int) -> AsyncGenerator[bytes, None]:
    file.seek(start)
    while block := await asyncio.to_thread(file.read, BLOCK):
        yield block
