"""A CD image that GRUB boots on a PC: the kernel, and the disk as a module in memory."""

import os
import shutil
import subprocess
import tempfile

from . import host
from .build import build
from .image import tool
from .ui import UserError, rel, say

RAMDISK_BLOCKS = 8192
MENU = """set timeout=0
menuentry "Quire" {
	multiboot /boot/quire.elf %s
	module /boot/disk.img
}
"""


def needs():
    """What GRUB's own tool needs to make an image."""
    def found():
        modules = any(os.path.isdir(top + "/grub/i386-pc") for top in ("/usr/lib", "/usr/share"))
        tools = all(shutil.which(p) for p in ("grub-mkrescue", "xorriso", "mformat"))
        return "grub-mkrescue" if tools and modules else None

    return [host.Need("grub-mkrescue", "makes CD images that boot", found,
                      {"apt": [["grub-common"], ["grub-pc-bin"], ["xorriso"], ["mtools"]],
                       "dnf": [["grub2-tools-extra"], ["grub2-pc-modules"], ["xorriso"],
                               ["mtools"]],
                       "pacman": [["grub"], ["libisoburn"], ["mtools"]]})]


def make(port, target, append=""):
    """Write the CD image TARGET, whose kernel gets the boot parameters APPEND; 0."""
    if "i386" not in port.name:
        raise UserError("GRUB boots the i386 port: ./quire image --arch i386 --iso %s" % target)
    host.require(host.needs_to_boot(port) + needs(), port)
    build(port.name, ["kernel", "image"])
    with tempfile.TemporaryDirectory() as top:
        boot = os.path.join(top, "boot")
        os.makedirs(os.path.join(boot, "grub"))
        shutil.copy(port.kernel(), os.path.join(boot, "quire.elf"))
        if tool("mkfs", ["-b", str(RAMDISK_BLOCKS), os.path.join(boot, "disk.img"),
                         os.path.join(port.out(), "root")]) != 0:
            raise UserError("the disk for the CD could not be made")
        with open(os.path.join(boot, "grub", "grub.cfg"), "w", encoding="utf-8") as f:
            f.write(MENU % " ".join("'%s'" % word for word in append.split()))
        done = subprocess.run(["grub-mkrescue", "-o", target, top], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise UserError("grub-mkrescue failed:\n" + done.stdout.decode(errors="replace"))
    say("%s boots with: qemu-system-i386 -cdrom %s -nographic" % (rel(target), rel(target)))
    return 0
