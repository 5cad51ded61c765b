"""The Pi's web process for tests: real daphne, a real database, real sockets; no TLS."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import requests
from websockets.asyncio.client import ClientConnection, connect

from remote.wire import SOCKET_PATH, TOPICS, Cursor
from tests.remote.api.feed_description import assert_described
from tests.system.farm import ROOT, free_port, wait_until

KEY = "shared-secret-of-the-tests"
PATIENCE = 20.0


class WebPi:
    """`running()` makes one. `say` writes through REST, `sql` behind everybody's back."""

    def __init__(self, state: Path) -> None:
        self.state, self.port = state, free_port()
        self.base = f"http://127.0.0.1:{self.port}/api/remote/"
        self.log = state / "web.log"
        self.pid = 0

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "hexabrand.settings.pi",
            "HEXABRAND_STATE_DIR": str(self.state),
            "ALLOWED_HOSTS": "127.0.0.1",
            "PI_API_KEY": KEY,
        }

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def start(self) -> "subprocess.Popen[bytes]":
        endpoint = f"tcp:{self.port}:interface=127.0.0.1"
        command = [sys.executable, "-m", "hexabrand.daphne", "-v", "0", "-e", endpoint]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [*command, "hexabrand.asgi.pi:application"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        self.pid = process.pid
        wait_until(self._is_healthy, "the web process answers")
        return process

    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def _is_healthy(self) -> bool:
        try:
            answer = requests.get(f"{self.base}health", timeout=5).json()
            return "journal_unreadable" not in {why["code"] for why in answer.get("reasons", [])}
        except requests.ConnectionError:
            return False

    def ask(self, method: str, path: str, key: str = KEY, **options: Any) -> requests.Response:
        return requests.request(
            method, self.base + path, headers={"X-API-Key": key}, timeout=PATIENCE, **options
        )

    def say(self, *texts: str) -> list[int]:
        """Payloads in; each leaves one journal entry."""
        answer = self.ask("POST", "payloads", json={"payloads": texts})
        assert answer.status_code == 201, answer.text
        return [row["id"] for row in answer.json()["data"]]

    def cursor(self) -> Cursor:
        return Cursor.parse(self.ask("GET", "pens").headers["X-Herd-Cursor"])

    def sql(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.state / "pi.sqlite3", timeout=10)) as database:
            database.execute(statement, values)
            database.commit()

    def new_key(self) -> str:
        return self.manage("create_api_key", "--name", "test")

    def socket(self, key: str | None = KEY, **options: Any) -> connect:
        headers = options.pop("headers", {}) | ({"X-API-Key": key} if key is not None else {})
        path = options.pop("path", SOCKET_PATH)
        return connect(
            f"ws://127.0.0.1:{self.port}{path}",
            additional_headers=headers,
            proxy=None,
            **options,
        )


@contextmanager
def running(state: Path) -> Iterator[WebPi]:
    pi = WebPi(state)
    pi.manage("migrate", "--verbosity", "0")
    process = pi.start()
    try:
        yield pi
    finally:
        process.terminate()
        process.wait(PATIENCE)


class Listener:
    """Reads one socket, message by message, whatever frames they come in. Each is as described."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._messages: list[dict[str, Any]] = []

    async def subscribe(self, since: Cursor | str | None = None, *topics: str) -> dict[str, Any]:
        """Returns the hello."""
        asked = {"type": "subscribe", "topics": topics or TOPICS}
        await self.send(asked | {"since": str(since) if since else None})
        hello = await self.next()
        assert hello["type"] == "hello"
        return hello

    async def send(self, message: object) -> None:
        await self.socket.send(json.dumps(message))

    async def next(self) -> dict[str, Any]:
        while not self._messages:
            frame = json.loads(await self.socket.recv())
            assert_described(frame)
            self._messages = frame if isinstance(frame, list) else [frame]
        return self._messages.pop(0)

    async def until(self, kind: str) -> list[dict[str, Any]]:
        """All messages up to one of this type, which is the last of them."""
        found = [await self.next()]
        while found[-1]["type"] != kind:
            found.append(await self.next())
        return found

    async def events(self, count: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + PATIENCE
        while len(found) < count and time.monotonic() < deadline:
            message = await self.next()
            found += [message] if message["type"] == "event" else []
        return found


def seqs(messages: list[dict[str, Any]]) -> list[int]:
    return [Cursor.parse(m["cursor"]).seq for m in messages if m["type"] == "event"]
