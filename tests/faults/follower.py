"""An integrator's client of the Pi's feed: resumes from its cursor for as long as it is left to."""

import asyncio
import json
import ssl
import threading
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from tests.system.farm import Farm

AGAIN_AFTER = 0.2


class Follower:
    """`events` in the order in which they came; `resyncs` counts how often it could not resume,
    `losses` tells how each connection ended."""

    def __init__(self, farm: Farm) -> None:
        self.events: list[dict[str, Any]] = []
        self.resyncs = 0
        self.connections = 0
        self.losses: list[str] = []
        self._cursor: str | None = "0-00000000"
        self._farm = farm
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()

    @property
    def cursor(self) -> str:
        return self._cursor or ""

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    async def _run(self) -> None:
        while not self._stop.is_set():
            try:
                await self._follow()
            except (OSError, WebSocketException, InvalidHandshake) as error:
                self.losses.append(repr(error))
                await asyncio.sleep(AGAIN_AFTER)

    async def _follow(self) -> None:
        trust = ssl.create_default_context(cafile=self._farm.certificate)
        trust.check_hostname = False
        url = f"wss://127.0.0.1:{self._farm.pi_port}/ws/remote/events"
        key = {"X-API-Key": self._farm.account["api_key"]}
        async with connect(url, ssl=trust, additional_headers=key, proxy=None) as feed:
            self.connections += 1
            topics = ["payloads", "batches", "cattle", "pens", "weights"]
            await feed.send(
                json.dumps({"type": "subscribe", "topics": topics, "since": self._cursor})
            )
            while not self._stop.is_set():
                try:
                    frame = json.loads(await asyncio.wait_for(feed.recv(), 0.25))
                except TimeoutError:
                    continue
                for message in frame if isinstance(frame, list) else [frame]:
                    self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "event":
                self.events.append(message)
                self._cursor = message["cursor"]
            case "resync":
                self.resyncs += 1
                self._cursor = None
