"""The office's copy of the herd, without a network."""

import logging
from collections.abc import Sequence

import pytest

from remote.office.link.link_errors import NotUnderstood
from remote.office.link.snapshot_loader import Loading
from remote.office.mirror.mirror import LinkState, Mirror, MirrorChange
from remote.wire import ERRORS_HELD, RECENT, TABLES, Cursor
from tests.office.rows import (
    MARK,
    animal,
    batch,
    cursor,
    event,
    mirror_of,
    payload,
    pen,
    snapshot,
    snapshot_lines,
)

B1, B2 = {"id": 1, "batch_number": "B1"}, {"id": 2, "batch_number": "B2"}
P7 = {"id": 7, "pen_number": "P7"}


def ids(rows: Sequence[dict[str, object]]) -> list[object]:
    return [row["id"] for row in rows]


def changes_of(mirror: Mirror) -> list[MirrorChange]:
    seen: list[MirrorChange] = []
    mirror.watch(seen.extend)
    return seen


def test_before_the_first_snapshot_there_is_no_copy() -> None:
    mirror = Mirror()
    mirror.apply([event(1, "batch:created", batch(1))])
    assert mirror.cursor is None
    assert mirror.age_seconds() is None
    assert mirror.link.state == "no_copy"
    assert not any(mirror.tables.values())


def test_a_snapshot_replaces_and_never_merges() -> None:
    mirror = mirror_of({"batches": [batch(1), batch(2)], "cattle": [animal(1, batch=B1)]}, 50)
    mirror.replace(snapshot({"batches": [batch(2)]}, 20))
    assert list(mirror.tables["batches"]) == [2]
    assert mirror.tables["cattle"] == {}
    assert mirror.held.in_batch(1) == []
    assert mirror.cursor == Cursor(20, MARK)


def test_a_snapshot_tells_each_topic() -> None:
    mirror = Mirror()
    seen = changes_of(mirror)
    mirror.replace(snapshot({}, 1))
    assert seen == [MirrorChange(topic, 0, "snapshot") for topic in TABLES]


def test_rows_stand_in_id_order_however_they_came() -> None:
    mirror = mirror_of({"payloads": [payload(3), payload(1)], "cattle": [animal(9), animal(4)]})
    mirror.apply([event(11, "cattle:created", animal(6))])
    assert list(mirror.tables["payloads"]) == [1, 3]
    assert list(mirror.tables["cattle"]) == [4, 6, 9]


def test_events_are_applied_in_order_and_once() -> None:
    mirror = mirror_of({"batches": [batch(1, "OLD")]}, 10)
    seen = changes_of(mirror)
    mirror.apply(
        [
            event(10, "batch:updated", batch(1, "HELD ALREADY")),
            event(11, "batch:updated", batch(1, "NEW")),
            event(11, "batch:updated", batch(1, "AGAIN")),
        ]
    )
    assert mirror.tables["batches"][1]["batch_number"] == "NEW"
    assert mirror.cursor == Cursor(11, MARK)
    assert seen == [MirrorChange("batches", 1, "batch:updated")]


def test_an_event_of_a_newer_pi_moves_the_cursor_and_nothing_else() -> None:
    mirror = mirror_of({"batches": [batch(1)]}, 10)
    mirror.apply(
        [
            event(11, "vaccine:given", {"id": 5}),
            event(12, "pen:painted", pen(3)),
            event(13, "batch:updated", {"id": 1}),
        ]
    )
    assert mirror.cursor == Cursor(13, MARK)
    assert list(mirror.tables["batches"].values()) == [batch(1)]


def test_a_deleted_pen_goes_and_a_row_that_is_gone_since_removes_nothing() -> None:
    mirror = mirror_of({"pens": [pen(1), pen(2)]}, 10)
    mirror.apply([event(11, "pen:updated", {"id": 1}), event(12, "pen:created", {"id": 9})])
    assert list(mirror.tables["pens"]) == [1, 2]
    mirror.apply([event(13, "pen:deleted", {"id": 1})])
    assert list(mirror.tables["pens"]) == [2]


def test_only_the_newest_payloads_are_held() -> None:
    mirror = mirror_of({"payloads": [payload(key) for key in range(1, RECENT + 1)]}, 10)
    mirror.apply([event(11, "payload:received", payload(RECENT + 1))])
    mirror.apply([event(12, "payload:processed", payload(1, "processed"))])
    assert len(mirror.tables["payloads"]) == RECENT
    assert next(iter(mirror.tables["payloads"])) == 2


def test_a_payload_in_error_stays_until_it_is_settled_however_many_come_after_it() -> None:
    mirror = mirror_of({"payloads": [payload(1, "error"), payload(2, "processed")]}, 10)
    mirror.apply([event(8 + key, "payload:received", payload(key)) for key in range(3, RECENT + 9)])
    assert [row["id"] for row in mirror.held.waiting()] == [1]
    assert list(mirror.tables["payloads"])[:2] == [1, 9]
    mirror.apply([event(9_000, "payload:processed", payload(1, "processed"))])
    assert next(iter(mirror.tables["payloads"])) == 9
    assert mirror.held.waiting() == []


def test_an_old_payload_that_turns_out_wrong_is_held_in_its_place() -> None:
    mirror = mirror_of({"payloads": [payload(key) for key in range(5, RECENT + 5)]}, 10)
    mirror.apply([event(11, "payload:error", payload(2, "error"))])
    assert list(mirror.tables["payloads"])[:2] == [2, 5]
    assert mirror.held.oldest_recent("payloads") == 5


def test_of_payloads_in_error_the_newest_five_thousand_are_held() -> None:
    rows = [payload(key, "error") for key in range(1, ERRORS_HELD + 3)]
    mirror = mirror_of({"payloads": rows}, 10)
    assert len(mirror.held.waiting()) == ERRORS_HELD
    assert mirror.held.waiting()[0]["id"] == 3


def test_an_animal_that_moves_is_found_where_it_stands_now() -> None:
    mirror = mirror_of({"cattle": [animal(1, batch=B1, pen=P7), animal(2, batch=B1)]}, 10)
    mirror.apply([event(11, "cattle:moved", animal(1, batch=B2))])
    assert ids(mirror.held.in_batch(1)) == [2]
    assert ids(mirror.held.in_batch(2)) == [1]
    assert mirror.held.in_pen(7) == []


def test_a_renamed_batch_is_renamed_in_its_animals() -> None:
    mirror = mirror_of(
        {
            "batches": [batch(1, "B1"), batch(2, "B2")],
            "cattle": [animal(1, batch=B1), animal(2, batch=B2)],
        },
        10,
    )
    mirror.apply([event(11, "batch:updated", batch(1, "LOT 9"))])
    assert mirror.tables["cattle"][1]["batch"] == {"id": 1, "batch_number": "LOT 9"}
    assert mirror.tables["cattle"][2]["batch"] == B2
    assert ids(mirror.held.in_batch(1)) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "840003123456789",
        "840 003123456789",
        "8000D200BA2C2B15",
        "a-17",
        "3456789",
        "1234",
        "17",
    ],
)
def test_an_animal_is_found_by_any_name(text: str) -> None:
    tagged = animal(1, lf_tag="840003123456789", livestock_id="A-17")
    mirror = mirror_of({"cattle": [tagged, animal(2, lf_tag="LF555", visual_id="52")]})
    assert ids(mirror.held.find_animals(text, 50)) == [1]


def test_a_whole_name_comes_before_last_digits_and_those_before_any_part() -> None:
    herd = [
        animal(1, livestock_id="42"),
        animal(2, lf_tag="LF42"),
        animal(3, lf_tag="LF421"),
        animal(4, visual_id="42"),
        animal(5, lf_tag="LF9"),
    ]
    mirror = mirror_of({"cattle": herd})
    assert ids(mirror.held.find_animals("42", 50)) == [4, 1, 2, 3]
    assert ids(mirror.held.find_animals("42", limit=3)) == [4, 1, 2]
    assert mirror.held.find_animals("  ", 50) == []


def test_a_tag_taken_off_finds_nobody() -> None:
    mirror = mirror_of({"cattle": [animal(1, lf_tag="LF1"), animal(2, visual_id="LF1")]}, 10)
    mirror.apply([event(11, "cattle:retagged", animal(1, lf_tag="LF8"))])
    assert ids(mirror.held.find_animals("LF1", 50)) == [2]
    assert ids(mirror.held.find_animals("lf8", 50)) == [1]


def test_payloads_of_today_move_with_the_events() -> None:
    today = {"received": 1, "processed": 5, "duplicate": 0, "error": 1}
    mirror = mirror_of({"payloads": [payload(1), payload(2, "error")]}, 10, today)
    mirror.apply(
        [
            event(11, "payload:received", payload(3)),
            event(12, "payload:processed", payload(1, "processed")),
            event(13, "payload:duplicate", payload(3, "duplicate")),
            event(14, "payload:processed", payload(2, "processed")),
        ]
    )
    assert mirror.payloads_today == {"received": 0, "processed": 7, "duplicate": 1, "error": 0}


def test_a_status_computed_before_the_last_events_does_not_take_them_back() -> None:
    mirror = mirror_of({}, 10, {"received": 0})
    mirror.apply([event(seq, "payload:received", payload(seq)) for seq in (11, 12, 13)])
    mirror.set_status({"cursor": cursor(12), "payloads_today": {"received": 2, "error": 4}})
    assert mirror.payloads_today["received"] == 3
    assert mirror.payloads_today["error"] == 4


def test_an_event_that_a_status_has_counted_is_not_counted_again() -> None:
    mirror = mirror_of({}, 10, {"received": 0})
    mirror.set_status({"cursor": cursor(11), "payloads_today": {"received": 1}})
    mirror.apply([event(11, "payload:received", payload(1))])
    assert mirror.payloads_today["received"] == 1


def test_a_payload_sent_as_it_stands_by_then_is_counted_once() -> None:
    mirror = mirror_of({}, 10, {"received": 0})
    mirror.apply(
        [
            event(11, "payload:received", payload(1, "processed")),
            event(12, "payload:processed", payload(1, "processed")),
        ]
    )
    assert mirror.payloads_today == {"received": 0, "processed": 1, "duplicate": 0, "error": 0}


def test_a_watcher_that_fails_is_logged_once_and_stops_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mirror = mirror_of({}, 10)

    def fail(_changes: Sequence[MirrorChange]) -> None:
        raise RuntimeError("a broken page")

    mirror.watch(fail)
    seen = changes_of(mirror)
    with caplog.at_level(logging.ERROR):
        mirror.apply([event(11, "batch:created", batch(1))])
        mirror.apply([event(12, "batch:created", batch(2))])
    assert [change.id for change in seen] == [1, 2]
    assert len(caplog.records) == 1


def test_a_watcher_that_left_is_not_called() -> None:
    mirror = mirror_of({}, 10)
    seen: list[MirrorChange] = []
    unwatch = mirror.watch(seen.extend)
    unwatch()
    mirror.apply([event(11, "batch:created", batch(1))])
    assert seen == []


def test_the_version_grows_with_each_group_and_the_link_is_told_once() -> None:
    mirror = mirror_of({}, 10)
    before, seen = mirror.version, changes_of(mirror)
    mirror.set_link(LinkState("live", None, ""))
    mirror.set_link(LinkState("live", None, ""))
    assert mirror.version == before + 1
    assert [change.event for change in seen] == ["link"]


def test_the_age_counts_from_when_the_copy_was_last_current() -> None:
    now = 100.0
    mirror = Mirror(clock=lambda: now)
    mirror.replace(snapshot({}, 1))
    now = 107.5
    assert mirror.age_seconds() == 7.5
    mirror.confirm()
    assert mirror.age_seconds() == 0.0


def test_half_a_snapshot_is_never_shown() -> None:
    lines = snapshot_lines({"batches": [batch(1), batch(2)]}, 5)
    for cut in (lines[:-1], [*lines[:1], *lines[2:]], []):
        loading = Loading(lambda _rows, _announced: None)
        for line in cut:
            loading.take(line)
        with pytest.raises(NotUnderstood):
            loading.snapshot()


def test_a_pi_of_another_version_is_not_copied() -> None:
    hello = snapshot_lines({}, 5)[0].replace(b'"protocol": 1', b'"protocol": 2')
    with pytest.raises(NotUnderstood, match="version 2"):
        Loading(lambda _rows, _announced: None).take(hello)
