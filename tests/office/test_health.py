"""The office's health: 503 while nobody can trust what it shows."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from remote.office import pulled_backups
from remote.office.link.link_errors import DATABASE_AWAY, DatabaseAway, link_error_of
from remote.office.live.link_status import LinkStatus
from remote.office.metrics import health_of
from remote.office.mirror.mirror import LinkState, Mirror
from remote.office.sample import status as status_with
from tests.office.filled import HERD, fill, here


def linked(state: str, **more: bool) -> Mirror:
    mirror = Mirror()
    fill(mirror, HERD)
    mirror.set_link(LinkState(state, None, "at 10.0.0.9:5001", **more))  # type: ignore[arg-type]
    return mirror


def codes(mirror: Mirror) -> tuple[str, list[str], list[str]]:
    told = health_of(mirror)
    assert "10.0.0.9" not in str(told)
    reasons, warnings = told.get("reasons", []), told["warnings"]
    return told["status"], [r["code"] for r in reasons], [w["code"] for w in warnings]


def test_a_link_that_is_down_is_told_and_a_short_break_is_a_warning() -> None:
    assert codes(linked("live")) == ("ok", [], [])
    assert codes(linked("away")) == ("unavailable", ["link_away"], [])
    assert codes(linked("reconnecting")) == ("ok", [], ["link_reconnecting"])
    assert codes(Mirror()) == ("unavailable", ["no_copy"], [])


@pytest.mark.parametrize(
    ("state", "code"), [("live", "stale"), ("reconnecting", "link_reconnecting")]
)
def test_a_copy_that_has_grown_old_is_told_whatever_the_link_says(state: str, code: str) -> None:
    now = [0.0]
    mirror = Mirror(lambda: now[0])
    fill(mirror, HERD)
    mirror.set_link(LinkState(state, None, ""))  # type: ignore[arg-type]
    now[0] = 30.0
    assert codes(mirror) == ("unavailable", [code], [])


def test_what_the_pi_says_of_itself_is_handed_on_as_a_warning() -> None:
    mirror = linked("live")
    reason = {"code": "worker_stopped", "detail": "The worker does not run: what is heard waits."}
    warning = {"code": "backup_old", "detail": "The Pi's newest backup is 40 hours old."}
    health = {"status": "unavailable", "reasons": [reason], "warnings": [warning]}
    mirror.status = status_with([], health=health)
    assert codes(mirror) == ("ok", [], ["worker_stopped", "backup_old"])


def test_copies_of_the_pis_backups_that_fail_or_are_old_are_warnings(
    tmp_path: Path, settings: Settings
) -> None:
    settings.HEXABRAND_STATE_DIR = tmp_path
    record, at = tmp_path / pulled_backups.RECORD, datetime.now(UTC)
    failed = {"at": at.isoformat(), "reason": "The Pi does not answer at 10.0.0.9:5001."}
    for told, wanted in [
        ({"at": at.isoformat()}, []),
        ({"at": (at - timedelta(hours=40)).isoformat()}, ["backup_copy_old"]),
        ({"at": at.isoformat(), "failed": failed}, ["backup_copy_failed"]),
    ]:
        record.write_text(json.dumps(told))
        assert codes(linked("live")) == ("ok", [], wanted)


@pytest.mark.parametrize("state", ["reconnecting", "away"])
def test_a_pi_whose_database_is_away_is_told_at_once(state: str) -> None:
    assert codes(linked(state, is_database_away=True))[1] == ["database_away"]


def test_the_banner_says_that_the_pis_database_does_not_answer() -> None:
    now = [0.0]
    link_status = LinkStatus(lambda: now[0], lambda: datetime.now(UTC))
    link_status.caught_up()
    trouble = link_error_of(DatabaseAway(), "")
    assert trouble is not None
    link_status.lost(trouble)
    for state in ("reconnecting", "away"):
        link = link_status.state(has_copy=True)
        assert (link.state, link.reason, link.is_database_away) == (state, DATABASE_AWAY, True)
        now[0] += 10.0


async def test_it_is_open_and_its_status_says_it() -> None:
    answer = await here.browser().get("/health")
    assert (answer.status_code, answer.json()["link"]) == (503, "no_copy")
