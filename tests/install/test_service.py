"""`make service` on a whole machine: installed once, then used, broken, changed and taken away."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.install.clones import CLONE, with_clone
from tests.install.machine import Machine
from tests.system.farm import wait_until

SERVICES = ("hexabrand-receiver", "hexabrand-worker", "hexabrand-web", "hexabrand-office")
PI, OFFICE = "https://127.0.0.1:5001/api/remote/health", "http://127.0.0.1:5000/health"
STRANGERS = "find /var/lib/hexabrand ! -user hexabrand"
MOST_EXPOSED = 2.0


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with with_clone() as made:
        yield made


@pytest.fixture(scope="module")
def told(machine: Machine) -> str:
    """What the first `make service` printed."""
    return machine.run("make service ROLE=both", folder=CLONE).stdout


def is_live(machine: Machine) -> bool:
    return '"ok"' in machine.answer(PI) and '"live"' in machine.answer(OFFICE)


def settle(machine: Machine) -> None:
    wait_until(lambda: is_live(machine), "the office follows the Pi")


def set_settings(machine: Machine, *lines: str) -> None:
    machine.run(f"printf '%s\\n' {' '.join(lines)} >/etc/hexabrand.env")


def refusal(machine: Machine, command: str, folder: str = "/") -> str:
    done = machine.run(command, folder=folder, check=False)
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def test_what_stands_in_the_way_is_told_before_anything_runs(machine: Machine) -> None:
    assert "needs root" in refusal(machine, "runuser -u farmer make service ROLE=pi", CLONE)
    assert "pi, office or both" in refusal(machine, "make service ROLE=barn", CLONE)
    machine.run("systemd-run -q --unit other /usr/bin/python3 -m http.server 5001")
    wait_until(lambda: machine.answer("http://127.0.0.1:5001/").endswith("200"), "5001 is held")
    told = refusal(machine, "make service ROLE=pi", CLONE)
    assert "PI_PORT: TCP port 5001 is in use by process" in told
    machine.run("systemctl stop other")
    assert machine.run("ls -d /opt/hexabrand /var/lib/hexabrand", check=False).stdout == ""


def test_one_command_brings_both_roles_and_pairs_them(machine: Machine, told: str) -> None:
    settle(machine)
    assert re.search(r"Administrator admin, password \S+", told)
    assert "https://" in told
    assert ":5000/" in told
    assert machine.run("stat -c '%U %G %a' /etc/hexabrand.env").stdout == "root hexabrand 640\n"
    assert machine.run("find /opt/hexabrand ! -user root").stdout == ""
    assert machine.run("find /opt/hexabrand -perm /022 ! -type l").stdout == ""
    assert machine.run(f"find '{CLONE}' ! -user farmer").stdout == ""


# A person at the chute: signs in, opens the page, and does what that does with a scan and a weight.
AT_THE_CHUTE = """
import requests, socket, sys, time
office, password, tag, weight = sys.argv[1:]
person = requests.Session()
person.trust_env = False
person.get(office + "/login")
form = {"username": "admin", "password": password, "next": "/office/chute"}
form["csrfmiddlewaretoken"] = person.cookies["hexabrand_office_csrf"]
opened = person.post(office + "/login", form)
assert "data-chute-box" in opened.text, opened.text
radio = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
radio.sendto(f"hxb:LOT1:{tag}:".encode(), ("127.0.0.1", 1700))
until, card = time.monotonic() + 60, {}
while card.get("found") != "one" and time.monotonic() < until:
    time.sleep(0.1)
    card = person.get(office + "/office/chute/card", params={"q": tag}).json()
said = {"kind": "weight", "key": tag + weight, "by": "admin", "at": time.time() * 1000}
said |= {"tag": tag, "weight": weight, "unit": "kg"}
token = {"X-CSRFToken": person.cookies["hexabrand_office_csrf"], "Origin": office}
done = person.post(office + "/office/chute/send", json=said, headers=token).json()
print(card["found"], done["outcome"], weight in person.get(office + "/office/weights").text)
"""


def test_a_chute_at_the_office_beside_the_pi_works_with_the_network_gone(
    machine: Machine, told: str
) -> None:
    settle(machine)
    assert "REMOTE_PI_HOST=127.0.0.1" in machine.run("cat /var/lib/hexabrand/office.env").stdout
    found = re.search(r"password (\S+)", told)
    assert found is not None
    machine.write("/tmp/chute.py", AT_THE_CHUTE)
    machine.run("ip link add barn type veth peer name elsewhere")
    machine.run("ip addr add 10.88.0.2/24 dev barn && ip link set barn up")
    # By its new address the machine is known once that is looked at again.
    machine.run("hexabrand restart")
    settle(machine)

    def weighs(office: str, tag: str, weight: str) -> str:
        python = "/opt/hexabrand/.venv/bin/python"
        typed = f"{python} /tmp/chute.py {office} {found[1]} {tag} {weight}"
        return machine.run(typed).stdout.strip()

    assert weighs("http://10.88.0.2:5000", "982000000000001", "401.5") == "one done True"
    machine.run("ip link del barn")
    assert machine.run("ip -o link").stdout.count("\n") == 1  # loopback alone
    assert weighs("http://127.0.0.1:5000", "982000000000002", "402.5") == "one done True"
    machine.run("hexabrand restart")
    settle(machine)
    assert weighs("http://127.0.0.1:5000", "982000000000003", "403.5") == "one done True"


def test_a_second_run_changes_what_the_settings_say_and_nothing_else(
    machine: Machine, told: str
) -> None:
    before = machine.run("cat /var/lib/hexabrand/*.key | sha256sum").stdout
    set_settings(machine, "'BACKUP_DIR=\"/srv/usb disk\"'", "BACKUPS_KEPT=3")
    again = machine.run("make service", folder=CLONE).stdout
    assert "password" not in again
    assert before == machine.run("cat /var/lib/hexabrand/*.key | sha256sum").stdout
    machine.run("systemctl start hexabrand-backup")
    assert "hexabrand-" in machine.run("ls '/srv/usb disk'").stdout
    assert machine.run("stat -c %U '/srv/usb disk'").stdout == "hexabrand\n"
    settle(machine)


def test_no_secret_is_in_the_service_log(machine: Machine, told: str) -> None:
    log = machine.journal("hexabrand-*")
    found = re.search(r"password (\S+)", told)
    assert found is not None
    assert found[1] not in log
    assert "hexabrand1:" not in log


def test_commands_work_from_any_folder_as_the_services_user(machine: Machine, told: str) -> None:
    machine.run("mkdir -pm 700 /root/closed")
    string = machine.run("hexabrand pairing", folder="/root/closed").stdout
    assert string.startswith("hexabrand1:")
    assert "Paired" in machine.run(f"hexabrand pair {string.strip()}", folder="/srv").stdout
    made = machine.run("hexabrand backup", folder="/root/closed").stdout.strip()
    assert machine.run(f"stat -c %U '{made}'").stdout == "hexabrand\n"
    assert machine.run(STRANGERS).stdout == ""
    assert "hexabrand" in machine.run("hexabrand logs").stdout
    machine.run("hexabrand logs -p warning && hexabrand stop && hexabrand start")
    status = machine.run("hexabrand status", folder="/root/closed", check=False).stdout
    assert re.findall(r"^HexaBrand \S+, the (\w+): ", status, re.MULTILINE) == ["Pi", "office"]
    assert "HexaBrand 1." in machine.run("hexabrand --version", user="farmer").stdout
    assert "sudo" in refusal(machine, "runuser -u farmer hexabrand pairing")


def test_a_folder_that_the_service_may_not_write_in_is_told(machine: Machine, told: str) -> None:
    assert "chown hexabrand" in refusal(machine, "hexabrand backup --to .", folder="/root/closed")


@pytest.mark.parametrize(
    "command", ["pairing", "pair hexabrand1:x", "backup", "restore x", "setup"]
)
@pytest.mark.parametrize("user", ["root", "farmer"])
def test_manage_py_beside_a_service_names_the_command_to_use(
    machine: Machine, told: str, command: str, user: str
) -> None:
    done = machine.run(
        f"/opt/hexabrand/.venv/bin/python -B manage.py {command}", user, CLONE, check=False
    )
    assert done.returncode == 1
    assert f"sudo hexabrand {command.split(maxsplit=1)[0]}" in done.stderr
    assert not machine.run(f"ls -d '{CLONE}'/var", check=False).stdout


def test_manage_py_may_work_on_a_herd_of_its_own_beside_a_service(
    machine: Machine, told: str
) -> None:
    own = "HEXABRAND_STATE_DIR=/tmp/own /opt/hexabrand/.venv/bin/python -B manage.py"
    machine.run(f"{own} check", folder=CLONE)
    theirs = own.replace("/tmp/own", "/var/lib/hexabrand")
    assert "sudo hexabrand check" in refusal(machine, f"{theirs} check", folder=CLONE)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("BACKUP_DIR=/home/farmer/backups", "services do not see /home"),
        ("BACKUP_DIR=backups", "needs the whole path"),
        ("BACKUP_DIR=/srv", "sudo chown hexabrand: '/srv'"),
        ("PI_PORT=none", "PI_PORT='none' cannot be used"),
        ("OFFICE_PORT=8099", "OFFICE_PORT: TCP port 8099 is in use by process"),
    ],
)
def test_what_cannot_be_is_told_and_the_services_run_on(
    machine: Machine, told: str, line: str, sentence: str
) -> None:
    machine.run(
        "systemctl start occupied 2>/dev/null || systemd-run -q --unit occupied"
        " /usr/bin/python3 -m http.server 8099"
    )
    wait_until(lambda: machine.answer("http://127.0.0.1:8099/").endswith("200"), "8099 is held")
    pids = machine.run(f"systemctl show -P MainPID {' '.join(SERVICES)}").stdout
    set_settings(machine, line)
    assert sentence in refusal(machine, "hexabrand install")
    assert machine.run(f"systemctl show -P MainPID {' '.join(SERVICES)}").stdout == pids
    set_settings(machine, "")


def test_the_settings_file_cannot_change_what_a_unit_is(machine: Machine, told: str) -> None:
    set_settings(
        machine,
        "DJANGO_SETTINGS_MODULE=hexabrand.settings.ui",
        "IS_SERVER_UI=True",
        "PI_API_KEY=first-key-of-the-farm,second-key-of-the-farm",
    )
    machine.run("touch /var/lib/hexabrand/left-by-root")
    machine.run("hexabrand install")
    assert machine.run(STRANGERS).stdout == ""  # what root left is the services' now
    settle(machine)  # the office speaks with the key that it was paired with
    with_key = "curl -sk -H 'X-API-Key: second-key-of-the-farm' -w ' %{http_code}'"
    assert machine.run(f"{with_key} https://127.0.0.1:5001/api/remote/status").stdout[-3:] == "200"
    assert "check" not in refusal(machine, "hexabrand --role ui check")
    machine.run("hexabrand --role office check && hexabrand check")
    set_settings(machine, "")


def test_a_backup_that_root_alone_can_read_is_restored(machine: Machine, told: str) -> None:
    made = machine.run("hexabrand backup").stdout.strip()
    machine.run(f"mv '{made}' /root/closed/ && chown -R root: /root/closed")
    name = made.rpartition("/")[2]
    done = machine.run(f"hexabrand restore {name}", folder="/root/closed")
    assert "Restored" in done.stdout
    assert machine.run(STRANGERS).stdout == ""
    assert all(machine.is_active(name) for name in (*SERVICES, "hexabrand-backup.timer"))
    settle(machine)
    note = json.loads(machine.run("cat /var/lib/hexabrand/restored.json").stdout)
    assert note["backup"] == name


def test_a_link_that_the_services_laid_hands_them_nothing(machine: Machine, told: str) -> None:
    trap = "/var/lib/hexabrand/backups/hexabrand-trap.tar.gz"
    machine.run(f"ln -s /etc/shadow {trap} && chown -h hexabrand: {trap}")
    assert "where the services write" in refusal(machine, f"hexabrand restore --check {trap}")
    machine.run(f"rm {trap}")


def test_a_folder_of_the_services_gives_them_none_of_roots(machine: Machine, told: str) -> None:
    """In a folder of theirs they have laid a link; what root makes below it would be theirs."""
    machine.run(
        "mkdir -p /srv/theirs && ln -s /etc /srv/theirs/link && chown hexabrand: /srv/theirs"
    )
    set_settings(machine, "BACKUP_DIR=/srv/theirs/link/hexabrand.d")
    assert "the system's own" in refusal(machine, "hexabrand restart")
    set_settings(machine, "HEXABRAND_STATE_DIR=/srv/farm")
    machine.run("mkdir -p /srv/farm/other && touch /srv/farm/other/roots")
    assert "sudo chown hexabrand:" in refusal(machine, "hexabrand install")
    assert machine.run("stat -c %U /srv/farm/other/roots").stdout == "root\n"
    set_settings(machine, "")
    machine.run("hexabrand restart")


def test_what_a_cut_off_update_left_is_no_part_of_the_next_one(machine: Machine, told: str) -> None:
    machine.run(
        "mkdir -p /opt/hexabrand/.venv.new/bin && ln -s /bin/false"
        " /opt/hexabrand/.venv.new/bin/python"
    )
    machine.run("hexabrand install")
    settle(machine)


def test_a_restore_that_cannot_be_leaves_the_services_running(machine: Machine, told: str) -> None:
    machine.run("echo nothing >/tmp/no.tar")
    assert "Nothing was changed" in refusal(machine, "hexabrand restore no.tar", folder="/tmp")
    settle(machine)


@pytest.mark.parametrize("unit", [*SERVICES, "hexabrand-backup"])
def test_a_unit_with_its_settings_is_well_walled_in(machine: Machine, told: str, unit: str) -> None:
    said = machine.run(f"systemd-analyze security --no-pager {unit}", check=False).stdout
    found = re.search(r"exposure level for \S+: ([0-9.]+)", said)
    assert found is not None, said
    assert float(found[1]) <= MOST_EXPOSED


def test_a_service_that_is_killed_comes_back(machine: Machine, told: str) -> None:
    show = f"systemctl show -P MainPID {' '.join(SERVICES)}"
    before = machine.run(show).stdout.split()
    machine.run(f"systemctl kill -s KILL {' '.join(SERVICES)}")

    def are_back() -> bool:
        now = machine.run(show).stdout.split()
        return "0" not in now and not set(before) & set(now) and is_live(machine)

    wait_until(are_back, "all four are back")


def test_after_a_reboot_everything_runs(machine: Machine, told: str) -> None:
    machine.reboot()
    settle(machine)
    assert machine.is_active("hexabrand-backup.timer")


def test_a_python_that_is_gone_is_told(machine: Machine, told: str) -> None:
    machine.run("ln -sf python3.9 /opt/hexabrand/.venv/bin/python3")  # as after a new Debian
    for command in ("pairing", "restart"):
        assert "sudo hexabrand install" in refusal(machine, f"hexabrand {command}")


def test_a_new_release_heals_that_and_comes_after_a_backup(machine: Machine, told: str) -> None:
    machine.run("rm -f /var/lib/hexabrand/backups/*")
    machine.run(
        """sed -i 's/^\\(RELEASE.*\\)"[0-9.]*"/\\1"1.98.0"/' remote/wire.py""", "farmer", CLONE
    )
    git = "git -c user.name=f -c user.email=f@farm"
    machine.run(f"git init -qb main && {git} commit --allow-empty -qm 1", "farmer", CLONE)
    machine.run("git clone -q --bare . /tmp/farmer.git", "farmer", CLONE)
    machine.run("git remote add origin /tmp/farmer.git && git fetch -q", "farmer", CLONE)
    machine.run("git branch -qu origin/main", "farmer", CLONE)
    done = machine.run("hexabrand update", folder="/srv")
    assert "→ 1.98.0" in done.stdout
    assert "hexabrand-" in machine.run("ls /var/lib/hexabrand/backups").stdout
    assert "1.98.0" in machine.run("hexabrand --version").stdout
    assert machine.run(f"find '{CLONE}' ! -user farmer").stdout == ""
    settle(machine)


def test_another_role_takes_the_units_of_the_first_away(machine: Machine, told: str) -> None:
    machine.run("hexabrand install office && hexabrand restart")
    assert machine.is_active("hexabrand-office")
    assert not machine.is_active("hexabrand-web")
    assert machine.is_active("hexabrand-backup-pull.timer")
    left = machine.run("ls /etc/systemd/system/*.wants", check=False).stdout
    assert "receiver" not in left
    assert "backup.timer" not in left
    assert "command of the Pi" in refusal(machine, "hexabrand pairing")
    assert "no pi" in refusal(machine, "hexabrand --role pi check")


def test_removing_keeps_herd_and_settings(machine: Machine, told: str) -> None:
    said = machine.run("make service-remove", folder=CLONE).stdout
    assert "/var/lib/hexabrand" in said
    assert "/etc/hexabrand.env" in said
    machine.run("test -s /var/lib/hexabrand/pi.sqlite3 -a -f /etc/hexabrand.env")
    assert machine.systemctl("list-unit-files", "'hexabrand*'").endswith("0 unit files listed.")
    assert machine.run("ls /usr/local/bin/hexabrand /opt/hexabrand", check=False).stdout == ""
    assert not machine.answer(PI).startswith("{")
