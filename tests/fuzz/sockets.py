"""The Pi's feed and the office's page socket: frames that no client of ours would send."""

import asyncio
import json
import random
import ssl
from random import Random
from typing import Any
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException

from benchmarks.pages import sign_in
from tests.fuzz.corpus import noise, number, text, value
from tests.fuzz.tally import LONGEST, Tally, until
from tests.system.farm import Farm

TOPICS = ["payloads", "batches", "cattle", "pens", "weights"]
AT_ONCE = 8
ROUNDS = (  # of the office's page socket
    "/office/cattle",
    "/office/cattle?batch={1}&page={1}&q={0}",
    "/office/batches?search={0}",
    "/office/cattle/{1}",
    "/office/import/x?run={1}",
    "//[{0}",
    "{0}",
)
FINE = {1000, 1001, 1002, 1003, 1006, 1007, 1009, 4400, 4401, 4404, 4408}


def feed(farm: Farm, chance: Random, seconds: float) -> Tally:
    """Afterwards a client that behaves is greeted and hears of a new payload."""
    tally = Tally("feed")
    trust = ssl.create_default_context(cafile=farm.certificate)
    trust.check_hostname = False
    url = f"wss://127.0.0.1:{farm.pi_port}/ws/remote/events"
    more = {"ssl": trust, "additional_headers": {"X-API-Key": farm.account["api_key"]}}
    asyncio.run(_batter(tally, chance, seconds, url, more))
    asyncio.run(_behave(farm, tally, url, more))
    return tally


def pages(farm: Farm, chance: Random, seconds: float) -> Tally:
    tally = Tally("office's page socket")
    cookies = sign_in(farm).cookies
    headers = {
        "Cookie": "; ".join(f"{one.name}={one.value}" for one in cookies),
        "Origin": farm.office_url,
    }
    more = {"additional_headers": headers}
    for page in ROUNDS:
        asked = quote(page.format(text(chance), number(chance)), errors="replace")
        url = f"ws://127.0.0.1:{farm.office_port}/ws/office?page={asked}"
        asyncio.run(_batter(tally, chance, seconds / len(ROUNDS), url, more))
    return tally


async def _batter(tally: Tally, chance: Random, seconds: float, url: str, more: Any) -> None:
    for _ in until(seconds):
        sockets = [_one(tally, Random(chance.random()), url, more) for _ in range(AT_ONCE)]
        await asyncio.gather(*sockets)


async def _one(tally: Tally, chance: Random, url: str, more: Any) -> None:
    try:
        async with asyncio.timeout(LONGEST * 2), connect(url, proxy=None, **more) as socket:
            for _ in range(chance.randint(1, 12)):
                await socket.send(_frame(chance))
                tally.sent += 1
            await _end(socket, chance)
    except ConnectionClosed as closed:
        code = closed.rcvd.code if closed.rcvd else 1006
        tally.answers[code] = tally.answers.get(code, 0) + 1
        if code not in FINE:
            tally.wrong.append(f"closed with {code}")
    except InvalidHandshake:
        tally.answers[403] = tally.answers.get(403, 0) + 1
    except (OSError, WebSocketException, TimeoutError) as error:
        tally.failed(error, url)


async def _end(socket: ClientConnection, chance: Random) -> None:
    """Listens a little, or is gone without a word."""
    if chance.random() < 0.3:
        socket.transport.abort()
        return
    try:
        async with asyncio.timeout(0.05):
            while True:
                await socket.recv()
    except TimeoutError:
        return


def _frame(chance: Random) -> str | bytes:
    match chance.randrange(6):
        case 0:
            return noise(chance)
        case 1:
            return chance.choice(("", "{", "[]", "null", "[" * 5000, '{"a":' * 3000, "x" * 100_000))
        case 2:
            return _json({"type": chance.choice(("subscribe", "ack", "unsubscribe", "x", None))})
        case 3:
            choices: tuple[Any, ...] = (TOPICS, [], "cattle", None, [None], [{}], TOPICS * 500)
            topics = chance.choice(choices)
            return _json({"type": "subscribe", "topics": topics, "since": value(chance)})
        case 4:
            return _json({"type": "ack", "cursor": value(chance), "ack": value(chance)})
        case _:
            return _json({text(chance): value(chance), "type": value(chance)})


def _json(message: object) -> str:
    return json.dumps(message)


async def _behave(farm: Farm, tally: Tally, url: str, more: Any) -> None:
    said = f"hxb:GOOD:LF{random.randrange(10**9)}:"
    async with asyncio.timeout(LONGEST * 3), connect(url, proxy=None, **more) as socket:
        await socket.send(_json({"type": "subscribe", "topics": TOPICS, "since": None}))
        if json.loads(await socket.recv())["type"] != "hello":
            tally.wrong.append("a client that behaves was not greeted")
            return
        farm.hear(said)
        while said not in str(await socket.recv()):
            pass
