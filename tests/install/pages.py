"""The office's pages as somebody on one of the computers reads them."""

from urllib.parse import urljoin

import requests

from tests.install.computer import Computer


class Reader:
    """A person who is signed in at the office with this address."""

    def __init__(self, computer: Computer, address: str) -> None:
        self._computer, self._address = computer, address
        self._session = requests.Session()

    def signs_in(self, user: str, password: str) -> bool:
        """Does the office let this person in?"""
        login = urljoin(self._address, "/login")
        self._ask("GET", login)
        form = {
            "username": user,
            "password": password,
            "csrfmiddlewaretoken": self._session.cookies["hexabrand_office_csrf"],
        }
        return self._ask("POST", login, form).status_code == 200

    def is_signed_in(self) -> bool:
        answer = self._ask("GET", urljoin(self._address, "/office/"))
        return answer.status_code == 200 and "/login" not in answer.url

    def page(self, path: str) -> str:
        answer = self._ask("GET", urljoin(self._address, path))
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.text

    def _ask(self, method: str, url: str, form: dict[str, str] | None = None) -> requests.Response:
        return self._computer.inside(
            lambda: self._session.request(method, url, data=form, timeout=30)
        )
