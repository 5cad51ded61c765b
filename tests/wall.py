"""python -m tests.wall UNIT COMMAND…: the command behind the system call filter of a systemd unit.

The unit's own lines are read and put up with libseccomp, as systemd would do it.
"""

import ctypes
import ctypes.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

KILL, ALLOW, ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
EPERM = 1
MASKED_EQUAL = 7


def can_be_built() -> bool:
    return bool(shutil.which("systemd-analyze") and ctypes.util.find_library("seccomp"))


def group(name: str) -> set[str]:
    """The system calls of `@name`, by systemd's own list."""
    told = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True
    ).stdout
    found: set[str] = set()
    for line in (line.strip() for line in told.splitlines()[1:]):
        if line.startswith("@"):
            found |= group(line)
        elif line and not line.startswith("#"):
            found.add(line)
    return found


def allowed(unit: str) -> set[str]:
    found = group("@default")
    for line in re.findall(r"^SystemCallFilter=(.+)$", unit, re.MULTILINE):
        calls: set[str] = set().union(*(group(name) for name in line.lstrip("~").split()))
        found = found - calls if line.startswith("~") else found | calls
    if "ProtectClock=yes" in unit:
        found -= group("@clock")
    return found


class Compared(ctypes.Structure):
    """scmp_arg_cmp: that all bits of `mask` are set in an argument of a system call."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    )


class Filter:
    """One seccomp filter; several may be put up, and the strictest answer counts."""

    def __init__(self, otherwise: int) -> None:
        self._lib = ctypes.CDLL(ctypes.util.find_library("seccomp"))
        self._lib.seccomp_init.restype = ctypes.c_void_p
        self._filter = ctypes.c_void_p(self._lib.seccomp_init(ctypes.c_uint32(otherwise)))

    def add(self, action: int, name: str, *compared: Compared) -> None:
        number = self._lib.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            self._lib.seccomp_rule_add_array(
                self._filter,
                ctypes.c_uint32(action),
                number,
                len(compared),
                (Compared * len(compared))(*compared),
            )

    def put_up(self) -> None:
        if self._lib.seccomp_load(self._filter):
            sys.exit("The wall cannot be put up here.")


def wall_in(unit: str) -> None:
    """From here on, for this process and all that it starts."""
    calls = Filter(ERRNO | EPERM if "\nSystemCallErrorNumber=EPERM" in unit else KILL)
    for name in sorted(allowed(unit)):
        calls.add(ALLOW, name)
    memory = Filter(ALLOW)
    if "\nMemoryDenyWriteExecute=yes" in unit:
        memory.add(
            ERRNO | EPERM, "mmap", Compared(2, MASKED_EQUAL, 6, 6)
        )  # writable and executable
        memory.add(ERRNO | EPERM, "mprotect", Compared(2, MASKED_EQUAL, 4, 4))  # executable
    memory.put_up()
    calls.put_up()


if __name__ == "__main__":
    wall_in(Path(sys.argv[1]).read_text())
    os.execvp(sys.argv[2], sys.argv[2:])
