"""Whose clock is wrong, and that no animal and no radio is blamed for it."""

import json
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from pytest_django import Settings

from herd import system_clock
from remote.office import clocks, pulled_backups
from remote.office.clocks import PiTime
from remote.office.mirror.mirror import Mirror
from remote.office.mirror.tables import Row
from remote.office.pages import herd_alerts
from remote.office.sample import status as status_with
from remote.office.signin import SessionStore
from remote.office.work.attention_list import all_items
from tests.office.filled import animal, filled, here
from tests.office.test_attention import source
from tests.office.test_pages import page, signed_in
from tests.office.test_radio_log import a_pi_that_has
from tests.office.test_treatments import herd

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
FORTNIGHT = timedelta(days=14)


class Clocks:
    """The office's two clocks: one that can be set, one that cannot."""

    def __init__(self, office: datetime = NOW) -> None:
        self.wall, self.steady = office.timestamp(), 1000.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    def time(self) -> PiTime:
        return PiTime(lambda: self.steady, lambda: self.wall)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    """The clocks of the office whose pages are tested."""
    found = Clocks()
    monkeypatch.setattr(here.mirror, "time", found.time())
    return found


@pytest.fixture(autouse=True)
def nobody_synchronised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_clock, "is_synchronised", lambda *, trusted: trusted)


def at(moment: datetime, **fields: Any) -> Row:
    return animal(1, last_seen_at=moment.isoformat(), **fields)


def test_the_pis_time_goes_on_while_it_is_away_and_the_office_jumps() -> None:
    clock = Clocks(NOW + FORTNIGHT)
    time = clock.time()
    time.hear(NOW.isoformat(), asked_at=clock.steady)
    clock.pass_by(3600)
    assert time.now() == NOW + timedelta(hours=1)
    clock.wall -= FORTNIGHT.total_seconds()
    assert time.now() == NOW + timedelta(hours=1)
    assert time.office_is_ahead() == 0


def test_half_the_way_of_an_answer_is_taken_off() -> None:
    clock = Clocks()
    time, asked_at = clock.time(), clock.steady
    clock.pass_by(8)
    time.hear((NOW + timedelta(seconds=4)).isoformat(), asked_at=asked_at)
    assert time.now() == NOW + timedelta(seconds=8)


def test_a_slow_answer_is_no_wrong_clock() -> None:
    clock = Clocks()
    time, asked_at = clock.time(), clock.steady
    clock.pass_by(16)
    time.hear(NOW.isoformat(), asked_at=asked_at)
    assert time.office_is_ahead() == 0


@pytest.mark.parametrize("said_after", [0, 8, 16], ids=["at once", "half way", "at the end"])
def test_a_slow_answer_moves_nothing_after_a_quick_one(said_after: int) -> None:
    clock = Clocks()
    time = clock.time()
    time.hear(NOW.isoformat(), asked_at=clock.steady)
    asked_at = clock.steady
    clock.pass_by(16)
    time.hear((NOW + timedelta(seconds=said_after)).isoformat(), asked_at=asked_at)
    assert time.now() == NOW + timedelta(seconds=16)


def test_a_slow_answer_of_a_pi_whose_clock_was_set_counts() -> None:
    clock = Clocks()
    time = clock.time()
    time.hear(NOW.isoformat(), asked_at=clock.steady)
    asked_at = clock.steady
    clock.pass_by(16)
    time.hear((NOW - timedelta(minutes=1)).isoformat(), asked_at=asked_at)
    assert time.now() == NOW + timedelta(seconds=8 - 60)


@pytest.mark.parametrize("said_after", [0, 8, 16])
def test_what_is_surely_past_is_so_however_slow_the_first_answer_was(said_after: int) -> None:
    clock = Clocks()
    time, asked_at = clock.time(), clock.steady
    clock.pass_by(16)
    time.hear((NOW + timedelta(seconds=said_after)).isoformat(), asked_at=asked_at)
    assert time.surely() <= NOW + timedelta(seconds=16)
    clock.pass_by(3600)
    assert time.surely() <= NOW + timedelta(seconds=16 + 3600)


# What each form about a time sends, by the name of the field there.
TIMED = {
    "/office/cattle/1/weigh": ("recorded_at", {"weight": "300", "in_unit": "kg"}),
    "/office/cattle/1/treat": ("given_at", {"product_id": "1"}),
    "/office/cattle/treat?id=1": ("given_at", {"product_id": "1", "ids": "1"}),
    "/office/cattle/1/leave": ("on", {"status": "dead", "reason": "bloat"}),
    "/office/cattle/leave?id=1": ("on", {"status": "dead", "reason": "bloat", "ids": "1"}),
    "/office/scales/adjusted": ("day", {"scale": "gate"}),
    "/office/cattle/1/edit": ("induction_date", {"initial-induction_date": "2026-01-01"}),
}


@pytest.mark.parametrize("path", TIMED)
@pytest.mark.parametrize("by", [timedelta(seconds=1), timedelta(seconds=100), timedelta(days=2)])
async def test_a_time_typed_a_little_ahead_of_the_pis_clock_is_not_from_the_future(
    own: Clocks, path: str, by: timedelta
) -> None:
    """A second before the Pi's midnight, after an answer that took 16 s; two days ahead is the
    person's mistake, and the Pi's to refuse."""
    field, more = TIMED[path]
    pi_now = NOW.replace(hour=23, minute=59, second=59)
    typed = pi_now + by
    is_day = field not in {"recorded_at", "given_at"}
    text = typed.date().isoformat() if is_day else typed.strftime("%Y-%m-%dT%H:%M:%S")
    with override_settings(TIME_ZONE="UTC"), filled(herd()), a_pi_that_has([]) as pi:
        own.pass_by(16)
        here.mirror.time.hear(pi_now.isoformat(), asked_at=own.steady - 16)
        await signed_in().post(path, {"key": "k", field: text, **more})
    (body,) = [body for method, *_, body in pi.requests if method in {"POST", "PATCH"}]
    assert body is not None
    sent = datetime.fromisoformat(body[field])
    sent = sent.replace(tzinfo=UTC) if is_day else sent
    assert (sent <= pi_now) == (by < timedelta(days=2))


def test_a_heartbeat_that_was_long_on_its_way_moves_nothing_and_a_set_clock_does() -> None:
    clock = Clocks()
    time = clock.time()
    time.hear(NOW.isoformat(), asked_at=clock.steady)
    time.hear((NOW - timedelta(seconds=20)).isoformat())
    assert time.now() == NOW
    time.hear((NOW + FORTNIGHT).isoformat())
    assert time.now() == NOW + FORTNIGHT


@pytest.mark.parametrize(
    ("pi", "office", "wrong"),
    [
        (True, False, "office"),
        (True, None, "office"),
        (False, True, "pi"),
        (None, True, "pi"),
        (True, True, "either"),
        (False, False, "either"),
        (None, None, "either"),
    ],
)
def test_the_clock_that_is_not_synchronised_is_the_wrong_one(
    pi: bool | None,  # noqa: FBT001 - a parameter
    office: bool | None,  # noqa: FBT001 - a parameter
    wrong: str,
) -> None:
    assert clocks.which_is_wrong(pi, office) == wrong


def listed() -> list[str]:
    return [item.text for item in all_items(here.mirror) if item.begins]


OFF = {
    "office ahead": (FORTNIGHT, True, False, "The office's clock is 14 days ahead: set it"),
    "office behind": (-FORTNIGHT, True, False, "The office's clock is 14 days behind: set it"),
    "pi ahead": (-FORTNIGHT, False, True, "The Pi's clock is 14 days ahead: set it"),
    "pi behind": (FORTNIGHT, False, True, "The Pi's clock is 14 days behind: set it"),
    "nobody knows": (FORTNIGHT, False, False, "The clocks of office and Pi differ by 14 days:"),
    "both are sure": (-FORTNIGHT, True, True, "The clocks of office and Pi differ by 14 days:"),
}


@pytest.mark.parametrize("name", OFF)
@pytest.mark.parametrize("seen", ["before it was wrong", "while it is"])
async def test_a_wrong_clock_is_named_and_no_animal_and_no_radio(
    own: Clocks, settings: Settings, tmp_path: Path, name: str, seen: str
) -> None:
    """Animal and radio were there a minute ago, by the clock that the Pi had then: its own of now,
    or the right one, before it jumped. The backup and its copy are as new."""
    ahead, is_pi_right, settings.TRUST_CLOCK, told = OFF[name]
    pi_now = NOW - ahead
    at_pi = NOW if name.startswith("pi") and seen == "before it was wrong" else pi_now
    own.wall = NOW.timestamp()
    here.mirror.time.hear(pi_now.isoformat(), asked_at=own.steady)
    lately = (at_pi - timedelta(minutes=1)).isoformat()
    settings.HEXABRAND_STATE_DIR, record = tmp_path, tmp_path / pulled_backups.RECORD
    copied = (NOW if name.startswith("pi") else pi_now) - timedelta(minutes=1)
    record.write_text(json.dumps({"at": copied.isoformat(), "name": "x"}))
    with filled({"cattle": [animal(1, last_seen_at=lately)]}):
        here.mirror.status = status_with(
            [source("barn") | {"last_heard_at": lately}],
            clock={"synchronised": is_pi_right},
            server_time=pi_now.isoformat(),
            backup={"age_seconds": max(60.0, (pi_now - at_pi).total_seconds())},
        )
        (only,) = listed()
        assert only.startswith(told)
        assert "timedatectl" in only
        assert told in unescape(await page("/office/status"))
        assert "backup is" not in await page("/office/status")
    own.wall -= ahead.total_seconds()
    record.unlink()
    with filled({}):
        here.mirror.status = status_with([], clock={"synchronised": True})
        assert listed() == []


def test_an_animal_that_is_unseen_is_told_of_all_the_same(own: Clocks) -> None:
    """The office's clock is known to be the wrong one: the Pi's counts, also where it is later."""
    here.mirror.time.hear((NOW + FORTNIGHT).isoformat(), asked_at=own.steady)
    with filled({"cattle": [at(NOW)]}):
        here.mirror.status = status_with([], clock={"synchronised": True})
        assert "1 animal not seen for 7 days" in listed()


def test_a_jump_is_looked_at_again_at_once(own: Clocks) -> None:
    here.mirror.time.hear(NOW.isoformat(), asked_at=own.steady)
    with filled({"cattle": [at(NOW)]}):
        assert herd_alerts.of(here.mirror, lambda: 0.0).count("unseen") == 0
        here.mirror.time.hear((NOW + FORTNIGHT).isoformat(), asked_at=own.steady)
        own.wall += FORTNIGHT.total_seconds()
        assert herd_alerts.of(here.mirror, lambda: 0.0).count("unseen") == 1


def test_days_on_feed_are_counted_to_the_pis_day(own: Clocks) -> None:
    here.mirror.time.hear((NOW - FORTNIGHT).isoformat(), asked_at=own.steady)
    told = herd_alerts.outlook(
        at(NOW - FORTNIGHT, induction_date="2026-11-02"), clocks.today(here.mirror), 0.8
    )
    assert told["days_on_feed"] == 10


def test_open_pages_are_told_of_a_jump_while_the_pi_is_away() -> None:
    clock, copy = Clocks(), Mirror()
    copy.time = clock.time()
    copy.time.hear(NOW.isoformat(), asked_at=clock.steady)
    heard: list[str] = []
    copy.watch(lambda changes: heard.extend(change.event for change in changes))
    copy.notice_clock()
    clock.wall += FORTNIGHT.total_seconds()
    copy.notice_clock()
    copy.notice_clock()
    assert heard == ["status"]
    clock.wall -= FORTNIGHT.total_seconds()
    copy.notice_clock()
    assert heard == ["status", "status"]


@pytest.mark.parametrize("jump", [40, -40], ids=["ahead", "behind"])
def test_a_clock_that_jumps_signs_nobody_out(
    own: Clocks, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    settings.SESSION_FILE_PATH = tmp_path
    monkeypatch.setattr(SessionStore, "_storage_path", str(tmp_path), raising=False)
    own.wall = datetime.now(UTC).timestamp()
    sessions = here.office.signin.sessions
    session = sessions()
    session["person"] = "grace"
    session.save()
    key = session.session_key
    own.wall += jump * 86400
    assert sessions(key).get("person") == "grace"  # at the start, before the Pi is heard
    here.mirror.time.hear(datetime.now(UTC).isoformat(), asked_at=own.steady)
    sessions.clear_expired()
    assert sessions(key).get("person") == "grace"
    own.pass_by(15 * 86400 if jump > 0 else 60 * 86400)
    assert sessions(key).get("person") is None
