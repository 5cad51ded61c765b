"""`make deb`: one file for a barn without internet: code, packages as wheels, installer.

`--check ARCH…` lists the wheels that the pinned requirements resolve to, and downloads none.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deploy.service import code, layout
from deploy.service.systemd import say

ROOT = layout.SOURCE
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
PYTHONS = ("3.11", "3.13")  # of Debian and Raspberry Pi OS 12 and 13
# What pip may take, the newest first: Debian 12 has 2.36.
GLIBCS = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014")
# pip comes along: Debian's Python has none without python3-venv, which a barn may lack.
PIP = "pip==25.3 --hash=sha256:9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"
REQUIREMENTS = ("requirements.txt", "requirements-postgres.txt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arch", choices=MACHINES, default=own_architecture())
    parser.add_argument("--check", nargs="+", choices=MACHINES, metavar="ARCH")
    asked = parser.parse_args()
    if asked.check:
        for arch in asked.check:
            list_wheels(arch)
    else:
        say(str(build(asked.arch, ROOT / "dist")))


def own_architecture() -> str:
    return {"aarch64": "arm64"}.get(os.uname().machine, "amd64")


def platform(arch: str, python: str) -> list[str]:
    """Return pip's options for wheels of another machine and Python; sources are never built."""
    tags = [word for glibc in GLIBCS for word in ("--platform", f"{glibc}_{MACHINES[arch]}")]
    return ["--only-binary=:all:", "--implementation=cp", f"--python-version={python}", *tags]


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own command
    if done.returncode != 0:
        sys.exit(done.stderr)


def list_wheels(arch: str, pythons: tuple[str, ...] = PYTHONS) -> None:
    """Print the wheel of each pinned requirement; exits where one has none for this machine."""
    for python in pythons:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder, "report.json")
            names = [word for name in REQUIREMENTS for word in ("-r", str(ROOT / name))]
            only = ["--dry-run", "--no-deps", "--ignore-installed", "--target", folder]
            pip("install", *only, "--report", str(report), *platform(arch, python), *names)
            found = json.loads(report.read_text())["install"]
        files = sorted(one["download_info"]["url"].rpartition("/")[2] for one in found)
        say(f"{arch}, Python {python}: {len(files)} wheels")
        say("\n".join(f"  {file}" for file in files))


def wheels(arch: str) -> Path:
    """Return a folder with all wheels for an architecture, fetched once for each pinned list."""
    lists = b"".join((ROOT / name).read_bytes() for name in REQUIREMENTS)
    known = hashlib.sha256(lists + repr((PIP, PYTHONS, GLIBCS)).encode()).hexdigest()[:16]
    folder = ROOT / "var" / "wheels" / f"{arch}-{known}"
    if folder.exists():
        return folder
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    (part / "pip.txt").write_text(PIP + "\n")
    for python in PYTHONS:
        for file in (part / "pip.txt", *(ROOT / name for name in REQUIREMENTS)):
            wanted = ["--require-hashes", "-d", str(part), "-r", str(file)]
            pip("download", "--no-deps", *wanted, *platform(arch, python))
    (part / "pip.txt").unlink()
    part.rename(folder)
    return folder


def build(arch: str, target: Path, source: Path = ROOT) -> Path:
    """Return the package, built in `target`."""
    version = layout.version_of(source)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        _lay_out(tree, arch, source)
        target.mkdir(exist_ok=True)
        made = target / f"hexabrand_{version}_{arch}.deb"
        command = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build"]
        subprocess.run([*command, str(tree), str(made)], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    return made


def pythons() -> str:
    """Return Debian's dependency on a Python that the wheels are for: apt refuses any other in a
    sentence, before anything is unpacked."""
    return "python3 (>= 3.11), " + " | ".join(f"python{version}" for version in PYTHONS)


def _lay_out(tree: Path, arch: str, source: Path) -> None:
    os.umask(0o022)
    inside = tree / "opt/hexabrand"
    code.copy(source, inside)
    shutil.copytree(wheels(arch), inside / "wheels", copy_function=shutil.copyfile)
    (tree / "usr/bin").mkdir(parents=True)
    shutil.copyfile(source / "deploy/service/hexabrand", tree / "usr/bin/hexabrand")
    (tree / "usr/bin/hexabrand").chmod(0o755)
    shutil.copytree(source / "deploy/debian", tree / "DEBIAN", copy_function=shutil.copyfile)
    size = sum(f.stat().st_size for f in tree.rglob("*") if f.is_file()) // 1024
    for file in (tree / "DEBIAN").iterdir():
        file.chmod(0o755)
    control = tree / "DEBIAN/control"
    text = control.read_text()
    version = layout.version_of(source)
    control.write_text(text.format(version=version, arch=arch, size=size, pythons=pythons()))
    control.chmod(0o644)


if __name__ == "__main__":
    main()
