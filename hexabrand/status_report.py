"""How a role is, for `manage.py status`: what its processes say, and what is seen without them."""

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from herd.rules.counts import counted
from herd.storage.database_corruption import is_sqlite
from hexabrand.hosts import reached_here, web_addresses
from lora.processes.watchdog import Beat, last_beat
from remote.wire import API_ROOT, RELEASE

Report = dict[str, Any]
ASK_SECONDS: Final = 5.0  # a web process that hangs must not hang the one who asks
NOT_ANSWERING: Final = {"code": "web_silent", "detail": "The web process does not answer."}
WIDTH: Final = 12


def of_pi() -> Report:
    """Ask the web process what it says of itself, and look at the rest from here."""
    answered = _asked(_own_certificate())
    report = _report("pi", _processes("receiver", "worker", "web"), answered)
    return report | _of_database()


def of_office() -> Report:
    answered = _asked()
    report = _report("office", _processes("office"), answered)
    link = {name: answered.get(name) for name in ("link", "age_seconds")} if answered else {}
    return report | link | _of_office_folder()


def _report(role: str, processes: dict[str, Report], answered: Report | None) -> Report:
    reasons = [NOT_ANSWERING] if answered is None else answered.get("reasons", [])
    return {
        "role": role,
        "release": RELEASE,
        "well": not reasons,
        "reasons": reasons,
        "warnings": (answered or {}).get("warnings", []),
        "processes": processes,
        "state_folder": str(settings.HEXABRAND_STATE_DIR),
        "addresses": web_addresses(),
    }


# -- processes --------------------------------------------------------------------------------


def _processes(*jobs: str) -> dict[str, Report]:
    return {job: _process(last_beat(job)) for job in jobs}


def _process(beat: Beat | None) -> Report:
    if beat is None:
        return {"state": "never ran here"}
    if not beat.is_process_there:
        return {"state": "not running", "last_seen_seconds": round(beat.age, 1)}
    state = "running" if beat.is_fresh else "hangs"
    return {
        "state": state,
        "seconds": round(beat.running),
        "waiting": beat.waiting,
        "spilled": beat.spilled,
    }


# -- asking -----------------------------------------------------------------------------------


def health_answer(trust: ssl.SSLContext | None = None) -> bytes | None:
    """Return what this role's web process tells of its health, also with 503, or None."""
    request = urllib.request.Request(_health_url(), headers={"Host": _own_name()})  # noqa: S310 - our own address
    handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)]
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=ASK_SECONDS) as answer:
            found: bytes = answer.read()
    except urllib.error.HTTPError as error:
        return error.read()
    except (OSError, http.client.HTTPException):
        return None
    return found


def _health_url() -> str:
    if settings.IS_PI_BACKEND:
        return f"https://{reached_here(settings.PI_BIND)}:{settings.PI_PORT}{API_ROOT}health"
    return f"http://{reached_here(settings.OFFICE_BIND)}:{settings.OFFICE_PORT}/health"


def _asked(trust: ssl.SSLContext | None = None) -> Report | None:
    """Return the health that the web process tells; None where what answers is none of ours."""
    try:
        health: Report = json.loads(health_answer(trust) or b"")
    except ValueError:
        return None
    return health if "status" in health else None


def _own_name() -> str:
    """Return a host name that the web process lets pass."""
    named = (name for name in settings.ALLOWED_HOSTS if name[:1] not in {"*", "."})
    return next(named, "localhost")


def _own_certificate() -> ssl.SSLContext | None:
    """Trust in the Pi's own certificate alone, whatever name it is asked by."""
    context = ssl.create_default_context()
    context.check_hostname = False
    try:
        context.load_verify_locations(settings.TLS_CERTIFICATE_FILE)
    except OSError:
        return None  # there is none before the first start
    return context


# -- what lies here ---------------------------------------------------------------------------


def _of_database() -> Report:
    from remote.api.status import backlog, machine  # noqa: PLC0415 - models: Pi only

    file = Path(str(settings.DATABASES["default"]["NAME"]))
    if is_sqlite() and not file.is_file():
        return _unwell("There is no database yet. Type: manage.py setup")  # looking would make one
    try:
        status = machine()
        waiting = backlog(timezone.now())
    except (DatabaseError, OSError) as error:
        return _unwell(f"The database cannot be read: {error}")
    kept = ("disk", "database", "clock", "certificate", "backup", "alerts")
    return {"backlog": waiting} | {name: status[name] for name in kept}


def _unwell(why: str) -> Report:
    return {"well": False, "reasons": [{"code": "database_unreadable", "detail": why}]}


def _of_office_folder() -> Report:
    from remote.office.link.finding import recalled_finder  # noqa: PLC0415 - office only
    from remote.office.pulled_backups import copies, last_pull  # noqa: PLC0415 - as above

    address, pulled = recalled_finder().client.address, last_pull()
    return {
        "follows": str(address) if address.host else None,
        "copies": pulled and {"count": len(copies()), "at": pulled.at, "failed": pulled.failed},
    }


# -- words ------------------------------------------------------------------------------------


def as_text(report: Report) -> str:
    name = "the Pi" if report["role"] == "pi" else "the office"
    head = f"HexaBrand {report['release']}, {name}: {'well' if report['well'] else 'NOT WELL'}"
    return "\n".join([head, *(f"  {what:<{WIDTH}} {how}" for what, how in _lines(report))])


def _lines(report: Report) -> Iterator[tuple[str, str]]:
    for reason in report["reasons"]:
        yield "because", reason["detail"]
    for warning in report["warnings"]:
        yield "beware", warning["detail"]
    for job, process in report["processes"].items():
        yield job, _process_text(process)
    yield from _link_lines(report)
    yield from _machine_lines(report)
    yield "pages", ", ".join(report["addresses"])
    yield "state", report["state_folder"]


def _process_text(process: Report) -> str:
    text = str(process["state"])
    if "seconds" in process:
        text += f", started {span(process['seconds'])} ago"
    if process.get("spilled"):
        text += f"; {process['spilled']} frames wait in its spill file for the database"
    if "last_seen_seconds" in process:
        text += f", last seen {span(process['last_seen_seconds'])} ago"
    return text


def _link_lines(report: Report) -> Iterator[tuple[str, str]]:
    if report["role"] != "office":
        return
    yield "follows", report["follows"] or "no Pi yet; type `manage.py pair` with its pairing string"
    if report.get("link"):
        age = report["age_seconds"]
        yield "link", report["link"] + ("" if age is None else f", data is {span(age)} old")
    if copies := report["copies"]:
        failed = f"; FAILED: {copies['failed']['reason']}" if copies["failed"] else ""
        at = f", the last one fetched {copies['at']}" if copies["at"] else ""
        yield "copies", f"{copies['count']} of the Pi's backups{at}{failed}"


def _machine_lines(report: Report) -> Iterator[tuple[str, str]]:
    if "disk" not in report:
        return
    backlog, disk, database = report["backlog"], report["disk"], report["database"]
    age = backlog["age_seconds"]
    oldest = f", the oldest for {span(age)}" if age else ""
    yield "waiting", f"{backlog['count']} payloads{oldest}"
    free, size = disk["free_bytes"] / 1e9, disk["total_bytes"] / 1e9
    refusing = "; FULL: nothing new is stored" if disk["refusing"] else ""
    yield "disk", f"{free:.1f} GB free of {size:.1f} GB{refusing}"
    yield "database", f"{database['engine']}, {(database['bytes'] or 0) / 1e6:.1f} MB"
    yield "backup", _backup_text(report["backup"], is_own=database["engine"].startswith("sqlite"))
    if trouble := report["alerts"]["trouble"]:
        yield "alerts", f"NOT SENT: {trouble}"
    clock = {True: "synchronised", False: "NOT synchronised", None: "nobody can say"}
    yield "clock", clock[report["clock"]["synchronised"]]
    if certificate := report["certificate"]:
        yield "certificate", f"valid for {counted(certificate['days_left'], 'day')}"


def _backup_text(backup: Report, *, is_own: bool) -> str:
    if not is_own:
        return "by the database server's own tools"
    failed = f"; FAILED: {backup['failed']['reason']}" if backup.get("failed") else ""
    if backup["age_seconds"] is None:
        return f"none{failed}"
    proved = "read back" if backup["proved_at"] else "not read back"
    return f"{backup['count']}, the newest {span(backup['age_seconds'])} old, {proved}{failed}"


def span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
