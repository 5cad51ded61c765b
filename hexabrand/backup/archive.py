"""The file of a backup: a gzipped tar of known members, and a manifest with the hash of each. One
member holds the settings of the Pi, which come back with the herd on another machine.

Releases before 1.1 wrote plain tars without a manifest; those are still read.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from gzip import BadGzipFile
from pathlib import Path
from typing import IO, Any, Final

import environ

from hexabrand.backup.database import DATABASE, CannotTell, Contents, NoGoodBackup, state_dir
from hexabrand.settings.environment import ASKED, LOADED

MANIFEST: Final = "manifest.json"
SETTINGS: Final = "settings.env"
# With them offices need no new pairing
KEYS: Final = ("pi-secret.key", "pi-office.key", "pi-tls.key", "pi-tls.pem")
# Level 1 made 399 MB into 88 in 2.2 s of a core, level 6 into 81 in 7.6, and a Pi is slower.
LEVEL: Final = 1
GZIP: Final = b"\x1f\x8b"  # the first bytes; releases before 1.1 wrote plain tars
BLOCK: Final = 1 << 20  # bytes at a time: a Pi's memory is small, its database is not
MOST_BESIDE: Final = 1 << 20  # bytes of any member but the database
PLAIN_FILES: Final = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE})  # no link, no device, no hole
# A gzip that is cut short or changed fails with any of these, by where it is.
BROKEN: Final = (tarfile.TarError, BadGzipFile, EOFError, zlib.error)
# Where things lie and which address a process binds to: another machine has its own.
_ROLE: Final = ("DJANGO_SETTINGS_MODULE", "IS_PI_BACKEND", "IS_SERVER_UI")
_FOLDERS: Final = ("BACKUP_DIR", "DATABASE_URL", "HEXABRAND_STATE_DIR")
MACHINES_OWN: Final = frozenset({*_ROLE, *_FOLDERS, "OFFICE_BIND", "OFFICE_PORT", "PI_BIND"})


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `files`: name → SHA-256."""

    release: str
    made_at: str
    contents: Contents
    migrations: list[str]
    settings: list[str]
    files: dict[str, str]

    @classmethod
    def parse(cls, raw: bytes) -> "Manifest":
        """Raise NoGoodBackup for what `json` would not have written."""
        try:
            fields: dict[str, Any] = json.loads(raw)
            return cls(**{**fields, "contents": Contents(**fields["contents"])})
        except (ValueError, TypeError, KeyError) as error:
            raise NoGoodBackup(f"Its {MANIFEST} cannot be read.") from error

    def dump(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()


def sha256_of(file: Path) -> str:
    """Return the hash as the disk has it, not as it is still remembered in memory."""
    with file.open("rb") as opened:
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(opened, "sha256").hexdigest()


def hash_of(content: Path | bytes) -> str:
    return sha256_of(content) if isinstance(content, Path) else hashlib.sha256(content).hexdigest()


def pack(part: Path, manifest: Manifest, files: Mapping[str, Path | bytes]) -> None:
    """Write the archive, the manifest first, and see it onto the disk."""
    part.touch(mode=0o600)
    with part.open("wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=LEVEL) as tar:
            _add(tar, MANIFEST, manifest.dump())
            for name, content in files.items():
                _add(tar, name, content)
        file.flush()
        os.fsync(file.fileno())


def _add(tar: tarfile.TarFile, name: str, content: Path | bytes) -> None:
    if isinstance(content, Path):
        tar.add(content, name)
        return
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def prove(archive: Path, manifest: Manifest) -> None:
    """Read the whole archive back. Raises NoGoodBackup where it is not what was put in."""
    found: dict[str, str] = {}
    with _members(archive) as members:
        for member, content in members:
            found[member.name] = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]  # its reader has `readinto`
    wrong = {**manifest.files, MANIFEST: hash_of(manifest.dump())}.items() ^ found.items()
    if wrong:
        names = ", ".join(sorted({name for name, _ in wrong}))
        raise NoGoodBackup(f"{archive.name} reads back otherwise than it was written: {names}.")


def unpack(archive: Path, folder: Path, names: Collection[str]) -> Manifest | None:
    """Put those members into the new folder, each held against its hash; None for an old archive
    without a manifest. Raises NoGoodBackup, or CannotTell where this disk would not take them."""
    folder.mkdir(mode=0o700)
    manifest: Manifest | None = None
    with _members(archive) as members:
        for member, content in members:
            if member.name == MANIFEST:
                manifest = Manifest.parse(content.read(MOST_BESIDE))
            elif member.name in names:
                digest = _write(folder / member.name, content)
                if manifest and manifest.files.get(member.name) != digest:
                    raise NoGoodBackup(f"{archive.name} is damaged: {member.name} has changed.")
    return manifest


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[tuple[tarfile.TarInfo, IO[bytes]]]]:
    """Hand out the plain files of known size; anything else in an archive is passed over."""
    try:
        with archive.open("rb") as file:
            mode = "r:gz" if file.read(len(GZIP)) == GZIP else "r:"
            file.seek(0)
            with tarfile.open(fileobj=file, mode=mode) as tar:  # type: ignore[call-overload]  # two of its literals
                yield _plain_files(tar, archive)
                # tarfile stops at its own end mark, before gzip has held the whole to its CRC.
                while tar.fileobj and tar.fileobj.read(BLOCK):
                    pass
    except BROKEN as error:
        raise NoGoodBackup(f"{archive} cannot be read: {error or 'it ends too early'}") from error
    except OSError as error:
        raise CannotTell(
            f"{archive} cannot be unpacked now: {error}. If it stays so, make room, or move that"
            " backup away."
        ) from error


def _plain_files(
    tar: tarfile.TarFile, archive: Path
) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    for member in tar:
        content = tar.extractfile(member) if member.type in PLAIN_FILES else None
        if content is None:
            continue
        if member.name != DATABASE and member.size > MOST_BESIDE:
            raise NoGoodBackup(f"{archive.name}: {member.name} is larger than it can be.")
        yield member, content


def _write(file: Path, content: IO[bytes]) -> str:
    """Return the hash of what was written, for its owner alone."""
    room = shutil.disk_usage(file.parent).free
    hashed = hashlib.sha256()
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        while block := content.read(BLOCK):
            room -= len(block)
            if room < 0:
                raise OSError(f"there is no room for {file.name}")
            hashed.update(block)
            written.write(block)
    return hashed.hexdigest()


# -- settings ---------------------------------------------------------------------------------


def settings_in_effect() -> dict[str, str]:
    """Return what is set on this Pi, wherever it was written, of all that its settings read."""
    found = {name: os.environ.get(name, "").strip() for name in sorted(ASKED - MACHINES_OWN)}
    return {name: text for name, text in found.items() if text and len(text.splitlines()) == 1}


def dump_settings(found: dict[str, str]) -> bytes:
    """Return an env file, each value in double quotes."""
    escaped = {name: text.replace("\\", "\\\\").replace('"', '\\"') for name, text in found.items()}
    return "".join(f'{name}="{text}"\n' for name, text in escaped.items()).encode()


def parse_settings(file: Path) -> dict[str, str]:
    """Return what an env file gives; nothing where there is none."""

    class Scratch(environ.Env):  # type: ignore[misc]  # the package has no types
        ENVIRON: dict[str, str] = {}

    if file.is_file():
        Scratch.read_env(str(file))
    found: dict[Any, Any] = Scratch.ENVIRON
    return {str(name): str(text) for name, text in found.items()}


def outranked_settings(restored: dict[str, str]) -> list[str]:
    """Return the names that this machine sets otherwise by itself: those values stay."""
    from_backup = LOADED.get(state_dir() / SETTINGS, frozenset[str]())
    own = {name: os.environ[name] for name in os.environ if name not in from_backup}
    return [name for name, text in restored.items() if own.get(name, text).strip() != text]
