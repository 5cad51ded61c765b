"""What was asked of the Pi is told again for as long as nothing has happened."""

from typing import Any

from remote.office.mirror.tables import Row
from tests.office.filled import animal, batch, filled
from tests.office.http_pi import HttpPi
from tests.office.rows import event
from tests.office.test_pages import page
from tests.office.test_radio_log import a_pi_that_has

READ: Row = {
    "kind": "read",
    "at": "2026-11-20T10:00:00Z",
    "id": 1,
    "source": "udp:1",
    "raw_payload": "hxb:B1:LF1:U1",
}
ANA: Row = {"username": "ana", "display_name": "Ana", "role": "manager"}


def telling(pi: HttpPi, rows: list[Row], total: int) -> HttpPi:
    def answer(path: str, _body: Any) -> Any:
        told = {"data": rows, "next": None, "total": total}
        return 200, ANA if "auth/person" in path else told, {}

    pi.answer = answer
    return pi


def asked_of(pi: HttpPi) -> int:
    return sum("auth/person" not in request[1] for request in pi.requests)


async def test_an_animals_past_is_asked_again_when_something_happened_to_it() -> None:
    with filled({"cattle": [animal(1)]}) as mirror, a_pi_that_has([]) as pi:
        telling(pi, [READ], 1)
        for _ in range(3):
            assert "Heard by udp:1" in await page("/office/cattle/1")
        assert asked_of(pi) == 1
        mirror.apply([event(10**6, "cattle:updated", animal(1, notes="limps"))])
        await page("/office/cattle/1")
        assert asked_of(pi) == 2


async def test_with_the_pi_away_what_was_asked_before_is_still_told() -> None:
    with filled({"cattle": [animal(1), animal(2)]}):
        with a_pi_that_has([]) as pi:
            telling(pi, [READ], 1)
            await page("/office/cattle/1")
        assert "Heard by udp:1" in await page("/office/cattle/1")
        assert "cannot be read now" in await page("/office/cattle/2")


async def test_so_is_how_a_batch_grew() -> None:
    grown = [{"day": f"2026-11-0{day}", "head": 3, "mean_weight_kg": 400.5 + day} for day in (1, 2)]
    with filled({"batches": [batch(1)]}), a_pi_that_has([]) as pi:
        telling(pi, grown, 2)
        for _ in range(2):
            assert "401.5" in await page("/office/batches/1")
        assert asked_of(pi) == 1


async def test_entries_that_are_too_many_to_be_shown_are_counted() -> None:
    with filled({"cattle": [animal(1)]}), a_pi_that_has([]) as pi:
        telling(pi, [READ], 8)
        assert "7 earlier entries are on the Pi alone." in await page("/office/cattle/1")
