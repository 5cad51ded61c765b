"""The office's copy at a cursor is what the Pi has at that cursor, whatever happened on the way."""

import json
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TransactionTestCase

from herd.errors import HerdError
from herd.models import FORGOTTEN, JournalEntry, new_mark
from herd.storage.journal import prune_journal
from herd.unit_of_work import open_unit_of_work
from remote.api.events import read_messages, resync_reason
from remote.api.snapshot import lines
from remote.office.link.snapshot_loader import Loading
from remote.office.mirror.mirror import Mirror
from remote.wire import Table
from tests.herd.test_counters import START, STEPS, do

TOPICS: tuple[Table, ...] = ("batches", "pens", "cattle", "weights", "sessions", "shipments")
FEW = 7  # events in one reading, so that a tail comes in parts


class Office:
    """An office without a network: it loads, follows in small parts, and falls behind."""

    def __init__(self) -> None:
        self.mirror = Mirror()
        self.snapshots = 0

    def load(self) -> None:
        loading = Loading(lambda _rows, _announced: None)
        for line in lines():
            loading.take(line.encode())
        self.mirror.replace(loading.snapshot())
        self.snapshots += 1

    def catch_up(self) -> None:
        """As the link does: resumes where it can, and else loads anew."""
        if self.mirror.cursor is None or resync_reason(self.mirror.cursor) is not None:
            self.load()
        while messages := read_messages(self.mirror.cursor, FEW):  # type: ignore[arg-type]
            self.mirror.apply([json.loads(one.text) for one in messages if one.topic])
            self.mirror.cursor = messages[-1].cursor


def the_pi() -> dict[Table, dict[int, Any]]:
    fresh = Office()
    fresh.load()
    return {topic: dict(fresh.mirror.tables[topic]) for topic in TOPICS}


DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("do"), STEPS),
        st.tuples(st.just("catch up"), st.none()),
        st.tuples(st.just("restored"), st.none()),
        st.tuples(st.just("prune"), st.none()),
    ),
    min_size=1,
    max_size=8,
)


TWO_INDUCTED = (("induct", 1, 1, 1), ("induct", 2, 1, 1))
ONE_WEIGHED = [("read", 1, 1, "hxb"), ("weigh", 1, 100, 0)]


class TestMirror(TransactionTestCase):
    databases = {"default", "reader"}

    @settings(max_examples=80, suppress_health_check=list(HealthCheck))
    @given(deeds=DEEDS)
    @example(deeds=[("do", ONE_WEIGHED), ("catch up", None), ("do", [("merge", 2, 1, 1)])])
    @example(deeds=[("do", list(TWO_INDUCTED)), ("catch up", None), ("do", [("merge", 0, 1, 0)])])
    def test_the_mirror_at_a_cursor_is_the_pi_at_that_cursor(
        self, deeds: list[tuple[str, Any]]
    ) -> None:
        office = Office()
        office.load()
        for day, (deed, steps) in enumerate(deeds):
            match deed:
                case "do":
                    work(steps, day)
                case "catch up":
                    office.catch_up()
                case "restored":
                    JournalEntry.objects.exclude(mark=FORGOTTEN).update(mark=new_mark())
                case "prune":
                    prune_journal(START + timedelta(days=day * 30 - 1), most=3)
        office.catch_up()
        assert {topic: dict(office.mirror.tables[topic]) for topic in TOPICS} == the_pi()
        for batch_id, batch in office.mirror.tables["batches"].items():
            assert len(office.mirror.held.in_batch(batch_id)) == batch["head_count"]


def work(steps: list[tuple[Any, ...]], day: int) -> None:
    with open_unit_of_work("test") as unit:
        for place, step in enumerate(steps):
            try:
                with unit.savepoint():
                    do(unit, step, START + timedelta(days=day * 30 + place))
            except HerdError:
                pass
