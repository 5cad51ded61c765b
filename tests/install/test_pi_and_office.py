"""README's "Two machines", and the commands of docs/settings.md, typed on a Pi and an office that a
cable joins."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from tests.install import release
from tests.install.computer import Computer, plug_together
from tests.install.conftest import Make
from tests.install.documents import block, command
from tests.install.pages import Reader
from tests.install.terminal import Terminal
from tests.system.farm import wait_until

ON_THE_PI = block("README.md", "make pi")
ON_THE_OFFICE = block("README.md", "make office")
BY_HAND = block("README.md", ".venv/bin/daphne")
SIMULATE, SETUP = command("manage.py simulate"), command("manage.py setup")
WALK_OVER = command("manage.py simulate --walk-over")
SERVE = command("manage.py serve")
RECEIVER, WORKER = command("manage.py runreceiver"), command("manage.py runworker")
BACKUP, RESTORE = command("manage.py backup"), command("manage.py restore")
PULL = command("manage.py backup --pull")
RECOVERY_KEY = command("manage.py backup --new-recovery-key")
NEW_KEY = command("manage.py create_api_key --name N --scope read")
command("manage.py create_api_key --name N")  # typed as it stands in docs/protocol.md
KEY_OF_A_SERVER = command("manage.py create_api_key --name chirpstack --scope ingest")
AS_A_SERVER = block("docs/lorawan.md", "curl")
PAIRING = command("manage.py pairing")
command("manage.py pair")  # typed as it stands in README
ALERT = command("manage.py alert")
STATUS = command("manage.py status")
TRY_ALERTS = block("docs/alerts.md", "manage.py alert --test")
VERSION, SAME_VERSION = command("make -s version"), command("manage.py --version")
OTHER_PYTHON = command("make PYTHON=python3.13 install")
OWN_AGAIN = command("sudo chown -R $USER .")
NEW_PASSWORD = command("manage.py changepassword admin")
MAKE_A_KEY = command("openssl rand -hex 16")
PI = "https://127.0.0.1:5001/api/remote"
OFFICE = "http://127.0.0.1:5000/office/"
MAKE_FAILED = 2
STRING = re.compile(r"hexabrand1:\S+")


@dataclass
class Barn:
    """Two machines. `told`: what `make pi` printed at the first start."""

    pi: Computer
    office: Computer
    pi_address: str
    on_pi: Terminal
    on_office: Terminal
    told: str = ""
    reader: Reader = field(init=False)

    def on_the_pi(self, typed: str, *more: str, status: int = 0) -> str:
        """Type a command of the documents, from another folder."""
        with self.pi.terminal() as terminal:
            return terminal.run(" ".join([managed(typed), *more]), status=status)

    def on_the_office(self, typed: str) -> str:
        """Type a command of the documents in another terminal of the office."""
        with self.office.terminal() as terminal:
            terminal.run("export DJANGO_SETTINGS_MODULE=hexabrand.settings.ui")
            return terminal.run(managed(typed))

    @contextmanager
    def pi_stopped(self) -> Iterator[None]:
        """Press Ctrl-C on the Pi; type `make pi` again afterwards."""
        self.on_pi.interrupt()
        assert self.pi.processes() == []
        yield
        self.on_pi.start(ON_THE_PI.commands[1])
        self.on_pi.wait_for("The Pi is ready")

    def shows(self, batch: str, *, it: bool = True) -> None:
        """Wait until this batch is on the office's page, or no more."""

        def as_wanted() -> bool:
            try:
                return (batch in self.reader.page("/office/batches")) is it
            except OSError:  # the office is being started again
                return False

        wait_until(as_wanted, f"{batch} is {'' if it else 'not '}on the office's page")


def managed(typed: str) -> str:
    """`manage.py …` from the folder in which the clone lies."""
    return typed.replace("manage.py", "hexabrand/.venv/bin/python hexabrand/manage.py")


@pytest.fixture(scope="module")
def barn(make: Make, repository: str) -> Barn:
    """Everything that README says, up to an office that somebody has signed in at."""
    pi, office = make("pi"), make("office")
    address, _ = plug_together(pi, office)
    barn = Barn(pi, office, address, pi.terminal(), office.terminal())
    clone, install, pair, make_office = ON_THE_OFFICE.commands
    barn.on_office.run(clone.replace("<this repository>", repository))
    barn.on_office.start(install)
    string = _start_the_pi(barn, repository)
    barn.on_office.finish()
    barn.on_office.run(pair.replace("hexabrand1:…", string))
    barn.on_office.start(make_office)
    barn.on_office.wait_for("The office is ready")
    barn.reader = Reader(office, OFFICE)
    password = re.search(r"[Pp]assword +(\S+)", barn.told)
    assert password is not None
    wait_until(lambda: barn.reader.signs_in("admin", password[1]), "sign in at the office")
    return barn


def _start_the_pi(barn: Barn, repository: str) -> str:
    """Return the string for the office."""
    clone, make_pi, pairing = ON_THE_PI.commands
    barn.on_pi.run(clone.replace("<this repository>", repository))
    barn.on_pi.start(make_pi)
    barn.on_pi.wait_for("The Pi is ready")
    barn.told = barn.on_pi.printed
    with barn.pi.terminal("hexabrand") as second:
        string = STRING.search(second.run(pairing))
    assert string is not None
    return string[0]


def answers(computer: Computer, url: str, key: str = "") -> bool:
    """Is this well, as a monitor on that computer sees it?"""
    certificate = str(computer.file("hexabrand/var/pi-tls.pem"))
    try:
        answer = computer.get(url, verify=certificate, headers={"X-API-Key": key} if key else {})
    except OSError:
        return False
    return answer.status_code == 200


def send(computer: Computer, address: str, batch: str) -> None:
    """As README sends a tag read, from one computer to another."""
    with computer.terminal() as terminal:
        terminal.run(f"echo 'hxb:{batch}:LF-{batch}:UHF-{batch}' > /dev/udp/{address}/1700")


def test_the_office_shows_what_a_gateway_sends_to_the_pi(barn: Barn) -> None:
    send(barn.office, barn.pi_address, "FIRST")
    barn.shows("FIRST")


def test_a_simulated_barn_is_heard(barn: Barn) -> None:
    barn.on_the_pi(SIMULATE, "--rate 50 --count 20 --seed 1")
    barn.on_the_pi(WALK_OVER, "--rate 50 --count 20")
    barn.shows("LOT")


def test_a_new_key_reads(barn: Barn) -> None:
    assert answers(barn.pi, f"{PI}/status", key_in(barn.on_the_pi(NEW_KEY)))


def test_a_lorawan_server_may_post(barn: Barn) -> None:
    key = key_in(barn.on_the_pi(KEY_OF_A_SERVER))
    post = AS_A_SERVER.commands[0].replace("<key>", key).replace("<pi>", "127.0.0.1")
    with barn.pi.terminal("hexabrand/var") as terminal:
        assert "hxb:TEST:LF1:" in terminal.run(post)
    barn.shows("TEST")


def key_in(told: str) -> str:
    key = re.search(r"\S{8}\.\S{20,}", told)
    assert key is not None, told
    return key[0]


def test_what_is_made_for_a_device_to_sign_with_is_taken(barn: Barn) -> None:
    with barn.pi.terminal() as terminal:
        key = terminal.run(MAKE_A_KEY).strip()
        terminal.run(f"export LORA_DEVICE_KEYS=scale1={key}")
        terminal.run(managed(SIMULATE) + f" --sign scale1={key} --count 2 --rate 50")


def test_the_status_of_both_is_told(barn: Barn) -> None:
    assert barn.on_the_pi(STATUS)
    assert barn.pi_address in barn.on_the_office(STATUS)


def test_the_release_is_told_in_one_voice(barn: Barn) -> None:
    with barn.pi.terminal("hexabrand") as terminal:
        assert terminal.run(VERSION).strip() in barn.on_the_pi(SAME_VERSION)


def test_what_heals_an_installation_harms_none(barn: Barn) -> None:
    with barn.office.terminal("hexabrand") as terminal:
        terminal.run(OWN_AGAIN.removeprefix("sudo "))
        terminal.run(OTHER_PYTHON.replace("python3.13", "python3"))
    barn.shows("FIRST")


def test_a_password_that_was_lost_is_replaced(barn: Barn) -> None:
    with barn.pi.terminal() as terminal:
        terminal.start(managed(NEW_PASSWORD))
        for prompt in ("Password:", "again"):
            terminal.wait_for(prompt)
            terminal.start("a gate with 3 hinges")
        terminal.finish()
    # Who was signed in with the old one is so no longer.
    wait_until(lambda: not barn.reader.is_signed_in(), "the session has ended")
    assert barn.reader.signs_in("admin", "a gate with 3 hinges")


def test_the_way_to_try_alerts_says_what_is_missing(barn: Barn) -> None:
    assert "ALERT_EMAIL_TO" in barn.on_the_pi(TRY_ALERTS.commands[0], status=1)
    assert "ALERT_EMAIL_TO" in barn.on_the_pi(ALERT)


def test_setup_and_pairing_may_be_repeated(barn: Barn) -> None:
    assert '"password": null' in barn.on_the_pi(SETUP, "--json")
    assert STRING.search(barn.on_the_pi(PAIRING, "--host", barn.pi_address))


def test_the_office_keeps_copies_of_the_backups(barn: Barn) -> None:
    barn.on_the_pi(BACKUP)
    assert barn.on_the_office(RECOVERY_KEY)
    assert barn.on_the_office(PULL)


def test_the_pi_goes_back_to_a_backup(barn: Barn) -> None:
    send(barn.office, barn.pi_address, "KEPT")
    barn.shows("KEPT")
    made = re.search(r"hexabrand-\d\S+", barn.on_the_pi(BACKUP, "--to 'my disk' --keep 2"))
    assert made is not None
    send(barn.office, barn.pi_address, "LATER")
    barn.shows("LATER")

    with barn.pi_stopped(), barn.pi.terminal() as terminal:
        terminal.start(f"{managed(RESTORE)} 'my disk/{made[0]}'")
        terminal.wait_for("Type yes")
        terminal.start("yes")
        assert "set-aside-" in terminal.finish()

    barn.shows("LATER", it=False)
    barn.shows("KEPT")


def test_a_pi_runs_by_the_plain_commands(barn: Barn) -> None:
    by_hand = [managed(RECEIVER), managed(WORKER), f"cd hexabrand && {BY_HAND.commands[0]}"]
    with barn.pi_stopped(), ExitStack() as open_windows:
        windows = [open_windows.enter_context(barn.pi.terminal()) for _ in by_hand]
        for window, typed in zip(windows, by_hand, strict=True):
            window.start(typed)
        # `/health` goes by beats, of which those of `make pi` are fresh for a while.
        windows[0].wait_for("Listening for radios")
        wait_until(partial(answers, barn.pi, f"{PI}/health"), "the Pi is well")
        send(barn.office, barn.pi_address, "BYHAND")
        barn.shows("BYHAND")
        for window in windows:
            window.interrupt()

    assert BY_HAND.commands[0].split()[-1] in barn.on_the_pi(SERVE, "--print")


def test_an_office_runs_by_the_plain_command(barn: Barn) -> None:
    send(barn.office, barn.pi_address, "STAYS")
    for typed in (BY_HAND.commands[1], ON_THE_OFFICE.commands[3]):
        barn.on_office.interrupt()
        barn.on_office.start(typed)
        barn.shows("STAYS")


@pytest.fixture(scope="module")
def newer_release(make: Make, shelf: Path) -> Iterator[None]:
    """What people clone has gone on; for the next computers it is as it was."""
    release.publish_a_newer_one(shelf / "repository")
    yield
    release.git(shelf / "repository", "reset", "--quiet", "--hard", "HEAD~1")


@pytest.mark.usefixtures("newer_release")
def test_a_new_release_changes_the_tables_behind_a_backup(barn: Barn) -> None:
    with barn.pi_stopped():
        barn.on_pi.run("git pull --quiet")

    assert re.search("before that: hexabrand-", barn.on_pi.printed), barn.on_pi.printed
    send(barn.office, barn.pi_address, "NEWER")
    barn.shows("NEWER")


def test_the_older_release_leaves_newer_tables_alone(barn: Barn) -> None:
    database = barn.pi.file("hexabrand/var/pi.sqlite3")
    with barn.pi_stopped():
        before = database.read_bytes()
        barn.on_pi.run("git checkout --quiet HEAD~1")
        told = barn.on_pi.run(ON_THE_PI.commands[1], status=MAKE_FAILED)

        assert "newer" in told
        assert database.read_bytes() == before
        assert barn.pi.processes() == []
        barn.on_pi.run("git checkout --quiet main")

    barn.shows("NEWER")
