"""What /etc/hexabrand.env says, as systemd reads it, and what the installation asks of it."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from deploy.service.layout import STATE, Refused

ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)")
# A disk is no serial port, also where it is written as /dev/serial/by-id/../../sda.
DEVICE = re.compile(r"/dev/(tty[A-Z]\w*|rfcomm\d+|serial/by-(id|path)/[^/\s]+)")
HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp", "/dev", "/proc", "/sys")  # noqa: S108 - named to be refused
TOPS = ("/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/opt", "/run", "/sbin", "/usr")
SYSTEM = (*TOPS, "/var/cache", "/var/log", "/var/spool")
SHARED = frozenset({"/", "/var", "/var/lib"})
# The services write what was restored, so root believes it as far as a port and a radio alone.
BELIEVED = frozenset({"PI_PORT", "LORA_UDP_BIND", "LORA_SERIAL"})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings file; below it in rank, what a restored backup brought along for the Pi."""

    values: dict[str, str]
    restored: dict[str, str] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        ranked = self.values if name in self.values else self.restored
        return ranked.get(name, "").strip() or default

    @property
    def state(self) -> Path:
        return self._folder("HEXABRAND_STATE_DIR", STATE)

    @property
    def backups(self) -> Path:
        return self._folder("BACKUP_DIR", self.state / "backups")

    @property
    def needs_postgres(self) -> bool:
        return self.get("DATABASE_URL").startswith("postgres")

    @property
    def database_folder(self) -> Path | None:
        """Return the folder of an SQLite database that has a place of its own."""
        kind, _, path = self.get("DATABASE_URL").partition(":///")
        if kind != "sqlite":
            return None
        file = Path(unquote(path.partition("?")[0]))
        if not file.is_absolute():
            raise Refused("DATABASE_URL of a service names a whole path: sqlite:////path/to/file.")
        return _usable("DATABASE_URL", file.parent)

    @property
    def serial_devices(self) -> list[str]:
        places = (word.strip().partition("@")[0] for word in self.get("LORA_SERIAL").split(","))
        return list(filter(DEVICE.fullmatch, places))

    def folders(self) -> list[Path]:
        """Return the folders outside /var/lib/hexabrand that the Pi's services write in."""
        wanted = [self.state, self.backups, self.database_folder]
        outside = [f for f in wanted if f is not None and not f.is_relative_to(STATE)]
        return sorted(set(outside))

    def bound(self, role: str) -> list[tuple[str, str, str, str]]:
        """Return what a role binds: setting, host, port, "tcp" or "udp"."""
        everywhere = "0.0.0.0"  # noqa: S104 - the default of both roles
        if role == "office":
            bind = self.get("OFFICE_BIND", everywhere)
            return [("OFFICE_PORT", bind, self.get("OFFICE_PORT", "5000"), "tcp")]
        host, _, port = self.get("LORA_UDP_BIND", f"{everywhere}:1700").rpartition(":")
        bind = self.get("PI_BIND", everywhere)
        return [
            ("PI_PORT", bind, self.get("PI_PORT", "5001"), "tcp"),
            ("LORA_UDP_BIND", host, port, "udp"),
        ]

    def _folder(self, name: str, default: Path) -> Path:
        text = self.get(name)
        if not text:
            return default
        if not Path(text).is_absolute():
            raise Refused(f"{name}={text}: a service needs the whole path, such as /srv/{text}.")
        return _usable(name, Path(text))


def _usable(name: str, folder: Path) -> Path:
    """Raise Refused for a folder that the services' walls hide from them, or show them empty, and
    for one of the system's own, which would become theirs."""
    other = f"Choose another, such as /srv/{folder.name or 'hexabrand'}."
    for real in (folder, folder.resolve()):
        hidden = next((top for top in HIDDEN if real.is_relative_to(top)), None)
        if hidden:
            raise Refused(f"{name}: services do not see {hidden}. {other}")
        is_systems = str(real) in SHARED or any(map(real.is_relative_to, SYSTEM))
        if is_systems or ".." in real.parts:
            raise Refused(f"{name}: {folder} is the system's own. {other}")
    return folder


def read(file: Path) -> Settings:
    own = Settings(parse(file.read_text()) if file.exists() else {})
    file = own.state / "settings.env"
    restored = parse(file.read_text(errors="replace")) if file.is_file() else {}
    return Settings(own.values, {name: restored[name] for name in BELIEVED & restored.keys()})


def parse(text: str) -> dict[str, str]:
    """Return what systemd's EnvironmentFile= makes of the text; see systemd.exec(5)."""
    values: dict[str, str] = {}
    for line in text.replace("\\\n", "").splitlines():
        found = ASSIGNMENT.fullmatch(line)
        if found and not line.lstrip().startswith(("#", ";", "export")):
            values[found[1]] = _unquoted(found[2].strip())
    return values


def _unquoted(text: str) -> str:
    if text[:1] not in {'"', "'"}:
        return text.replace("\\", "")
    try:
        return "".join(shlex.split(text))
    except ValueError:
        return text


def as_environment_file(text: str) -> str:
    """Return the lines of a `.env` as systemd takes them: without `export` and end comments."""
    lines = []
    for line in text.splitlines():
        found = ASSIGNMENT.fullmatch(line)
        if found and not line.lstrip().startswith("#"):
            value = found[2].strip()
            if value[:1] not in {'"', "'"}:
                value = re.split(r"\s+#", value)[0]
            line = f"{found[1]}={value}"  # noqa: PLW2901 - the same line, as systemd writes it
        lines.append(line)
    return "\n".join(lines) + "\n"
