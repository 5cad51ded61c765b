"""Each filter of each list over REST finds what it says, of two rows of which it takes one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from herd.models import Product, ReversibleChange
from herd.storage import journal
from lora.models import LoRaPayload
from remote.api import filters
from remote.api.filter_fields import Filters
from tests.remote.api.rows import (
    ROOT,
    a_batch,
    a_mark,
    a_payload,
    a_pen,
    a_pull,
    a_session,
    a_shipment,
    a_treatment,
    a_weight,
    an_animal,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

FIRST, SECOND = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (1, 5))
BETWEEN: Final = "2026-03-03T00:00Z"
LISTS: Final[dict[str, type[Filters]]] = {
    "batches": filters.BatchFilter,
    "cattle": filters.CattleFilter,
    "pens": filters.PenFilter,
    "sessions": filters.SessionFilter,
    "shipments": filters.ShipmentFilter,
    "weights": filters.WeightFilter,
    "products": filters.ProductFilter,
    "treatments": filters.TreatmentFilter,
    "work-marks": filters.WorkMarkFilter,
    "pulls": filters.PullFilter,
    "operations": filters.OperationFilter,
    "payloads": filters.PayloadFilter,
}
SPAN: Final = {"since": (BETWEEN, 2), "until": (BETWEEN, 1)}
# By list and filter: what is asked, and which of the two rows it finds; 0 is none.
FINDS: Final[dict[str, dict[str, tuple[str, int]]]] = {
    "batches": {
        "search": ("fox", 2),
        "status": ("closed", 2),
        "open": ("true", 1),
        "source": ("export", 2),
        "source_type": ("hxe", 2),
    },
    "cattle": {
        "status": ("sold", 2),
        "held": ("true", 1),
        "batch": ("{batch2}", 2),
        "pen": ("{pen1}", 1),
        "tag": ("98200000 0000001", 1),
        "search": ("000002", 2),
    },
    "pens": {"search": ("p2", 2), "location": ("north", 1)},
    "sessions": {
        "search": ("evening", 2),
        "open": ("false", 2),
        "batch": ("{batch2}", 2),
        "pen": ("{pen1}", 1),
        "source": ("udp:2", 2),
    },
    "shipments": {
        "search": ("rio", 1),
        "since": ("2026-03-03", 2),
        "until": ("2026-03-03", 1),
        "reported": ("false", 2),
        "state": ("shipped", 2),
    },
    "weights": {
        **SPAN,
        "batch": ("{batch2}", 2),
        "pen": ("{pen1}", 1),
        "cattle": ("{animal2}", 2),
        "session": ("{session1}", 1),
        "quality": ("suspect", 2),
        "source": ("office", 2),
    },
    "products": {"search": ("ivo", 2), "active": ("false", 2), "kind": ("dewormer", 2)},
    "treatments": {
        **SPAN,
        "batch": ("{batch2}", 2),
        "pen": ("{pen1}", 1),
        "cattle": ("{animal2}", 2),
        "product": ("{product2}", 2),
        "session": ("{session1}", 1),
        "void": ("true", 2),
        "source": ("radio", 2),
    },
    "work-marks": {
        "since": (BETWEEN, 2),
        "before": (BETWEEN, 1),
        "standing": ("false", 2),
        "search": ("a2", 2),
        "kind": ("seen", 2),
        "key": ("suspect:1", 1),
        "made_by": ("office:ben", 2),
    },
    "pulls": {
        **SPAN,
        "batch": ("{batch2}", 2),
        "cattle": ("{animal1}", 1),
        "open": ("true", 1),
        "void": ("true", 2),
        "cause": ("bloat", 2),
    },
    "operations": {
        **SPAN,
        "person": ("ben", 2),
        "cattle": ("{animal1}", 1),
        "batch": ("{animal1}", 0),  # a batch's number is no animal's
        "pen": ("{pen2}", 2),
        "undone": ("true", 2),
        "kind": ("edit", 2),
    },
    "payloads": {
        **SPAN,
        "search": ("b2", 2),
        "before": ("{payload2}", 1),
        "cattle": ("{animal2}", 2),
        "batch": ("{batch1}", 1),
        "status": ("processed", 2),
        "error_code": ("tag_conflict", 1),
        "source": ("udp:2", 2),
    },
}


@dataclass
class Pair:
    """Two rows of a list, and what stands in the place of names in what is asked."""

    rows: dict[str, list[Any]]

    @property
    def numbers(self) -> dict[str, int]:
        named = {"batch": "batches", "pen": "pens", "animal": "cattle", "session": "sessions"}
        named |= {"product": "products", "payload": "payloads"}
        return {
            f"{name}{place}": self.rows[of][place - 1].pk
            for name, of in named.items()
            for place in (1, 2)
        }


@pytest.fixture
def pair() -> Pair:
    for number in range(40, 47):  # so that an animal's number is no batch's and no pen's
        a_pen(f"X{number}").delete()
    for _ in range(90):
        an_animal().delete()
    soon = timezone.localdate() + timedelta(days=5)
    batches = [
        a_batch("LOT-1"),
        a_batch("B2", funder="Fox", status="closed", source_type="hxe"),
    ]
    pens = [a_pen("P1", location="north"), a_pen("P2")]
    cattle = [
        an_animal(lf_tag="982000000000001", batch=batches[0], pen=pens[0], clear_on=soon),
        an_animal(lf_tag="982000000000002", batch=batches[1], pen=pens[1], status="sold"),
    ]
    places = [{"batch": one, "pen": pen} for one, pen in zip(batches, pens, strict=True)]
    sessions = [
        a_session("Morning", source="udp:1", **places[0]),
        a_session("Evening", source="udp:2", ended_at=SECOND, **places[1]),
    ]
    products = [
        Product.objects.create(name="Oxytet", kind="antibiotic", withdrawal_days=28),
        Product.objects.create(name="Ivomec", kind="dewormer", active=False),
    ]
    of: list[dict[str, Any]] = [
        {"animal": animal, "session": session}
        for animal, session in zip(cattle, sessions, strict=True)
    ]
    day = SECOND.date()
    return Pair(
        {
            "batches": batches,
            "pens": pens,
            "cattle": cattle,
            "sessions": sessions,
            "products": products,
            "shipments": [
                a_shipment("S-1", destination="Río"),
                a_shipment("S-2", day=day, state="shipped", shipped_on=day),
            ],
            "weights": [
                a_weight(recorded_at=FIRST, **of[0]),
                a_weight(recorded_at=SECOND, quality="suspect", source="office", **of[1]),
            ],
            "treatments": [
                a_treatment(product=products[0], given_at=FIRST, **of[0]),
                a_treatment(
                    product=products[1], given_at=SECOND, source="radio", voided_at=SECOND, **of[1]
                ),
            ],
            "pulls": [
                a_pull(cattle[0], pulled_at=FIRST),
                a_pull(cattle[1], pulled_at=SECOND, cause="bloat", voided_at=SECOND),
            ],
            "work-marks": [
                a_mark(made_at=FIRST),
                a_mark(
                    "off:2",
                    kind="seen",
                    text="A2",
                    made_at=SECOND,
                    made_by="office:ben",
                    ended_at=SECOND,
                ),
            ],
            "operations": _operations(cattle[0].pk, pens[1].pk),
            "payloads": _payloads(cattle, batches),
        }
    )


def _operations(animal: int, pen: int) -> list[ReversibleChange]:
    made = [
        ReversibleChange.objects.create(
            kind="move", summary="1", made_at=FIRST, made_by="office:ana", steps={}
        ),
        ReversibleChange.objects.create(
            kind="edit",
            summary="2",
            made_at=SECOND,
            made_by="office:ben",
            undone_at=SECOND,
            steps={},
        ),
    ]
    told = (("cattle:moved", animal), ("pen:updated", pen))
    with journal.writing():
        for change, (kind, pk) in zip(made, told, strict=True):
            journal.record_many([journal.Entry(kind, pk, FIRST, change.made_by)], [change.pk])
    return made


def _payloads(cattle: list[Any], batches: list[Any]) -> list[LoRaPayload]:
    made = [a_payload("hxb:B1:LF1:U1"), a_payload("hxb:B2:LF2:U2")]
    told = [
        {"received_at": FIRST, "status": "error", "error_code": "tag_conflict", "source": "udp:1"},
        {"received_at": SECOND, "status": "processed", "source": "udp:2"},
    ]
    for row, about, animal, batch in zip(made, told, cattle, batches, strict=True):
        LoRaPayload.objects.filter(pk=row.pk).update(animal=animal, batch=batch, **about)
    return made


def test_each_filter_of_each_list_is_tried() -> None:
    assert {name: set(one.base_filters) for name, one in LISTS.items()} == {
        name: set(finds) for name, finds in FINDS.items()
    }
    assert set(LISTS.values()) == {
        one for one in vars(filters).values() if isinstance(one, type) and issubclass(one, Filters)
    } - {Filters}


@pytest.mark.parametrize("name", LISTS)
def test_a_filter_finds_the_one_of_two_rows_that_it_means(
    api: APIClient, pair: Pair, name: str
) -> None:
    found = {}
    for one, (asked, _) in FINDS[name].items():
        answer = api.get(ROOT + name, {one: asked.format(**pair.numbers)})
        assert answer.status_code == 200, (one, answer.json())
        places = [row.pk for row in pair.rows[name]]
        found[one] = [places.index(row["id"]) + 1 for row in answer.json()["data"]]
    assert found == {one: [place] if place else [] for one, (_, place) in FINDS[name].items()}
