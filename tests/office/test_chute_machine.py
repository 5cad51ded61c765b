"""The chute's box without a browser: what came → what is shown, asked and sent."""

from typing import Any

import pytest

from tests.office.scripts import Scripts

LF, UHF, OTHER = "840003000000001", "E28011606000000000000001", "840003000000002"
ANIMAL = {"id": 1, "name": "A1", "hold": "", "recent": None}
NAMES = ("reading", "weights", "sorting", "treating", "returning", "showing", "machine")
MODULES = tuple(f"chute/{name}.js" for name in NAMES)


@pytest.fixture(scope="module")
def scripts() -> Scripts:
    return Scripts(*MODULES)


class Chute:
    """A crew at the chute: every input takes a second and brings a key of its own."""

    def __init__(self, scripts: Scripts, session: dict[str, Any] | None = None) -> None:
        self._scripts = scripts
        self._state = scripts.call("start", "kg", session)
        self._count = 0
        self.sent: list[dict[str, Any]] = []
        self.show: dict[str, Any] = {}
        self.ask: list[dict[str, Any]] = []

    def take(self, kind: str, **given: Any) -> "Chute":
        self._count += 1
        made = {"kind": kind, "at": self._count * 1000, "key": f"k{self._count}", "isTyping": False}
        after = self._scripts.call("next", self._state, made | given)
        self._state, self.show, self.ask = after["state"], after["show"], after["ask"]
        self.sent += after["send"]
        return self

    def line(self, text: str) -> "Chute":
        return self.take("line", text=text)

    def scan(self, tag: str, **card: Any) -> "Chute":
        """A tag and the office's answer to it."""
        self.line(tag)
        return self.take("card", q=tag, found="one", card={**ANIMAL, **card})

    def press(self, name: str, **given: Any) -> "Chute":
        return self.take("button", name=name, **given)

    def weights(self) -> list[tuple[Any, str]]:
        return [(one["animal_id"], one["weight"]) for one in self.sent if one["kind"] == "weight"]

    @property
    def questions(self) -> list[str]:
        return [one.get("panel") or one["name"] for one in self.ask]


@pytest.fixture
def chute(scripts: Scripts) -> Chute:
    return Chute(scripts)


# -- what a line is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "weight", "unit"),
    [
        ("425", "425", ""),
        ("0352.50", "352.50", ""),
        ("352,5", "352.5", ""),
        (" 0352 ", "352", ""),
        ("352.", "352", ""),
        ("352.500", "352.500", ""),
        ("0352,500", "352.500", ""),
        ("+ 352.5 kg", "352.5", "kg"),
        ("777lb", "777", "lb"),
        ("777 LBS", "777", "lb"),
        ("352.5kg G", "352.5", "kg"),
        ("ST,GS,+  352.5kg", "352.5", "kg"),
        ("ST,NT,+0352.5kg", "352.5", "kg"),
        ("ST;G;352,5 kg", "352.5", "kg"),
    ],
)
def test_a_scale_and_a_person_write_weights(
    scripts: Scripts, line: str, weight: str, unit: str
) -> None:
    read = scripts.call("readLine", line, True)  # noqa: FBT003 - an animal stands there
    assert read == {"kind": "weight", "weight": weight, "unit": unit}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("1,250", "twoWays"),
        ("1.250,5", "twoWays"),
        ("1,250.5", "twoWays"),
        ("US,GS,+  352.5kg", "unsteady"),
        ("OL,GS,+ 352.5kg", "unsteady"),
        ("-0.5", "noWeight"),
        ("0", "noWeight"),
        ("0000.0 kg", "noWeight"),
    ],
)
def test_what_is_no_clear_weight_is_neither_recorded_nor_looked_up(
    scripts: Scripts, line: str, why: str
) -> None:
    for is_chosen in (True, False):
        read = scripts.call("readLine", line, is_chosen)
        assert (read["kind"], read["why"]) == ("unclear", why)


@pytest.mark.parametrize(
    "line",
    [
        LF,
        UHF,
        "840 003 000000001",
        "982 000123456789",
        "890904755",
        "12345",
        "12345.5",
        "A755",
        "982.000123456789",
        "000000000000425",
        "3D6.000AC95916",
    ],
)
def test_a_tag_in_any_spelling_is_never_a_weight(scripts: Scripts, line: str) -> None:
    for is_chosen in (True, False):
        assert scripts.call("readLine", line, is_chosen) == {"kind": "name", "text": line}


def test_a_plain_number_is_a_name_before_a_tag_and_a_weight_after_it(scripts: Scripts) -> None:
    assert scripts.call("readLine", "755", False)["kind"] == "name"  # noqa: FBT003
    assert scripts.call("readLine", "755", True)["kind"] == "weight"  # noqa: FBT003
    assert scripts.call("readLine", "#755", True) == {"kind": "name", "text": "755"}  # noqa: FBT003
    assert scripts.call("readLine", "352.5", False)["why"] == "noAnimal"  # noqa: FBT003
    assert scripts.call("readLine", "  ", True) == {"kind": "empty"}  # noqa: FBT003


# -- the table: what comes, and what is shown, asked and sent ------------------------------------


def test_a_tag_chooses_and_a_number_weighs(chute: Chute) -> None:
    chute.line(LF)
    assert (chute.show["word"], chute.sent) == ("wait", [{"kind": "card", "q": LF, "id": None}])
    chute.take("card", q=LF, found="one", card=ANIMAL)
    assert (chute.show["word"], chute.questions) == ("ok", ["tags", "next"])
    chute.line("0425.0")
    assert chute.sent[-1] == {
        "kind": "weight",
        "key": "k3",
        "at": 3000,
        "tag": LF,
        "animal_id": 1,
        "weight": "425.0",
        "unit": "kg",
    }
    assert (chute.show["weight"], chute.questions) == ("425.0", ["void", "tags", "next"])


def test_a_weight_does_not_wait_for_the_card(chute: Chute) -> None:
    chute.line(LF).line("425").line(OTHER).line("300")
    chute.take("card", q=LF, found="one", card=ANIMAL)  # late: another stands there by now
    assert [(one["tag"], one["weight"]) for one in chute.sent if one["kind"] == "weight"] == [
        (LF, "425"),
        (OTHER, "300"),
    ]
    assert (chute.show["name"], chute.show["word"]) == (OTHER, "wait")


@pytest.mark.parametrize(
    ("card", "word"),
    [
        ({}, "ok"),
        ({"hold": "dead since 2026-11-01"}, "hold"),
        ({"again": {"id": 9, "text": "425.0 kg, 10:02"}}, "again"),
        ({"hold": "sold", "again": {"id": 9, "text": "425.0"}}, "hold"),
    ],
)
def test_one_word_says_what_to_do(chute: Chute, card: dict[str, Any], word: str) -> None:
    assert chute.scan(LF, **card).show["word"] == word


def test_an_unknown_tag_may_be_put_on_an_animal(chute: Chute) -> None:
    chute.line("900108000000009").take("card", q="900108000000009", found="none")
    assert (chute.show["word"], chute.questions[:2]) == ("new", ["new", "put"])
    chute.line("410")
    assert [chute.sent[-1][name] for name in ("tag", "animal_id")] == ["900108000000009", None]
    chute.press("panel", panel="put").press("put", fields={"animal_id": 7})
    assert (chute.sent[-1]["kind"], chute.sent[-1]["animal_id"]) == ("put", 7)
    chute.take("sent", key="x", outcome="done", tag="900108000000009", card={**ANIMAL, "id": 7})
    assert chute.show["word"] == "ok"


def test_what_is_no_tag_and_nobodys_number_leaves_the_animal_where_it_is(chute: Chute) -> None:
    chute.scan(LF).line("12345").take("card", q="12345", found="none", is_tag=False)
    assert (chute.show["word"], chute.show["name"]) == ("ok", LF)
    assert chute.show["notice"] == {"code": "noTag", "text": "12345"}
    chute.line("412")
    assert chute.weights() == [(1, "412")]


def test_a_weight_before_any_tag_is_no_new_animal(chute: Chute) -> None:
    chute.line("402").take("card", q="402", found="none", is_tag=False)
    assert (chute.show["word"], chute.questions) == ("scan", [])
    assert chute.show["notice"]["code"] == "noTag"
    chute.scan(LF).line("403")
    assert chute.weights() == [(1, "403")]


def test_what_was_weighed_of_a_number_before_the_answer_came_is_not_lost(chute: Chute) -> None:
    chute.line("40212").line("402").take("card", q="40212", found="none", is_tag=False)
    assert (chute.show["word"], chute.show["weight"]) == ("new", "402")


def test_an_office_that_is_away_is_told_where_the_page_would_be_left(chute: Chute) -> None:
    chute.scan(LF).take("away")
    assert (chute.show["word"], chute.show["notice"]) == ("ok", {"code": "away"})


def test_an_unknown_tag_may_be_a_new_animal(chute: Chute) -> None:
    chute.line(OTHER).take("card", q=OTHER, found="none").press("panel", panel="new")
    assert (chute.show["panel"], chute.questions) == ("new", ["cancel"])
    chute.press("add", fields={"visual_id": "755", "sex": "steer", "pen_id": 3})
    assert chute.sent[-1] == {
        "kind": "animal",
        "key": "k4",
        "at": 4000,
        "tag": OTHER,
        "visual_id": "755",
        "sex": "steer",
        "pen_id": 3,
    }
    assert (chute.show["word"], chute.show["panel"]) == ("new", "")
    chute.take("sent", key="k4", outcome="done", tag=OTHER, card={**ANIMAL, "id": 8})
    assert chute.line("300").weights() == [(8, "300")]


def test_several_animals_of_one_number_are_chosen_from(chute: Chute) -> None:
    found = [{"id": 1, "name": "A1", "told": "yellow"}, {"id": 2, "name": "A2", "told": "red"}]
    chute.line("755").take("card", q="755", found="several", choices=found)
    assert (chute.show["word"], chute.questions) == ("which", ["choose", "choose", "next"])
    chute.line("425").press("choose", id=2)
    assert chute.sent[-2:] == [
        {"kind": "assign", "tag": "755", "animal_id": 2},
        {"kind": "card", "q": "755", "id": 2},
    ]


def test_without_the_office_tags_and_weights_are_taken_all_the_same(chute: Chute) -> None:
    chute.line(LF).take("no_card", q=LF)
    assert chute.show["word"] == "kept"
    assert chute.line("425").weights() == [(None, "425")]


# -- corrections ------------------------------------------------------------------------------


def test_a_second_weight_is_sent_and_may_replace_the_first(chute: Chute) -> None:
    chute.scan(LF).line("425").line("435")
    assert chute.weights() == [(1, "425"), (1, "435")]
    assert chute.ask[0] == {"name": "replace", "old": "425", "text": "435"}
    assert chute.questions == ["replace", "keep", "void", "tags", "next"]
    chute.press("replace")
    voided = chute.sent[-1]
    assert (voided["kind"], voided["of"], voided["instead"]) == ("void", "k3", "435")
    assert (chute.show["weight"], chute.questions[:2]) == ("435", ["void", "unvoid"])


def test_both_weights_may_stay(chute: Chute) -> None:
    chute.scan(LF).line("425").line("435").press("keep")
    assert chute.questions == ["void", "tags", "next"]
    assert all(one["kind"] != "void" for one in chute.sent)


def test_the_last_weight_is_void_at_one_touch(chute: Chute) -> None:
    chute.scan(LF).line("425").line("4350").press("void")
    assert (chute.sent[-1]["kind"], chute.sent[-1]["of"]) == ("void", "k4")
    assert (chute.show["weight"], chute.questions[0]) == ("425", "void")


def test_a_weight_of_an_earlier_pass_may_be_replaced_for_ten_minutes(chute: Chute) -> None:
    chute.scan(LF, recent={"id": 9, "weight": "425.0", "at": 1}).line("435")
    chute.press("replace")
    assert (chute.sent[-1]["weight_id"], chute.sent[-1]["of"]) == (9, "")
    assert chute.questions[0] == "void"
    late = {"id": 9, "weight": "425.0", "at": -600_000}
    assert chute.scan(OTHER, id=2, recent=late).line("435").questions[0] == "void"


def test_the_other_tag_of_the_ear_is_no_second_pass(chute: Chute) -> None:
    again = {"id": 9, "text": "425.0"}
    chute.scan(LF).line("425").scan(UHF, again=again, recent={"id": 9, "weight": "425", "at": 1})
    assert (chute.show["word"], chute.show["weight"]) == ("ok", "425")
    assert chute.questions[0] == "void"


def test_an_ear_that_is_read_twice_is_asked_for_once(chute: Chute) -> None:
    chute.scan(LF).line(LF)
    assert [one["kind"] for one in chute.sent] == ["card"]


def test_who_was_not_known_is_looked_up_again_by_the_next_read(chute: Chute) -> None:
    chute.line(LF).take("no_card", q=LF).line("425").line(LF)
    assert [one["kind"] for one in chute.sent] == ["card", "weight", "card"]
    chute.line(LF)  # it is being looked up
    assert len(chute.sent) == 3
    chute.take("card", q=LF, found="none").line(LF)  # somebody entered it meanwhile
    assert (chute.show["word"], chute.sent[-1]["kind"]) == ("new", "card")
    chute.take("card", q=LF, found="one", card=ANIMAL)
    assert (chute.show["word"], chute.show["weight"]) == ("ok", "425")


def test_an_office_that_is_back_is_asked_who_stands_there(chute: Chute) -> None:
    chute.line(LF).take("no_card", q=LF).line("425")
    chute.take("sent", key="k3", outcome="done", tag=LF, weight_id=5)
    assert chute.sent[-1] == {"kind": "card", "q": LF, "id": None}
    chute.take("card", q=LF, found="one", card=ANIMAL)
    chute.take("sent", key="k3", outcome="done", tag=LF, weight_id=5)
    assert [one["kind"] for one in chute.sent] == ["card", "weight", "card"]


@pytest.mark.parametrize("late", ["card", "no_card"])
def test_who_was_scanned_before_a_slip_of_the_keys_waits_for_no_answer_of_before(
    chute: Chute, late: str
) -> None:
    chute.line(LF).line("41255")
    told = {"found": "one", "card": ANIMAL} if late == "card" else {}
    chute.take(late, q=LF, **told)  # a slow line: it comes after the next one was typed
    chute.take("card", q="41255", found="none", is_tag=False)
    assert chute.show["word"] == ("ok" if late == "card" else "kept")


def test_a_refusal_is_told_where_it_was_weighed(chute: Chute) -> None:
    chute.scan(LF).line("425")
    chute.take("sent", key="k3", outcome="refused", reason="No.", tag=LF)
    assert chute.show["notice"] == {"code": "refused", "text": "No."}
    chute.line(OTHER)
    assert chute.show["notice"] is None


def test_a_doubt_of_the_pi_is_told(chute: Chute) -> None:
    chute.scan(LF).line("425")
    doubted = {"id": 5, "quality": "suspect", "reason": "+90 kg in 1 days"}
    chute.take("sent", key="k3", outcome="done", tag=LF, weight_id=5, judged=[doubted])
    assert chute.show["notice"] == {"code": "suspect", "text": "+90 kg in 1 days"}
    assert chute.questions == ["accept", "void", "tags", "next"]
    chute.press("accept")
    assert (chute.sent[-1]["kind"], chute.sent[-1]["weight_id"]) == ("accept", 5)
    assert (chute.show["notice"], chute.questions[0]) == (None, "void")


def test_a_void_that_is_taken_back(chute: Chute) -> None:
    chute.scan(LF).line("425").press("void")
    assert (chute.show["weight"], chute.questions) == ("", ["unvoid", "tags", "next"])
    chute.press("unvoid")
    assert (chute.sent[-1]["kind"], chute.sent[-1]["of"]) == ("unvoid", "k3")
    assert (chute.show["weight"], chute.questions[0]) == ("425", "void")


def test_a_replaced_weight_is_taken_back_by_one_touch(chute: Chute) -> None:
    chute.scan(LF).line("425").line("435").press("replace")
    assert chute.ask[-3] == {"name": "unvoid", "text": "425"}
    chute.press("unvoid")
    assert (chute.sent[-1]["kind"], chute.sent[-1]["of"]) == ("unvoid", "k3")
    assert chute.questions == ["void", "tags", "next"]
    chute.scan(OTHER, id=2, recent={"id": 9, "weight": "425.0", "at": 1}).line("435")
    chute.press("replace").press("unvoid")  # of an earlier pass
    assert (chute.sent[-1]["kind"], chute.sent[-1]["weight_id"]) == ("unvoid", 9)
    assert chute.line("436").questions[0] == "replace"
    assert "unvoid" not in chute.questions


def test_the_second_weight_is_doubted_no_more_when_the_first_is_void(chute: Chute) -> None:
    chute.scan(LF).line("425").line("435")
    doubted = {"id": 6, "quality": "suspect", "reason": "weighed again"}
    chute.take("sent", key="k4", outcome="done", tag=LF, weight_id=6, judged=[doubted])
    chute.press("replace")
    judged = [{"id": 5, "quality": "void", "reason": ""}, {"id": 6, "quality": "ok", "reason": ""}]
    chute.take("sent", key="k6", of="k3", outcome="done", tag=LF, weight_id=5, judged=judged)
    assert (chute.show["weight"], chute.show["notice"]) == ("435", None)


# -- radio ------------------------------------------------------------------------------------


def test_a_radio_read_and_a_radio_weight_feed_the_card(chute: Chute) -> None:
    chute.take("read", id=1, name="A1")
    assert chute.sent == [{"kind": "card", "q": "A1", "id": 1}]
    chute.take("card", q="A1", found="one", card=ANIMAL)
    chute.take(
        "radio_weight", id=1, name="A1", weight="431.0", weight_id=5, quality="ok", reason=""
    )
    assert (chute.show["weight"], chute.weights()) == ("431.0", [])
    assert chute.questions == ["void", "tags", "next"]
    chute.take("read", id=2, name="A2")
    assert chute.show["name"] == "A2"


@pytest.mark.parametrize("is_typing", [True, False])
def test_a_radio_read_takes_nobodys_weight(chute: Chute, is_typing: bool) -> None:  # noqa: FBT001
    chute.scan(LF)
    if is_typing:
        chute.line("425")
    chute.take("read", id=2, name="A2", isTyping=is_typing)
    assert (chute.show["name"], chute.ask[0]) == (LF, {"name": "take", "text": "A2"})
    assert chute.line("426").weights()[-1] == (1, "426")
    assert chute.press("take").show["name"] == "A2"


@pytest.mark.parametrize("found", ["none", "several"])
@pytest.mark.parametrize("kg", ["", "425"])
def test_a_radio_read_takes_nobody_away_who_is_to_be_decided_on(
    chute: Chute, found: str, kg: str
) -> None:
    chute.line(LF).take("card", q=LF, found=found, choices=[ANIMAL]).line(kg)
    chute.take("read", id=2, name="A2")
    chute.take("radio_weight", id=3, name="A3", weight="300", weight_id=7, quality="ok", reason="")
    assert chute.show["name"] == LF
    assert chute.line("426").weights()[-1] == (None, "426")


def test_a_radio_read_closes_no_panel_and_takes_no_new_tag(chute: Chute) -> None:
    chute.scan(LF).line("425").press("panel", panel="tags").line("840003000000077")
    chute.take("read", id=2, name="A2")
    assert (chute.show["panel"], chute.show["name"]) == ("tags", LF)
    chute.press("tags")
    assert (chute.sent[-1]["kind"], chute.sent[-1]["animal_id"]) == ("tags", 1)


def test_a_radio_weight_is_no_second_one_of_itself(chute: Chute) -> None:
    told = {"weight": "431.0", "weight_id": 5, "quality": "ok", "reason": ""}
    chute.take("radio_weight", id=1, name="A1", **told)
    own = {"recent": {"id": 5, "weight": "431.0", "at": 1}, "again": {"id": 5, "text": "431.0"}}
    chute.take("card", q="A1", found="one", card={**ANIMAL, **own})
    assert (chute.show["word"], chute.questions[0]) == ("ok", "void")


# -- a session, and where animals go ------------------------------------------------------------

BANDS = [{"below": 400, "pen_id": 4, "pen": "P4"}, {"pen_id": 5, "pen": "P5"}]
TARGET = {"kg": 620, "gain_kg": 2.02, "on": "2027-02-28", "today": "2026-11-26"}
BY_TARGET = {"by": "target", "rules": [{**BANDS[0], "below": "2027-03-01"}, BANDS[1]]}
ON_LIST = {"is": "list", "pen_id": 4, "pen": "P4"}
BY_LIST = {"by": "list", "names": [LF, UHF], "rules": [ON_LIST, BANDS[1]]}
BY_WEIGHT = {"id": 7, "pen_id": None, "pen": "", "sort": {"by": "weight", "rules": BANDS}}


@pytest.mark.parametrize(
    ("sort", "card", "weight", "pen"),
    [
        ({"by": "weight", "rules": BANDS}, {}, "399.9", "P4"),
        ({"by": "weight", "rules": BANDS}, {}, "400", "P5"),
        ({"by": "weight", "rules": BANDS}, {}, "800 lb", "P4"),
        ({"by": "weight", "rules": BANDS[:1]}, {}, "400", None),
        (
            {"by": "gain", "rules": [{"below": 1.2, "pen_id": 4, "pen": "P4"}]},
            {"gain_kg": 1},
            "",
            "P4",
        ),
        ({"by": "gain", "rules": BANDS}, {"gain_kg": None}, "", None),
        (
            {"by": "sex", "rules": [{"is": "heifer", "pen_id": 4, "pen": "P4"}]},
            {"sex_word": "Heifer"},
            "",
            "P4",
        ),
        ({"by": "sex", "rules": [{"is": "heifer", "pen_id": 4, "pen": "P4"}]}, {}, "", None),
        ({"by": "weight", "rules": BANDS}, {"hold": "dead"}, "399", None),
        (BY_TARGET, {"target": TARGET}, "", "P4"),
        (BY_TARGET, {"target": {**TARGET, "on": "2027-03-01"}}, "", "P5"),
        (BY_TARGET, {"target": {**TARGET, "on": None}}, "", None),
        (BY_TARGET, {"target": TARGET}, "431", "P4"),  # 94 days to 2027-02-28
        (BY_TARGET, {"target": TARGET}, "430", "P5"),
        (BY_TARGET, {"target": TARGET}, "630", "P4"),
        (BY_TARGET, {"target": {**TARGET, "gain_kg": -0.1}}, "430", None),
        (BY_TARGET, {"target": None}, "430", None),
        (BY_LIST, {"names": ["A1", LF]}, "", "P4"),
        (BY_LIST, {"names": ["A2", OTHER]}, "425", "P5"),
        ({**BY_LIST, "rules": BANDS[1:]}, {"names": [LF]}, "", "P5"),
    ],
)
def test_the_first_rule_that_holds_says_where_it_goes(
    scripts: Scripts, sort: dict[str, Any], card: dict[str, Any], weight: str, pen: str | None
) -> None:
    chute = Chute(scripts, {**BY_WEIGHT, "sort": sort}).scan(LF, **card)
    if weight:
        chute.line(weight)
    assert chute.show.get("pen") == pen


def test_the_next_scan_confirms_the_move(scripts: Scripts) -> None:
    chute = Chute(scripts, BY_WEIGHT).scan(LF, pen_id=1, pen="P1").line("399")
    assert (chute.show["word"], chute.show["pen"]) == ("pen", "P4")
    assert chute.questions == ["void", "move", "not_moved", "tags", "next"]
    chute.line(OTHER)
    moved = {"kind": "move", "key": "k4", "at": 4000, "tag": LF, "animal_id": 1, "pen_id": 4}
    assert chute.sent[-2:] == [moved, {"kind": "card", "q": OTHER, "id": None}]
    assert {"name": "move_back", "text": "A1"} in chute.ask
    chute.press("move_back")
    back = chute.sent[-1]
    assert (back["animal_id"], back["pen_id"], "move_back" in chute.questions) == (1, 1, False)


def test_a_move_of_one_that_is_not_known_is_taken_back_to_where_it_stood(scripts: Scripts) -> None:
    chute = Chute(scripts, BY_WEIGHT)
    chute.line(LF).take("no_card", q=LF).line("390").line(OTHER).press("move_back")
    back = chute.sent[-1]
    assert (back["kind"], back["tag"], back["of"], "pen_id" in back) == ("move", LF, "k4", False)


def test_a_move_that_the_pi_refuses_is_told_and_not_taken_back(scripts: Scripts) -> None:
    chute = Chute(scripts, BY_WEIGHT)
    chute.scan(LF, pen_id=2).line("390").press("move")
    chute.take("sent", key="k4", outcome="refused", code="unknown_animal", reason="None yet.")
    assert "move_back" in chute.questions
    chute.take("sent", key="k4", outcome="refused", code="pen_full", reason="P4 is full.")
    assert chute.show["notice"] == {"code": "refused", "text": "P4 is full."}
    assert "move_back" not in chute.questions


def test_a_touch_confirms_it_and_another_leaves_the_animal_where_it_is(scripts: Scripts) -> None:
    chute = Chute(scripts, BY_WEIGHT).scan(LF, pen_id=1).line("399").press("move")
    assert chute.sent[-1]["kind"] == "move"
    chute.scan(OTHER, id=2, pen_id=1).line("399").press("not_moved").press("next")
    assert [one["animal_id"] for one in chute.sent if one["kind"] == "move"] == [1]


def test_a_held_animal_is_sorted_nowhere(scripts: Scripts) -> None:
    chute = Chute(scripts, BY_WEIGHT).scan(LF, hold="dead since 2026-11-05").line("399")
    assert (chute.show["word"], chute.questions[0]) == ("hold", "void")
    chute.scan(OTHER, id=2)
    assert [one for one in chute.sent if one["kind"] == "move"] == []


def test_who_stands_there_already_is_not_moved(scripts: Scripts) -> None:
    chute = Chute(scripts, BY_WEIGHT).scan(LF, pen_id=4).line("399")
    assert (chute.show["word"], chute.questions) == ("pen", ["void", "tags", "next"])
    chute.line(OTHER)
    assert [one["kind"] for one in chute.sent] == ["card", "weight", "card"]


def test_without_the_office_the_weight_sorts_all_the_same(scripts: Scripts) -> None:
    chute = Chute(scripts, BY_WEIGHT).line(LF).take("no_card", q=LF).line("399")
    assert chute.show["pen"] == "P4"
    chute.line(OTHER)
    moved = next(one for one in chute.sent if one["kind"] == "move")
    assert (moved["tag"], moved["animal_id"], moved["pen_id"]) == (LF, None, 4)
    assert {"name": "move_back", "text": "…000001"} in chute.ask


def test_without_the_office_the_list_sorts_by_the_tag_that_it_has(scripts: Scripts) -> None:
    chute = Chute(scripts, {**BY_WEIGHT, "sort": BY_LIST})
    chute.line("840 003 000000001").take("no_card", q="840 003 000000001")
    assert chute.show["pen"] == "P4"
    chute.line(OTHER).take("no_card", q=OTHER)  # it may be on it by its other tag
    assert chute.show["word"] == "kept"


def test_an_animal_of_another_pen_is_told_and_may_be_moved(scripts: Scripts) -> None:
    session = {"id": 7, "pen_id": 3, "pen": "P3", "sort": None}
    chute = Chute(scripts, session).scan(LF, pen_id=1, pen="P1")
    assert (chute.show["word"], chute.show["why"]) == ("wrongPen", "P1")
    assert {"name": "move", "text": "P3"} in chute.ask
    chute.press("move")
    assert (chute.sent[-1]["pen_id"], chute.show["word"]) == (3, "ok")
    chute.scan(OTHER, id=2, pen_id=3)
    assert (chute.show["word"], chute.questions) == ("ok", ["tags", "move_back", "next"])


# -- new tags ---------------------------------------------------------------------------------


def test_two_scans_are_new_tags_and_only_a_touch_puts_them_on(chute: Chute) -> None:
    chute.scan(LF).press("panel", panel="tags").line("840003000000077").line(UHF)
    assert chute.show["tags"] == ["840003000000077", UHF]
    assert [one["kind"] for one in chute.sent] == ["card"]
    assert chute.questions == ["tags", "cancel"]
    chute.press("tags")
    assert (chute.sent[-1]["lf_tag"], chute.sent[-1]["uhf_tag"]) == ("840003000000077", UHF)
    assert chute.show["panel"] == ""


def test_new_tags_may_be_scanned_in_any_order_and_left(chute: Chute) -> None:
    chute.scan(LF).press("panel", panel="tags").line(UHF).line("840003000000077")
    assert chute.show["tags"] == ["840003000000077", UHF]
    chute.press("cancel")
    assert [one["kind"] for one in chute.sent] == ["card"]


PAIRING: dict[str, Any] = {"id": 7, "pen_id": None, "sort": None, "treat": [], "pair": True}


def test_a_session_that_pairs_tags_offers_an_unknown_one_to_the_animal_before(
    scripts: Scripts,
) -> None:
    chute = Chute(scripts, PAIRING).scan(LF, lacks=["uhf"]).line("425")
    chute.line(UHF).take("card", q=UHF, found="none", tag_kind="uhf")
    assert (chute.show["word"], chute.questions) == ("pair", ["pair", "new", "put", "next"])
    chute.press("pair", fields=chute.ask[0]["fields"])
    sent = chute.sent[-1]
    assert (sent["kind"], sent["tag"], sent["animal_id"]) == ("put", UHF, 1)
    chute.take("sent", key=sent["key"], tag=UHF, outcome="done", card={**ANIMAL, "lacks": []})
    assert (chute.show["word"], chute.show["weight"]) == ("ok", "425")  # one pass
    chute.scan(OTHER, id=2)
    assert chute.weights() == [(1, "425")]


@pytest.mark.parametrize(
    ("session", "lacks", "kind"),
    [(PAIRING, [], "uhf"), (PAIRING, ["uhf"], "lf"), ({**PAIRING, "pair": False}, ["uhf"], "uhf")],
    ids=["has both", "another kind", "does not pair"],
)
def test_else_an_unknown_tag_is_a_new_animals(
    scripts: Scripts, session: dict[str, Any], lacks: list[str], kind: str
) -> None:
    chute = Chute(scripts, session).scan(LF, lacks=lacks)
    chute.line(OTHER).take("card", q=OTHER, found="none", tag_kind=kind)
    assert (chute.show["word"], chute.questions) == ("new", ["new", "put", "next"])


def test_an_unknown_tag_is_paired_also_where_the_line_is_slow(scripts: Scripts) -> None:
    chute = Chute(scripts, {"id": 7, "pen_id": None, "pen": "", "sort": None, "pair": True})
    chute.line(LF).line(UHF).take("card", q=LF, found="one", card={**ANIMAL, "lacks": ["uhf"]})
    chute.take("card", q=UHF, found="none", tag_kind="uhf")
    assert chute.show["word"] == "pair"
    chute.line(UHF).take("card", q=UHF, found="none", tag_kind="uhf")  # an ear that is read twice
    assert chute.show["word"] == "pair"


def test_what_is_not_to_be_moved_stays_when_its_other_tag_is_read(scripts: Scripts) -> None:
    chute = Chute(scripts, BY_WEIGHT).scan(LF).line("425")
    chute.press("not_moved").scan(UHF).scan(OTHER, id=2)
    assert [one for one in chute.sent if one["kind"] == "move"] == []


def test_escape_leaves_the_animal(chute: Chute) -> None:
    chute.scan(LF).press("next")
    assert (chute.show["word"], chute.questions) == ("scan", [])
    assert chute.line("755").sent[-1] == {"kind": "card", "q": "755", "id": None}
