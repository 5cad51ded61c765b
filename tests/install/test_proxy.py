"""Sign-in, forms, cookies and sockets behind a real nginx, however somebody has configured it."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.install.proxies import HOW_TO_GET_IT, STYLES, Browser, ProxiedFarm, nginx
from tests.system.browser import a_page
from tests.system.editing import SOON, heard, said

pytestmark = [
    pytest.mark.system,
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),
    pytest.mark.skipif(
        nginx() is None and not os.environ.get("CI"),
        reason=f"NO NGINX, nothing is tried behind a proxy. Type: {HOW_TO_GET_IT}",
    ),
]


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxiedFarm]:
    made = ProxiedFarm(tmp_path_factory.mktemp("proxied"))
    with made, made.proxy:
        yield made


@pytest.mark.browser
def test_a_person_works_behind_the_recipe(farm: ProxiedFarm) -> None:
    animal = heard(farm, "PROXY1", "840003123009001", "EPCPROXY1")
    complaints: list[str] = []
    with a_page(complaints=complaints) as page:
        page.goto(f"{farm.public_url}/office/batches")
        page.get_by_label("Name").fill(farm.account["username"])
        page.get_by_label("Password").fill(farm.account["password"])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{farm.public_url}/office/batches")
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        farm.hear("hxb:PROXY2:LFPROXY2:")
        expect(page.get_by_text("PROXY2", exact=True)).to_be_visible(timeout=SOON)
        page.goto(f"{farm.public_url}/office/cattle/{animal['id']}/weigh")
        page.get_by_label("Weight in kg").fill("352.5")
        page.locator("form.form").get_by_role("button").first.click()
        assert said(page) == "The weight is recorded."
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{farm.public_url}/login")
    assert complaints == []


@pytest.mark.parametrize("style", ["", *STYLES], ids=["recipe", *STYLES])
def test_sign_in_and_socket_work(farm: ProxiedFarm, style: str) -> None:
    browser = farm.browser(style)
    answer = browser.sign_in(farm.account["username"], farm.account["password"])
    assert (answer.status_code, answer.headers["Location"]) == (302, "/office/")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert browser.open_socket() == "live"
    assert browser.open_socket("https://evil.example") == "403"
    assert browser.post("/logout", {}).status_code == 302


@pytest.mark.parametrize(
    "style",
    [
        "",
        "host and port",
        "no scheme",
        "traefik",
        "forwarded host alone",
        "forwarded port",
        "rfc 7239",
        "http said inside",
    ],
)
def test_an_older_browser_works_where_the_host_is_told(farm: ProxiedFarm, style: str) -> None:
    browser = farm.browser(style, says_where=False)
    answer = browser.sign_in(farm.account["username"], farm.account["password"])
    assert answer.status_code == 302


def test_the_public_address_is_enough_where_no_host_is_told(farm: ProxiedFarm) -> None:
    port = farm.proxy.ports["nothing"]
    browser = Browser(farm.public_url, port, says_where=False)
    answer = browser.sign_in(farm.account["username"], farm.account["password"])
    assert answer.status_code == 302
    assert browser.open_socket() == "live"


def test_another_sites_form_is_refused(farm: ProxiedFarm) -> None:
    browser = farm.browser(says_where=False)
    assert browser.sign_in("x", "y", Origin="https://evil.example").status_code == 403
    answer = browser.sign_in(
        "x", "y", **{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


def is_slowed_down(browser: Browser, name: str, **headers: str) -> bool:
    return "Too many wrong passwords" in browser.sign_in(name, "wrong", **headers).text


def test_who_guesses_is_slowed_down_alone_whatever_the_browser_says(farm: ProxiedFarm) -> None:
    guesser, other = farm.browser(address="127.0.0.3"), farm.browser(address="127.0.0.4")
    tries = [
        is_slowed_down(
            guesser,
            "gail",
            **{"X-Forwarded-For": f"192.0.2.{n}", "Forwarded": f"for=192.0.2.{n}"},
        )
        for n in range(8)
    ]
    assert tries[-1]
    assert not is_slowed_down(other, "gail")


def test_headers_are_believed_from_the_proxy_alone(farm: ProxiedFarm) -> None:
    """Somebody goes around the proxy, and says to be one."""
    direct = Browser(farm.office_url, farm.office_port, says_where=False)
    tries = [
        is_slowed_down(
            direct,
            "hal",
            **{
                "Origin": f"https://127.0.0.1:{farm.office_port}",
                "X-Forwarded-For": f"192.0.2.{n}",
                "Forwarded": f"for=192.0.2.{n}",
            },
        )
        for n in range(8)
    ]
    assert tries[-1]
    forged = {
        "Origin": "https://evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
    }
    assert direct.sign_in("hal", "wrong", **forged).status_code == 403
