"""What the Pi's alerts look at, in a real database: offices whose key is revoked, its status."""

import json
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pytest_django import Settings

from hexabrand.alerts import pi
from remote.api import feed, status
from remote.api.authentication import Caller
from remote.api.models import ApiKey
from remote.api.offices import Offices
from remote.attention import alert_file
from tests.remote.api.rows import AT, a_mark, an_animal

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


async def joined(offices: Offices, name: str) -> Caller:
    key, _ = await sync_to_async(ApiKey.objects.create_key)(name=name, scopes=["read"])
    caller = Caller(f"{name} ({key.prefix})", key.prefix, frozenset({"read"}))
    offices.joined(caller)
    return caller


async def test_an_office_whose_key_was_revoked_is_not_missed_while_another_is_here(
    settings: Settings, tmp_path: Path
) -> None:
    settings.HEXABRAND_STATE_DIR, settings.PI_API_KEYS = tmp_path, []
    offices = Offices()
    await joined(offices, "barn")
    town, village = await joined(offices, "town"), await joined(offices, "village")
    offices.left(town)
    offices.left(village)
    await ApiKey.objects.filter(prefix=town.prefix).aupdate(revoked=True)
    seen = await pi.PiWatch(offices, 600).look(frozenset(), 700)
    assert [item.key for item in seen.items if item.begins] == [f"office-away:{village.prefix}"]


async def test_a_database_that_stands_still_is_told_and_holds_nothing_up(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It refuses nothing and answers nothing; before the feed has noticed, time tells."""
    settings.HEXABRAND_STATE_DIR = tmp_path
    answers = threading.Event()
    monkeypatch.setattr(pi, "status", answers.wait)
    monkeypatch.setattr(pi, "ASK_SECONDS", 0.1)
    hub = feed.Hub()
    monkeypatch.setattr(feed, "_hub", hub)
    for is_noticed in (False, True):
        if is_noticed:
            hub.lost.set()
            monkeypatch.setattr(pi, "ASK_SECONDS", 1e9)
        seen = await pi.PiWatch(Offices(), 600).look(frozenset(), 1)
        assert [item.key for item in seen.items] == [pi.UNREADABLE]
        assert not seen.complete
    answers.set()


def test_alerts_that_nobody_wants_any_more_are_not_told_as_unsent(
    settings: Settings, tmp_path: Path
) -> None:
    settings.HEXABRAND_STATE_DIR, settings.ALERT_EMAIL_TO = tmp_path, ["manager@farm.example"]
    alert_file(tmp_path, "pi").write_text(json.dumps({"trouble": "It does not answer."}))
    assert status.machine()["alerts"] == {"trouble": "It does not answer."}
    settings.ALERT_EMAIL_TO = []
    assert status.machine()["alerts"] == {"trouble": ""}


GAPS = {"gaps": {"count": 2}}


@pytest.mark.parametrize(
    ("marked", "begins"),
    [
        ({}, False),
        ({"kind": "seen"}, True),
        ({"ended_at": AT}, True),
        ({"key": "machine:gaps:3"}, True),  # two more were missed since
        ({"kind": "reminder", "until": date(2999, 1, 1)}, False),
        ({"kind": "reminder", "until": date(2020, 1, 1)}, True),
    ],
    ids=["dismissed", "seen", "brought back", "another", "put off", "due"],
)
async def test_what_somebody_put_away_begins_no_alert_of_the_pi(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    marked: dict[str, Any],
    begins: bool,  # noqa: FBT001 - what is expected
) -> None:
    settings.HEXABRAND_STATE_DIR = tmp_path
    told = await sync_to_async(status.status)()
    monkeypatch.setattr(pi, "status", lambda: told | GAPS)
    await sync_to_async(a_mark)(**({"key": "machine:gaps:2"} | marked))
    seen = await pi.PiWatch(Offices(), 600).look(frozenset(), 700)
    assert [(one.key, one.begins) for one in seen.items if one.key == "gaps"] == [("gaps", begins)]


async def test_an_animal_that_left_early_is_put_away_under_the_offices_key(
    settings: Settings, tmp_path: Path
) -> None:
    settings.HEXABRAND_STATE_DIR = tmp_path
    gone = {"status": "exported", "left_on": "2026-03-02", "clear_on": "2026-03-20"}
    animal = await sync_to_async(an_animal)(**gone)
    key = f"left-early:{animal.pk}"
    for marked in (False, True):
        if marked:
            # As the page Work spells it: see `_left_key` of remote/office/work/told_by_pi.py.
            await sync_to_async(a_mark)(f"{key}:2026-03-02")
        seen = await pi.PiWatch(Offices(), 600).look(frozenset(), 700)
        (item,) = [one for one in seen.items if one.key == key]
        assert item.begins is not marked
