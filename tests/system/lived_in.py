"""A farm with a past of 120 days, and every page of its office with something on it."""

from typing import Any

from lora.simulation.farm_past import ALLEY
from tests.install.test_office_sample import ASKED
from tests.office.test_roles import CHANGED, NOT_PAGES, SEEN
from tests.system.farm import Farm

LOADED = 2  # of the three animals that each truck of `made_up` has planned


class LivedInFarm(Farm):
    """A farm that begins as the demo does."""

    def set_up_pi(self) -> None:
        super().set_up_pi()
        self.manage("pi", "simulate_past")


def every_page(farm: Farm) -> list[str]:
    """Return the address of each page and form of the office, as `tests/office/test_roles.py`
    knows them all, and of those that look otherwise with a session, a filter or an error."""
    pks = _pks(farm)
    return [
        *addresses(pks),
        f"/office/chute?session={pks['open']}",
        f"/office/shipments/{pks['loading']}",
        f"/office/shipments/{pks['shipped']}",
        f"/office/sessions/{pks['open']}",
        f"/office/pens/{pks['pens']}?print=1",
        f"/office/cattle/{pks['conflict_animal']}",
        f"/office/cattle/{pks['left']}",
        f"/office/cattle/{pks['pulled']}",
        "/office/cattle/move?all=1&status=active",
        "/office/work?state=dismissed",
        "/office/work?state=later",
        "/office/payloads?status=error",
        "/office/cattle?q=nothing+is+called+so",
    ]


def addresses(pks: dict[str, int]) -> list[str]:
    """Return the address of each page and form, with these rows' numbers in it."""
    routes = sorted((SEEN | CHANGED) - NOT_PAGES - {"office/import/<slug:token>"})
    return [f"/{_address(route, pks)}{_asked(route, pks)}" for route in routes]


def _address(route: str, pks: dict[str, int]) -> str:
    of = PK_OF.get(route) or route.split("/")[1]
    return route.replace("<int:pk>", str(pks.get(of, "")))


def _asked(route: str, pks: dict[str, int]) -> str:
    if not ASKED.get(route, "").startswith("?id="):
        return ASKED.get(route, "")
    return f"?id={pks['cattle']}&id={pks.get('conflict_animal', '')}"


# Whose number a route takes, where it is not its own table's.
PK_OF = {
    "office/batches/<int:pk>/closeout": "batches",
    "office/chute/<int:pk>/end": "open",
    "office/chute/<int:pk>/resume": "sessions",
    "office/journal/<int:pk>/undo": "journal",
    "office/payloads/<int:pk>/conflict": "conflict",
    "office/pens/<int:pk>/delete": "empty_pen",
    "office/weights/<int:pk>/accept": "suspect",
    "office/weights/<int:pk>/unvoid": "void",
    "office/shipments/<int:pk>/load": "loading",
    "office/shipments/<int:pk>/unload": "loading",
    "office/shipments/<int:pk>/ship": "loading",
    "office/shipments/<int:pk>/reported": "shipped",
    "office/shipments/<int:pk>/manifest": "shipped",
}


def _pks(farm: Farm) -> dict[str, int]:
    """Return a row of each kind, made where the past has none."""
    first = {name: farm.rows(path, **asked)[0] for name, (path, asked) in ROWS.items()}
    pks = {name: row["id"] for name, row in first.items()}
    pks["conflict_animal"] = farm.rows("cattle", search="890905198")[0]["id"]
    pks["pulled"] = first["pulls"]["cattle_id"]
    empty = farm.rows("pens", search="EMPTY") or [_made(farm, "pens", pen_number="EMPTY")]
    pks["empty_pen"] = empty[0]["id"]
    pks["void"] = _voided(farm)
    _put_away(farm)
    pks["scales"] = _adjusted(farm)
    return pks | _trucks(farm, first["cattle"]["batch"]["id"])


ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "batches": ("batches", {"search": "LOT8887"}),
    "cattle": ("cattle", {"search": "890904899"}),
    "pens": ("pens", {"search": "P03"}),
    "pulls": ("pulls", {}),
    "products": ("products", {}),
    "sessions": ("sessions", {"open": "false"}),
    "open": ("sessions", {"open": "true"}),
    "shipments": ("shipments", {"search": "2026"}),
    "weights": ("weights", {"quality": "ok"}),
    "suspect": ("weights", {"quality": "suspect"}),
    "payloads": ("payloads", {"status": "error"}),
    "conflict": ("payloads", {"error_code": "tag_conflict"}),
    "journal": ("operations", {"kind": "move"}),
    "left": ("cattle", {"status": "dead"}),
}


def _put_away(farm: Farm) -> None:
    """Dismiss one thing, and put another off."""
    if farm.rows("work-marks"):
        return
    for kind, more in (("dismissed", {"reason": "a calf"}), ("reminder", {"until": "2099-01-01"})):
        item = {"key": f"off:{kind}", "text": f"{kind}: expected 480.0, got 402.0 kg"}
        _made(farm, "work-marks", kind=kind, items=[item], **more)


def _voided(farm: Farm) -> int:
    """Return a weight that is void, of the last session that ended."""
    if not farm.rows("weights", quality="void"):
        weight = farm.rows("weights", quality="ok")[-1]["id"]
        _made(farm, f"weights/{weight}/void", reason="half on the scale")
    return int(farm.rows("weights", quality="void")[0]["id"])


def _adjusted(farm: Farm) -> int:
    """Return a day on which somebody said that a scale was adjusted: its first, which changes no
    gain."""
    if not farm.rows("scale-steps"):
        first = farm.rows("batches", search="LOT8887")[0]["induction_date"]
        _made(farm, "scale-steps", scale=ALLEY, day=first)
    return int(farm.rows("scale-steps")[0]["id"])


def _trucks(farm: Farm, batch: int) -> dict[str, int]:
    """Return a shipment that is being loaded and one that has left."""
    found = {}
    herd = [row["id"] for row in farm.rows("cattle", batch=batch, status="active", held="false")]
    for place, name in enumerate(("shipped", "loading")):
        if known := farm.rows("shipments", search=f"TRUCK-{name}"):
            found[name] = known[0]["id"]
            continue
        truck = _made(farm, "shipments", shipment_number=f"TRUCK-{name}", destination="Packer")
        found[name] = truck["id"]
        planned = herd[3 * place : 3 * place + 3]
        _made(farm, f"shipments/{truck['id']}/animals", cattle_ids=planned)
        _made(farm, f"shipments/{truck['id']}/begin")
        for pk in planned[:LOADED]:
            _made(farm, f"shipments/{truck['id']}/load", cattle_id=pk)
        if name == "shipped":
            _made(farm, f"shipments/{truck['id']}/ship")
    return found


def _made(farm: Farm, path: str, **body: Any) -> dict[str, Any]:
    answer = farm.post(path, body)
    assert answer.status_code in {200, 201}, f"{path}: {answer.text}"
    return dict(answer.json())
