"""Own names and addresses, looked up when a request comes; and which of them others are told."""

import ipaddress
from pathlib import Path

import pytest
from django.http.request import validate_host
from django.test import Client, override_settings

from hexabrand.hosts import OwnNames, with_name
from remote import interfaces
from remote.interfaces import Address, OwnAddresses, reachable_addresses

ETH, WIFI, DOCKER, FIBRE, LATE = "10.0.0.5", "192.168.1.5", "172.17.0.1", "fd00::5", "10.0.0.9"


def machine_with(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, str]) -> None:
    found = tuple(Address(name, ipaddress.ip_address(ip)) for name, ip in addresses)
    monkeypatch.setattr(interfaces, "own", OwnAddresses())
    monkeypatch.setattr(interfaces, "_ask_kernel", lambda: found)


@pytest.fixture
def routes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leads out by wlan0."""
    file = tmp_path / "route"
    file.write_text(
        "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
        "eth0 0000000A 00000000 0001 0 0 0 00FFFFFF 0 0 0\n"
        "wlan0 00000000 0101A8C0 0003 0 0 0 00000000 0 0 0\n"
    )
    monkeypatch.setattr(interfaces, "ROUTES", file)
    monkeypatch.setattr(interfaces, "ROUTES_6", tmp_path / "none")
    return file


def test_the_kernel_knows_loopback_and_no_zone_is_in_a_name() -> None:
    names = OwnNames()
    assert {"localhost", "127.0.0.1", "[::1]"} <= set(names)
    assert not any("%" in name for name in names)


def test_a_machine_with_a_whole_name_is_asked_by_its_first_part_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Barn.farm.example")
    for name in ("barn", "barn.local", "barn.farm.example"):
        assert validate_host(name, OwnNames())
    assert not validate_host("farm.example", OwnNames())


def test_an_address_that_comes_later_is_own_within_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = OwnNames()
    machine_with(monkeypatch, ("eth0", ETH))
    assert validate_host(ETH, names)
    assert not validate_host(LATE, names)
    machine_with(monkeypatch, ("eth0", LATE))
    assert validate_host(LATE, names)
    assert not validate_host(ETH, names)
    assert len(names) == len([*names])
    assert LATE in names


def test_a_public_name_beside_them_does_not_freeze_them(monkeypatch: pytest.MonkeyPatch) -> None:
    names = with_name(OwnNames(), "office.farm.example")
    machine_with(monkeypatch, ("eth0", LATE))
    assert {LATE, "office.farm.example"} <= set(names)
    assert with_name(["a"], "b") == ["a", "b"]


@pytest.mark.django_db(databases=["default", "reader"])
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("10.0.0.5", 200),
        ("10.0.0.5:5001", 200),
        ("[fd00::5]:5001", 200),
        ("LOCALHOST", 200),
        ("localhost.", 200),
        ("[fe80::1]", 200),
        ("[fe80::1%eth0]", 400),
        ("10.0.0.9", 400),
    ],
)
def test_a_request_names_this_machine_as_it_likes(
    monkeypatch: pytest.MonkeyPatch, host: str, status: int
) -> None:
    machine_with(monkeypatch, ("eth0", ETH), ("eth0", FIBRE), ("eth0", "fe80::1"))
    with override_settings(ALLOWED_HOSTS=OwnNames()):
        answer = Client().get("/api/remote/health", secure=True, headers={"host": host})
    assert (answer.status_code == 400) == (status == 400), answer.content


def test_the_likeliest_address_comes_first(monkeypatch: pytest.MonkeyPatch, routes: Path) -> None:
    machine_with(
        monkeypatch,
        ("lo", "127.0.0.1"),
        ("docker0", DOCKER),
        ("eth0", "169.254.3.4"),
        ("eth0", ETH),
        ("wlan0", FIBRE),
        ("wlan0", WIFI),
        ("wlan0", "fe80::5"),
    )
    assert reachable_addresses("::") == [WIFI, FIBRE, ETH, "169.254.3.4", DOCKER]
    assert reachable_addresses("0.0.0.0") == [WIFI, ETH, "169.254.3.4", DOCKER]


def test_a_bound_server_is_reached_where_it_is_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with(monkeypatch, ("eth0", ETH))
    assert reachable_addresses("192.168.7.7") == ["192.168.7.7"]
    assert reachable_addresses("localhost") == ["127.0.0.1"]


def test_without_a_network_there_is_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with(monkeypatch, ("lo", "127.0.0.1"), ("eth0", "fe80::1"))
    assert reachable_addresses("0.0.0.0") == ["127.0.0.1"]


def test_a_process_that_may_not_ask_the_kernel_still_has_an_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused() -> None:
        raise OSError("not permitted")

    monkeypatch.setattr("ifaddr.get_adapters", refused)
    assert "127.0.0.1" in [str(a.ip) for a in interfaces._ask_kernel()] + ["127.0.0.1"]
    assert "127.0.0.1" in OwnNames()
