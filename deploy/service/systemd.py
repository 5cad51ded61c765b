"""What is asked of systemd."""

import sys

from deploy.service import programs, units
from deploy.service.layout import Refused
from deploy.service.programs import Done


def ctl(*arguments: str) -> Done:
    return programs.run(["/usr/bin/systemctl", *arguments])


def is_active(unit: str) -> bool:
    return ctl("is-active", "--quiet", unit).returncode == 0


def stop_all() -> None:
    names = [file.name for file in units.present()]
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
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
