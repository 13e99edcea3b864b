"""A CD that GRUB boots: the other way into the PC."""

import os
import subprocess
import sys

import pytest

from guestlib import PORT, ROOT, SCALE

pytestmark = pytest.mark.skipif(PORT.name != "i386", reason="not a PC")


def test_grub_boots_the_cd(tmp_path):
    cd = str(tmp_path / "quire.iso")
    quire = [sys.executable, os.path.join(ROOT, "quire")]
    subprocess.run(quire + ["image", "--arch", PORT.name, "--iso", cd,
                            "--append", "run=sh,-c,echo%20from%20grub;cat%20%2FREADME"],
                   check=True, stdin=subprocess.DEVNULL)
    done = subprocess.run([PORT.qemu, "-cdrom", cd, "-m", "128M", "-display", "none", "-serial",
                           "stdio", "-no-reboot"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, timeout=120 * SCALE)
    out = done.stdout.decode(errors="replace").replace("\r", "")
    assert "ramdisk: 8 MiB" in out
    assert "Quire" in out.split("pages free")[1], out
    assert "from grub" in out, out


def test_the_other_port_has_no_cd(tmp_path):
    done = subprocess.run([sys.executable, os.path.join(ROOT, "quire"), "image", "--arch",
                           "riscv64", "--iso", str(tmp_path / "x.iso")],
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert done.returncode != 0
    assert b"--arch i386" in done.stderr
