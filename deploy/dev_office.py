"""The office's settings under `make dev`: each page reads its templates and static files anew."""

from typing import cast

from hexabrand.settings.ui import *  # noqa: F403 - Django's own way to layer settings
from hexabrand.settings.ui import TEMPLATES

SERVESTATIC_AUTOREFRESH = True
# Named without the cached loader, which Django puts around these two otherwise.
TEMPLATES[0]["APP_DIRS"] = False
cast("dict[str, object]", TEMPLATES[0]["OPTIONS"])["loaders"] = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
