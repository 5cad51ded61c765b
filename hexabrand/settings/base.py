"""What both roles share."""

from csp.constants import NONE as _NONE
from csp.constants import SELF as _SELF

from hexabrand.hosts import OwnNames
from hexabrand.settings import alerting
from hexabrand.settings.addresses import allowed_hosts, bind_address, port
from hexabrand.settings.environment import (
    BASE_DIR,
    STATE_DIR,
    boolean,
    number,
    one_of,
    read,
    secret,
    time_zone,
)

HEXABRAND_STATE_DIR = STATE_DIR

DEBUG = False
ALLOWED_HOSTS: list[str] = read("ALLOWED_HOSTS", allowed_hosts, default=OwnNames())

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = read("TIME_ZONE", time_zone, default="UTC")
WEIGHT_UNIT = read("WEIGHT_UNIT", one_of("kg", "lb"), default="kg")

OFFICE_BIND = read("OFFICE_BIND", bind_address, default="0.0.0.0")  # noqa: S104 - an office serves its LAN
OFFICE_PORT = read("OFFICE_PORT", port, default=5000)
PI_BIND = read("PI_BIND", bind_address, default="0.0.0.0")  # noqa: S104 - a Pi serves its LAN
PI_PORT = read("PI_PORT", port, default=5001)
MDNS = read("MDNS", boolean, default=True)

ALERT_EMAIL_TO = read("ALERT_EMAIL_TO", alerting.mail_addresses, default=list[str]())
ALERT_EMAIL_FROM = read("ALERT_EMAIL_FROM", alerting.mail_address, default="")
SMTP_URL = read(
    "SMTP_URL", alerting.mail_server, default=alerting.MailServer("", 0, "none"), secret=True
)
ALERT_WEBHOOK_URL = read("ALERT_WEBHOOK_URL", alerting.web_address, default="", secret=True)
ALERT_WEBHOOK_SECRET = read("ALERT_WEBHOOK_SECRET", secret, default="", secret=True)
ALERT_AFTER = read("ALERT_AFTER", number("seconds", 0, 86_400), default=60.0)
ALERT_QUIET = read("ALERT_QUIET", alerting.quiet_hours, default=None)
ALERT_OFFICE_AWAY = read("ALERT_OFFICE_AWAY", number("seconds", 0, 7 * 86_400), default=600.0)
ALERT_NAME = read("ALERT_NAME", alerting.line, default="")
ALERT_URL = read("ALERT_URL", alerting.web_address, default="")
alerting.belong_together(ALERT_EMAIL_TO=ALERT_EMAIL_TO, SMTP_URL=SMTP_URL.host)
alerting.belong_together(
    ALERT_WEBHOOK_URL=ALERT_WEBHOOK_URL, ALERT_WEBHOOK_SECRET=ALERT_WEBHOOK_SECRET
)
TRUST_CLOCK = read("TRUST_CLOCK", boolean, default=False)

STATIC_URL = "/static/"
STATIC_ROOT = HEXABRAND_STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "hexabrand" / "static"]
SERVESTATIC_USE_FINDERS = True  # no collectstatic step to forget on a Pi

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The largest body of any path, a sheet's; `http_limits` refuses by path before a body is read. With
# less here, Django refuses what REST framework reads a second time for its own forms.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [_SELF],
        "img-src": [_SELF, "data:"],
        "object-src": [_NONE],
        "base-uri": [_NONE],
        "frame-ancestors": [_NONE],
        "form-action": [_SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W001",  # Django's middleware is there, under names of ours: hexabrand/middleware.py
    "security.W002",  # as above
    "security.W003",  # as above
    "security.W004",  # HSTS with a self-signed certificate would lock a farm out of its own Pi
    "security.W008",  # TLS at the office is the reverse proxy's, and a Pi answers no plain HTTP
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "hexabrand.logs.Line",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "zeroconf": {"level": "ERROR"},  # it warns of each interface that comes and goes
        "django.channels.server": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
