"""Asks the Pi what is too long to be held: an animal's past, a batch's growth, old payloads."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

from herd.rules.growth import shrink_percent
from remote.office import clocks
from remote.office.charts import LineChart, Point, line_chart
from remote.office.link.client import PiClient
from remote.office.link.link_errors import PiError
from remote.office.mirror.index import ON_FEED
from remote.office.mirror.mirror import Mirror, Row
from remote.office.older_payloads import OlderPayloads
from remote.office.pages import PageRequest, closeout, deaths, payloads, sessions
from remote.office.pages.animals import name_of
from remote.office.pages.batches import target_of
from remote.office.pages.history_text import folded, with_sentences
from remote.office.pages.noise_groups import grouped
from remote.office.pages.page import Same, whole_number
from remote.office.pages.shipments import by_state, named_apart
from remote.office.pi_times import farm_time
from remote.office.units import in_unit
from remote.threads import run_aside
from remote.wire import Table

SHRINK_WITHIN: Final = timedelta(days=3)
ANSWERS_KEPT: Final = 64
KEPT_IF_SHORT: Final = 500  # entries
SESSIONS_KEPT: Final = 8  # of a thousand head half a megabyte each
REPORTS_KEPT: Final = 4  # of a year some megabytes each
SHORTEST_TAG: Final = 4  # what is shorter is the beginning of something

Key = tuple[Table, int, date, Same | None]


class PiQueries:
    """Asks one office's Pi, and remembers the short answers."""

    def __init__(self, mirror: Mirror, client: PiClient) -> None:
        self._mirror, self._client = mirror, client
        self._older = OlderPayloads(mirror)
        self._known: OrderedDict[Key, Row] = OrderedDict()
        self._sessions: OrderedDict[object, Row] = OrderedDict()
        self._deaths: OrderedDict[object, Row] = OrderedDict()

    async def history(self, pk: int, unit: str) -> dict[str, Any]:
        answer, why = await self._past_of("cattle", pk, lambda pi: pi.whole(f"cattle/{pk}/history"))
        if answer is None:
            return {"history": None, "why": why}
        past = answer["data"]
        weighed = [row for row in past if row["kind"] == "weight"]
        return {
            "history": (told := with_sentences(past, unit)),
            "timeline": folded(told),
            "earlier": max(0, (answer["total"] or 0) - len(past)),
            "weights": with_shrink(weighed),
            "chart": _chart(weighed, unit),
        }

    async def growth(self, pk: int, unit: str) -> dict[str, Any]:
        answer, why = await self._past_of("batches", pk, lambda pi: pi.get(f"batches/{pk}/growth"))
        if answer is None:
            return {"growth": None, "why": why, "head_days": None}
        days = [{"at": day["day"], **day} for day in answer["data"]]
        return {
            "growth": answer["data"],
            "grown": _chart(days, unit, "mean_weight_kg"),
            "head_days": answer.get("head_days"),
        }

    async def closeout(self, pk: int, asked: PageRequest) -> dict[str, Any]:
        """Return a batch's closeout, and the picture of its growth."""
        answer, why = await self._from_the_pi(lambda pi: pi.get(f"batches/{pk}/closeout"))
        if answer is None:
            return {"closeout": None, "why": why}
        batch = self._mirror.tables["batches"].get(pk)
        animals = self._mirror.held.in_batch(pk)
        on_feed = [row for row in animals if row["status"] in ON_FEED]
        target = target_of(on_feed, batch) if batch else None
        return closeout.with_closeout(answer, target, asked.unit)

    async def loaded(self, pk: int) -> dict[str, Any]:
        """Return a shipment's animals by how they stand; they change with every tag read."""
        answer, why = await self._from_the_pi(lambda pi: pi.get(f"shipments/{pk}/animals"))
        return {"animals": by_state(answer["data"]) if answer else None, "why": why}

    async def manifest(self, pk: int) -> dict[str, Any]:
        answer, why = await self._from_the_pi(lambda pi: pi.get(f"shipments/{pk}/manifest"))
        return {"manifest": answer, "why": why, **(named_apart(answer) if answer else {})}

    async def older_payloads(self, asked: PageRequest) -> dict[str, Any]:
        """Return a page of payloads older than those held here, or than an older page's last."""
        question = payloads.question(asked)
        answer, why = self._older.get(question), ""
        if answer is None:
            ticket = self._older.begin(question)
            answer, why = await self._from_the_pi(lambda pi: pi.get("payloads", question))
            if answer is not None:
                self._older.keep(question, ticket, answer)
        rows = answer["data"] if answer else []
        further = asked.link(before=rows[-1]["id"]) if answer and answer["next"] else ""
        shown = rows if payloads.EACH in asked.params else grouped(rows)
        listing = payloads.listing_of(self._mirror, shown, asked)
        return {
            "lists": {"payloads": listing.rendered()},
            "older": {"why": why, "further": further, "latest": asked.link(before="")},
        }

    async def worn_before(self, asked: PageRequest) -> dict[str, Any]:
        """Return the animals that bore a tag before, where a search finds nobody who wears it."""
        wanted, mirror = asked.search, self._mirror
        if len(wanted) < SHORTEST_TAG or mirror.link.state != "live" or mirror.finds(wanted):
            return {}
        answer, _ = await self._from_the_pi(lambda pi: pi.get("cattle", {"tag": wanted}))
        held = mirror.tables["cattle"]
        found = [held[row["id"]] for row in (answer or {}).get("data", []) if row["id"] in held]
        return {"formerly": [(row["id"], name_of(row)) for row in found]}

    async def session(self, pk: int, asked: PageRequest) -> dict[str, Any]:
        """Return a session's figures and animals, asked for once as long as it is the same."""
        row, other = self._mirror.tables["sessions"].get(pk), whole_number(asked.params.get("with"))
        if row is None:
            return {}
        now = pk, other, sessions.fingerprint(row, sessions.held_weights(self._mirror))
        if now not in self._sessions:
            asking = {"with": other} if other else None
            answer, why = await self._from_the_pi(
                lambda pi: pi.get(f"sessions/{pk}/summary", asking)
            )
            if answer is None:
                return {"summary": None, "why": why}
            self._sessions[now] = sessions.kept(answer)
            while len(self._sessions) > SESSIONS_KEPT:
                self._sessions.popitem(last=False)
        return sessions.with_summary(self._sessions[now], asked)

    async def deaths(self, asked: PageRequest) -> dict[str, Any]:
        """Return deaths and pulls of some days, asked for once as long as there are no others."""
        if self._mirror.cursor is None:
            return {}
        days = deaths.days_asked(asked)
        now = tuple(days.items()), deaths.fingerprint(self._mirror)
        if now not in self._deaths:
            answer, why = await self._from_the_pi(lambda pi: pi.get("reports/deaths", days))
            if answer is None:
                return {"report": None, "why": why}
            self._deaths[now] = deaths.kept(answer)
            while len(self._deaths) > REPORTS_KEPT:
                self._deaths.popitem(last=False)
        return deaths.with_report(self._deaths[now], asked)

    async def session_figures(self, asked: PageRequest) -> None:
        """Keep the figures of the sessions that a page lists, those that are not known."""
        mirror, told = self._mirror, self._mirror.worked_out.setdefault(sessions.TOLD, {})
        held, rows = sessions.held_weights(mirror), mirror.tables["sessions"]
        marks = {pk: sessions.fingerprint(rows[pk], held) for pk in sessions.on_page(mirror, asked)}
        unknown = [pk for pk, mark in marks.items() if told.get(pk, (None,))[0] != mark]
        if not unknown:
            return
        ids = ",".join(map(str, unknown))
        answer, _ = await self._from_the_pi(lambda pi: pi.get("sessions/figures", {"ids": ids}))
        for one in answer["data"] if answer else ():
            figures = {name: one[name] for name in sessions.Figures.__slots__}
            told[one["id"]] = marks[one["id"]], sessions.Figures(**figures)

    async def _past_of(
        self, topic: Table, pk: int, ask: Callable[[PiClient], Row]
    ) -> tuple[Row | None, str]:
        """Ask once for as long as the row is the same and it is the same day.

        Whatever happens to an animal or a batch makes its row anew. With the Pi away what was asked
        before is still told.
        """
        # The day too: days on feed and growth say something else tomorrow, though no row changes.
        row = self._mirror.tables[topic].get(pk)
        key = (topic, pk, clocks.today(self._mirror), None if row is None else Same(row))
        if (known := self._known.get(key)) is not None:
            self._known.move_to_end(key)  # the least looked at goes first
            return known, ""
        answer, why = await self._from_the_pi(ask)
        if answer is not None and row is not None and len(answer["data"]) <= KEPT_IF_SHORT:
            self._known[key] = answer
            while len(self._known) > ANSWERS_KEPT:
                self._known.popitem(last=False)
        return answer, why

    async def _from_the_pi(self, ask: Callable[[PiClient], Row]) -> tuple[Row | None, str]:
        """Return the answer, or None and why there is none."""
        try:
            return await run_aside(lambda: ask(self._client)), ""
        except PiError as error:
            return None, str(error)


def with_shrink(weighed: list[Row]) -> list[Row]:
    """Add `shrink` to weights: what was lost, in per cent, since up to three days before.

    On the way, or from an empty gut. The newest comes first.
    """
    rows, later = [], None
    for row in weighed:
        if row["quality"] != "ok":
            rows.append(row)
            continue
        if later is not None:
            rows[later] = rows[later] | {"shrink": _shrink(row, rows[later])}
        later = len(rows)
        rows.append(row)
    return rows


def _shrink(before: Row, after: Row) -> float | None:
    span = datetime.fromisoformat(after["at"]) - datetime.fromisoformat(before["at"])
    lost = shrink_percent(before["weight_kg"], after["weight_kg"])
    return lost if lost is not None and lost > 0 and span <= SHRINK_WITHIN else None


def _chart(rows: list[Row], unit: str, field: str = "weight_kg") -> LineChart | None:
    points = [
        Point(farm_time(row["at"]), in_unit(row[field], unit), row.get("quality", "ok"))
        for row in rows
    ]
    return line_chart(points, lambda value: f"{value:.0f}")
