"""What only the PC has: its disks, its interrupt controllers, its loaders, its instructions."""

import copy
import json
import os
import re
import shutil
import signal
import subprocess

import pytest

from guestlib import PORT, ROOT, SCALE, boot, compile_program, disk_with, ok
from quire import guest

pytestmark = pytest.mark.skipif(PORT.name != "i386", reason="not a PC")

HERE = os.path.join(ROOT, "tests", "qemu", "pc")
NO_ACPI = ["-M", "pc,acpi=off"]
NO_APIC = NO_ACPI + ["-cpu", "qemu32,-apic"]
ATA = ["-device", "ide-hd,drive=d"]


@pytest.fixture(scope="module")
def pc_disk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pc")
    program = compile_program(os.path.join(HERE, "pcbad.c"), str(folder / "pcbad"))
    return disk_with(str(folder / "disk.img"), {"/bin/pcbad": program})


@pytest.fixture(scope="module")
def ramdisk(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("ramdisk") / "ramdisk.img")
    subprocess.run([os.path.join(ROOT, "build", "host", "tools", "mkfs"), "-b", "8192", path,
                    os.path.join(PORT.out(), "root")], check=True)
    return path


def boot_on(options, disk, *args, image=None, cpus=2, mem="64M"):
    """Boot with QEMU's OPTIONS and DISK's device instead of the port's; (status, output, log)."""
    p = copy.copy(PORT)
    p.machine = p.machine + options
    p.disk = disk
    m = guest.Machine(p, image, "", cpus, mem, throw_away=True)
    out = bytearray()
    r = guest.run_framed(m, list(args), None, out.extend, out.extend, 120 * SCALE)
    return r.status, out.decode(), r.log.decode().replace("\r", "")


WORK = ("sh", "-c", "mkdir /tmp/d; for i in 1 2 3; do cat /bin/sh > /tmp/d/$i; done; sync; "
        "cat /tmp/d/1 /tmp/d/3 | wc -c; cat /bin/sh /bin/sh | wc -c")


def check_work(ran, disk, processors):
    status, out, log = ran
    assert status == 0, (out, log)
    a, b = out.split("\n")[:2]
    assert a.split() == b.split() and int(a.split()[0]) > 10000, (out, log)
    assert re.search(r"(?m)^%s: \d+ MiB" % disk, log), log
    assert re.search(r"(?m)^%d processors" % processors, log), log


@pytest.mark.parametrize("options, processors", [
    ([], 4), (NO_ACPI + ["-smp", "4,sockets=4"], 4), (NO_APIC, 1)], ids=["acpi", "mp", "8259"])
@pytest.mark.parametrize("kind", ["virtio", "ata", "ramdisk"])
def test_every_disk_with_every_interrupt_controller(kind, options, processors, ramdisk):
    if kind == "ramdisk":
        ran = boot_on(options + ["-initrd", ramdisk], [], *WORK, cpus=processors)
        check_work(ran, "ramdisk", processors)
    elif kind == "ata":
        ran = boot_on(options, ATA, *WORK, image=PORT.image(), cpus=processors)
        check_work(ran, "ata", processors)
    else:
        ran = boot_on(options, PORT.disk, *WORK, image=PORT.image(), cpus=processors)
        check_work(ran, "disk0", processors)


@pytest.mark.parametrize("options", [[], NO_APIC], ids=["apic", "8259"])
def test_the_second_serial_port_is_a_console_too(options, tmp_path):
    """What the test talks to is COM2 here; COM1 shows the same to a file."""
    com1 = tmp_path / "com1"
    p = copy.copy(PORT)
    p.machine = p.machine + options + ["-serial", "file:%s" % com1]
    m = guest.Machine(p, PORT.image(), "", 1, "64M", append="com2", throw_away=True)
    out = bytearray()
    with open(tmp_path / "stdin", "wb+") as f:
        f.write(b"over the second port\n")
        f.seek(0)
        r = guest.run_framed(m, ["cat"], f.fileno(), out.extend, out.extend, 60 * SCALE)
    assert r.status == 0, (out, r.log)
    # What was said before the port was found is missing there, so streams are told apart late.
    assert out.endswith(b"over the second port\n"), (out, r.log)
    seen = com1.read_bytes()
    assert b"Quire on i386" in seen and b"over the second port" in seen, seen


@pytest.mark.parametrize("mem", ["32M", "64M", "1G", "3G"])
def test_sizes_of_memory(mem):
    r = boot("free", mem=mem)
    assert r.status == 0, r
    total = int(re.search(r"total +(\d+) pages", r.out).group(1))
    size = {"M": 256, "G": 262144}[mem[-1]] * int(mem[:-1])
    assert ("beyond the direct map" in r.log) == (mem == "3G"), r
    assert (min(size, 494 * 1024) * 0.96 < total <= size), r


@pytest.mark.parametrize("status", [0, 1, 126, 127, 128, 200, 254, 255])
def test_every_status_comes_back(status):
    assert boot("sh", "-c", "exit %d" % status).status == status


KILLS = {"int3": signal.SIGTRAP, "step": signal.SIGTRAP, "divide": signal.SIGFPE,
         "ud": signal.SIGILL}


@pytest.mark.parametrize("what", ["in", "out", "cli", "hlt", "cr3", "int", "irq", "int3", "divide",
                                  "step", "segment", "ud"])
def test_what_is_the_kernels_kills(pc_disk, what):
    r = boot("pcbad", what, disk=pc_disk)
    assert r.status == 128 + KILLS.get(what, signal.SIGSEGV), r
    assert r.out == "" and "killed" in r.err, r


def test_bad_stacks_make_calls_fail(pc_disk, cpus):
    assert ok("pcbad", "stacks", disk=pc_disk, cpus=cpus) == "all refused\n"


def test_flags_and_segments_stay_the_programs(pc_disk):
    assert ok("pcbad", "flags", disk=pc_disk) == "kept\n"
    assert ok("pcbad", "segments", disk=pc_disk) == "same pid\n"


@pytest.fixture(scope="module")
def v86():
    """The folder of the npm package, in the version that the lock file names."""
    folder = os.path.join(ROOT, "build", "v86")
    module = os.path.join(folder, "node_modules", "v86")
    wanted = json.loads(read_text(os.path.join(HERE, "package.json")))["dependencies"]["v86"]
    have = os.path.join(module, "package.json")
    if os.path.exists(have) and json.loads(read_text(have))["version"] == wanted:
        return module
    os.makedirs(folder, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(HERE, name), folder)
    r = subprocess.run(["npm", "ci", "--prefix", folder, "--no-audit", "--no-fund"],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if r.returncode != 0:
        pytest.fail("npm does not get v86:\n" + r.stdout.decode(errors="replace")[-2000:])
    return module


def read_text(path):
    with open(path) as f:
        return f.read()


def test_v86(v86, ramdisk):
    """A PC with nothing but 8259, 8254 and memory; no BIOS, no tables."""
    r = subprocess.run(["node", os.path.join(HERE, "v86.mjs"), v86, PORT.kernel(), ramdisk,
                        "frames run=" + guest.encode_args(WORK)], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=120 * SCALE)
    frames = guest.Frames()
    text = {"o": b"", "e": b"", "k": b""}
    for stream, piece in frames.feed(r.stdout):
        text[stream] += piece
    ran = (frames.status, text["o"].decode(), text["k"].decode().replace("\r", ""))
    check_work(ran, "ramdisk", 1)
    assert "no I/O APIC" in ran[2]
