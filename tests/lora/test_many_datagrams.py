"""Datagrams taken many at once are what the kernel was given, each with its sender."""

import socket
import struct

import pytest

from lora.many_datagrams import MOST, ManyDatagrams


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_each_datagram_comes_whole_and_in_order_with_its_sender(
    family: socket.AddressFamily, host: str
) -> None:
    texts = [b"first", b"", b"x" * 60_000, *(b"%d" % n for n in range(2 * MOST))]
    with (
        socket.socket(family, socket.SOCK_DGRAM) as heard,
        socket.socket(family, socket.SOCK_DGRAM) as first,
        socket.socket(family, socket.SOCK_DGRAM) as second,
    ):
        heard.bind((host, 0))
        for number, text in enumerate(texts):
            (first, second)[number % 2].sendto(text, heard.getsockname()[:2])
        datagrams = ManyDatagrams(heard)
        taken = datagrams.receive()
        assert len(taken) == MOST
        while len(taken) < len(texts):
            taken += datagrams.receive()
        ports = [udp.getsockname()[1] for udp in (first, second)]
    assert [one.data for one in taken] == texts
    assert [one.address for one in taken] == [(host, ports[n % 2]) for n in range(len(texts))]


def test_the_wait_for_the_first_one_has_the_sockets_end() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", 0, 20_000))
        heard.bind(("127.0.0.1", 0))
        with pytest.raises(BlockingIOError):
            ManyDatagrams(heard).receive()
