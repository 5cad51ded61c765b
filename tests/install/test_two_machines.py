"""A barn and an office as two machines: cables, addresses, certificates and names that go away.

Each test prints what it measured; the limits leave room for a slow machine.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.install.network import Machine, Network, needs_namespaces
from tests.office.certificates import make_certificate
from tests.office.http_pi import HttpPi
from tests.system.farm import wait_until

pytestmark = [
    pytest.mark.system,
    pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning"),
]

TRUTH_WITHIN = 20.0
LIVE_WITHIN = 10.0
SLOW = 2.5  # a test machine that is busy with other things
AT_HOME = "https://127.0.0.1:5001/api/remote"
PI, PI_LATER, OFFICE, OFFICE_LATER, DESK = (f"10.77.0.{n}" for n in (2, 12, 3, 13, 4))


class Farm:
    """The two machines and a desk with a browser, in a network without a way out and DNS."""

    def __init__(self, network: Network, root: Path) -> None:
        self.network, self.root = network, root
        self.pi = network.machine("pi", root / "pi")
        self.office = network.machine("office", root / "office")
        self.desk = network.machine("desk", root / "desk")
        self.pi_at, self.office_at = PI, OFFICE
        self.spent: dict[str, float] = {}
        self._browser = requests.Session()
        self._browser.trust_env = False

    def start(self) -> None:
        """The processes first, the addresses afterwards: as after a power cut."""
        self.desk.has(DESK)
        self.account = json.loads(self.timed("setup", self.pi, "pi", "setup", "--json"))
        self.pi.start("pi", "serve")
        self.office.manage("ui", "setup")
        self.office.start("ui", "serve")
        wait_until(lambda: self.pi.get(f"{AT_HOME}/health"), "the Pi has started")
        wait_until(lambda: self.office.get("http://127.0.0.1:5000/health"), "so has the office")
        self.pi.has(PI)
        self.office.has(OFFICE)
        self.pairing = self.timed("pairing", self.pi, "pi", "pairing").strip()

    def timed(self, what: str, machine: Machine, role: str, *arguments: str) -> str:
        started = time.monotonic()
        told = machine.manage(role, *arguments)
        self.spent[what] = time.monotonic() - started
        return told

    # -- at the desk ------------------------------------------------------------------------

    def url(self, path: str) -> str:
        return f"http://{self.office_at}:5000{path}"

    def sign_in(self) -> int:
        """The status of the answer: 302 for whoever is let in."""
        return self.desk.call(self._sign_in)

    def _sign_in(self) -> int:
        self._browser.cookies.clear()
        form = self._browser.get(self.url("/login"), timeout=5).text
        found = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert found, form
        body = {"csrfmiddlewaretoken": found[1], "username": "admin"}
        body["password"] = self.account["password"]
        answer = self._browser.post(
            self.url("/login"), data=body, timeout=20, allow_redirects=False
        )
        return answer.status_code

    def page(self) -> str:
        """What a person who is signed in sees; "" while nobody answers."""
        try:
            return self.desk.call(self._page)
        except requests.RequestException:
            return ""

    def _page(self) -> str:
        answer = self._browser.get(self.url("/office/status"), timeout=5, allow_redirects=False)
        return answer.text if answer.status_code == 200 else ""

    def links(self) -> int:
        """How often the office has told that its link is back."""
        return self.office.log("serve").count("is back")

    def says(self, state: str) -> bool:
        return f'class="banner {state}"' in self.page()


def seconds_until(condition: Callable[[], object], what: str, limit: float) -> float:
    started = time.monotonic()
    wait_until(condition, what, limit * SLOW)
    spent = time.monotonic() - started
    print(f"{what}: {spent:.1f} s (promised {limit:.0f})")
    return spent


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    needs_namespaces()
    with Network() as network:
        made = Farm(network, tmp_path_factory.mktemp("machines"))
        made.start()
        yield made


def live(farm: Farm, what: str) -> None:
    """Live, and it is no lie: people can sign in."""
    seconds_until(lambda: farm.says("live"), what, LIVE_WITHIN)
    assert farm.sign_in() == 302


def test_no_command_waits_for_a_name_server_that_is_silent(farm: Farm) -> None:
    """With a look-up of the own name each waits for 13 s and more."""
    farm.timed("serve --print", farm.pi, "pi", "serve", "--print")
    print(farm.spent)
    assert farm.network.questions() == []


def test_an_address_that_comes_after_the_start_is_answered_to(farm: Farm) -> None:
    url = f"https://{PI}:5001/admin/login/"
    seconds_until(lambda: farm.desk.get(url) == 200, "the Pi by its late address", LIVE_WITHIN)
    seconds_until(
        lambda: farm.desk.get(farm.url("/login")) == 200, "the office likewise", LIVE_WITHIN
    )


def test_an_office_that_runs_takes_its_first_pairing(farm: Farm) -> None:
    """The string was made without a default route, and names the address all the same."""
    assert "10.77.0.2:5001" in farm.timed("pair", farm.office, "ui", "pair", farm.pairing)
    wait_until(lambda: farm.sign_in() == 302, "people can sign in")
    live(farm, "live after the pairing")


def test_a_pulled_cable_is_told_and_forgotten(farm: Farm) -> None:
    farm.pi.pull_cable()
    seconds_until(lambda: farm.page() and not farm.says("live"), "not live", TRUTH_WITHIN)
    seconds_until(lambda: farm.says("away"), "away", TRUTH_WITHIN)
    farm.pi.plug_cable()
    live(farm, "live after the cable")


def test_the_offices_address_changes(farm: Farm) -> None:
    links = farm.links()
    farm.office.moves(OFFICE, OFFICE_LATER)
    farm.office_at = OFFICE_LATER
    seconds_until(
        lambda: farm.desk.get(farm.url("/login")) == 200, "the office's new address", LIVE_WITHIN
    )
    seconds_until(lambda: farm.links() > links, "a new link in place of the deaf one", LIVE_WITHIN)
    wait_until(lambda: farm.sign_in() == 302, "people can sign in at the new address")
    live(farm, "live after the office moved")


def test_the_pis_address_changes_and_a_stranger_takes_the_old_one(
    farm: Farm, tmp_path: Path
) -> None:
    """No cable and no pairing: mDNS tells the address, the certificate that it is the Pi."""
    links = farm.links()
    farm.pi.moves(PI, PI_LATER)
    stranger = farm.network.machine("stranger", tmp_path / "stranger")
    stranger.has(PI)
    impostor = stranger.call(HttpPi, make_certificate(tmp_path), 5001, PI)
    impostor.start()
    try:
        url = f"https://{PI_LATER}:5001/admin/login/"
        seconds_until(lambda: farm.desk.get(url) == 200, "the Pi's new address", LIVE_WITHIN)
        seconds_until(lambda: farm.links() > links, "found by its certificate", LIVE_WITHIN)
        live(farm, "live at the new address")
        assert impostor.requests == []
    finally:
        impostor.go_away()


def test_the_office_begins_where_the_pi_answered_last(farm: Farm) -> None:
    farm.office.kill("serve")
    farm.office.start("ui", "serve")
    seconds_until(lambda: farm.says("live"), "live after the office's restart", LIVE_WITHIN)


def test_a_new_certificate_takes_one_pairing_and_no_restart(farm: Farm) -> None:
    process = farm.office.processes["serve"].pid
    farm.pi.kill("serve")
    for name in ("pi-tls.key", "pi-tls.pem"):
        (farm.pi.folder / name).unlink()
    again: dict[str, Any] = json.loads(farm.pi.manage("pi", "setup", "--json"))
    farm.pi.start("pi", "serve")
    seconds_until(lambda: again["fingerprint"] in farm.page(), "told so", TRUTH_WITHIN)
    farm.office.manage("ui", "pair", again["pairing"])
    seconds_until(lambda: farm.page() == "", "whom another Pi knew is signed out", LIVE_WITHIN)
    wait_until(lambda: farm.sign_in() == 302, "people can sign in")
    live(farm, "live with the new certificate")
    assert farm.office.processes["serve"].pid == process


def test_a_pairing_that_was_cut_off_is_told_and_not_taken(farm: Farm) -> None:
    file = farm.office.folder / "office.env"
    whole = file.read_text()
    file.write_text(whole[:30])
    wait_until(lambda: "is not taken" in farm.office.log("serve"), "the log tells")
    live(farm, "live all the same")
    file.write_text(whole)


def test_an_office_uses_whichever_web_process_of_the_pi_answers(farm: Farm) -> None:
    """Two machines, one database, a certificate each."""
    second = farm.network.machine("second", farm.root / "second")
    second.has("10.77.0.22")
    second.given = {"DATABASE_URL": f"sqlite:///{farm.pi.folder / 'pi.sqlite3'}", "MDNS": "False"}
    told = json.loads(second.manage("pi", "setup", "--json"))
    second.start("pi", "serve")
    wait_until(lambda: second.get(f"{AT_HOME}/health"), "it answers")
    farm.office.manage("ui", "pair", "--add", told["pairing"])
    wait_until(lambda: "paired anew" in farm.office.log("serve"), "the office has noticed")
    live(farm, "live with two")
    links = farm.links()
    farm.pi.kill("serve")
    seconds_until(lambda: farm.links() > links, "live at the other one", LIVE_WITHIN)
    assert "answers at 10.77.0.22" in farm.office.log("serve")
    live(farm, "and no lie")
