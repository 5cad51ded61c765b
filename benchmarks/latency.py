"""From a radio frame to each station on its way to an eye: Pi's feed, and a row in Chromium."""

import asyncio
import json
import ssl
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from benchmarks import farms, floor, load
from benchmarks.figures import Figure, Goal, at_most
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


def show(root: Path) -> list[Figure]:
    print("\nLatency: frame sent to each station, every process running")
    with farms.farm_in(root, "latency") as farm:
        result = measure(farm)
        commit = floor.commit_ms(root)
        for name, process in farm.processes.items():
            print(f"  resident: {name} {process.resident_mb():.0f} MB")
    for name, values in (
        ("stored and on the feed", result.stored),
        ("applied and on the feed", result.applied),
    ):
        print(f"  {name:<24} p50 {p(values, 50):6.1f} ms   p99 {p(values, 99):6.1f} ms")
    return in_browser("quiet", result.browser, 2 * commit, (at_most(20), at_most(60)))


def in_browser(
    when: str, values: list[float], floor_ms: float, goals: tuple[Goal | None, Goal | None]
) -> list[Figure]:
    """Its floor: the two durable commits that a frame waits for."""
    name = f"frame to browser, {when}"
    return [
        Figure(f"{name}, p{percent}", p(values, percent), "ms", floor_ms, goal)
        for percent, goal in zip((50, 99), goals, strict=True)
    ]


def measure(farm: Farm, frames: int = FRAMES) -> Latency:
    feed = FeedWatch(farm)
    sent, seen = to_browser(farm, lambda count: count < frames)
    feed.end()
    return Latency(
        [feed.received[load.read(n)] - at for n, at in sent.items()],
        [feed.processed[load.read(n)] - at for n, at in sent.items()],
        [seen[n] - at for n, at in sent.items()],
    )


def to_browser(
    farm: Farm, goes_on: Callable[[int], bool], first: int = 5_000_000
) -> tuple[dict[int, float], dict[int, float]]:
    """Send frames as long as `goes_on` says of their count; return by number when each was sent
    and when it stood in the page, in milliseconds."""
    sent: dict[int, float] = {}
    with office_page(farm, "/office/payloads") as page:
        page.evaluate(WATCH)
        while goes_on(len(sent)):
            number = first + len(sent)
            sent[number] = time.time() * 1000
            farm.hear(load.read(number))
            page.wait_for_timeout(APART * 1000)
        last = load.lf(max(sent))
        wait_until(lambda: last in page.evaluate("window.seen"), "the last frame is shown", 120)
        seen = page.evaluate("window.seen")
    shown: dict[int, float] = {}
    until = seen[last]
    for number in sorted(sent, reverse=True):
        # What came and went in one burst never stood in the list: it counts as those behind it.
        until = shown[number] = seen.get(load.lf(number), until)
    return sent, shown
