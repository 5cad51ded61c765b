"""From a radio frame to each station on its way to an eye: Pi's feed, and a row in Chromium."""

import asyncio
import json
import ssl
import statistics
import threading
import time
from dataclasses import dataclass

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from benchmarks import load
from tests.system.browser import office_page
from tests.system.farm import Farm, wait_until

FRAMES = 150
APART = 0.08  # seconds: a busy chute, several gates at once

# Notes when each row of the list is seen for the first time, after the browser has laid it out.
WATCH = """
() => {
  window.seen = {};
  const note = () => requestAnimationFrame(() => {
    const at = performance.timeOrigin + performance.now();
    for (const row of document.querySelectorAll('[data-list] [data-key]')) {
      for (const word of row.textContent.match(/840003\\d{9}/g) || []) window.seen[word] ??= at;
    }
  });
  new MutationObserver(note).observe(document.body, {childList: true, subtree: true});
}
"""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from `send` to each station, one figure a frame."""

    stored: list[float]  # payload:received reaches a feed client
    applied: list[float]  # payload:processed reaches it
    browser: list[float]  # the row stands in the page


def p(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


class FeedWatch:
    """A feed client in a thread: when each payload text was first heard of, by event."""

    def __init__(self, farm: Farm) -> None:
        self.received: dict[str, float] = {}
        self.processed: dict[str, float] = {}
        self.ready = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._follow(farm)))
        self._thread.start()
        assert self.ready.wait(30)

    def end(self) -> None:
        self._stop.set()
        self._thread.join()

    async def _follow(self, farm: Farm) -> None:
        trust = ssl.create_default_context(cafile=farm.certificate)
        trust.check_hostname = False
        url = f"wss://127.0.0.1:{farm.pi_port}/ws/remote/events"
        headers = {"X-API-Key": farm.account["api_key"]}
        async with connect(url, ssl=trust, additional_headers=headers, proxy=None) as feed:
            subscribe = {"type": "subscribe", "topics": ["payloads"], "since": None}
            await feed.send(json.dumps(subscribe))
            while not self._stop.is_set():
                try:
                    frame = json.loads(await asyncio.wait_for(feed.recv(), 0.5))
                except TimeoutError:
                    continue
                except ConnectionClosed:
                    return
                for message in frame if isinstance(frame, list) else [frame]:
                    self._note(message)

    def _note(self, message: dict[str, object]) -> None:
        if message["type"] == "caught_up":
            self.ready.set()
        event, data = message.get("event"), message.get("data")
        if not isinstance(data, dict) or "raw_payload" not in data:
            return
        seen = self.received if event == "payload:received" else self.processed
        seen.setdefault(data["raw_payload"], time.time() * 1000)


def measure(farm: Farm, frames: int = FRAMES) -> Latency:
    feed = FeedWatch(farm)
    sent: dict[int, float] = {}
    with office_page(farm, "/office/payloads") as page:
        page.evaluate(WATCH)
        for number in range(5_000_000, 5_000_000 + frames):
            sent[number] = time.time() * 1000
            farm.hear(load.read(number))
            page.wait_for_timeout(APART * 1000)
        wait_until(
            lambda: len(set(page.evaluate("window.seen")) & {load.lf(n) for n in sent}) >= frames,
            "the browser has shown every frame",
        )
        seen = page.evaluate("window.seen")
    feed.end()
    return Latency(
        [feed.received[load.read(n)] - at for n, at in sent.items()],
        [feed.processed[load.read(n)] - at for n, at in sent.items()],
        [seen[load.lf(n)] - at for n, at in sent.items()],
    )
