"""Where a tag comes from, in a few words. Pure."""

from collections.abc import Callable

from herd.fields import gettext_noop as _
from herd.rules.epc import sgtin_parts
from herd.rules.tags import COUNTRIES, Eid, eid, whole_tag


def describe(tag: str, language: str = "en", say: Callable[[str], str] = str) -> str:
    """Return where a tag comes from, in a few words; "" for a farm's own label. `say` translates
    them."""
    form = whole_tag(tag)
    if found := eid(form):
        return _describe_eid(found, language, say)
    if parts := sgtin_parts(form):
        return f"SGTIN {parts[1]}…"
    if not form:
        return ""
    return "chip TID" if form.startswith("E2") else "EPC"


def _describe_eid(found: Eid, language: str, say: Callable[[str], str]) -> str:
    code = f"{found.country_code:03}"
    if found.test:
        return say(_("test code {code}")).format(code=code)
    if found.manufacturer:
        return say(_("manufacturer {code}")).format(code=code)
    if country := COUNTRIES.get(found.country_code):
        return f"{country.names.get(language, country.names['en'])} ({code})"
    return say(_("country code {code}")).format(code=code)
