"""The Pi's backups over REST: for an office that keeps copies, and for nobody with less than all
rights, because a backup holds the whole farm and its keys."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import closing
from typing import IO, Any, Final

from django.conf import settings
from django.http import Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from remote.api.authentication import HasEveryRight
from remote.api.backups import backups, listed
from remote.api.snapshot import is_being_read
from remote.api.views.base import HerdView, JsonToAnybody
from remote.api.write_buffer import cut_off, meter_of

BLOCK: Final = 256 * 1024
FROM: Final = re.compile(r"bytes=(\d{1,15})-")


class Unreadable(exceptions.APIException):
    status_code = 503
    default_code = "unavailable"


class BackupList(HerdView):
    permission_classes = [HasEveryRight]

    @extend_schema(operation_id="remote_backups_list", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """List the backups, the newest first; `sha256` is null for one that this Pi did not make
        itself."""
        try:
            rows = listed(settings.BACKUP_DIR)
        except OSError as error:
            raise Unreadable(f"The Pi's backups cannot be read: {error}.") from error
        return Response({"data": rows, "next": None, "total": len(rows)})


class Backup(JsonToAnybody, HerdView):
    permission_classes = [HasEveryRight]

    @extend_schema(
        parameters=[
            OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="`bytes=n-`"),
        ],
        responses={
            (200, "application/gzip"): OpenApiTypes.BINARY,
            (206, "application/gzip"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, name: str) -> StreamingHttpResponse:
        """One backup as it lies on the disk, or the rest of it."""
        file = _opened(name)
        size = os.fstat(file.fileno()).st_size
        asked = FROM.fullmatch(request.headers.get("Range", ""))
        start = int(asked[1]) if asked and int(asked[1]) < size else 0
        client = getattr(request, "scope", {}).get("client")
        answer = StreamingHttpResponse(
            Reading(file, start, client),
            content_type="application/gzip",
            status=206 if start else 200,
        )
        answer["Content-Length"] = str(size - start)
        answer["Accept-Ranges"] = "bytes"
        if start:
            answer["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        return answer


def _opened(name: str) -> IO[bytes]:
    """Open a backup, found by comparing: what was asked for never becomes a path. One that is
    pruned meanwhile is 404 too."""
    try:
        return next(f for f in backups(settings.BACKUP_DIR) if f.name == name).open("rb")
    except (StopIteration, OSError) as error:
        raise Http404 from error


class Reading:
    """One client's backup, read no faster than it is taken; the file goes with the answer."""

    def __init__(self, file: IO[bytes], start: int, client: Any) -> None:  # noqa: ANN401 - ASGI's own pair
        self._file, self._client = file, client
        file.seek(start)

    def close(self) -> None:
        self._file.close()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        unsent = meter_of(self._client)
        with closing(self):
            while block := await asyncio.to_thread(self._file.read, BLOCK):
                if not await is_being_read(unsent):
                    cut_off(self._client)
                    return
                yield block
