"""Which engines are warned of, and what was heard by the hour."""

from datetime import UTC, datetime, timedelta

import pytest

from lora.models import LoRaPayload
from remote.api.status import engine_warning, heard_by_hour
from tests.remote.api.rows import a_payload


@pytest.mark.parametrize(
    "version", [(3, 51, 3), (3, 52, 0), (3, 44, 6), (3, 44, 9), (3, 50, 7), (4, 0, 0)]
)
def test_a_mended_engine_is_not_warned_of(version: tuple[int, int, int]) -> None:
    assert engine_warning(version) == ""


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 44, 5), (3, 45, 9), (3, 50, 6), (3, 51, 2)])
def test_an_engine_with_the_bug_is_named(version: tuple[int, int, int]) -> None:
    assert ".".join(map(str, version)) in engine_warning(version)


@pytest.mark.django_db
def test_what_was_heard_is_told_by_the_hour() -> None:
    now = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    for hours in (0.2, 0.4, 0.6, 5, 23.5, 23.6, 30):
        pk = a_payload(f"hxb:LOT1:{hours}:").pk
        LoRaPayload.objects.filter(pk=pk).update(received_at=now - timedelta(hours=hours))
    told = {row["hour"]: row["count"] for row in heard_by_hour(now)}
    assert next(iter(told)) == "2026-11-19T11:00:00Z"
    assert list(told)[-1] == "2026-11-20T10:00:00Z"
    assert {hour: count for hour, count in told.items() if count} == {
        "2026-11-19T11:00:00Z": 1,
        "2026-11-20T05:00:00Z": 1,
        "2026-11-20T09:00:00Z": 1,
        "2026-11-20T10:00:00Z": 2,
    }
