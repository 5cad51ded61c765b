"""What everybody can read in a document protects nothing, and is refused wherever a secret is."""

import re
import secrets
from pathlib import Path

import pytest
from django.core.management.utils import get_random_secret_key

from hexabrand.settings.environment import secret, signing_key
from hexabrand.settings.example_secrets import device_keys
from tests.hexabrand.test_security import python

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = [
    "hxb_6f8a9c2d1e5b4a3f7g8h9i0j",
    "HXB_6F8A9C2D1E5B4A3F7G8H9I0J",
    "hxb_your_api_key_here",
    "hxb_xxxxxxxxxxxxx",
    "your-secure-api-key",
    "your-secret-key-here",
    "my-super-secret-key",
    "change-this-in-production",
    "changeme-changeme-changeme",
    "replace-with-a-random-string",
    "django-insecure-0123456789abcdef",
    "<the key of this Pi>",
    "example-key-0123456789",
    "dev-secret-key-12345",
    "****************",
    "test-secret-key-1",
]
# Printed to be secrets: `NAME=value` in a document, where the name is that of a secret.
PRINTED = re.compile(r"\b(\w*(?:KEY|SECRET))=([^\s`'\"<]+)")
DOCUMENTS = [ROOT / "README.md", ROOT / ".env.example", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("take", [secret, signing_key])
@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_is_no_secret(text: str, take: object) -> None:
    assert callable(take)
    with pytest.raises(ValueError, match="example from a manual"):
        take(text)


def test_every_secret_that_a_document_prints_is_refused() -> None:
    printed = {
        (name, value)
        for document in DOCUMENTS
        for name, value in PRINTED.findall(document.read_text())
        if len(value) >= 16
    }
    assert ("ALERT_WEBHOOK_SECRET", "k7Qm2vR9xT4wB8nZ") in printed
    for name, value in printed:
        with pytest.raises(ValueError, match="example"):
            pytest.fail(f"{name}={value} was taken as {secret(value)}")


def test_the_device_key_of_the_documents_is_refused() -> None:
    with pytest.raises(ValueError, match="example from a manual"):
        device_keys(f"scale1={secrets.token_hex(16)},scale2={bytes(range(16)).hex()}")


@pytest.mark.parametrize(
    "drawn", ["hxb_3a01be77420198536174a529", "7a0194be25836170a4195827364056a1"]
)
def test_a_drawn_key_with_few_letters_is_no_words(drawn: str) -> None:
    assert secret(drawn) == drawn


def test_what_is_drawn_is_a_secret() -> None:
    for _ in range(500):
        drawn = [secrets.token_urlsafe(32), secrets.token_hex(16), f"hxb_{secrets.token_hex(12)}"]
        assert [secret(one) for one in drawn] == drawn
        key = get_random_secret_key()
        assert signing_key(key) == key
        device_keys(f"scale1={secrets.token_hex(16)}")


@pytest.mark.parametrize(
    ("role", "name"), [("pi", "PI_API_KEY"), ("ui", "PI_API_KEY"), ("pi", "SECRET_KEY")]
)
def test_a_start_with_the_key_of_the_first_design_ends_with_a_sentence(
    role: str, name: str
) -> None:
    refused = python(role, "manage.py", "check", **{name: EXAMPLES[0]})
    assert refused.returncode != 0
    assert f"{name} cannot be used: that is an example from a manual" in refused.stderr
    assert EXAMPLES[0] not in refused.stderr
