"""Two offices in one process, each following a Pi of its own: neither tells of the other's herd.

Both Pis number their rows from 1, so that whatever is asked of the wrong one is there, and shows.
"""

import asyncio
import base64
import json
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from channels.testing import HttpCommunicator, WebsocketCommunicator
from django.test import override_settings

from hexabrand.alerts.office import OfficeWatch
from hexabrand.asgi.ui import application_of
from remote.office.link import pairing
from remote.office.link.client import PiClient
from remote.office.link.configuration import first_address
from remote.office.link.finding import Finder
from remote.office.office import Office, office_with
from remote.wire import PairingString
from tests.office.filled import Browser
from tests.office.scripted_pi import until
from tests.system.farm import Farm

pytestmark = pytest.mark.system

NAMES = ("ALPHA", "BRAVO")
PAGES = [
    "/office/",
    "/office/batches",
    "/office/batches/1",
    "/office/cattle",
    "/office/cattle/1",
    "/office/pens",
    "/office/pens/1",
    "/office/pens/1?print=1",
    "/office/weights",
    "/office/payloads",
    "/office/scales",
    "/office/journal",
    "/office/cattle?format=csv",
    "/office/cattle/1?format=csv",
]
FORMS = [
    "/office/batches/1/edit",
    "/office/pens/1/edit",
    "/office/pens/1/delete",
    "/office/pens/1/move",
    "/office/cattle/1/edit",
    "/office/cattle/1/move",
    "/office/cattle/1/weigh",
    "/office/cattle/1/tags",
    "/office/cattle/1/leave",
    "/office/cattle/move?id=1",
    "/office/cattle/leave?id=1",
    "/office/weights/1/void",
    "/office/payloads/1/correct",
    "/office/journal/1/undo",
]
LIVE = [
    "/office/",
    "/office/batches",
    "/office/cattle",
    "/office/cattle/1",
    "/office/pens",
    "/office/pens/1",
    "/office/payloads",
    "/office/weights",
]


@dataclass(frozen=True, slots=True)
class Barn:
    """A real Pi whose herd bears one name, and the office that follows it."""

    name: str
    pi: Farm
    office: Office
    browser: Browser

    async def page(self, path: str) -> str:
        answer: Any = await self.browser.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        parts = [part async for part in answer] if answer.streaming else [answer.content]
        return b"".join(parts).decode()

    async def send(self, path: str, **fields: str) -> None:
        """Send a form, as the browser does that shows it."""
        shown = await self.page(path)
        hidden = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', shown)
        answer = await self.browser.post(path, {**dict(hidden), **fields})
        assert answer.status_code == 302, (path, answer.content.decode())


def a_pi(root: Path, name: str, running: ExitStack) -> Farm:
    farm = Farm(root / name)
    running.callback(farm.stop)
    farm.root.mkdir()
    farm.set_up_pi()
    farm.start("pi web")
    farm.wait_until_pi_answers()
    herd = f"LID;EID;lot;pen\n{name}-1;{name}EID;{name}-LOT;{name}-PEN\n"
    data = base64.b64encode(herd.encode()).decode()
    for path, body in (
        ("imports", {"kind": "animals", "data": data, "name": f"{name}.csv"}),
        ("cattle/1/weights", {"weight_kg": "400"}),
        ("payloads", {"payload": f"hxb:{name}-LOT:LF-{name}:U-{name}"}),
    ):
        answer = farm.post(path, body)
        assert answer.status_code < 300, answer.text
    adjust_a_scale(farm, name)
    return farm


def adjust_a_scale(farm: Farm, name: str) -> None:
    # Over REST a weight has no scale: it is named by the radio that signs. Nobody is at work here
    # who would refuse the payload.
    refused = "UPDATE lora_payload_buffer SET status = 'error', error_code = 'bad_tag'"
    with closing(sqlite3.connect(farm.root / "pi" / "pi.sqlite3")) as database, database:
        database.execute("UPDATE cattle_weight_history SET scale = ?", (f"{name}-SCALE",))
        database.execute(refused)
    day = datetime.now(UTC).date() - timedelta(days=1)
    answer = farm.post("scale-steps", {"scale": f"{name}-SCALE", "day": day.isoformat()})
    assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def pis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Farm]]:
    root = tmp_path_factory.mktemp("pis")
    with ExitStack() as running:
        yield [a_pi(root, name, running) for name in NAMES]


@asynccontextmanager
async def barn_of(name: str, pi: Farm) -> AsyncIterator[Barn]:
    with override_settings(PI_CERTIFICATE_FILE=pi.root / "office-pin.pem"):
        paired = await asyncio.to_thread(pairing.pair, PairingString.parse(pi.account["pairing"]))
    client = PiClient(first_address(paired), paired.fingerprints)
    office = office_with(Finder(client, paired))
    barn = Barn(name, pi, office, Browser(office))
    office.link.start()
    try:
        await until(lambda: office.mirror.link.state == "live", "the link is live")
        await until(lambda: office.mirror.status, "the Pi has told its status")
        account = {name: pi.account[name] for name in ("username", "password")}
        assert (await barn.browser.post("/login", account)).status_code == 302
        yield barn
    finally:
        await office.link.stop()


@asynccontextmanager
async def both(pis: list[Farm]) -> AsyncIterator[tuple[Barn, Barn]]:
    async with barn_of(NAMES[0], pis[0]) as alpha, barn_of(NAMES[1], pis[1]) as bravo:
        yield alpha, bravo


def tells_its_own(text: str, barn: Barn, other: Barn, path: str) -> None:
    assert barn.name in text, path
    assert other.name not in text, path


async def test_each_page_and_form_tells_its_own_herd(pis: list[Farm]) -> None:
    async with both(pis) as (alpha, bravo):
        for path in [*PAGES, *FORMS]:
            tells_its_own(await alpha.page(path), alpha, bravo, path)
            tells_its_own(await bravo.page(path), bravo, alpha, path)
        for barn in (alpha, bravo):  # where no name of the herd stands
            assert str(barn.office.mirror.cursor) in await barn.page("/office/status")
            found = await barn.browser.get("/office/find", {"q": f"{barn.name}-1"})
            assert found["Location"] == "/office/cattle/1"


async def test_each_open_page_is_kept_true_to_its_own_herd(pis: list[Farm]) -> None:
    async with both(pis) as (alpha, bravo):
        for path in LIVE:
            async with opened(alpha, path) as mine, opened(bravo, path) as theirs:
                tells_its_own(await told(mine), alpha, bravo, path)
                tells_its_own(await told(theirs), bravo, alpha, path)
        async with opened(alpha, "/office/pens") as mine, opened(bravo, "/office/pens") as theirs:
            await told(mine)
            await told(theirs)
            alpha.pi.post("pens", {"pen_number": "LIVE-PEN"})
            await until_told(mine, "LIVE-PEN")
            assert "LIVE-PEN" not in await told(theirs)  # its next beat
            assert len(alpha.office.open_pages) == len(bravo.office.open_pages) == 1


@asynccontextmanager
async def opened(barn: Barn, path: str) -> AsyncIterator[WebsocketCommunicator]:
    """The socket of a page, through the whole ASGI application of its office."""
    cookie = barn.browser.cookies["hexabrand_office_session"].value
    headers = {
        "host": "testserver",
        "origin": "http://testserver",
        "cookie": f"hexabrand_office_session={cookie}",
    }
    socket = WebsocketCommunicator(
        application_of(barn.office),
        "/ws/office?" + urlencode({"page": path}),
        [(name.encode(), value.encode()) for name, value in headers.items()],
    )
    await socket.connect()
    try:
        yield socket
    finally:
        await socket.disconnect()


async def told(socket: WebsocketCommunicator) -> str:
    """The next message, acknowledged."""
    text = str(await socket.receive_from(timeout=10))
    await socket.send_to(json.dumps({"ack": json.loads(text)["id"]}))
    return text


async def until_told(socket: WebsocketCommunicator, what: str) -> None:
    async with asyncio.timeout(20):
        while what not in await told(socket):
            pass


async def test_a_change_by_a_form_reaches_its_own_pi_alone(pis: list[Farm]) -> None:
    async with both(pis) as (alpha, bravo):
        await bravo.send("/office/batches/new", batch_number="OTHER-LOT", source_type="hxb")
        await until(lambda: "OTHER-LOT" in held(bravo), "the other's batch is in its copy")
        before = [row["data"] for row in everything(bravo)]
        await alpha.send("/office/batches/new", batch_number="NEW-LOT", source_type="hxb")
        await alpha.send("/office/pens/new", pen_number="NEW-PEN", capacity="5")
        await until(lambda: "NEW-PEN" in held(alpha), "the pen is in the copy")
        await alpha.send("/office/cattle/1/weigh", weight="431", in_unit="kg")
        await alpha.send("/office/cattle/1/move", pen="new-pen")
        await alpha.send("/office/cattle/1/edit", notes="limps", sex="")
        await until(lambda: "limps" in held(alpha), "the note is in the copy")
        assert alpha.office.mirror.tables["cattle"][1]["pen"]["pen_number"] == "NEW-PEN"
        assert "431.0" in await alpha.page("/office/cattle/1")
        assert "OTHER-LOT" not in await alpha.page("/office/batches")
        assert "NEW-LOT" in await alpha.page("/office/batches")
        assert [row["data"] for row in everything(bravo)] == before
        for path in ("/office/", "/office/batches", "/office/pens", "/office/cattle/1"):
            html = await bravo.page(path)
            assert not re.search(r"NEW-|431\.0|limps", html), path


def held(barn: Barn) -> str:
    return str(barn.office.mirror.tables)


def everything(barn: Barn) -> list[Any]:
    return [barn.pi.get(path).json() for path in ("batches", "pens", "cattle", "weights")]


async def test_each_has_its_own_people_health_figures_and_alerts(pis: list[Farm]) -> None:
    async with both(pis) as (alpha, bravo):
        alpha.browser.cookies, bravo.browser.cookies = bravo.browser.cookies, alpha.browser.cookies
        for barn in (alpha, bravo):  # whom one Pi knows, the other does not
            assert (await barn.browser.get("/office/")).status_code == 302
        with without_its_pi(bravo):
            await until(lambda: bravo.office.mirror.link.state == "away", "it is away")
            assert await answered(alpha, "/health") == 200
            assert await answered(bravo, "/health") == 503
            keys = {barn.name: await alert_keys(barn) for barn in (alpha, bravo)}
        assert ("link:pi-away" in keys["BRAVO"], "link:pi-away" in keys["ALPHA"]) == (True, False)


async def answered(barn: Barn, path: str) -> int:
    """The status, through the whole ASGI application of its office."""
    headers = [(b"host", b"testserver")]
    asked = HttpCommunicator(application_of(barn.office), "GET", path, headers=headers)
    answer = await asked.get_response()
    await asked.wait()
    return int(answer["status"])


async def alert_keys(barn: Barn) -> set[str]:
    seen = await OfficeWatch(barn.office.mirror).look(frozenset(), 0.0)
    return {item.key for item in seen.items}


@contextmanager
def without_its_pi(barn: Barn) -> Iterator[None]:
    barn.pi.processes["pi web"].kill()
    try:
        yield
    finally:
        barn.pi.start("pi web")
        barn.pi.wait_until_pi_answers()
