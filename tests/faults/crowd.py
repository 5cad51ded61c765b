"""Two hundred open office pages, without the browsers: sockets that come back with jitter."""

import asyncio
import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from benchmarks.pages import sign_in
from tests.system.farm import Farm, wait_until

HEAD = 200
JITTER = (0.5, 1.5)  # of a second, as the pages do at first


class Crowd:
    """`told` counts the messages that each has had since it last connected."""

    def __init__(self, farm: Farm) -> None:
        self.told = [0] * HEAD
        self._url = f"ws://127.0.0.1:{farm.office_port}/ws/office?page=/office/batches"
        cookies = sign_in(farm).cookies
        self._headers = {
            "Cookie": "; ".join(f"{one.name}={one.value}" for one in cookies),
            "Origin": farm.office_url,
        }
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), daemon=True)
        self._thread.start()

    def wait_until_all_are_told(self) -> None:
        wait_until(lambda: all(self.told), f"all {HEAD} pages are told what is so")

    def end(self) -> None:
        self._stop.set()
        self._thread.join()

    async def _all(self) -> None:
        await asyncio.gather(*(self._one(number) for number in range(HEAD)))

    async def _one(self, number: int) -> None:
        while not self._stop.is_set():
            try:
                await self._follow(number)
            except (OSError, WebSocketException, InvalidHandshake):
                self.told[number] = 0
                await asyncio.sleep(random.uniform(*JITTER))

    async def _follow(self, number: int) -> None:
        async with connect(self._url, additional_headers=self._headers, proxy=None) as page:
            while not self._stop.is_set():
                try:
                    message = json.loads(await asyncio.wait_for(page.recv(), 0.5))
                except TimeoutError:
                    continue
                self.told[number] += 1
                await page.send(json.dumps({"ack": message["id"]}))


@contextmanager
def crowd(farm: Farm) -> Iterator[Crowd]:
    made = Crowd(farm)
    try:
        made.wait_until_all_are_told()
        yield made
    finally:
        made.end()


def sockets_to_the_pi(farm: Farm) -> int:
    """Established ones of the office's process: the feed's, and a request's at most."""
    pid = farm.processes["office web"].pid
    held = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()}
    port = f":{farm.pi_port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(
        1
        for row in rows
        if row[2].endswith(port) and row[3] == "01" and f"socket:[{row[9]}]" in held
    )
