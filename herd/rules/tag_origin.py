"""Where a tag comes from, in a few words. Pure."""

from herd.rules.epc import sgtin_parts
from herd.rules.tags import COUNTRIES, Eid, eid, whole_tag


def describe(tag: str) -> str:
    """Return where a tag comes from, in a few words; "" for a farm's own label."""
    form = whole_tag(tag)
    if found := eid(form):
        return _describe_eid(found)
    if parts := sgtin_parts(form):
        return f"SGTIN {parts[1]}…"
    if not form:
        return ""
    return "chip TID" if form.startswith("E2") else "EPC"


def _describe_eid(found: Eid) -> str:
    code = f"{found.country_code:03}"
    if found.test:
        return f"test code {code}"
    if found.manufacturer:
        return f"manufacturer {code}"
    _, name = COUNTRIES.get(found.country_code, ("", ""))
    return f"{name} ({code})" if name else f"country code {code}"
