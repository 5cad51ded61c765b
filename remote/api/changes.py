"""One way for every change that comes over REST: the writers' queue, one operation, its answer.

With `?preview=1` the operation runs and is taken back: the answer says what would be. With an
`Idempotency-Key` a repeated request gets the first answer again.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from rest_framework import exceptions, serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from herd import stale_edits
from herd.concurrency import carry_out
from herd.errors import HerdError
from herd.storage import journal
from herd.unit_of_work import UnitOfWork
from remote.api.authentication import actor_of, may_override
from remote.api.models import LONGEST_KEY, IdempotentResponse
from remote.api.parameters import flag
from remote.api.serializers import Shape
from remote.api.views.base import HerdDetail, HerdView, Refused, valid
from remote.problems import PROBLEMS, problem
from remote.wire import IDEMPOTENCY_HEADER, Cursor

T = TypeVar("T")

PREVIEW = "preview"
KEPT, TIMEOUT = timedelta(days=7), journal.REQUEST_TIMEOUT


class ChangeView(HerdView):
    """A view whose methods change the herd by `run_operation`."""

    by_lookups = False  # whether its operations read the herd by the unit's look-ups alone

    def known_parameters(self, method: str) -> frozenset[str]:
        known = super().known_parameters(method)
        return known if method in SAFE_METHODS else known | {PREVIEW}

    def run_operation(
        self,
        request: Request,
        operate: Callable[[UnitOfWork], T],
        shape: Callable[[UnitOfWork, T], Shape],
        status: int = 200,
    ) -> Response:
        """Carry out one operation; `shape` makes the answer of what it returned, from memory."""
        preview = is_preview(request)
        body: dict[str, Any] = {"preview": True} if preview else {}

        def finish(unit: UnitOfWork, made: T) -> None:
            body.update(shape(unit, made))
            if not preview:
                self._keep_answer(request, body, status)

        try:
            think = partial(self._think, request, operate)
            carry_out(actor_of(request), think, TIMEOUT, preview=preview, finish=finish)
        except _Repeated as repeated:
            return Response(repeated.first.body, repeated.first.status)
        except HerdError as error:
            return refusal(error)
        return Response(body, 200 if preview else status)

    def _think(self, request: Request, operate: Callable[[UnitOfWork], T], unit: UnitOfWork) -> T:
        _raise_first(request)
        unit.by_lookups = self.by_lookups
        return operate(unit)

    def _keep_answer(self, request: Request, body: Shape, status: int) -> None:
        _raise_first(request)  # the same request may have been written while this one thought
        remember(request, body, status)
        self.cursor = str(Cursor(*journal.newest()))


class EditView(ChangeView, HerdDetail):
    """A view of one row, whose `patch` edits it by `run_edit`."""

    def run_edit(
        self,
        kind: type[serializers.Serializer[Any]],
        find: Callable[[UnitOfWork], T],
        edit: Callable[[UnitOfWork, T, Mapping[str, Any], datetime], T],
        shape: Callable[[UnitOfWork, T], Shape],
    ) -> Response:
        """Edit the row that `find` returns, if it still is as the person saw it."""
        given = valid(kind, self.request, partial=True)

        def operate(unit: UnitOfWork) -> T:
            row = find(unit)
            return edit(unit, row, reject_stale(given, shape(unit, row)), timezone.now())

        return self.run_operation(self.request, operate, shape)


def reject_stale(given: Mapping[str, Any], now: Shape) -> dict[str, Any]:
    """Return what is to be changed. Raise ChangedSince where it is not as it was `seen`."""
    fields = {name: value for name, value in given.items() if name != "seen"}
    stale_edits.reject_stale(fields, given.get("seen", {}), now)
    return fields


def override_of(request: Request, given: Mapping[str, Any]) -> str:
    """Return why animals may leave before they are clear. Raise PermissionDenied for a caller who
    may not say so."""
    override = str(given.get("override", "")).strip()
    if override and not may_override(request.user):
        sentence = "Only a person who is a manager or an administrator may let them leave."
        raise exceptions.PermissionDenied(sentence)
    return override


def is_preview(request: Request) -> bool:
    return flag(request, PREVIEW)


def refusal(error: HerdError) -> Response:
    known = PROBLEMS.get(error.code)
    status = known.status if known else 409
    fields = {"fields": {error.field: [str(error)]}} if error.field else {}
    return Response(problem(status, error.code, str(error), **error.more(), **fields), status)


class _Repeated(Exception):
    """The request was answered before."""

    def __init__(self, first: IdempotentResponse) -> None:
        super().__init__()
        self.first = first


def _raise_first(request: Request) -> None:
    if first := recall(request):
        raise _Repeated(first)


def recall(request: Request) -> IdempotentResponse | None:
    """Return what this request was answered before. Raise Refused for another one with its key."""
    if not (key := _key(request)):
        return None
    found = IdempotentResponse.objects.filter(key=key, actor=actor_of(request)).first()
    if found is not None and found.request != _digest(request):
        sentence = "This Idempotency-Key was used for another request."
        raise Refused(422, "idempotency_key_reused", sentence)
    return found


class Repeatable(NamedTuple):
    """What a request is known by when it comes again; without a key it is not."""

    key: str
    actor: str
    digest: str

    def keep(self, body: Shape, status: int) -> None:
        """Keep the answer for a repeat; call it in the transaction of the change."""
        if not self.key:
            return
        now = timezone.now()
        # Here, in a transaction that writes anyway: no job of its own need look for old ones.
        IdempotentResponse.objects.filter(made_at__lt=now - KEPT).delete()
        # As it is sent: a repeat must get the same decimals and times as the first request.
        plain = json.loads(json.dumps(body, cls=DjangoJSONEncoder))
        IdempotentResponse.objects.create(
            key=self.key,
            actor=self.actor,
            request=self.digest,
            status=status,
            body=plain,
            made_at=now,
        )


def repeatable(request: Request) -> Repeatable:
    key = _key(request)
    return Repeatable(key, actor_of(request), _digest(request) if key else "")


def remember(request: Request, body: Shape, status: int) -> None:
    repeatable(request).keep(body, status)


def _key(request: Request) -> str:
    key = request.headers.get(IDEMPOTENCY_HEADER, "")
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise exceptions.ValidationError(
            {IDEMPOTENCY_HEADER: [f"At most {LONGEST_KEY} printable characters of ASCII."]}
        )
    return key


def _digest(request: Request) -> str:
    """Return a hash of what was asked, the same whatever the order of its fields."""
    asked = json.dumps(
        [request.method, request.get_full_path(), request.data], sort_keys=True, default=str
    )
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()
