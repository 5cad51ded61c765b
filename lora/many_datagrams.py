"""Takes many datagrams off a socket in one system call: Linux's `recvmmsg`.

Python's `socket` takes one at a time, and between two of them waits for its turn in the interpreter
behind whoever stores the last burst: at 40,000 in a second one in six was lost for that.
"""

import ctypes
import os
import socket
import sys
from functools import lru_cache
from typing import Final, NamedTuple

MOST: Final = 64  # datagrams in one call
LONGEST: Final = 65_536  # bytes of one, as IP has it
WAIT_FOR_ONE: Final = 0x10000  # MSG_WAITFORONE: wait for the first alone
NAME: Final = {socket.AF_INET: 16, socket.AF_INET6: 28}  # bytes of a sender's address

_libc = ctypes.CDLL(None, use_errno=True)


class _Buffer(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Header(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint),
        ("buffers", ctypes.POINTER(_Buffer)),
        ("buffer_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    _fields_ = (("header", _Header), ("length", ctypes.c_uint))


class Datagram(NamedTuple):
    data: bytes
    address: tuple[str, int]


class ManyDatagrams:
    """A socket's datagrams, as many at once as have come."""

    def __init__(self, udp: socket.socket) -> None:
        self._udp = udp
        self._name = NAME[udp.family]
        self._names = ctypes.create_string_buffer(self._name * MOST)
        self._data = (ctypes.c_char * (LONGEST * MOST))()
        self._buffers = (_Buffer * MOST)()
        self._messages = (_Message * MOST)()
        names, data = map(ctypes.addressof, (self._names, self._data))
        for n, (buffer, message) in enumerate(zip(self._buffers, self._messages, strict=True)):
            buffer.base, buffer.length = data + n * LONGEST, LONGEST
            header = message.header
            header.name, header.name_length = names + n * self._name, self._name
            header.buffers, header.buffer_count = ctypes.pointer(buffer), 1
        self._address = lru_cache(maxsize=4096)(self._read_address)

    def receive(self, most: int = MOST) -> list[Datagram]:
        """Wait for the first, as long as the socket's SO_RCVTIMEO; return what else is there too.

        Raise OSError; BlockingIOError where none came, InterruptedError where a signal did: unlike
        Python's own calls, this one is not made again.
        """
        most = min(most, MOST)
        count = _libc.recvmmsg(self._udp.fileno(), self._messages, most, WAIT_FOR_ONE, None)
        if count < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        names, data = memoryview(self._names).cast("B"), memoryview(self._data).cast("B")
        return [
            Datagram(
                bytes(data[n * LONGEST : n * LONGEST + self._messages[n].length]),
                self._address(bytes(names[n * self._name : (n + 1) * self._name])),
            )
            for n in range(count)
        ]

    def _read_address(self, name: bytes) -> tuple[str, int]:
        """Read C's `struct sockaddr_in` or `sockaddr_in6`."""
        port = int.from_bytes(name[2:4], "big")
        if self._udp.family == socket.AF_INET:
            return socket.inet_ntop(socket.AF_INET, name[4:8]), port
        host = socket.inet_ntop(socket.AF_INET6, name[8:24])
        scope = int.from_bytes(name[24:28], sys.byteorder)
        return (f"{host}%{_interface(scope)}" if scope else host), port


def _interface(number: int) -> str:
    try:
        return socket.if_indextoname(number)
    except OSError:  # unplugged since
        return str(number)
