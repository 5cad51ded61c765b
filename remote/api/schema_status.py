"""How OpenAPI has what the Pi tells of itself: status, health, backups."""

from typing import Any, Final

from rest_framework import serializers

from remote.api.schema_answers import PageSerializer
from remote.api.schema_serializers import SourceSerializer

_NULL: Final[dict[str, Any]] = {"allow_null": True}


class BackupSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    bytes = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    release = serializers.CharField(allow_null=True)
    sha256 = serializers.CharField(allow_null=True)


class BackupsSerializer(PageSerializer):
    data = BackupSerializer(many=True)  # type: ignore[assignment]  # see above


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(["ok", "unavailable"])
    reasons = ReasonSerializer(many=True, required=False)
    warnings = ReasonSerializer(many=True)


def _made(name: str, /, **members: Any) -> Any:  # noqa: ANN401 - a class made here
    """Return a serializer of these members."""
    return type(f"{name}Serializer", (serializers.Serializer,), members)


def _number(**more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(**more)


def _text(**more: Any) -> serializers.CharField:
    return serializers.CharField(allow_blank=True, **more)


def _counts(*names: str) -> dict[str, serializers.IntegerField]:
    return {name: _number() for name in names}


_SILENCE: Final = _made("Silence", alive_seconds_ago=serializers.FloatField(**_NULL))
_FAILURE: Final = _made("Failure", at=serializers.DateTimeField(**_NULL), reason=_text())
_GAP: Final = _made(
    "Gap", after=_text(), before=_text(), count=_number(), noticed_at=serializers.DateTimeField()
)
_SCALE: Final = _made(
    "ScaleTrouble",
    source=_text(),
    day=serializers.DateField(),
    animals=_number(),
    trouble=serializers.ChoiceField(["adjusted", "fault"]),
    part=serializers.FloatField(**_NULL),
    detail=_text(),
)
_LEFT_EARLY: Final = _made(
    "LeftEarly",
    cattle_id=_number(),
    name=_text(),
    status=serializers.ChoiceField(["exported", "sold"]),
    left_on=serializers.DateField(),
    clear_on=serializers.DateField(),
)
_BACKLOG: Final = _made(
    "Backlog",
    count=_number(),
    oldest_at=serializers.DateTimeField(**_NULL),
    age_seconds=serializers.FloatField(**_NULL),
    eta_seconds=serializers.FloatField(**_NULL),
)
_DISK: Final = _made(
    "Disk",
    **_counts("free_bytes", "total_bytes", "reserve_bytes"),
    refusing=serializers.BooleanField(),
)
_DATABASE: Final = _made(
    "Database", engine=_text(), warning=_text(), bytes=_number(**_NULL), wal_bytes=_number(**_NULL)
)
_BACKUP_STATUS: Final = _made(
    "BackupStatus",
    folder=_text(),
    count=_number(),
    newest_at=serializers.DateTimeField(**_NULL),
    age_seconds=serializers.FloatField(**_NULL),
    proved_at=serializers.DateTimeField(**_NULL),
    failed=_FAILURE(**_NULL),
)
_CERTIFICATE: Final = _made(
    "Certificate",
    expires_at=serializers.DateTimeField(),
    fingerprint=_text(),
    days_left=_number(),
)
_VERSIONS: Final = _made(
    "Versions", **{name: _text() for name in ("hexabrand", "python", "django", "sqlite")}
)
_COUNTS: Final = _made("Counts", **_counts("batches", "batches_open", "cattle", "pens", "payloads"))
_HOUR: Final = _made("HeardInHour", hour=serializers.DateTimeField(), count=_number())
_TODAY: Final = _made("PayloadsToday", **_counts("received", "processed", "duplicate", "error"))


_TURNED_BACK: Final = _made(
    "TurnedBack",
    cattle_id=_number(),
    name=_text(),
    kind=serializers.ChoiceField(["lf", "uhf"]),
    tag=_text(help_text="Which was taken off."),
    given=_text(help_text="Who had put it on."),
    at=serializers.DateTimeField(),
)


class StatusSerializer(serializers.Serializer[Any]):
    server_time = serializers.DateTimeField()
    cursor = serializers.CharField()
    versions = _VERSIONS()
    counts = _COUNTS()
    payloads_today = _TODAY()
    heard_by_hour = _HOUR(many=True)
    backlog = _BACKLOG()
    health = HealthSerializer()
    sources = SourceSerializer(many=True)
    disk = _DISK()
    database = _DATABASE()
    restored = serializers.DictField(**_NULL, help_text="When and from which backup.")
    alerts = _made("AlertStatus", trouble=_text())()
    processes = _made("Processes", receiver=_SILENCE(), worker=_SILENCE())()
    spill = _made("Spill", frames=_number())()
    backup = _BACKUP_STATUS()
    clock = _made("ClockStatus", synchronised=serializers.BooleanField(**_NULL))()
    certificate = _CERTIFICATE(**_NULL)
    gaps = _made("Gaps", count=_number(), latest=_GAP(many=True))()
    scales = _SCALE(many=True)
    left_early = _LEFT_EARLY(many=True)
    turned_back = _TURNED_BACK(many=True)
