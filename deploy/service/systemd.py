"""What is asked of systemd: the units in /etc/systemd/system, beside each what the settings of this
machine ask of it, and that they start and stop."""

import re
import shutil
from pathlib import Path
from typing import Final

from deploy.service import layout, programs
from deploy.service.layout import Refused
from deploy.service.programs import Done
from deploy.service.settings import Settings

DROP_IN: Final = "settings.conf"  # a farm's own drop-ins beside it stay
WRITERS: Final = ("hexabrand-receiver", "hexabrand-worker", "hexabrand-web", "hexabrand-backup")
KNOWN_MODULES: Final = re.compile(r"/dev/tty(USB|ACM|AMA|S)\d+|/dev/serial/.*")
HEAD: Final = "# Written from /etc/hexabrand.env by `make service`, which writes it anew.\n"


def wanted(role: str, settings: Settings) -> tuple[list[str], list[str]]:
    """Return the units that a role is made of, and those of them that start by themselves."""
    timers: list[str] = []
    if "pi" in layout.ROLES[role] and not settings.needs_postgres:  # a server has its own tools
        timers += layout.TIMERS["pi"]
    if role == "office":  # with both, the Pi's backups lie on this machine already
        timers += layout.TIMERS["office"]
    services = [unit for part in layout.ROLES[role] for unit in layout.SERVICES[part]]
    started = [*services, *timers]
    return [*started, *(timer.replace(".timer", ".service") for timer in timers)], started


def write(role: str, code: Path, settings: Settings) -> None:
    """Write the role's units and take away those of another role."""
    names, _ = wanted(role, settings)
    for name in unwanted(role, settings):
        (layout.UNITS / name).unlink()
    for folder in layout.UNITS.glob("hexabrand-*.service.d"):
        (folder / DROP_IN).unlink(missing_ok=True)
    for name in names:
        shutil.copyfile(code / "deploy/systemd" / name, layout.UNITS / name)
        lines = drop_in(name, role, settings)
        if lines:
            folder = layout.UNITS / f"{name}.d"
            folder.mkdir(exist_ok=True)
            (folder / DROP_IN).write_text(HEAD + "[Service]\n" + "\n".join(lines) + "\n")


def unwanted(role: str, settings: Settings) -> list[str]:
    """Return the units here that belong to another role."""
    names, _ = wanted(role, settings)
    return [file.name for file in present() if file.name not in names]


def present() -> list[Path]:
    kinds = ("service", "timer")
    return [file for kind in kinds for file in sorted(layout.UNITS.glob(f"hexabrand-*.{kind}"))]


def delete() -> None:
    for file in present():
        file.unlink()
    for folder in layout.UNITS.glob("hexabrand-*.service.d"):
        (folder / DROP_IN).unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()


def drop_in(unit: str, role: str, settings: Settings) -> list[str]:
    """Return the lines that open the unit's walls where the settings need it, and nowhere else."""
    job = unit.removesuffix(".service")
    lines = []
    if job in WRITERS:
        lines += [f"ReadWritePaths={_path(folder)}" for folder in settings.folders()]
    elif not settings.state.is_relative_to(layout.STATE):
        lines.append(f"ReadWritePaths={_path(settings.state)}")
    if job in {"hexabrand-worker", "hexabrand-backup"} and settings.needs_postgres:
        lines += ["PrivateNetwork=no", "RestrictAddressFamilies=AF_INET AF_INET6"]
    if job == "hexabrand-receiver":
        lines += _serial(settings.serial_devices)
    if job == "hexabrand-office" and role == "both":
        # The Pi's shared keys are a list; the office has the one key that `pair` wrote.
        lines.append("UnsetEnvironment=PI_API_KEY")
    return lines


def _serial(devices: list[str]) -> list[str]:
    """Name the devices of kinds that the unit does not know, and the groups that open them."""
    lines = [f"DeviceAllow={name} rw" for name in devices if not KNOWN_MODULES.fullmatch(name)]
    files = [Path(name) for name in devices if Path(name).exists()]
    groups = {file.group() for file in files} - {"root", "dialout"}
    return lines + [f"SupplementaryGroups={group}" for group in sorted(groups)]


def _path(folder: Path) -> str:
    """Quote for systemd; the minus lets a disk be missing without keeping the service down."""
    escaped = str(folder).replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
    return f'"-{escaped}"'


# -- systemctl ----------------------------------------------------------------------------------


def ctl(*arguments: str) -> Done:
    return programs.run(["/usr/bin/systemctl", *arguments])


def is_active(unit: str) -> bool:
    return ctl("is-active", "--quiet", unit).returncode == 0


def stop_all() -> None:
    names = [file.name for file in present()]
    if names:
        ctl("stop", *names)


def disable(names: list[str]) -> None:
    if names:
        ctl("disable", "--now", *names)
        ctl("reset-failed", *names)


def start(names: list[str]) -> None:
    """Start the units and wait until each is ready. Raises Refused with a unit's last words."""
    if not names or ctl("start", *names).returncode == 0:
        return
    failed = next((name for name in names if not is_active(name)), names[0])
    raise Refused(f"{failed} does not start. Its last words:\n{last_words(failed)}")


def last_words(name: str) -> str:
    done = programs.run(["/usr/bin/journalctl", "--no-pager", "-o", "cat", "-n", "12", "-u", name])
    return done.stdout.rstrip()


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this program talks
