"""What the Pi's alerts look at, in a real database: offices whose key is revoked, its status."""

import json
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from pytest_django import Settings

from hexabrand.alerts.pi import PiWatch
from remote import status
from remote.attention import alert_file
from remote.keys import Caller
from remote.models import ApiKey
from remote.offices import Offices

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
    seen = await PiWatch(offices, 600).look(frozenset(), 700)
    assert [item.key for item in seen.items if item.begins] == [f"office-away:{village.prefix}"]


def test_alerts_that_nobody_wants_any_more_are_not_told_as_unsent(
    settings: Settings, tmp_path: Path
) -> None:
    settings.HEXABRAND_STATE_DIR, settings.ALERT_EMAIL_TO = tmp_path, ["manager@farm.example"]
    alert_file(tmp_path, "pi").write_text(json.dumps({"trouble": "It does not answer."}))
    assert status.machine()["alerts"] == {"trouble": "It does not answer."}
    settings.ALERT_EMAIL_TO = []
    assert status.machine()["alerts"] == {"trouble": ""}
