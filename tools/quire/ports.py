"""What the host tools know about each port: its emulator, compilers and packages."""

import os

from .ui import ROOT, UserError


class Port:
    def __init__(self, name, qemu, machine, disk, prefixes, firmware, packages, gdb_arch,
                 clang_arch):
        self.name = name
        self.qemu = qemu                # the emulator's program
        self.machine = machine          # its options for the machine
        self.disk = disk                # ... for the disk whose drive is `d`
        self.prefixes = prefixes        # of cross compilers, best first
        self.firmware = firmware        # a file QEMU must come with, or None
        self.packages = packages        # manager -> {"qemu": [...], "cc": [...]}
        self.gdb_arch = gdb_arch
        self.clang_arch = clang_arch    # as `clang --print-targets` says

    def out(self, variant=""):
        return os.path.join(ROOT, "build", self.name + variant)

    def kernel(self, variant=""):
        return os.path.join(self.out(variant), "kernel.elf")

    def image(self, layout="unix"):
        return os.path.join(self.out(), "fs.img" if layout == "unix" else "fs-xv6.img")


PORTS = {
    "riscv64": Port(
        name="riscv64",
        qemu="qemu-system-riscv64",
        machine=["-M", "virt", "-bios", "default"],
        disk=["-device", "virtio-blk-device,drive=d"],
        prefixes=["riscv64-linux-gnu-", "riscv64-unknown-linux-gnu-", "riscv64-unknown-elf-",
                  "riscv64-elf-"],
        firmware="opensbi-riscv64-generic-fw_dynamic.bin",
        packages={
            # Each inner list: names to try, the first that the system knows is taken.
            "apt": {"qemu": [["qemu-system-riscv", "qemu-system-misc"]],
                    "cc": [["gcc-riscv64-linux-gnu"]],
                    "firmware": [["opensbi"]]},
            "dnf": {"qemu": [["qemu-system-riscv-core"]],
                    "cc": [["gcc-riscv64-linux-gnu"]],
                    "firmware": [["opensbi"]]},
            "pacman": {"qemu": [["qemu-system-riscv"]],
                       "cc": [["riscv64-linux-gnu-gcc"]],
                       "firmware": [["qemu-system-riscv-firmware"]]},
            "brew": {"qemu": [["qemu"]],
                     "cc": [["riscv64-elf-gcc"]],
                     "firmware": [["qemu"]]},
        },
        gdb_arch="riscv:rv64",
        clang_arch="riscv64",
    ),
}

DEFAULT = "riscv64"


def port(name):
    if name not in PORTS:
        raise UserError("no port called %s; there are: %s" % (name, " ".join(sorted(PORTS))), 2)
    return PORTS[name]
