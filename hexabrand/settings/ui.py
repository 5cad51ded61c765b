"""The office: pages over a mirror in memory. It has no database, and importing a model fails."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from hexabrand.settings.addresses import PRIVATE_NETWORKS, host, networks, port, public_url
from hexabrand.settings.base import *  # noqa: F403 - Django's own way to layer settings
from hexabrand.settings.base import ALLOWED_HOSTS, HEXABRAND_STATE_DIR, TEMPLATES
from hexabrand.settings.environment import (
    boolean,
    fingerprint,
    kilograms,
    load,
    read,
    secret,
    secret_key,
    whole,
)

# What `manage.py pair` wrote: the Pi's address, its certificate's fingerprint, the API key.
load(HEXABRAND_STATE_DIR / "office.env")

IS_PI_BACKEND = False
IS_SERVER_UI = True
SECRET_KEY = secret_key("office")

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
    "hexabrand.middleware.Sessions",
    "hexabrand.middleware.Locale",
    "hexabrand.middleware.Common",
    "hexabrand.middleware.Csrf",
    "remote.office.signin.SignInMiddleware",
    "hexabrand.middleware.Messages",
    "hexabrand.middleware.Frames",
    "hexabrand.middleware.ContentPolicy",
]

TEMPLATES[0]["OPTIONS"] = {
    "context_processors": [
        "django.template.context_processors.request",
        "django.contrib.messages.context_processors.messages",
        "remote.office.views.page_frame",
    ]
}

ROOT_URLCONF = "hexabrand.urls.ui"
ASGI_APPLICATION = "hexabrand.asgi.ui.application"
DATABASES: dict[str, dict[str, object]] = {}

# A session in a signed cookie would survive its own logout; a file on this side does not.
SESSION_ENGINE = "remote.office.sessions"
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
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, _public.netloc.removesuffix(f":{_public.port}")]
    CSRF_TRUSTED_ORIGINS = [OFFICE_URL]
SESSION_COOKIE_SECURE = OFFICE_TLS
CSRF_COOKIE_SECURE = OFFICE_TLS
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SILENCED_SYSTEM_CHECKS = [
    # Django's middleware is there, under names of ours: hexabrand/middleware.py.
    "security.W001", "security.W002", "security.W003",
    # TLS at the office is the reverse proxy's; HSTS would lock out a farm with none.
    "security.W004", "security.W008", "security.W010", "security.W012", "security.W016",
]  # fmt: skip
LOGIN_URL = "/login"

REMOTE_PI_HOST = read("REMOTE_PI_HOST", host, default="")
REMOTE_PI_PORT = read("REMOTE_PI_PORT", port, default=5001)
USE_SSL_FOR_PI = read("USE_SSL_FOR_PI", boolean, default=True)
USE_SELF_SIGNED_CERT = read("USE_SELF_SIGNED_CERT", boolean, default=True)
PI_CERT_FINGERPRINT = read("PI_CERT_FINGERPRINT", fingerprint, default="")
PI_CERTIFICATE_FILE = HEXABRAND_STATE_DIR / "office-pi-cert.pem"
PI_API_KEY = read("PI_API_KEY", secret, default="", secret=True)

METRICS_ALLOW = read("METRICS_ALLOW", networks, default=PRIVATE_NETWORKS)

# The weight at which an animal is finished: 619 kg is the mean of 43,629 closed lots.
TARGET_WEIGHT_KG = read("TARGET_WEIGHT_KG", kilograms, default=619.0)
PULLED_BACKUPS_KEPT = read("PULLED_BACKUPS_KEPT", whole(1, 10_000), default=14)
UNSEEN_DAYS = read("UNSEEN_DAYS", whole(1, 365), default=7)
