"""Sessions at the office: the list with figures of the mirror or the Pi, one session, its forms."""

import re
from typing import Any

from remote.office.mirror.tables import Row
from remote.wire import Table
from tests.office.filled import AT, animal, batch, filled, pen, session, weight
from tests.office.rows import event
from tests.office.test_pages import page, signed_in
from tests.office.test_radio_log import a_pi_that_has

PERSON = {"username": "ana", "display_name": "Ana", "role": "manager", "data": []}
FIGURES = {"id": 2, "head": 40, "weighed": 39, "suspect": 1, "mean_weight_kg": 412.5}


def herd() -> dict[Table, list[Row]]:
    return {
        "batches": [batch(1)],
        "pens": [pen(1)],
        "cattle": [animal(1), animal(2)],
        "sessions": [
            session(1, name="Autumn", batch_id=1),
            session(2, name="Spring", ended_at=AT),
        ],
        "weights": [
            weight(1, session_id=1, weight_kg=400.0),
            weight(2, session_id=1, weight_kg=420.0, cattle_id=2),
            weight(3, session_id=1, quality="suspect", cattle_id=2),
            weight(4, session_id=2, weight_kg=300.0),
        ],
    }


def summary(pk: int = 1, rows: int = 2, **more: Any) -> Row:
    told = {"uhf_tag": None, "livestock_id": None, "reason": "", "by": "ana", "at": AT}
    data = [
        {"id": n, "cattle_id": n, "lf_tag": f"84000300000{n:04d}", "visual_id": f"V{n}", **told}
        | {"weight_kg": 400.0 + n, "quality": "ok", "gain_kg": 52.5, "gain_days": 35.0}
        | {"sorted_to": "P7" if n == 1 else None}
        for n in range(1, rows + 1)
    ]
    data[-1] |= {"quality": "suspect", "reason": "+90 kg in 1 days: too fast to be right"}
    figures: Row = {"head": rows, "weighed": rows - 1, "mean_weight_kg": 410.0, "gaining": 1}
    figures |= {"mean_gain_kg": 52.5, "mean_gain_days": 35.0, "adg_kg": 1.5, "treated": 0}
    figures |= {"suspect": 1, "sorted": [{"pen_id": 1, "pen_number": "P7", "head": 1}]}
    figures |= {"unseen": 3, "unseen_ids": [4, 5, 6], "compared": None, "total": rows}
    return session(pk) | figures | {"data": data, "next": None} | more


def figures_of(html: str, name: str) -> list[str]:
    """The head and mean that a row of the list shows."""
    row = html[html.index(f">{name}</a>") :].partition("</tr>")[0]
    return re.findall(r'data-label="(?:Head|Mean)" class="number">\s*([^<\s]*)', row)


async def test_the_list_tells_what_the_mirror_holds_and_else_what_the_pi_says() -> None:
    with filled(herd()), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, PERSON | {"data": [FIGURES]}, {})
        html = await page("/office/sessions")
        again = await page("/office/sessions")
    assert figures_of(html, "Autumn") == ["2", "410.0"]
    assert figures_of(html, "Spring") == ["40", "412.5"]
    assert figures_of(again, "Spring") == ["40", "412.5"]
    assert "P1 · LOT1" in html
    asked = [path for _, path, *_ in pi.requests if "figures" in path]
    assert len([path for path in asked if "2" in path.partition("ids=")[2]]) == 1


async def test_the_list_needs_no_pi() -> None:
    with filled(herd()):
        html = await page("/office/sessions?status=open")
    assert figures_of(html, "Autumn") == ["2", "410.0"]
    assert "Spring" not in html


async def test_a_session_shows_what_the_pi_tells_of_it_and_asks_once() -> None:
    with filled(herd()) as mirror, a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, PERSON | summary(), {})
        html = await page("/office/sessions/1")
        await page("/office/sessions/1")
        assert len([1 for _, path, *_ in pi.requests if "summary" in path]) == 1
        mirror.apply([event(101, "weight:recorded", weight(9, session_id=1))])
        await page("/office/sessions/1")
        assert len([1 for _, path, *_ in pi.requests if "summary" in path]) == 2
    assert "52.5" in html
    assert "P7" in html
    assert "too fast to be right" in html
    assert "/office/weights/2/accept?animal=2&amp;session=1" in html
    assert "/office/chute?session=1" in html


async def test_a_session_is_compared_with_another_one_of_its_pen() -> None:
    compared = {"id": 2, "name": "Spring", "started_at": AT, "both": 30, "mean_before_kg": 300.0}
    compared |= {"mean_after_kg": 391.0, "mean_gain_kg": 91.0, "mean_days": 60.0, "adg_kg": 1.52}
    compared |= {"only_here": 9, "only_there": 4}
    with filled(herd()), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, PERSON | summary(compared=compared), {})
        html = await page("/office/sessions/1?with=2")
        assert any("with=2" in path for _, path, *_ in pi.requests)
    assert "Compared with Spring" in html
    assert "91.0" in html
    assert '<option value="2">Spring</option>' in html


async def test_a_session_is_a_sheet() -> None:
    with filled(herd()), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, PERSON | summary(), {})
        answer: Any = await signed_in().get("/office/sessions/1?format=csv")
        told = b"".join([part async for part in answer]).decode("utf-8-sig")
    header, first, *_ = told.splitlines()
    assert header.split(",")[:4] == ["at", "name", "cattle_id", "lf_tag"]
    assert '"=""840003000000001"""' in first
    assert "401.00,ok" in first


async def test_the_weighings_sheet_names_the_eid() -> None:
    with filled(herd()):
        answer: Any = await signed_in().get("/office/weights?format=csv")
        told = b"".join([part async for part in answer]).decode("utf-8-sig")
    assert "lf_tag" in told.splitlines()[0]
    assert '=""840003000000001""' in told


async def sent(path: str, form: dict[str, str], answer: Row) -> tuple[str, str, Any, str]:
    """Method, path and body that the Pi was sent, and where the person goes then."""
    with filled(herd()), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, body: (200, PERSON if body is None else answer, {})
        gone = await signed_in().post(path, {"key": "k1", **form})
        assert gone.status_code == 302, gone.content.decode()
        method, asked, body = next(
            (one[0], one[1], one[-1]) for one in pi.requests if one[0] != "GET"
        )
        return method, asked.partition("/remote/")[2], body, gone["Location"]


async def test_weights_are_decided_upon_by_forms() -> None:
    made = weight(9, warning="")
    back = "?animal=2&session=1"
    told = await sent(f"/office/weights/3/accept{back}", {}, made)
    assert told == ("POST", "weights/3/accept", {}, "/office/sessions/1")
    told = await sent("/office/weights/3/unvoid?animal=2", {}, made)
    assert told == ("POST", "weights/3/unvoid", {}, "/office/cattle/2")
    form = {"weight": "435,5", "reason": "typed 425", "in_unit": "kg"}
    told = await sent("/office/weights/3/replace", form, made)
    body = {"weight_kg": "435.50", "reason": "typed 425"}
    assert told == ("POST", "weights/3/replace", body, "/office/weights")


async def test_a_session_of_a_thousand_head_is_shown_by_pages() -> None:
    with filled(herd()), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, PERSON | summary(rows=1000), {})
        html = await page("/office/sessions/1?page=20")
        assert len([1 for _, path, *_ in pi.requests if "summary" in path]) == 1
    assert "20 / 20" in html
    assert html.count("/office/cattle/") < 60
