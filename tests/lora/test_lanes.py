"""What two workers may apply side by side: nothing that an earlier payload may change."""

from datetime import UTC, datetime

import pytest

from herd.models import Animal, Batch, Pen
from lora.lanes import free
from lora.models import LoRaPayload, digest_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LF, UHF = "840003000000001", "E28011000000000000000001"


def waiting(*texts: str) -> list[LoRaPayload]:
    return [
        LoRaPayload(id=number, digest=digest_of(text), raw_payload=text)
        for number, text in enumerate(texts, 1)
    ]


def freed(*texts: str, held: int = 1) -> list[int]:
    """Of these, numbered from 1, what another worker may take while the first ones are held."""
    return free(waiting(*texts), set(range(1, held + 1)), most=100)


@pytest.fixture(autouse=True)
def places() -> None:
    Batch.objects.create(batch_number="L1", funder="Acme")
    Pen.objects.create(pen_number="P1")


def event(kind: str, number: int, rest: str) -> str:
    return f"event:hxb{kind}{number:06}|{rest}"


@pytest.mark.parametrize(
    "other",
    [
        "hxb:L1:LFA:UHFB",
        "hxb:L1:LFX:UHFA",
        "hxb:L1: lfa:",
        event("pai", 2, "lf:LFA|epc:UHFC|lid:9"),
        event("rep", 2, "old_lf:LFA|new_lf:LFD|lid:9"),
        event("rep", 2, "new_epc:UHFA|lid:9"),
    ],
)
def test_who_shares_a_tag_waits(other: str) -> None:
    assert freed("hxb:L1:LFA:UHFA", other, "hxb:L1:LFZ:UHFZ") == [3]


def test_who_shares_an_id_waits() -> None:
    texts = event("chi", 1, "lid:7|weight:300"), event("chi", 2, "lid:7|weight:301")
    assert freed(*texts, event("chi", 3, "lid:8|weight:300")) == [3]


def test_two_tags_of_one_animal_are_one_animal() -> None:
    Animal.objects.create(lf_tag=LF, uhf_tag=UHF, first_seen_at=NOON, last_seen_at=NOON)
    assert freed(f"hxb:L1:{LF}:", f"hxb:L1::{UHF}", "hxb:L1:LFZ:") == [3]


def test_order_stays_where_one_waits_for_another_that_waits() -> None:
    assert freed("hxb:L1:LFA:", "hxb:L1:LFA:UHFB", "hxb:L1:LFC:UHFB", "hxb:L1:LFC:") == []


def test_order_stays_where_one_makes_two_names_one_animal() -> None:
    texts = (
        "hxb:NEW:LFZ:",  # held
        event("pai", 2, "lf:LFA|epc:UHFA|lid:7"),  # free; from now on LFA is animal 7
        "hxb:NEW:LFA:",  # waits for its batch
        event("chi", 4, "lid:7|weight:300"),
        event("chi", 5, "lid:8|weight:300"),
    )
    assert freed(*texts) == [2, 5]


def test_the_same_text_the_same_event_and_the_same_device_wait() -> None:
    assert freed("nonsense", "nonsense", "other") == [3]
    assert freed("event:hxbxyz000001|a:b", "event:HXBXYZ000001|c:d", "event:hxbxyz000002|") == [3]
    signed = [f"sig:{device}:1:0123456789abcdef:{device}{n}" for n, device in enumerate("aab")]
    assert freed(*signed) == [3]


def test_who_makes_a_batch_or_a_pen_goes_first() -> None:
    assert freed("hxb:NEW:LFA:", "hxb:NEW:LFB:", "hxb:L1:LFC:") == [3]
    texts = [event("ind", n, f"lot:L1|pen:NEW|funder:Acme|lid:{n}") for n in (1, 2)]
    assert freed(*texts, event("ind", 3, "lot:L1|pen:P1|funder:Acme|lid:3")) == [3]


def test_who_fills_in_what_a_batch_does_not_say_goes_first() -> None:
    Batch.objects.create(batch_number="L2")
    texts = [event("ind", n, f"lot:L2|pen:P1|funder:F{n}|lid:{n}") for n in (1, 2)]
    assert freed(*texts, "hxb:L2:LFA:") == [3]


def test_payloads_that_are_held_and_not_among_the_oldest_count_too() -> None:
    assert free(waiting("hxb:L1:LFA:"), {77}, most=100) == [1]


def test_no_more_are_taken_than_asked_for() -> None:
    rows = waiting(*(f"hxb:L1:LF{number}:" for number in range(9)))
    assert free(rows, {1}, most=3) == [2, 3, 4]
