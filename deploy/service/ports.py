"""Whether the ports of a role are free, and who holds them where they are not."""

import contextlib
import errno
import socket
from pathlib import Path

from deploy.service.layout import Refused
from deploy.service.settings import Settings
from hexabrand.listening import bind_error

KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
LISTENING = {"tcp": "0A", "udp": "07"}  # states in /proc/net: TCP_LISTEN, and TCP_CLOSE for UDP


def refuse_taken(settings: Settings, role: str) -> None:
    """Raise Refused for a port that another program holds; our own services may hold theirs."""
    for name, host, port, kind in settings.bound(role):
        if not port.isdecimal() or not _is_taken(host.strip("[]"), int(port), kind):
            continue  # a port that is no number is told by the settings' own check
        holder = _holder(int(port), kind)
        if "hexabrand-" not in _told_of(holder, "cgroup"):
            raise Refused(
                f"{name}: {kind.upper()} port {port} is in use by {_title(holder)}. Stop that, or"
                f" set {name} in /etc/hexabrand.env to another."
            )


def _is_taken(host: str, port: int, kind: str) -> bool:
    try:
        error = bind_error(KINDS[kind], host, port)
    except OverflowError:  # no port at all: told as one that is no number is
        return False
    return error is not None and error.errno == errno.EADDRINUSE


def _holder(port: int, kind: str) -> int:
    """Return the process that holds the port; 0 where it cannot be found."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port, kind)}
    for folder in Path("/proc").glob("[0-9]*/fd"):
        with contextlib.suppress(OSError):  # it has just ended
            if any(str(handle.readlink()) in sockets for handle in folder.iterdir()):
                return int(folder.parent.name)
    return 0


def _inodes(port: int, kind: str) -> set[str]:
    found = set()
    for file in (Path(f"/proc/net/{kind}"), Path(f"/proc/net/{kind}6")):
        for line in file.read_text().splitlines()[1:] if file.exists() else []:
            words = line.split()
            if int(words[1].rpartition(":")[2], 16) == port and words[3] == LISTENING[kind]:
                found.add(words[9])
    return found


def _told_of(process: int, file: str) -> str:
    """Return what /proc tells of a process; "" where it has ended."""
    try:
        return Path(f"/proc/{process}/{file}").read_text()
    except OSError:
        return ""


def _title(process: int) -> str:
    words = _told_of(process, "cmdline").replace("\0", " ")[:60].strip()
    return f"process {process} ({words})" if words else "another program"
