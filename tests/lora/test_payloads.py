from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from herd.commands import CheckIn, Induction, PairTags, RepairTags, TagRead
from lora.payloads import InvalidPayload, event_id, parse

EPC = "3074257BF7194E4000001A85"
CHECK_IN = CheckIn("hxbchi000001", "1", Decimal("267.3"))
PAIRING = PairTags("hxbpai000002", "7", "982000001088420", EPC)
PAIRING_TEXT = f"event:hxbpai000002|lf:982000001088420|epc:{EPC}|lid:7"
INDUCTION = Induction("hxbind000003", "9", "L1", "4", "ACME")
INDUCTION_TEXT = "event:hxbind000003|funder:ACME|lot:L1|pen:4|lid:9"


def refusal(text: str) -> InvalidPayload:
    """What is wrong with the text, after checking that it is said in a sentence."""
    parsed = parse(text)
    assert isinstance(parsed, InvalidPayload), parsed
    assert parsed.message.endswith(".")
    assert parsed.message.isprintable()
    assert len(parsed.message) <= 300
    return parsed


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("hxb:BATCH001:LF123:UHF456", TagRead("BATCH001", "LF123", "UHF456", "hxb")),
        ("hxe:BATCH001:LF123:UHF456", TagRead("BATCH001", "LF123", "UHF456", "hxe")),
        ("HXB:b1:lf:uhf", TagRead("b1", "lf", "uhf", "hxb")),
        ("  Hxe : B 1 :\tLF : UHF \r\n", TagRead("B 1", "LF", "UHF", "hxe")),
        ("hxb:B1::UHF456", TagRead("B1", "", "UHF456", "hxb")),
        ("hxb:B1:LF123:", TagRead("B1", "LF123", "", "hxb")),
        ("hxb:B1:None:UHF456", TagRead("B1", "", "UHF456", "hxb")),
        (f"hxb:B1:982000001088420:{EPC}", TagRead("B1", "982000001088420", EPC, "hxb")),
        (f"hxb:{'B' * 50}:L|1:<script>", TagRead("B" * 50, "L|1", "<script>", "hxb")),
    ],
)
def test_a_tag_read_has_a_batch_and_two_tags(text: str, reading: TagRead) -> None:
    assert parse(text) == reading
    assert event_id(text) is None


@pytest.mark.parametrize(
    ("text", "code", "names"),
    [
        ("", "empty", "payload"),
        (" \r\n", "empty", "payload"),
        ("BATCH001:LF123:UHF456", "unknown_prefix", "BATCH001"),
        ("hxc:B1:LF:UHF", "unknown_prefix", "hxc"),
        ("\x00" * 500, "unknown_prefix", "begins"),
        ("hxb", "wrong_field_count", "batch"),
        ("hxb:B1", "wrong_field_count", "not 1 field."),
        ("hxb:B1:LF123", "wrong_field_count", "not 2 fields."),
        ("hxb:B1:LF123:UHF:456", "wrong_field_count", "4 field"),
        ("hxb::LF123:UHF456", "empty_batch", "batch"),
        ("hxb:None:LF123:UHF456", "empty_batch", "batch"),
        ("hxb:B1: :", "missing_tags", "UHF tag"),
        ("hxb:B1:None:none", "missing_tags", "LF tag"),
        ("hxb:B1:LF123:" + "U" * 51, "field_too_long", "UHF tag"),
        ("hxb:" + "B" * 51 + ":LF123:U", "field_too_long", "batch"),
        ("hxb:B1:LF\x00123:UHF456", "not_printable", "LF tag"),
        ("hxb:B\ud8001:LF123:UHF456", "not_printable", "batch"),
    ],
)
def test_a_bad_tag_read_names_its_field(text: str, code: str, names: str) -> None:
    assert refusal(text).code == code
    assert names in refusal(text).message


def test_the_radio_manuals_example_is_a_check_in() -> None:
    assert parse("event:hxbchi000001|weight:267.3|lid:1") == CHECK_IN


@pytest.mark.parametrize("lid", ["lid", "livestock_id", "cattle_id", "LID", " Lid "])
@pytest.mark.parametrize("weight", ["weight", "weight_kg", "Weight"])
def test_a_check_in_is_read_in_every_spelling(lid: str, weight: str) -> None:
    assert parse(f"Event: HXBCHI000001 | {weight} : 267.3 | {lid} : 1 |") == CHECK_IN


@pytest.mark.parametrize("lf", ["lf", "lf_id", "lf_tag"])
@pytest.mark.parametrize("epc", ["epc", "uhf_tag", "uhf"])
def test_a_pairing_is_read_in_every_spelling(lf: str, epc: str) -> None:
    assert parse(f"event:hxbpai000002|{lf}:982000001088420|{epc}:{EPC}|lid:7") == PAIRING


@pytest.mark.parametrize("lot", ["lot", "batch", "batch_name", "batch_number"])
def test_an_induction_is_read_in_every_spelling(lot: str) -> None:
    assert parse(f"event:hxbind000003|funder:ACME|{lot}:L1|pen:4|lid:9") == INDUCTION


def test_an_induction_keeps_all_it_is_told_and_long_notes() -> None:
    notes = "limps: left, 14:30 ".ljust(500, "n")
    details = f"lot_group:G|pen_location:North|tag_color:red|visual_id:12|notes:{notes}"
    assert parse(f"{INDUCTION_TEXT}|{details}") == replace(
        INDUCTION, lot_group="G", pen_location="North", tag_color="red", visual_id="12", notes=notes
    )


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("M", "male"),
        ("f", "female"),
        ("Male", "male"),
        ("FEMALE", "female"),
        ("Mixed", "mixed"),
        ("Steer", "steer"),
        ("Heifer", "heifer"),
        ("Bull", "bull"),
        ("cow", "cow"),
        ("None", ""),
        ("", ""),
    ],
)
def test_a_sex_has_one_word(text: str, sex: str) -> None:
    assert parse(f"{INDUCTION_TEXT}|sex:{text}") == replace(INDUCTION, sex=sex)


def test_an_unknown_sex_is_kept_beside() -> None:
    assert parse(f"{INDUCTION_TEXT}|sex:ox") == replace(INDUCTION, extra=(("sex", "ox"),))


@pytest.mark.parametrize("new", ["new_lf", "new_lf_tag", "new_lf_id"])
def test_a_repair_replaces_a_tag(new: str) -> None:
    text = f"event:hxerep5|lid:9|old_lf:LF1|{new}:LF2|reason:lost"
    repair = RepairTags("hxerep5", "9", old_lf="LF1", new_lf="LF2", reason="lost")
    assert parse(text) == repair
    assert repair.source == "hxe"


def test_a_repair_of_the_uhf_tag_alone_is_one() -> None:
    text = f"event:hxbrep6|lid:9|new_uhf_tag:{EPC}|old_epc:None"
    assert parse(text) == RepairTags("hxbrep6", "9", new_uhf=EPC)


def test_an_events_source_is_in_its_id() -> None:
    assert CHECK_IN.source == "hxb"
    assert replace(CHECK_IN, event_id="hxechi000001").source == "hxe"


def test_unknown_fields_are_kept_as_they_were_sent() -> None:
    parsed = parse(f"{PAIRING_TEXT}|Temp:38.5|temp:38.9|note|empty:|x:None|url:a:b|pen_location:N")
    kept = (("Temp", "38.5"), ("temp", "38.9"), ("note", ""), ("url", "a:b"), ("pen_location", "N"))
    assert parsed == replace(PAIRING, extra=kept)


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("event:hxbind000001|weight:267.3|lid:1", replace(CHECK_IN, event_id="hxbind000001")),
        ("event:hxbxyz000001|weight:267.3|lid:1", replace(CHECK_IN, event_id="hxbxyz000001")),
        (PAIRING_TEXT.replace("pai", "ind"), replace(PAIRING, event_id="hxbind000002")),
        ("event:hxbchi1|weight:0|lid:7|lf:A|epc:B", PairTags("hxbchi1", "7", "A", "B")),
        ("event:hxbchi1|weight:5|lid:7|lf:A|epc:B", PairTags("hxbchi1", "7", "A", "B", Decimal(5))),
        (INDUCTION_TEXT.replace("ind", "chi"), replace(INDUCTION, event_id="hxbchi000003")),
        ("event:hxbind1|lid:1|new_lf:A", RepairTags("hxbind1", "1", new_lf="A")),
    ],
)
def test_where_id_and_fields_disagree_the_fields_decide(text: str, event: CheckIn) -> None:
    assert parse(text) == replace(event, mismatched=True)


@pytest.mark.parametrize(
    ("more", "extra"),
    [
        ("pen:4", (("pen_number", "4"),)),
        ("lot:L1", (("batch_number", "L1"),)),
        ("lf:LF1", (("lf", "LF1"),)),
        ("old_lf:LF1", (("old_lf", "LF1"),)),
    ],
)
def test_a_check_in_that_mentions_more_is_still_a_check_in(
    more: str, extra: tuple[tuple[str, str], ...]
) -> None:
    parsed = parse(f"event:hxbchi000001|weight:267.3|lid:1|{more}")
    assert parsed == replace(CHECK_IN, extra=extra)


@pytest.mark.parametrize(
    ("text", "code", "names"),
    [
        ("event:", "bad_event_id", "id"),
        ("event:|lid:1", "bad_event_id", "id"),
        ("event:hxbchi|lid:1", "bad_event_id", "id"),
        ("event:hxcchi01|lid:1", "bad_event_id", "id"),
        ("event:hxbchi\u0660\u0661|lid:1", "bad_event_id", "id"),
        ("event:hxbchi01 lid:1", "bad_event_id", "id"),
        ("event:hxbxyz01|lid:1", "unknown_event", "id"),
        ("event:hxbind01|lid:1", "missing_field", "lot or pen"),
        ("event:hxbind01|lid:1|funder:ACME", "missing_field", "lot or pen"),
        ("event:hxbind01|lid:1|lot:n/a|pen:null", "missing_field", "lot or pen"),
        ("event:hxbind01|lid:None|lot:L1|funder:ACME", "missing_field", "livestock id (lid)"),
        ("event:hxbchi01|lid:1|pen:P1", "missing_weight", "check-in lacks: weight"),
        ("event:hxbpai01|lid:1|lot:L1|lf:LF1", "missing_field", "UHF tag"),
        ("event:hxbpai01|lid:1|lf:LF1", "missing_field", "UHF tag"),
        ("event:hxbind01|lid:1|epc:E1", "missing_field", "LF tag"),
        ("event:hxbrep01|lid:1|old_lf:LF1", "missing_field", "new tag"),
        ("event:hxbchi01|weight:267.3", "missing_field", "livestock id"),
        ("event:hxbchi01|lid:1", "missing_weight", "weight"),
        ("event:hxbchi01|lid:1|weight:None", "missing_weight", "weight"),
        ("event:hxbchi01|lid:1|weight:0", "missing_weight", "weight"),
        ("event:hxbind01|lid:1|weight:0.0", "missing_weight", "weight"),
        ("event:hxbchi01|lid:1|weight:5|cattle_id:2", "ambiguous_field", "livestock id"),
        ("event:hxbchi01|lid:1|weight:5|weight_kg:6", "ambiguous_field", "weight"),
        ("event:hxbchi01|lid:" + "1" * 51 + "|weight:5", "field_too_long", "livestock id"),
        (f"{INDUCTION_TEXT}|notes:" + "n" * 501, "field_too_long", "notes"),
        (f"{INDUCTION_TEXT}|tag_color:re\x07d", "not_printable", "tag color"),
        (f"{INDUCTION_TEXT}|mood:\ud800", "not_printable", "mood"),
    ],
)
def test_a_bad_event_names_its_field(text: str, code: str, names: str) -> None:
    assert refusal(text).code == code
    assert names in refusal(text).message


@pytest.mark.parametrize(
    ("text", "lf", "uhf"),
    [
        ("EID:982000001088420:E28011", "EID:982000001088420", "E28011"),
        ("EID: 982 000001088420:EPC:E28011", "EID: 982 000001088420", "EPC:E28011"),
        (
            ":urn:epc:tag:sgtin-96:3.0614141.812345.6789",
            "",
            "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
        ),
        (
            "LF1:urn:epc:raw:96.x3074257BF7194E4000001A85",
            "LF1",
            "urn:epc:raw:96.x3074257BF7194E4000001A85",
        ),
    ],
)
def test_a_readers_label_before_its_number_is_part_of_the_tag(text: str, lf: str, uhf: str) -> None:
    assert parse(f"hxb:B1:{text}") == TagRead("B1", lf, uhf, "hxb")


def test_a_field_given_twice_alike_is_given_once() -> None:
    assert parse("event:hxbchi000001|weight:267.3|lid:1|cattle_id:1|weight: 267.3") == CHECK_IN
    assert parse("event:hxbchi000001|weight:267.3|lid:1|weight_kg:267,30 kg") == CHECK_IN


@pytest.mark.parametrize(
    ("text", "kg"),
    [
        ("267.3", "267.3"),
        ("267,3", "267.3"),
        ("+267.3 kg", "267.3"),
        ("267.3KG", "267.3"),
        ("0267.", "267"),
        (".5", "0.5"),
        ("5000", "5000"),
        ("267.345", "267.35"),
        ("267,300", "267.3"),
        ("267.29999999999995", "267.3"),
        ("254.01174720000002", "254.01"),
    ],
)
def test_a_weight_is_kilograms_to_ten_grams(text: str, kg: str) -> None:
    parsed = parse(f"event:hxbchi000001|weight:{text}|lid:1")
    assert parsed == replace(CHECK_IN, weight_kg=Decimal(kg))


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "inf",
        "-1",
        "-0.0",
        "1e30",
        "1e2",
        "\u0662\u0666\u0667",
        "5000.01",
        "9" * 40,
        "588 lb",
        "heavy",
        "1.267.3",
        "1,250",
        "4,250 kg",
        "0x10",
        "1_000",
        "=1+1",
        "5 \u212ag",
    ],
)
def test_what_is_no_weight_of_an_animal_is_refused(text: str) -> None:
    for event in ("event:hxbchi000001|lid:1", PAIRING_TEXT):
        parsed = refusal(f"{event}|weight:{text}")
        assert (parsed.code, text in parsed.message) == ("bad_weight", True)


@pytest.mark.parametrize("text", ["0", "0.0", "0,00 kg", "0.004", "None", ""])
def test_a_weight_of_nothing_is_no_weight(text: str) -> None:
    assert parse(f"{PAIRING_TEXT}|weight:{text}") == PAIRING
    assert refusal(f"event:hxbchi000001|lid:1|weight:{text}").code == "missing_weight"


def test_a_pairing_may_bring_a_weight() -> None:
    assert parse(f"{PAIRING_TEXT}|weight:301.5") == replace(PAIRING, weight_kg=Decimal("301.5"))


KEYS = st.sampled_from(
    [
        "lf",
        "epc",
        "lid",
        "cattle_id",
        "weight",
        "lot",
        "batch",
        "funder",
        "pen",
        "sex",
        "new_lf",
        "",
    ]
)
VALUES = st.one_of(st.sampled_from(["", "None", "0", "1", "267.3", "NaN", "M"]), st.text())
FIELDS = st.lists(st.builds("{}:{}".format, KEYS, VALUES), max_size=8).map("|".join)
IDS = st.from_regex(r"hx[be](ind|pai|chi|rep|[a-z]{0,4})[0-9]{0,6}", fullmatch=True)
EVENTS = st.builds("event:{}|{}".format, IDS, FIELDS)
READS = st.builds("hxb:{}:{}:{}".format, VALUES, VALUES, VALUES)


@given(st.one_of(st.text(), EVENTS, READS))
@example("\ud800")
@example("event:hxbchi1|weight:" + "9" * 5000)
def test_any_text_gives_a_reading_or_a_sentence(text: str) -> None:
    match parse(text):
        case InvalidPayload():
            refusal(text)
        case TagRead() as reading:
            assert reading.batch_number
            assert reading.lf or reading.uhf
            assert event_id(text) is None
        case event:
            assert event.event_id == event_id(text)
            assert event.livestock_id


@given(EVENTS)
def test_an_event_in_capitals_is_the_same_event(text: str) -> None:
    assert event_id(text.upper()) == event_id(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("event:hxbchi000001|weight:267.3|lid:1", "hxbchi000001"),
        (" EVENT : HXECHI1 ", "hxechi1"),
        ("event:hxbxyz1|broken", "hxbxyz1"),
        ("event:hxbchi|lid:1", None),
        ("hxb:B1:LF:UHF", None),
        ("", None),
    ],
)
def test_an_events_id_is_found_without_reading_further(text: str, found: str | None) -> None:
    assert event_id(text) == found


AN_EID, AN_EPC = "982 000001088420", "E200 9A90 4006 0AF0 0000 0372"


@pytest.mark.parametrize(
    ("lf", "uhf", "read"),
    [
        ("", AN_EID, (AN_EID, "")),
        (AN_EPC, "", ("", AN_EPC)),
        (AN_EPC, AN_EID, (AN_EID, AN_EPC)),
        (AN_EID, AN_EPC, (AN_EID, AN_EPC)),
        (AN_EID, "", (AN_EID, "")),
        ("", AN_EPC, ("", AN_EPC)),
        (AN_EID, AN_EID, (AN_EID, AN_EID)),
        ("LF1", AN_EID, ("LF1", AN_EID)),
        ("", "LF1", ("", "LF1")),
    ],
)
def test_a_tag_in_the_others_field_is_what_it_plainly_is(
    lf: str, uhf: str, read: tuple[str, str]
) -> None:
    assert parse(f"hxb:B1:{lf}:{uhf}") == TagRead("B1", *read, "hxb")
    if lf and uhf:
        pairing = parse(f"event:hxbpai1|lid:7|lf:{lf}|epc:{uhf}")
        assert pairing == PairTags("hxbpai1", "7", *read)
