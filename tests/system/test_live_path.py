"""From a radio frame to a row on an open office page: real processes, TLS, sockets, browser."""

import asyncio
import base64
import json
import os
import pty
import signal
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from websockets.asyncio.client import ClientConnection, connect

from tests.system.browser import office_page
from tests.system.farm import PATIENCE, Farm, wait_until

pytestmark = pytest.mark.system

APPEARS_MS = PATIENCE * 1000


def socket_of(farm: Farm, key: str | None = None) -> connect:
    trust = ssl.create_default_context(cafile=farm.certificate)
    trust.check_hostname = False
    return connect(
        f"wss://127.0.0.1:{farm.pi_port}/ws/remote/events",
        ssl=trust,
        additional_headers={"X-API-Key": key or farm.account["api_key"]},
        proxy=None,
    )


async def events_until(feed: ClientConnection, wanted: set[str]) -> list[dict[str, Any]]:
    """Events up to the one that completes the wanted kinds."""
    seen: list[dict[str, Any]] = []
    async with asyncio.timeout(PATIENCE):
        while not wanted <= {event["event"] for event in seen}:
            frame = json.loads(await feed.recv())
            messages = frame if isinstance(frame, list) else [frame]
            seen += [message for message in messages if message["type"] == "event"]
    return seen


async def subscribe(feed: ClientConnection, since: str | None) -> str:
    topics = ["payloads", "batches", "cattle", "pens", "weights"]
    await feed.send(json.dumps({"type": "subscribe", "topics": topics, "since": since}))
    hello = json.loads(await feed.recv())
    assert hello["type"] == "hello"
    return str(hello["cursor"])


@pytest.mark.browser
def test_a_datagram_shows_on_an_open_page_without_a_reload(farm: Farm) -> None:
    complaints: list[str] = []
    with office_page(farm, "/office/batches", complaints=complaints) as page:
        page.evaluate("window.notReloaded = true")
        farm.hear("hxb:BATCH001:LF123:UHF456")
        row = page.locator("[data-list] [data-key]", has_text="BATCH001")
        expect(row).to_be_visible(timeout=APPEARS_MS)
        assert page.evaluate("window.notReloaded") is True
    assert complaints == []
    assert "BATCH001" in [batch["batch_number"] for batch in farm.rows("batches")]


def test_a_plain_client_with_the_key_hears_of_the_payload_and_its_batch(farm: Farm) -> None:
    async def listen() -> list[dict[str, Any]]:
        async with socket_of(farm) as feed:
            await subscribe(feed, since=None)
            farm.hear("hxb:FEED001:LFF1:UHFF1")
            return await events_until(feed, {"payload:received", "batch:created"})

    events = {event["event"]: event["data"] for event in asyncio.run(listen())}
    assert events["payload:received"]["raw_payload"] == "hxb:FEED001:LFF1:UHFF1"
    assert {"payload_id", "timestamp"} <= set(events["payload:received"])
    assert events["batch:created"]["batch_number"] == "FEED001"


def test_a_client_that_comes_back_hears_what_it_missed_once(farm: Farm) -> None:
    async def listen() -> list[str]:
        async with socket_of(farm) as feed:
            cursor = await subscribe(feed, since=None)
        farm.hear("hxb:RESUME1:LFR1:UHFR1")
        farm.payload_that_says("hxb:RESUME1:LFR1:UHFR1")
        async with socket_of(farm) as feed:
            await subscribe(feed, since=cursor)
            return [e["event"] for e in await events_until(feed, {"payload:processed"})]

    kinds = asyncio.run(listen())
    assert kinds.count("batch:created") == kinds.count("cattle:created") == 1


def test_a_gateway_is_heard_and_acknowledged(farm: Farm) -> None:
    data = base64.b64encode(b"hxb:GATE001:LFG1:UHFG1").decode().rstrip("=")
    head = b"\x02\x12\x34\x00\xaa\x55\x5a\x00\x00\x00\x01\x02"
    body = {"rxpk": [{"stat": 1, "rssi": -61, "lsnr": 9.5, "datr": "SF7BW125", "data": data}]}
    assert farm.ask(head + json.dumps(body).encode()) == b"\x02\x12\x34\x01"
    # The answer comes after the commit: the row is there at once, whatever the worker does.
    texts = [row["raw_payload"] for row in farm.rows("payloads", limit=20)]
    assert "hxb:GATE001:LFG1:UHFG1" in texts
    assert farm.payload_that_says("hxb:GATE001:LFG1:UHFG1")["source"] == "gateway:aa555a0000000102"


MALFORMED = [
    b"hxb:ONLYBATCH",
    b"hxb::LF1:UHF1",
    b"hxb:B\x00:LF1:UHF1",
    b"\xff\xfe\xfd\xfc binary \x01\x02",
    "hxb:B1:\ud83d".encode("utf-8", "surrogatepass"),
    b"hxb:<script>alert(1)</script>:LF1",
    b"=cmd|' /C calc'!A0",
    b"event:hxbchi900001|weight:1e30|lid:1",
    b"event:hxbchi900002|weight:NaN|lid:1",
    "event:hxbchi900003|weight:٢٥٠|lid:1".encode(),
    b"event:hxbchi900004|weight:250|lid:" + b"9" * 60,
    b"x" * 5000,
    b"hxb:B1:9.82E+14:",
    b"\x02\x00\x00\x00",
    b'\x02\x00\x01\x00\xaa\x55\x5a\x00\x00\x00\x01\x01{"rxpk":[{"data":12,"rssi":NaN}]}',
]


def test_bad_input_leaves_a_row_with_a_reason_and_everything_running(farm: Farm) -> None:
    before = len(farm.rows("payloads", limit=500, status="error"))
    for frame in MALFORMED:
        farm.hear(frame)
    farm.hear("hxb:AFTERBAD:LFA1:UHFA1")
    farm.payload_that_says("hxb:AFTERBAD:LFA1:UHFA1")
    errors = farm.rows("payloads", limit=500, status="error")
    assert len(errors) - before == len(MALFORMED)
    assert all(row["error_code"] and row["error_message"] for row in errors)
    assert all(process.is_running() for process in farm.processes.values())
    for name in ("receiver", "worker", "pi web"):
        assert "Traceback" not in farm.log(name)


@pytest.mark.browser
def test_hostile_text_is_shown_as_text(farm: Farm) -> None:
    with office_page(farm, "/office/payloads") as page:
        farm.hear("hxb:<img src=x onerror=document.title='owned'>:LF1")
        expect(page.locator("[data-list]")).to_contain_text("<img src=x", timeout=APPEARS_MS)
        assert page.title() != "owned"


@pytest.mark.browser
def test_the_office_stays_usable_without_its_pi_and_catches_up(farm: Farm) -> None:
    farm.hear("hxb:BEFORE1:LFB1:UHFB1")
    farm.payload_that_says("hxb:BEFORE1:LFB1:UHFB1")
    with office_page(farm, "/office/batches") as page:
        rows = page.locator("[data-list] [data-key]")
        expect(rows.filter(has_text="BEFORE1")).to_be_visible(timeout=APPEARS_MS)
        farm.processes["pi web"].kill()
        expect(page.locator("body")).to_contain_text("Pi away since", timeout=APPEARS_MS)
        page.reload()
        expect(rows.filter(has_text="BEFORE1")).to_be_visible(timeout=APPEARS_MS)
        farm.hear("hxb:MEANWHILE1:LFM1:UHFM1")
        farm.start("pi web")
        expect(rows.filter(has_text="MEANWHILE1")).to_be_visible(timeout=APPEARS_MS)
        expect(page.locator("body")).not_to_contain_text("Pi away since", timeout=APPEARS_MS)


@pytest.mark.parametrize("name", ["receiver", "worker"])
def test_a_killed_process_goes_on_where_it_was(farm: Farm, name: str) -> None:
    farm.processes[name].kill()
    farm.start(name)
    if name == "receiver":
        wait_until(lambda: "Listening for radios" in farm.log(name), "the receiver listens")
        time.sleep(0.2)
    text = f"hxb:AGAIN{name.upper()}:LFK{name}:UHFK{name}"
    farm.hear(text)
    assert farm.payload_that_says(text)["status"] == "processed"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("name", ["receiver", "worker", "pi web", "office web"])
def test_every_process_ends_cleanly_when_asked(
    farm: Farm, name: str, number: signal.Signals
) -> None:
    process = farm.processes[name]
    assert process.end(number) == 0, process.log
    assert "Traceback" not in process.log
    farm.start(name)
    farm.wait_until_it_answers()


def test_a_second_receiver_refuses_and_the_first_goes_on(farm: Farm) -> None:
    with pytest.raises(AssertionError, match="running here already"):
        farm.manage("pi", "runreceiver")
    farm.hear("hxb:STILLHERE:LFS1:UHFS1")
    assert farm.payload_that_says("hxb:STILLHERE:LFS1:UHFS1")["status"] == "processed"


def test_a_serial_module_on_a_pty_is_heard(tmp_path: Path) -> None:
    controller, port = pty.openpty()
    farm = Farm(tmp_path)
    farm.serial = f"{os.ttyname(port)}@115200"
    line = b"+RCV=7,22,hxb:SER001:LFS1:UHFSER,-48,39\r\n"
    try:
        farm.start_pi()
        wait_until(lambda: "Listening on" in farm.log("receiver"), "the port is open")
        os.write(controller, line)
        row = farm.payload_that_says("hxb:SER001:LFS1:UHFSER")
    finally:
        farm.stop()
        os.close(controller)
        os.close(port)
    assert (row["status"], row["rssi"], row["snr"]) == ("processed", -48, 39)
