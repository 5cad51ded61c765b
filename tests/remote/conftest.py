"""A Pi with keys, asked over HTTP."""

import sys
from collections.abc import Iterator

import pytest
from rest_framework.test import APIClient

from herd.models import Animal
from remote.api import authentication, feed, import_process
from remote.api.models import ApiKey
from remote.throttle import login_throttle
from tests.remote.api.rows import a_batch, a_pen, an_animal


@pytest.fixture(autouse=True)
def _nobody_is_remembered() -> Iterator[None]:
    """Keys and wrong passwords outlive a request, but not a test."""
    authentication._remembered.clear()
    login_throttle.forget()
    yield
    authentication._remembered.clear()


def client_with(*scopes: str) -> APIClient:
    _, plain = ApiKey.objects.create_key(name="test", scopes=list(scopes))
    return APIClient(headers={"X-API-Key": plain})


@pytest.fixture(autouse=True)
def _no_feed_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_hub", None)


@pytest.fixture(autouse=True)
def _imports_of_any_size_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process does not see the test's database."""
    monkeypatch.setattr(import_process, "LARGE", sys.maxsize)


@pytest.fixture
def api() -> APIClient:
    """May do everything."""
    return client_with("read", "write", "ingest")


@pytest.fixture
def animal() -> Animal:
    return an_animal(
        batch=a_batch(),
        pen=a_pen(capacity=1),
        lf_tag="LF1",
        uhf_tag="U1",
        livestock_id="L1",
    )
