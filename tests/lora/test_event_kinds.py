"""Which kind of barn event a payload is, where its id, its hints and its fields disagree."""

from decimal import Decimal

import pytest

from herd.commands import CheckIn, Induction, PairTags
from lora.payloads import InvalidPayload, parse
from lora.remarks import remark_on

NAMED = {"batch": "batch_number", "pen": "pen_number", "epc": "uhf"}


@pytest.mark.parametrize("hint", ["batch:B1", "pen:P1", "funder:F"])
def test_a_pairing_under_an_inductions_id_may_mention_its_lot(hint: str) -> None:
    parsed = parse(f"event:hxbind1|lid:1|lf:A|epc:B|{hint}")

    key, _, value = hint.partition(":")
    extra = ((NAMED.get(key, key), value),)
    assert parsed == PairTags("hxbind1", "1", "A", "B", extra=extra, mismatched=True)


@pytest.mark.parametrize("hint", ["batch:B1", "pen:P1", "lf:A", "epc:B"])
def test_a_check_in_under_an_inductions_id_may_mention_more(hint: str) -> None:
    parsed = parse(f"event:hxbind1|weight:300|lid:1|{hint}")

    key, _, value = hint.partition(":")
    extra = ((NAMED.get(key, key), value),)
    assert parsed == CheckIn("hxbind1", "1", Decimal(300), extra=extra, mismatched=True)


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("event:hxbind1|funder:F|lot:L1|pen:P1|weight:300", "lid"),
        ("event:hxbpai1|lf:A|lid:1|weight:300", "epc"),
    ],
)
def test_an_event_that_lacks_a_single_field_names_it(text: str, lacks: str) -> None:
    parsed = parse(text)

    assert isinstance(parsed, InvalidPayload)
    assert (parsed.code, lacks in parsed.message) == ("missing_field", True)


# What is told of the animal beside its id, and what the remark says is missing.
INDUCTIONS = {
    "lot:L1|pen:P1|funder:F": "",
    "lot:L1|pen:P1": "no funder",
    "lot:L1|pen:P1|funder:None": "no funder",
    "lot:L1|pen:P1|funder:": "no funder",
    "lot:L1|pen:P1|funder:null": "no funder",
    "lot:L1|pen:P1|funder:NULL": "no funder",
    "lot:L1|pen:P1|funder:n/a": "no funder",
    "lot:L1|pen:P1|funder:N/A": "no funder",
    "lot:L1|pen:P1|funder:undefined": "no funder",
    "lot:L1|pen:P1|funder: - ": "no funder",
    "lot:L1|funder:F": "no pen",
    "lot:L1|pen:None|funder:F": "no pen",
    "lot:L1": "no pen and no funder",
    "pen:P1": "no lot and no funder",
    "lot:null|pen:P1|funder:nil": "no lot and no funder",
    "batch:L1|pen:n/a|funder:(null)|sex:None|notes:null": "no pen and no funder",
    "lot:L1|weight:0": "no pen and no funder",  # an empty scale
}


@pytest.mark.parametrize("told", INDUCTIONS)
def test_a_lot_or_a_pen_makes_an_induction_and_what_is_missing_is_a_remark(told: str) -> None:
    parsed = parse(f"event:hxbind1|lid:7|{told}")

    assert isinstance(parsed, Induction)
    assert parsed.livestock_id == "7"
    assert (parsed.batch_number, parsed.pen_number) == (
        "L1" if "L1" in told else "",
        "P1" if "P1" in told else "",
    )
    assert (parsed.sex, parsed.notes) == ("", "")
    missing = INDUCTIONS[told]
    assert remark_on(parsed).startswith(f"The induction names {missing}." if missing else "")
    assert bool(remark_on(parsed)) == bool(missing)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        # One of lot, pen and funder is missing, as it was when that was an error: it was meant.
        ("event:hxbind1|lot:L1|pen:P1|lid:1|weight:300", Induction),
        ("event:hxbind1|funder:F|pen:P1|lid:1|lf:A|epc:B", Induction),
        ("event:hxbind1|funder:F|lot:L1|lid:1|weight:300", Induction),
        ("event:hxbchi1|lot:L1|pen:P1|lid:1", Induction),
        ("event:hxbxyz1|lot:L1|lid:1", Induction),
        ("event:hxbchi1|lot:L1|pen:P1|lid:1|weight:300", CheckIn),
        ("event:hxbchi1|pen:P1|lid:1|weight:300", CheckIn),
        ("event:hxbpai1|lot:L1|pen:P1|lid:1|lf:A|epc:B", PairTags),
        ("event:hxbchi1|funder:F|lot:L1|pen:P1|lid:1|weight:300", Induction),
    ],
)
def test_a_check_in_or_pairing_that_mentions_its_pen_stays_one(text: str, kind: type) -> None:
    assert isinstance(parse(text), kind)


def test_what_an_induction_does_not_take_is_told() -> None:
    parsed = parse("event:hxbind1|funder:F|pen:P1|lid:1|lf:A|weight:300")

    assert isinstance(parsed, Induction)
    assert remark_on(parsed) == (
        "The induction names no lot. Its funder and lot group are a lot's, and are not kept."
        " Not taken from an induction: LF tag (lf), weight."
    )


@pytest.mark.parametrize("nothing", ["None", "null", "NULL", "n/a", "NA", "nil", "undefined", "-"])
def test_a_word_for_nothing_is_no_tag(nothing: str) -> None:
    assert parse(f"hxb:B1:{nothing}:U1") == parse("hxb:B1::U1")
    assert parse(f"hxb:B1:L1:{nothing}") == parse("hxb:B1:L1:")
    assert isinstance(parse(f"event:hxbchi1|weight:300|lid:{nothing}"), InvalidPayload)
