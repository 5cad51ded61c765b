"""What needs somebody: the list, its words, and the figures that it and the pages rest on."""

import html
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from remote.office.mirror.mirror import LinkState, Mirror, State
from remote.office.mirror.tables import Row
from remote.office.pages import PAGES, herd_alerts
from remote.office.pages.batches import target_of
from remote.office.sample import status as status_with
from remote.office.work.attention_list import all_items
from remote.office.work.attention_list import listed as shown
from tests.office.filled import animal, batch, filled, payload
from tests.office.test_chute import card as chute_card
from tests.office.test_figures import asked
from tests.office.test_pages import page
from tests.office.test_work import text_of

NOW = datetime.now(UTC)


def source(name: str, **silent_for: float) -> Row:
    heard = (NOW - timedelta(**silent_for)).isoformat()
    return {
        "name": name,
        "kind": "udp",
        "last_heard_at": heard,
        "frames": 1,
        "errors": 0,
        "drops": 0,
        "note": "",
        "rssi": None,
        "snr": None,
    }


async def test_the_status_page_says_what_to_do_for_each_trouble() -> None:
    troubled = source("barn", hours=3) | {"errors": 4}
    with filled({}) as mirror:
        mirror.status = status_with([troubled], clock={"synchronised": None})
        mirror.set_link(LinkState("away", NOW, "The Pi does not answer."))
        html = await page("/office/status")
    for told in (
        "A source is silent: check",
        "Errors are what a source sent",
        "with a watch",
        "Check that the Pi has power",
        "as the Pi had it",
    ):
        assert told in html


async def test_a_scale_that_was_adjusted_is_told_on_work_and_status_page() -> None:
    detail = "The scale (radio) on 2026-11-20 read 15 % more than in the days before."
    with filled({}) as mirror:
        scale = {"source": "radio", "day": "2026-11-20", "trouble": "adjusted", "detail": detail}
        mirror.status = status_with([], scales=[scale])
        assert listed(mirror) == [detail]
        assert detail in await page("/office/status")


async def test_numbered_events_that_never_came_are_told_with_their_neighbours() -> None:
    gap = {
        "after": "hxbchi000006",
        "before": "hxbchi000009",
        "count": 2,
        "noticed_at": NOW.isoformat(),
    }
    with filled({}) as mirror:
        mirror.status = status_with([], gaps={"count": 2, "latest": [gap]})
        assert listed(mirror) == ["2 numbered events were never heard"]
        html = await page("/office/status")
        assert "2 between <code>hxbchi000006</code> and <code>hxbchi000009</code>" in html
        mirror.status = status_with([], gaps={"count": 0, "latest": []})
        assert listed(mirror) == []
        assert "never came" not in await page("/office/status")


async def test_what_is_heard_leads_to_its_animal_and_an_empty_batch_to_animals() -> None:
    with filled({"payloads": [payload(1, cattle_id=7)], "batches": [batch(3)]}):
        assert 'href="/office/cattle/7"' in await page("/office/")
        assert "No animals in this batch yet." in await page("/office/batches/3")


def listed(mirror: Mirror, sources: list[Row] | None = None) -> list[str]:
    if sources is not None:
        mirror.status = status_with(sources)
    return [item.text for item in shown(all_items(mirror))]


async def test_a_process_of_the_pi_that_hangs_is_told_and_one_that_never_ran_is_not() -> None:
    told: dict[str, Row] = {
        "receiver": {"alive_seconds_ago": 21.0},
        "worker": {"alive_seconds_ago": None},
    }
    with filled({}) as mirror:
        mirror.status = status_with([], processes=told)
        assert listed(mirror) == ["The receiver on the Pi does not answer: no radio is heard"]
        assert "Check on the Pi that it runs" in await page("/office/status")
        told["receiver"]["alive_seconds_ago"] = 4.9
        assert listed(mirror) == []
        assert "does not answer" not in await page("/office/status")


@pytest.mark.parametrize(
    ("state", "code", "key"),
    [
        ("away", "away", "link:pi-away"),
        ("away", "certificate-changed", "link:certificate-changed"),
        ("no_copy", "key-refused", "link:key-refused"),
        ("no_copy", "", None),
        ("reconnecting", "", None),
    ],
)
async def test_a_link_that_is_down_is_listed_and_one_being_set_up_is_not(
    state: State, code: str, key: str | None
) -> None:
    with filled({}) as mirror:
        mirror.set_link(LinkState(state, NOW if state == "away" else None, "why", code))
        found = all_items(mirror)
        assert [item.key for item in found] == ([key] if key else [])
        assert all(item.severity == "urgent" for item in found)
        assert ("Nothing needs your attention" in await page("/office/")) is (key is None)


def test_a_pi_that_is_away_makes_no_source_silent() -> None:
    at = (NOW - timedelta(hours=9)).isoformat()
    with filled({}) as mirror:
        mirror.status = status_with([source("barn", hours=9.5)], server_time=at)
        assert all_items(mirror) == []
        mirror.status["server_time"] = NOW.isoformat()
        assert [item.key for item in all_items(mirror)] == ["silent:barn"]


def test_each_silent_source_has_its_own_key_and_stays_known_when_it_is_taken_away() -> None:
    sources = [source(f"a{n}", days=n) for n in range(1, 6)] + [source("gone", days=30)]
    with filled({}) as mirror:
        mirror.status = status_with(sources)
        found = {item.key: item.begins for item in all_items(mirror)}
    assert found == {f"silent:a{n}": True for n in range(1, 6)} | {"silent:gone": False}


def test_a_full_disk_is_not_the_end_of_a_nearly_full_one() -> None:
    full = {"refusing": True, "free_bytes": 1e8, "total_bytes": 32e9}
    with filled({}) as mirror:
        mirror.status = status_with([], disk=full)
        found = [(item.key, item.severity, item.begins) for item in all_items(mirror)]
        assert found == [("disk-full", "urgent", True), ("disk-low", "grave", False)]
        mirror.status = status_with([], disk=full | {"refusing": False})
        assert listed(mirror) == ["The Pi's disk is nearly full"]


def test_a_key_stays_while_the_count_changes() -> None:
    seen = []
    for count in (1, 2):
        rows = [payload(n, status="error", error_code="tag_conflict") for n in range(1, count + 1)]
        with filled({"payloads": rows}) as mirror:
            seen.append([(item.key, item.text) for item in all_items(mirror)])
    assert seen == [[("tag-conflicts", "1 tag conflict")], [("tag-conflicts", "2 tag conflicts")]]


def test_a_backup_that_failed_a_backlog_and_a_restored_herd_are_listed() -> None:
    at = (NOW - timedelta(hours=2)).isoformat()
    old = (NOW - timedelta(days=8)).isoformat()
    failed = {"failed": {"at": at, "reason": "No space left."}, "age_seconds": 40 * 3600.0}
    backlog = {"count": 70, "age_seconds": 61.0, "eta_seconds": None}
    with filled({}) as mirror:
        mirror.status = status_with([], backup=failed, backlog=backlog, restored={"at": at})
        restored, *others = listed(mirror)
        assert restored.startswith("The herd was restored from a backup at ")
        assert others == [
            "The Pi has no new backup: No space left.",
            "The Pi's newest backup is 40 hours old",
            "70 radio messages wait for the worker",
        ]
        mirror.status = status_with([], backup={"failed": None}, restored={"at": old})
        assert listed(mirror) == []


async def test_alerts_that_cannot_be_sent_are_on_the_list_and_on_the_status_page() -> None:
    with filled({}) as mirror:
        mirror.status = status_with([], alerts={"trouble": "The mail server does not answer."})
        mirror.set_alert_trouble("The webhook hooks.example answered with 500.")
        assert listed(mirror) == [
            "Alerts cannot be sent: The webhook hooks.example answered with 500.",
            "The Pi's alerts cannot be sent: The mail server does not answer.",
        ]
        told = "Alerts cannot be sent: The webhook hooks.example answered with 500. They wait"
        assert told in await page("/office/status")


def test_what_the_pis_health_says_of_its_processes_is_listed() -> None:
    reasons = [
        {"code": code, "detail": ""}
        for code in ("receiver_failing", "worker_stopped", "disk_full", "of_a_newer_pi")
    ]
    with filled({}) as mirror:
        told: dict[str, Row] = {"worker": {"alive_seconds_ago": None}}
        mirror.status = status_with([], processes=told, health={"reasons": reasons})
        never_began = "The worker on the Pi does not run: what is heard waits"
        assert listed(mirror) == [
            "The receiver on the Pi cannot store what it hears, which waits",
            never_began,
        ]
        told["worker"]["alive_seconds_ago"] = 90.0  # told as hung
        assert never_began not in listed(mirror)


async def test_what_waits_for_a_database_that_is_away_is_on_the_list_and_the_status_page() -> None:
    reasons = [{"code": "receiver_failing", "detail": ""}]
    text = "The Pi's database cannot be written: 17 radio messages are kept in a file beside it"
    with filled({}) as mirror:
        mirror.status = status_with([], health={"reasons": reasons}, spill={"frames": 17})
        assert listed(mirror) == [text]
        shown = html.unescape(await page("/office/status"))
        assert text in shown
        assert "<dt>Kept beside the Pi's database</dt><dd>17</dd>" in shown
        mirror.status = status_with([], spill={"frames": 0})
        assert listed(mirror) == []
        assert "Kept beside" not in await page("/office/status")


def test_the_last_to_fall_silent_stands_first_and_many_are_one_line() -> None:
    sources = [source(f"a{n}", days=n) for n in (3, 2, 5, 4)] + [source("z", hours=2)]
    with filled({}) as mirror:
        assert listed(mirror, sources) == [
            "z has fallen silent",
            "a2 has fallen silent",
            "a3 has fallen silent",
            "2 more sources are silent",
        ]


def test_who_has_been_silent_for_long_takes_nobodys_place() -> None:
    sources = [source(f"gone{n}", days=300) for n in range(3)] + [source("barn", hours=3)]
    with filled({}) as mirror:
        assert listed(mirror, sources) == ["barn has fallen silent"]


def test_what_was_refused_stays_listed_beside_conflicts_until_it_is_settled() -> None:
    rows = [
        payload(1, status="error", error_code="tag_conflict"),
        payload(2, status="error", error_code="bad_tag"),
        payload(3),
    ]
    with filled({"payloads": rows}) as mirror:
        assert listed(mirror) == ["1 tag conflict", "1 radio message refused"]


def test_animals_are_called_animals() -> None:
    rows = [animal(1, last_seen_at=NOW.isoformat(), expected_kg=420.0)]
    with filled({"cattle": rows}) as mirror:
        assert listed(mirror) == ["1 animal off the expected weight by more than 10 %"]


def test_after_how_many_days_an_animal_is_not_seen_is_a_setting(settings: Settings) -> None:
    rows = [animal(1, expected_kg=None, last_seen_at=(NOW - timedelta(days=9)).isoformat())]
    settings.UNSEEN_DAYS = 8
    with filled({"cattle": rows}) as mirror:
        assert listed(mirror) == ["1 animal not seen for 8 days"]
    settings.UNSEEN_DAYS = 10
    with filled({"cattle": rows}) as mirror:
        assert listed(mirror) == []


def test_the_mean_gain_is_of_the_animals_on_feed_and_says_of_how_many() -> None:
    rows = [
        animal(1, adg_kg=1.0),
        animal(2, adg_kg=2.0),
        animal(3, adg_kg=None),
        animal(4, adg_kg=9.0, status="sold"),
    ]
    with filled({"cattle": rows}) as mirror:
        tiles = PAGES["dashboard"](mirror, asked()).regions["tiles"][1]
    assert (tiles["gain"], tiles["gaining"]) == (1.5, 2)


@pytest.mark.parametrize("days", [0, 30, 120])
def test_the_target_date_is_told_however_old_the_weight(settings: Settings, days: int) -> None:
    settings.TARGET_WEIGHT_KG = 400.0
    weighed = timezone.now() - timedelta(days=days)
    one = animal(1, last_weight_kg=390.0, adg_kg=1.0, last_weighed_at=weighed.isoformat())
    ready = timezone.localtime(weighed).date() + timedelta(days=10)
    assert herd_alerts.outlook(one, timezone.localdate(), 0.8)["target"].on == ready


@pytest.mark.parametrize(
    ("own", "says"),
    [
        ({}, ["Target", "10.0 kg to go", "400.0 kg ·"]),
        ({"target_kg": 410.0}, ["Target of its batch", "20.0 kg to go", "410.0 kg ·"]),
        (
            {"target_kg": 410.0, "target_on": f"{timezone.localdate() + timedelta(days=5)}"},
            ["Target of its batch", "20.0 kg to go", "15 days late"],
        ),
        ({"target_kg": 390.0}, ["Target of its batch", "reached"]),
    ],
    ids=["the farm's", "its batch's", "and late", "reached"],
)
async def test_an_animal_tells_how_it_stands_to_the_target_of_its_batch(
    settings: Settings, own: dict[str, Any], says: list[str]
) -> None:
    settings.TARGET_WEIGHT_KG = 400.0
    known = {"last_weight_kg": 390.0, "last_weighed_at": timezone.now().isoformat()}
    herd: dict[Any, list[Row]] = {
        "cattle": [animal(1, batch={"id": 7, "batch_number": "B7"}, adg_kg=1.0, **known)],
        "batches": [batch(7, **own)],
    }
    with filled(herd):
        shown = text_of(await page("/office/cattle/1"))
        card = (await chute_card("A1"))["card"]
    assert [one for one in says if one not in shown] == []
    wanted = own.get("target_kg", 400.0)
    if wanted == 390.0:
        assert card["target_told"] == "reached"
        return
    day = timezone.localdate() + timedelta(days=wanted - 390)
    assert card["target_told"] == f"{wanted - 390:.1f} kg to go"
    assert card["target_day"] == str(day)
    assert (card["target"]["kg"], card["target"]["on"]) == (wanted, str(day))


async def test_an_animal_without_a_gain_tells_what_it_lacks_of_its_batchs_target() -> None:
    herd: dict[Any, list[Row]] = {
        "cattle": [animal(1, batch={"id": 7, "batch_number": "B7"}, adg_kg=None)],
        "batches": [batch(7, target_kg=610.0)],
    }
    with filled(herd):
        shown = text_of(await page("/office/cattle/1"))
        assert (await chute_card("A1"))["card"]["target"] is None
    assert "Target of its batch" in shown
    assert "kg to go" in shown


def test_a_forecast_goes_on_with_the_gain_of_mates_where_the_own_one_is_in_doubt(
    settings: Settings,
) -> None:
    settings.TARGET_WEIGHT_KG = 420.0
    told = {"last_weight_kg": 405.0, "forecast_kg": 400.0, "last_weighed_at": NOW.isoformat()}
    day = timezone.localtime(NOW).date()
    mates = [animal(n, adg_kg=1.0) for n in range(2, 7)]
    one = animal(1, adg_kg=2.0, adg_confidence="low", adg_doubt_kg=0.3, **told)  # half of each
    with filled({"cattle": [one, *mates]}) as mirror:
        gain = herd_alerts.batch_mates(mirror, one)
    assert gain == 1.0
    ready = herd_alerts.outlook(one, day + timedelta(days=2), gain)
    assert ready["estimate_kg"] == pytest.approx(403)
    assert ready["target"].on == day + timedelta(days=14)  # 20 kg with 1.5 kg a day
    assert herd_alerts.mates_of(mates[:4]) == 0.8


async def test_the_page_of_an_animal_weighed_today_names_its_target_date() -> None:
    one = animal(1, last_weight_kg=618.0, adg_kg=1.0, last_weighed_at=NOW.isoformat())
    ready = timezone.localtime(NOW).date() + timedelta(days=1)
    with filled({"cattle": [one]}):
        assert f"Target {ready:%Y-%m-%d} 619.0 kg · 1.0 kg to go" in text_of(
            await page("/office/cattle/1")
        )


def test_a_batch_is_finished_when_half_of_it_is() -> None:
    at = "2026-11-20T12:00:00Z"
    rows = [animal(n, last_weight_kg=619.0 - n, adg_kg=1.0, last_weighed_at=at) for n in (2, 4, 9)]
    told = target_of([*rows, animal(5, adg_kg=None)], batch(1))
    spread = {"first": date(2026, 11, 22), "last": date(2026, 11, 29)}
    assert told == {"day": date(2026, 11, 24), "head": 3, "kg": 619.0, **spread}
    never = [animal(n, adg_kg=-1.0) for n in range(10, 14)]
    assert target_of([*rows, *never], batch(1)) is None


async def test_an_uncertain_gain_is_marked_in_the_lists() -> None:
    with filled({"cattle": [animal(1, adg_confidence="low")]}):
        assert "less than 14 days: uncertain" in await page("/office/cattle")
