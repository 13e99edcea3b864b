"""What the host tools know about each port: its emulator, compilers and packages."""

import os

from .ui import ROOT, UserError


class Port:
    def __init__(self, name, qemu, machine, disk, prefixes, firmware, packages, gdb_arch,
                 clang_arch, hosts, append="", exit_status=lambda code: code,
                 firmware_range=None, direct_map=0, is_pc=False):
        self.name = name
        self.qemu = qemu                # the emulator's program
        self.machine = machine          # its options for the machine
        self.disk = disk                # ... for the disk whose drive is `d`
        self.prefixes = prefixes        # of cross compilers, best first
        self.firmware = firmware        # a file QEMU must come with, or None
        self.packages = packages        # manager -> {"qemu": [...], "cc": [...]}
        self.gdb_arch = gdb_arch
        self.clang_arch = clang_arch    # as `clang --print-targets` says
        self.hosts = hosts              # machines whose own compiler will do, as `uname -m` says
        self.append = append            # boot parameters that go with these options
        self.exit_status = exit_status  # the guest's status from the emulator's
        self.firmware_range = firmware_range    # addresses that it runs at below the kernel
        self.direct_map = direct_map    # where the kernel has physical address 0
        self.is_pc = is_pc              # PC emulators run it, too

    def out(self, variant=""):
        return os.path.join(ROOT, "build", self.name + variant)

    def kernel(self, variant=""):
        return os.path.join(self.out(variant), "kernel.elf")

    def image(self, layout="unix"):
        return os.path.join(self.out(), "fs.img" if layout == "unix" else "fs-xv6.img")


def debug_exit_status(code):
    """The isa-debug-exit device makes QEMU exit with 2n + 1, cut to eight bits."""
    return code >> 1 if code > 0 and code % 2 else code


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
        hosts=["riscv64"],
        firmware_range=(0x80000000, 0x80200000),
        direct_map=0xffffffc000000000,
    ),
    "i386": Port(
        name="i386",
        qemu="qemu-system-i386",
        machine=["-M", "pc", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"],
        disk=["-device", "virtio-blk-pci,drive=d"],
        prefixes=["i686-linux-gnu-", "i386-linux-gnu-", "i686-elf-", "i386-elf-",
                  "i686-pc-linux-gnu-"],
        firmware="multiboot.bin",
        packages={
            "apt": {"qemu": [["qemu-system-x86"]],
                    "cc": [["gcc-i686-linux-gnu"]],
                    "firmware": [["qemu-system-data"], ["seabios"]]},
            "dnf": {"qemu": [["qemu-system-x86-core"]],
                    "cc": [["gcc-x86_64-linux-gnu", "gcc"]],
                    "firmware": [["qemu-system-x86-core"], ["seabios-bin"]]},
            "pacman": {"qemu": [["qemu-system-x86"]],
                       "cc": [["gcc"]],
                       "firmware": [["qemu-system-x86-firmware", "seabios"]]},
            "brew": {"qemu": [["qemu"]],
                     "cc": [["i686-elf-gcc"]],
                     "firmware": [["qemu"]]},
        },
        gdb_arch="i386",
        clang_arch="x86",
        hosts=["x86_64"],
        append="debugexit",
        direct_map=0x80000000,
        is_pc=True,
        exit_status=debug_exit_status,
    ),
}

DEFAULT = "riscv64"


def port(name):
    if name not in PORTS:
        raise UserError("no port called %s; there are: %s" % (name, " ".join(sorted(PORTS))), 2)
    return PORTS[name]
