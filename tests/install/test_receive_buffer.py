"""docs/settings.md, "A larger receive buffer", as root; the kernel's switch is a file here."""

import subprocess
from pathlib import Path

from tests.install import computer
from tests.install.documents import block

ALLOW = block("docs/settings.md", "echo 'net.core.rmem_max")
# Only the file of the document is read, and what it sets is no setting of this machine.
AS_IF = """\
set -e
for folder in /etc/sysctl.d /usr/lib/sysctl.d; do mount -t tmpfs tmpfs "$folder"; done
[ ! -e /etc/sysctl.conf ] || mount --bind /dev/null /etc/sysctl.conf
mount --bind "$1" /proc/sys/net/core/rmem_max
"""


def test_the_kernel_is_told_to_allow_a_larger_buffer(tmp_path: Path) -> None:
    computer.require()
    switch = tmp_path / "rmem_max"
    switch.write_text("212992\n")

    subprocess.run(
        [
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            AS_IF + ALLOW.text,
            "sh",
            switch,
        ],
        check=True,
    )

    assert switch.read_text().strip() == "8388608"
