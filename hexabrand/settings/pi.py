"""The Pi in the barn: radios, database, REST, feed, admin."""

from typing import Any

from herd.storage.database_corruption import SQLITE
from hexabrand.settings.addresses import PRIVATE_NETWORKS, networks, serial_ports, socket_address
from hexabrand.settings.environment import (
    STATE_DIR,
    boolean,
    database,
    load,
    place,
    positive_seconds,
    read,
    secret_key,
    secrets_list,
    whole,
)
from hexabrand.settings.example_secrets import device_keys
from hexabrand.settings.shipment_files import DEFAULT_FILES, shipment_files
from lora.signing import DeviceKeys
from remote.api.schema_operations import TAGS
from remote.problems import CODES

load(STATE_DIR / "settings.env")  # what a restored backup held: the last in rank, so first of all

from hexabrand.settings.base import *  # noqa: E402, F403 - Django's own way to layer settings
from hexabrand.settings.base import HEXABRAND_STATE_DIR, TEMPLATES  # noqa: E402 - as above

IS_PI_BACKEND = True
IS_SERVER_UI = False
SECRET_KEY = secret_key("pi")

INSTALLED_APPS = [
    # `lora` comes before any app with a `runworker` of its own: the first one wins.
    "lora",
    "herd",
    "rest_framework_api_key",  # before ours, which takes these tables out of the admin
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "remote.api",
    "hexabrand",
    "hexabrand.apps.FarmAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    "remote.api.middleware.herd_cursor",  # outside of all that can refuse a request
    "hexabrand.middleware.Security",
    "servestatic.middleware.ServeStaticMiddleware",
    "hexabrand.middleware.NoStore",
    "hexabrand.middleware.TextCharset",  # before any that reads a form or a query
    "hexabrand.middleware.Sessions",
    "hexabrand.middleware.Common",
    "hexabrand.middleware.Csrf",
    "hexabrand.pi_middleware.Authentication",
    "hexabrand.pi_middleware.StoredMessages",
    "hexabrand.middleware.Frames",
    "hexabrand.middleware.ContentPolicy",
]

TEMPLATES[0]["OPTIONS"] = {
    "context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]
}

ROOT_URLCONF = "hexabrand.urls"
ASGI_APPLICATION = "hexabrand.asgi.pi.application"
APPEND_SLASH = False

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA journal_size_limit=16777216; PRAGMA cache_size=-2048; "
    # A statement's undo is three quarters of all that a step writes; it is of no use after a crash.
    "PRAGMA temp_store=MEMORY;"
)


def _sqlite(path: str, *, writer: bool) -> dict[str, object]:
    """Return Django's settings for the file. A reader begins DEFERRED: its long transactions
    (snapshot, feed) must not hold the writers' lock."""
    return {
        "ENGINE": SQLITE,
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE" if writer else "DEFERRED",
            "timeout": 30,
            "init_command": SQLITE_PRAGMAS + ("" if writer else " PRAGMA query_only=1;"),
        },
        # Said here, as test runners know Django's own engine by its name.
        "TEST": {"NAME": ":memory:"} if writer else {"MIRROR": "default"},
    }


# A server that cannot be reached is found out in seconds: else a connection waits for a quarter of
# an hour for what was on its way, also when the cable is back. What the URL says goes before.
POSTGRESQL_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # ms
    # The server's side of it: what a machine held that was cut off is free again in seconds.
    "options": "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3",
}


def _databases() -> dict[str, dict[str, object]]:
    default: dict[str, Any] = {"ENGINE": SQLITE, "NAME": str(HEXABRAND_STATE_DIR / "pi.sqlite3")}
    given = read("DATABASE_URL", database, default, secret=True)
    if given["ENGINE"] != SQLITE:
        given["OPTIONS"] = {**POSTGRESQL_PATIENCE, **given.get("OPTIONS", {})}
        return {"default": given, "reader": {**given, "TEST": {"MIRROR": "default"}}}
    name = str(given["NAME"])
    return {"default": _sqlite(name, writer=True), "reader": _sqlite(name, writer=False)}


DATABASES = _databases()

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
OTP_TOTP_ISSUER = "HexaBrand"  # what an authenticator app shows
# The package's own wait doubles for ever; remote.api.second_factor slows guesses down.
OTP_TOTP_THROTTLE_FACTOR = OTP_STATIC_THROTTLE_FACTOR = 0
SESSION_COOKIE_NAME = "hexabrand_pi_session"
CSRF_COOKIE_NAME = "hexabrand_pi_csrf"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
CSRF_FAILURE_VIEW = "remote.api.views.error_pages.old_form"
LOGIN_URL = "/admin/login/"

PI_API_KEYS = read("PI_API_KEY", secrets_list, default=list[str](), secret=True)
LORA_UDP_BIND = read("LORA_UDP_BIND", socket_address, default=("0.0.0.0", 1700))  # noqa: S104 - a Pi hears its whole LAN
LORA_UDP_ALLOW = read("LORA_UDP_ALLOW", networks, default=PRIVATE_NETWORKS)
LORA_SERIAL = read("LORA_SERIAL", serial_ports, default=list[tuple[str, int]]())
LORA_DEDUP_WINDOW = read("LORA_DEDUP_WINDOW", positive_seconds, default=5.0)
LORA_TAKE_SIMULATED = read("LORA_TAKE_SIMULATED", boolean, default=False)
LORA_DEVICE_KEYS = read("LORA_DEVICE_KEYS", device_keys, default=DeviceKeys(), secret=True)

SHIPMENT_REPORT_DAYS = read("SHIPMENT_REPORT_DAYS", whole(0, 365), default=7)
SHIPMENT_FILES = read("SHIPMENT_FILES", shipment_files, default=shipment_files(DEFAULT_FILES))

BACKUP_DIR = read("BACKUP_DIR", place, default=HEXABRAND_STATE_DIR / "backups")
BACKUPS_KEPT = read("BACKUPS_KEPT", whole(1, 10_000), default=14)
JOURNAL_KEPT_DAYS = read("JOURNAL_KEPT_DAYS", whole(1, 36_500), default=30)
PAYLOADS_KEPT_DAYS = read("PAYLOADS_KEPT_DAYS", whole(1, 36_500), default=730)
DISK_RESERVE = read("DISK_RESERVE", whole(0, 1_000_000), default=200)  # MB
TLS_KEY_FILE = HEXABRAND_STATE_DIR / "pi-tls.key"
TLS_CERTIFICATE_FILE = HEXABRAND_STATE_DIR / "pi-tls.pem"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "remote.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["remote.api.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "remote.api.renderers.PageRenderer",
    ],
    "DEFAULT_SCHEMA_CLASS": "remote.api.schema.HerdSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "remote.api.pagination.KeysetPagination",
    "EXCEPTION_HANDLER": "remote.api.views.base.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "HexaBrand",
    "DESCRIPTION": "The herd on the Pi: batches, cattle, pens, weights, radio payloads.",
    "VERSION": "1",
    "TAGS": [{"name": name, "description": text} for name, text in TAGS.items()],
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": "/", "description": "This Pi."}],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/remote",  # no part of an operation's name
    "LICENSE": {"name": "All rights reserved", "identifier": "LicenseRef-All-Rights-Reserved"},
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "AnimalStatus": ["pending", "active", "exported", "dead", "sold"],
        "LeavingStatus": ["exported", "dead", "sold", "active"],
        "BatchStatus": ["open", "closed"],
        "PayloadStatus": ["received", "processed", "duplicate", "error"],
        "ErrorCode": CODES,
        "SheetKind": ["animals", "weights", "treatments"],
        "ChangeKind": "herd.changes_table.KINDS",
        "ShipmentStateEnum": ["planned", "loading", "shipped", "cancelled"],
        "WorkMarkKind": ["dismissed", "seen", "reminder"],
        "Cause": "herd.pulls_table.CHOICES",
        "ProductKind": ["antibiotic", "vaccine", "implant", "dewormer", "other"],
    },
}
