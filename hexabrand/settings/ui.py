"""The office: pages over a mirror in memory. It has no database, and importing a model fails."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from hexabrand.hosts import with_name
from hexabrand.settings.addresses import PRIVATE_NETWORKS, networks, public_url
from hexabrand.settings.base import *  # noqa: F403 - Django's own way to layer settings
from hexabrand.settings.base import (
    ALLOWED_HOSTS,
    HEXABRAND_STATE_DIR,
    SILENCED_SYSTEM_CHECKS,
    TEMPLATES,
)
from hexabrand.settings.environment import boolean, number, read, secret_key, whole
from hexabrand.settings.pairing import PairingFile

# What `manage.py pair` wrote: the Pi's addresses, its certificate's fingerprint, the API key.
PAIRING_FILE = PairingFile(HEXABRAND_STATE_DIR / "office.env")

IS_PI_BACKEND = False
IS_SERVER_UI = True
SECRET_KEY = secret_key("office")

# Each but English has its folder in locale/; the Pi speaks English alone (decision 13).
LANGUAGES = [("en", "English"), ("es", "Español")]
FORMAT_MODULE_PATH = ["hexabrand.formats"]
LANGUAGE_COOKIE_NAME = "hexabrand_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # seconds

INSTALLED_APPS = [
    "remote.office",
    "hexabrand",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic",
    "django.contrib.staticfiles",
    "csp",
]

MIDDLEWARE = [
    "hexabrand.middleware.Security",
    "servestatic.middleware.ServeStaticMiddleware",
    "hexabrand.middleware.NoStore",
    "hexabrand.middleware.TextCharset",  # before any that reads a form or a query
    "hexabrand.middleware.Sessions",
    "hexabrand.middleware.Locale",
    "hexabrand.middleware.Common",
    "hexabrand.middleware.Csrf",
    "remote.office.office.SignInMiddleware",
    "hexabrand.middleware.Messages",
    "hexabrand.middleware.Frames",
    "hexabrand.middleware.ContentPolicy",
]

TEMPLATES[0]["OPTIONS"] = {
    "context_processors": [
        "django.template.context_processors.request",
        "django.contrib.messages.context_processors.messages",
        "remote.office.views.page_frame",
    ],
    "libraries": {"i18n": "remote.office.templatetags.translated_once"},
}

FORM_RENDERER = "remote.office.forms.renderer.FormRenderer"

ROOT_URLCONF = "remote.office.urls"
ASGI_APPLICATION = "hexabrand.asgi.ui.application"
DATABASES: dict[str, dict[str, object]] = {}

# A session in a signed cookie would survive its own logout; a file on this side does not.
SESSION_ENGINE = "remote.office.signin"  # the module that has SessionStore
SESSION_FILE_PATH = HEXABRAND_STATE_DIR / "office-sessions"
SESSION_COOKIE_NAME = "hexabrand_office_session"
CSRF_COOKIE_NAME = "hexabrand_office_csrf"

# What browsers type, where it is not this machine's own name: behind a reverse proxy.
OFFICE_URL = read("OFFICE_URL", public_url, default="")
OFFICE_TLS = read("OFFICE_TLS", boolean, default=OFFICE_URL.startswith("https://"))
TRUSTED_PROXIES = read("TRUSTED_PROXIES", networks, default=["127.0.0.0/8", "::1/128"])
if OFFICE_URL:
    if OFFICE_URL.startswith("https://") != OFFICE_TLS:
        raise ImproperlyConfigured(
            f"OFFICE_TLS={OFFICE_TLS} and OFFICE_URL={OFFICE_URL} contradict each other."
        )
    _public = urlsplit(OFFICE_URL)
    ALLOWED_HOSTS = with_name(ALLOWED_HOSTS, _public.netloc.removesuffix(f":{_public.port}"))
    CSRF_TRUSTED_ORIGINS = [OFFICE_URL]
SESSION_COOKIE_SECURE = OFFICE_TLS
CSRF_COOKIE_SECURE = OFFICE_TLS
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Its cookies are as secure as OFFICE_TLS says.
SILENCED_SYSTEM_CHECKS += ["security.W010", "security.W012", "security.W016"]
SILENCED_SYSTEM_CHECKS += ["templates.W003"]  # `i18n` is ours (TEMPLATES), beside Django's
LOGIN_URL = "/login"

_paired = PAIRING_FILE.values()
REMOTE_PI_HOST: str = _paired["REMOTE_PI_HOST"]
REMOTE_PI_PORT: int = _paired["REMOTE_PI_PORT"]
PI_ADDRESSES: list[tuple[str, int, str]] = _paired["PI_ADDRESSES"]
USE_SSL_FOR_PI: bool = _paired["USE_SSL_FOR_PI"]
USE_SELF_SIGNED_CERT: bool = _paired["USE_SELF_SIGNED_CERT"]
PI_CERT_FINGERPRINT: str = _paired["PI_CERT_FINGERPRINT"]
PI_CERTIFICATE_FILE = HEXABRAND_STATE_DIR / "office-pi-cert.pem"
PI_FOUND_FILE = HEXABRAND_STATE_DIR / "office-pi-found.json"  # where it answered last
PI_API_KEY: str = _paired["PI_API_KEY"]

METRICS_ALLOW = read("METRICS_ALLOW", networks, default=PRIVATE_NETWORKS)

# The weight at which an animal is finished: 619 kg is the mean of 43,629 closed lots.
TARGET_WEIGHT_KG = read("TARGET_WEIGHT_KG", number("kilograms", 1, 5000), default=619.0)
PULLED_BACKUPS_KEPT = read("PULLED_BACKUPS_KEPT", whole(1, 10_000), default=14)
UNSEEN_DAYS = read("UNSEEN_DAYS", whole(1, 365), default=7)
