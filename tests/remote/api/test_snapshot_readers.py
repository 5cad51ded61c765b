"""Snapshots that nobody reads: real daphne, real sockets."""

import socket
from contextlib import ExitStack, closing
from pathlib import Path

from remote.api.flow_control import STALLED_AFTER
from tests.remote.api.pi import KEY, WebPi, running
from tests.system.farm import wait_until

HERD = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
INSERT INTO cattle (id, visual_id, tag_color, sex, breed, status, health, adg_confidence,
  left_reason, first_seen_at, last_seen_at, notes)
SELECT i, 'V' || i, '', '', '', 'active', '', '', '', '2026-11-01', '2026-11-01', hex(zeroblob(150))
FROM n
"""


def deaf_reader(pi: WebPi) -> socket.socket:
    """Asks for a snapshot, sees that it begins, and reads nothing of it."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.settimeout(30)
    line.connect(("127.0.0.1", pi.port))
    asked = f"GET /api/remote/snapshot HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {KEY}\r\n\r\n"
    line.sendall(asked.encode())
    assert line.recv(12) == b"HTTP/1.1 200"
    return line


def snapshot_status(pi: WebPi) -> int:
    with pi.ask("GET", "snapshot", stream=True) as answer:
        return answer.status_code


def test_snapshots_that_nobody_reads_cost_no_memory_and_end(tmp_path: Path) -> None:
    with running(tmp_path) as pi, ExitStack() as stack:
        pi.sql(HERD)
        assert len(pi.ask("GET", "snapshot").content) > 20_000_000
        used = pi.resident_mb()
        for _ in range(4):
            stack.enter_context(closing(deaf_reader(pi)))
        refused = pi.ask("GET", "snapshot")
        assert (refused.json()["code"], refused.headers["Retry-After"]) == ("busy", "5")
        most = 0.0

        def is_over() -> bool:
            nonlocal most
            most = max(most, pi.resident_mb())
            return snapshot_status(pi) == 200

        wait_until(is_over, "they are cut off", STALLED_AFTER + 30)
        assert most - used < 30
