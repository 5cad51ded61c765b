"""What a browser keeps of what was confirmed, without a browser: order, once each, whose it is."""

from typing import Any

import pytest

from tests.office.scripts import Scripts

# As localStorage: texts by name, and names that come in no order.
STORAGE = """
class Storage { getItem(k) { return this[k] ?? null; } removeItem(k) { delete this[k]; }
  setItem(k, v) { if (Object.keys(this).length >= most) throw "full"; this[k] = String(v); } }
var most = 1e6, storage = new Storage(), room = withRoom(storage), queue = openQueue(room);
"""


@pytest.fixture
def scripts() -> Scripts:
    engine = Scripts("chute/queue.js")
    engine.run(STORAGE)
    return engine


def weight(key: str, at: int = 1, **fields: Any) -> dict[str, Any]:
    return {"kind": "weight", "key": key, "at": at, "tag": "T", "weight": "425", **fields}


def put(scripts: Scripts, item: dict[str, Any], by: str = "ana", place: int = 0) -> None:
    scripts.call("queue.put", item, by, place)


def next_key(scripts: Scripts, person: str = "ana") -> str | None:
    item = scripts.call("queue.next", person)
    return str(item["key"]) if item else None


def settle(scripts: Scripts, **answer: Any) -> None:
    scripts.call("queue.settle", scripts.call("queue.next", "ana"), answer)


def test_what_was_confirmed_first_is_sent_first_and_once(scripts: Scripts) -> None:
    minute = 60_000
    for key, at, place in (("c", 9 * minute, 0), ("a", minute, 1), ("b", minute, 2)):
        put(scripts, weight(key, at), place=place)
    keys: list[str] = []
    while (sent := next_key(scripts)) is not None:
        keys.append(sent)
        settle(scripts, outcome="done", weight_id=len(keys))
    assert keys == ["a", "b", "c"]
    assert scripts.call("queue.items") == []


def test_a_clock_that_is_set_back_a_little_changes_no_order(scripts: Scripts) -> None:
    for place, (key, at) in enumerate((("a", 9_000), ("b", 8_950), ("c", 9_010))):
        put(scripts, weight(key, at), place=place)
    found = [(one["key"], one["at"]) for one in scripts.call("queue.items")]
    assert found == [("a", 9_000), ("b", 9_000), ("c", 9_010)]


def test_what_waits_stays_first(scripts: Scripts) -> None:
    put(scripts, weight("a"))
    put(scripts, weight("b", 2))
    settle(scripts, outcome="waits")
    assert next_key(scripts) == "a"


def test_what_was_refused_is_kept_and_does_not_stop_the_others(scripts: Scripts) -> None:
    put(scripts, weight("a"))
    put(scripts, weight("b", 2))
    settle(scripts, outcome="refused", reason="No.", code="bad_value")
    assert next_key(scripts) == "b"
    refused = scripts.call("queue.items")[0]
    assert (refused["refused"], refused["code"]) == ("No.", "bad_value")
    scripts.call("queue.retry", refused)
    assert next_key(scripts) == "a"
    scripts.call("queue.drop", refused)
    assert next_key(scripts) == "b"


def test_a_void_waits_for_the_weight_that_it_takes_back(scripts: Scripts) -> None:
    put(scripts, weight("a"))
    put(scripts, {"kind": "void", "key": "v", "at": 2, "of": "a", "weight_id": None})
    put(scripts, weight("b", 3))
    settle(scripts, outcome="refused", reason="No animal.", code="unknown_animal")
    assert next_key(scripts) == "b"
    scripts.call("queue.assign", "T", 7)
    assert scripts.call("queue.next", "ana")["animal_id"] == 7
    settle(scripts, outcome="done", weight_id=55)
    assert scripts.call("queue.next", "ana")["weight_id"] == 55


def test_a_treatment_is_taken_back_by_the_number_that_the_pi_gave_it(scripts: Scripts) -> None:
    put(scripts, {"kind": "treat", "key": "t", "at": 1, "tag": "T"})
    put(scripts, {"kind": "untreat", "key": "u", "at": 2, "of": "t", "treatment_id": None})
    settle(scripts, outcome="done", treatment_id=5)
    assert scripts.call("queue.next", "ana")["treatment_id"] == 5


@pytest.mark.parametrize(("stood", "pen"), [(4, 4), (None, 0)])
def test_a_move_is_taken_back_to_the_pen_that_the_pi_names(
    scripts: Scripts, stood: int | None, pen: int
) -> None:
    put(scripts, {"kind": "move", "key": "m", "at": 1, "tag": "T", "pen_id": 9})
    put(scripts, {"kind": "move", "key": "b", "at": 2, "tag": "T", "of": "m"})
    assert next_key(scripts) == "m"
    settle(scripts, outcome="done", from_pen_id=stood)
    back = scripts.call("queue.next", "ana")
    assert (back["key"], back["pen_id"]) == ("b", pen)


def test_what_gets_its_animal_while_it_is_refused_is_sent_once_more(scripts: Scripts) -> None:
    put(scripts, weight("a"))
    sent = scripts.call("queue.next", "ana")
    scripts.call("queue.assign", "T", 7)
    scripts.call("queue.settle", sent, {"outcome": "refused", "reason": "No animal."})
    assert scripts.call("queue.next", "ana")["animal_id"] == 7


def test_a_void_goes_with_the_weight_that_is_thrown_away(scripts: Scripts) -> None:
    put(scripts, weight("a"))
    put(scripts, {"kind": "void", "key": "v", "at": 2, "of": "a", "weight_id": None})
    scripts.call("queue.drop", scripts.call("queue.items")[0])
    assert scripts.call("queue.items") == []


def test_nothing_goes_under_another_name_unless_somebody_says_so(scripts: Scripts) -> None:
    put(scripts, weight("a"), by="ana")
    assert next_key(scripts, "ben") is None
    scripts.call("queue.takeOver", "ben")
    assert scripts.call("queue.next", "ben")["by"] == "ben"


def test_two_pages_of_one_browser_keep_one_queue(scripts: Scripts) -> None:
    put(scripts, weight("a"))
    scripts.run("var other = openQueue(withRoom(storage))")
    scripts.call("other.put", weight("b", 2), "ana", 0)
    settle(scripts, outcome="done", weight_id=1)
    assert next_key(scripts) == "b"


def test_answers_do_not_fill_the_browser(scripts: Scripts) -> None:
    for number in range(450):
        put(scripts, weight(f"k{number}", number))
        settle(scripts, outcome="done", weight_id=number + 1)
    assert scripts.run("Object.keys(storage).length") < 402


def test_what_the_browser_has_no_room_for_is_sent_in_its_turn(scripts: Scripts) -> None:
    scripts.run("most = 1")
    for key in ("a", "b", "c"):
        put(scripts, weight(key, ord(key)))
    assert scripts.call("room.isFull")
    settle(scripts, outcome="waits")
    keys: list[str] = []
    while (sent := next_key(scripts)) is not None:
        keys.append(sent)
        settle(scripts, outcome="done", weight_id=len(keys))
    assert keys == ["a", "b", "c"]
    assert (scripts.call("queue.items"), scripts.call("room.isFull")) == ([], False)


def test_a_browser_that_keeps_nothing_still_names_what_was_refused(scripts: Scripts) -> None:
    scripts.run("most = 0")
    put(scripts, weight("a"))
    settle(scripts, outcome="refused", reason="No.", code="bad_value")
    assert [one["refused"] for one in scripts.call("queue.items")] == ["No."]


def test_what_was_refused_counts_as_given_only_while_it_waits_for_its_animal(
    scripts: Scripts,
) -> None:
    def treat(key: str, **fields: Any) -> dict[str, Any]:
        return {"kind": "treat", "key": key, "session_id": 7, "refused": "", **fields}

    items = [
        treat("a"),
        treat("b", refused="It is dead.", code="not_on_feed"),
        treat("c", refused="No animal has this tag yet.", code="unknown_animal"),
        treat("d", session_id=8),
        {"kind": "untreat", "key": "e", "of": "c"},
    ]
    found = scripts.call("treatmentsOf", items, {"id": 7})
    assert [(one["key"], one["isVoid"]) for one in found] == [("a", False), ("c", True)]
