"""Secrets in a text are masked: a library may log what we would not."""

import re
from functools import cache
from typing import Final

from django.conf import settings

MASK: Final = "***"
SHORTEST: Final = 6  # a shorter one would be found in words that are none

# What looks like a secret, whosever it is; what stands before it is kept.
_LOOKS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(hxb_\w+\.|hexabrand1:)[\w-]{8,}",  # an API key after its public part, a pairing string
        r"(HBR-)[A-Z2-7-]{16,}",  # a recovery key
        r"(://[^\s:/@]*:)[^\s/]+(?=@)",  # a password in an address
        r"((?:x-api-key|authorization)['\"]?[:,=]\s*(?:b?['\"])?(?:bearer |basic )?)[^\s'\"]+",
        r"((?:session|csrf\w*)=)\w{8,}",  # cookies
    )
)


def without_secrets(text: str) -> str:
    known = _known()
    if known is not None:
        text = known.sub(MASK, text)
    for pattern in _LOOKS:
        text = pattern.sub(rf"\1{MASK}", text)
    return text


@cache
def _known() -> re.Pattern[str] | None:
    """Those of this process's own settings."""
    shared = getattr(settings, "PI_API_KEYS", None) or [getattr(settings, "PI_API_KEY", "")]
    passwords = [str(one.get("PASSWORD") or "") for one in settings.DATABASES.values()]
    devices = getattr(settings, "LORA_DEVICE_KEYS", None)
    device_keys = [key.hex() for key in devices.by_device.values()] if devices else []
    alerts = {settings.SMTP_URL.password, settings.ALERT_WEBHOOK_SECRET}
    secrets = {settings.SECRET_KEY, *shared, *passwords, *device_keys, *alerts}
    found = sorted((one for one in secrets if len(one) >= SHORTEST), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, found)), re.IGNORECASE) if found else None
