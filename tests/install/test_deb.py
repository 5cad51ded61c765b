"""The .deb on a machine without a network, where Python has neither pip nor ensurepip."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import deb
from deploy.service import layout
from tests.install import machine as machines
from tests.install.clones import source
from tests.install.documents import block
from tests.install.machine import Machine
from tests.install.test_service import OFFICE, PI, STRANGERS, refusal, set_settings, settle
from tests.system.farm import ROOT

NEXT = "1.99.0"
TYPED = block("docs/running.md", "sudo apt install ./hexabrand_*.deb")
AS_ROOT = 'sudo() { "$@"; }; export DEBIAN_FRONTEND=noninteractive; '


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package of this release and of one to come."""
    folder = tmp_path_factory.mktemp("packages")
    subprocess.run(["make", "deb"], cwd=ROOT, check=True)  # as it is typed: `make deb`
    made = ROOT / f"dist/hexabrand_{layout.version_of(ROOT)}_{deb.own_architecture()}.deb"
    (folder / "now").mkdir()
    shutil.copy(made, folder / "now")
    later = folder / "later"
    shutil.copytree(source(), later)
    release = later / "remote/wire.py"
    text = release.read_text()
    release.write_text(re.sub(r'(?m)^(RELEASE\b.*?)"[^"]+"', rf'\1"{NEXT}"', text))
    deb.build(deb.own_architecture(), folder, later)
    return folder


@pytest.fixture(scope="module")
def machine(packages: Path) -> Iterator[Machine]:
    machines.require()
    with Machine({packages: "/mnt/packages"}) as made:
        made.run("rm -rf /usr/lib/python3*/ensurepip /usr/lib/python3/dist-packages/pip /opt/*")
        yield made


def test_one_file_brings_the_services_without_a_network(machine: Machine) -> None:
    told = machine.run(AS_ROOT + " ".join(TYPED.commands), folder="/mnt/packages/now").stdout
    assert "sudo hexabrand install pi|office|both" in told
    assert re.search(r"Administrator admin, password \S+", told)
    assert "http" in machine.run("hexabrand install both").stdout
    settle(machine)
    assert machine.run(STRANGERS).stdout == ""
    assert machine.run("find /opt/hexabrand ! -user root").stdout == ""


def test_a_newer_file_keeps_the_herd_and_makes_a_backup_first(machine: Machine) -> None:
    keys = machine.run("cat /var/lib/hexabrand/*.key | sha256sum").stdout
    assert "came here as a .deb" in refusal(machine, "hexabrand update /srv")
    done = machine.run(f"hexabrand update ./hexabrand_{NEXT}_*.deb", folder="/mnt/packages")
    assert f"→ {NEXT}" in done.stdout
    assert machine.run("hexabrand --version").stdout == f"HexaBrand {NEXT}\n"
    assert "hexabrand-" in machine.run("ls /var/lib/hexabrand/backups").stdout
    assert keys == machine.run("cat /var/lib/hexabrand/*.key | sha256sum").stdout
    settle(machine)


def test_without_a_backup_the_newer_file_is_not_unpacked(machine: Machine) -> None:
    """The same file again stands for a newer one: dpkg takes it the same way."""
    set_settings(machine, "DISK_RESERVE=1000000")
    arch = deb.own_architecture()
    told = refusal(machine, f"dpkg -i /mnt/packages/hexabrand_{NEXT}_{arch}.deb")
    assert "without a backup nothing is changed" in told
    set_settings(machine, "")
    machine.run("hexabrand install")
    settle(machine)


@pytest.mark.parametrize("how", ["remove", "purge"])
def test_the_herd_outlives_the_package(machine: Machine, how: str) -> None:
    if how == "remove":
        assert "/var/lib/hexabrand" in machine.run("hexabrand remove").stdout
    told = machine.run(f"apt-get {how} -y hexabrand 2>&1").stdout
    assert "/var/lib/hexabrand" in told
    machine.run("test -s /var/lib/hexabrand/pi.sqlite3 -a -f /etc/hexabrand.env")
    assert machine.run("ls -d /opt/hexabrand /usr/bin/hexabrand", check=False).stdout == ""
    assert not machine.answer(PI).startswith("{")
    assert not machine.answer(OFFICE).startswith("{")


def test_every_package_has_a_wheel_for_a_64_bit_pi(capsys: pytest.CaptureFixture[str]) -> None:
    deb.list_wheels("arm64", deb.PYTHONS[:1])
    told = capsys.readouterr().out
    pinned = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert len(re.findall(r"\.whl$", told, re.MULTILINE)) >= len(set(pinned)) - 4  # other systems'
    assert "aarch64.whl" in told
    assert "x86_64" not in told
