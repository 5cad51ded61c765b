"""An animal's history in sentences."""

from typing import Any

import pytest

from remote.office.pages.history_text import sentence

AT = "2026-11-20T10:00:00Z"


def a_move(old: str, new: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "movement",
        "what": "pen",
        "from": old,
        "to": new,
        "by": "office:mary",
        "reason": "",
        **more,
    }


def a_weight(**more: Any) -> dict[str, Any]:
    return {
        "kind": "weight",
        "weight_kg": 352.0,
        "quality": "ok",
        "reason": "",
        "by": "radio",
        **more,
    }


def an_edit(what: str, event: str = "cattle:updated") -> dict[str, Any]:
    return {"kind": "edit", "what": what, "by": "admin:ana", "event": event}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (a_move("P1", "P2", reason="storm"), "Moved from pen P1 to pen P2 by mary (office): storm"),
        (a_move("", "P2"), "Put into pen P2 by mary (office)"),
        (a_move("P1", "", by=""), "Taken out of pen P1"),
        (a_weight(), "Weighed 352.0 kg by radio"),
        (
            a_weight(quality="suspect", reason="+90 kg in 1 days", by="key:shed"),
            "Weighed 352.0 kg by key shed (suspect: +90 kg in 1 days)",
        ),
        (
            {"kind": "void", "weight_kg": 352.0, "by": "office:mary", "reason": "wrong animal"},
            "Weight of 352.0 kg voided by mary (office): wrong animal",
        ),
        (
            {
                "kind": "weight",
                "weight_kg": 3515.0,
                "by": "",
                "quality": "suspect",
                "reason": "3515 kg: no animal weighs that",
            },
            "Weighed 3515.0 kg (suspect: 3515 kg: no animal weighs that)",
        ),
        (an_edit("dead on 2026-11-22: bloat"), "Marked by ana (admin): dead on 2026-11-22: bloat"),
        (an_edit("health: – → lame"), "Changed by ana (admin): health: – → lame"),
        (an_edit("lost", "cattle:retagged"), "Tags changed by ana (admin): lost"),
        (
            {"kind": "read", "source": "udp:x", "raw_payload": "<b>"},
            "Heard by udp:x: <code>&lt;b&gt;</code>",
        ),
    ],
)
def test_each_entry_says_what_who_and_why(entry: dict[str, Any], told: str) -> None:
    assert sentence({"at": AT, **entry}, "kg") == told


def test_a_tag_tells_who_put_it_on_and_how_long_it_was_worn() -> None:
    entry = {
        "kind": "pairing",
        "tag_kind": "lf",
        "tag": "LF{1}",
        "until": None,
        "by": "office:mary",
        "reason": "<lost>",
    }
    worn = "LF tag <code>LF{1}</code> put on by mary (office): &lt;lost&gt;"
    assert sentence(entry, "kg") == worn
    assert sentence({**entry, "until": AT}, "kg").startswith(f"{worn}; worn until <time")


def test_a_corrected_read_says_who_corrected_it() -> None:
    entry = {
        "kind": "read",
        "source": "udp:1",
        "raw_payload": "hxb:B1:LF1:U1",
        "corrected_by": "office:mary",
    }
    told = sentence(entry, "kg")
    assert told.startswith("Heard by udp:1: its tags <details")
    assert told.endswith("<code>hxb:B1:LF1:U1</code></details>, corrected by mary (office)")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("event:hxbchi1000003345|lid:8|weight:420.4", "its weight"),
        ("sig:shed:7:ab: event:hxbind12|lid:8", "its induction"),
        ("HXE:LOT1:LF1:U1", "its tags, as it left"),
    ],
)
def test_a_message_is_told_in_words_with_its_text_one_touch_away(text: str, what: str) -> None:
    told = sentence({"at": AT, "kind": "read", "source": "udp:1", "raw_payload": text}, "kg")
    assert told.startswith(f"Heard by udp:1: {what} <details")
    assert f"<code>{text}</code>" in told
