"""What the installation makes of a settings file: as systemd reads it, and what it opens for it."""

import stat
from pathlib import Path

import pytest

from deploy.service import install, ports, settings, systemd
from deploy.service.layout import Installed, Refused, write_whole
from deploy.service.settings import Settings
from tests.system.farm import ROOT


def opened(unit: str, role: str = "pi", **values: str) -> list[str]:
    return systemd.drop_in(f"hexabrand-{unit}.service", role, Settings(values))


def test_a_settings_file_is_read_as_systemd_reads_it() -> None:
    text = (
        "# a remark\n; another\nPI_PORT=5443\nexport PI_BIND=::1\nEMPTY=\nSPACES=  two words  \n"
        "QUOTED=\"/srv/usb disk\"\nSINGLE='a b'\nLONG=one\\\ntwo\n"
    )
    assert settings.parse(text) == {
        "PI_PORT": "5443",
        "EMPTY": "",
        "SPACES": "two words",
        "QUOTED": "/srv/usb disk",
        "SINGLE": "a b",
        "LONG": "onetwo",
    }


def test_the_settings_of_a_clone_become_lines_that_systemd_takes() -> None:
    given = "# mine\nexport PI_PORT=5443  # the door\nTIME_ZONE='America/Denver'\n"
    made = settings.as_environment_file(given)
    assert settings.parse(made) == {"PI_PORT": "5443", "TIME_ZONE": "America/Denver"}


def test_folders_outside_the_state_are_opened_to_those_who_write_there() -> None:
    given = {"BACKUP_DIR": "/srv/usb 100%", "DATABASE_URL": "sqlite:////srv/herd/pi.sqlite3"}
    lines = ['ReadWritePaths="-/srv/herd"', 'ReadWritePaths="-/srv/usb 100%%"']
    for unit in ("receiver", "worker", "web", "backup"):
        assert opened(unit, **given) == lines
    assert opened("office", **given) == []


def test_without_such_settings_nothing_is_opened() -> None:
    for file in (ROOT / "deploy/systemd").glob("*.service"):
        assert systemd.drop_in(file.name, "pi", Settings({})) == []


def test_a_database_server_opens_the_network_to_the_worker_alone() -> None:
    url = "postgres://hexabrand:secret@10.0.0.5/herd"
    assert "PrivateNetwork=no" in opened("worker", DATABASE_URL=url)
    assert opened("receiver", DATABASE_URL=url) == []
    assert "hexabrand-backup.timer" not in systemd.wanted("pi", Settings({"DATABASE_URL": url}))[1]


def test_a_serial_port_of_an_unknown_kind_is_named() -> None:
    ports = "/dev/serial/by-id/../../sda@9600,/dev/ttyUSB0@9600,/dev/serial/by-id/usb-1@115200,/dev/ttySC1,socket://10.0.0.2:4001"
    assert opened("receiver", LORA_SERIAL=ports) == ["DeviceAllow=/dev/ttySC1 rw"]


def test_each_role_has_its_own_units() -> None:
    nothing = Settings({})
    assert systemd.wanted("pi", nothing)[1][-1] == "hexabrand-backup.timer"
    assert systemd.wanted("office", nothing)[1][-1] == "hexabrand-backup-pull.timer"
    assert len(systemd.wanted("both", nothing)[1]) == 5


@pytest.mark.parametrize("folder", ["/home/pi/backups", "/root/x", "/tmp/x", "backups", "~/usb"])
def test_a_folder_that_services_cannot_see_is_refused(folder: str) -> None:
    with pytest.raises(Refused, match="BACKUP_DIR"):
        _ = Settings({"BACKUP_DIR": folder}).backups


@pytest.mark.parametrize(
    "folder",
    [
        "/",
        "/var/lib",
        "/etc/systemd/system/ssh.service.d",
        "/opt/hexabrand",
        "/srv/../etc/new",
        "{link}/system/ssh.service.d",
    ],
)
def test_a_folder_of_the_system_is_never_given_away(tmp_path: Path, folder: str) -> None:
    link = Path("/var/tmp") / f"link-{tmp_path.name}"
    link.symlink_to("/etc/systemd")
    try:
        with pytest.raises(Refused, match=r"HEXABRAND_STATE_DIR"):
            _ = Settings({"HEXABRAND_STATE_DIR": folder.format(link=link)}).state
    finally:
        link.unlink()


def test_what_the_services_may_write_gives_them_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "STATE", tmp_path)
    brought = 'BACKUP_DIR=/srv/x\nHEXABRAND_STATE_DIR=/srv/y\nPI_PORT="5443"\n'
    (tmp_path / "settings.env").write_text(brought)
    assert settings.read(tmp_path / "none").restored == {"PI_PORT": "5443"}


def test_a_port_that_is_none_is_left_to_the_settings_check() -> None:
    ports.refuse_taken(Settings({"PI_PORT": "70000", "LORA_UDP_BIND": "[::1]:70000"}), "pi")


def test_root_runs_no_code_by_itself_from_where_everybody_may_write(tmp_path: Path) -> None:
    (tmp_path / "deploy/service").mkdir(parents=True)
    (tmp_path / "deploy/service/__main__.py").touch()
    tmp_path.chmod(0o777)
    with pytest.raises(Refused, match="Everybody may write"):
        install.update([], Installed("pi", "/nowhere", str(tmp_path), "1.0.0"))


def test_what_root_writes_is_whole_and_for_its_readers_alone(tmp_path: Path) -> None:
    """A link that somebody laid in the way is not written through."""
    (tmp_path / "file.new").symlink_to(tmp_path / "other")
    write_whole(tmp_path / "file", "text\n", 0o640)
    assert (tmp_path / "file").read_text() == "text\n"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_no_unit_waits_for_the_network_to_be_online() -> None:
    for file in (ROOT / "deploy/systemd").iterdir():
        assert "network-online" not in file.read_text(), file.name


def test_what_a_unit_is_stands_after_what_the_machine_says() -> None:
    for file in (ROOT / "deploy/systemd").glob("*.service"):
        lines = file.read_text().splitlines()
        first, second = (Path(line) for line in lines if line.startswith("EnvironmentFile="))
        assert first.name == "hexabrand.env"
        module = (ROOT / "deploy/systemd" / second.name).read_text()
        assert module.startswith("DJANGO_SETTINGS_MODULE=hexabrand.settings.")
