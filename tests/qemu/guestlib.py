"""Booting guests from tests, through the code of ./quire itself."""

import os
import shutil
import subprocess
import sys
import tempfile

import pexpect

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))

from quire import guest             # noqa: E402
from quire.ports import port        # noqa: E402
from quire.ui import time_scale     # noqa: E402

PORT = port(os.environ.get("QUIRE_TEST_ARCH", "riscv64"))
# The disks a port can have, as QEMU's options.
DISKS = {"virtio": PORT.disk}
if PORT.name == "i386":
    DISKS["ata"] = ["-device", "ide-hd,drive=d"]
QUIRE = os.path.join(ROOT, "quire")
SCALE = time_scale()


class Ran(str):
    """What one command in a guest did. As a string it tells all: pytest cuts short what is none."""

    def __new__(cls, status, out, err, result):
        out_text, err_text = out.decode(errors="replace"), err.decode(errors="replace")
        log = result.log.decode(errors="replace").replace("\r", "")
        self = super().__new__(cls, "status %d\n--- stdout\n%s\n--- stderr\n%s\n--- kernel\n%s" % (
            status, out_text[-4000:], err_text[-2000:], log[-4000:]))
        self.status = status
        self.stdout = out
        self.stderr = err
        self.out = out_text
        self.err = err_text
        self.log = log
        self.seconds = result.seconds
        self.timed_out = result.timed_out
        return self


def boot(*args, cpus=2, mem="128M", append="", disk=None, keep=False, stdin=b"", timeout=60,
         variant=""):
    """Boot, run ARGS, power off. DISK is an image of one's own, changed if KEEP."""
    m = guest.Machine(PORT, disk or PORT.image(), variant, cpus, mem, append,
                      throw_away=not keep)
    out, err = bytearray(), bytearray()
    with tempfile.TemporaryFile() as f:
        f.write(stdin)
        f.seek(0)
        result = guest.run_framed(m, list(args), f.fileno(), out.extend, err.extend,
                                  timeout * SCALE)
    return Ran(result.status, bytes(out), bytes(err), result)


def ok(*args, **kwargs):
    """boot(), for a command that has to succeed; its stdout."""
    r = boot(*args, **kwargs)
    assert r.status == 0, r
    return r.out


def quire(*args, timeout=120, **kwargs):
    """The host command itself, as a user types it."""
    return subprocess.run([QUIRE] + list(args), cwd=ROOT, timeout=timeout * SCALE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          **dict({"stdin": subprocess.DEVNULL}, **kwargs))


def compile_program(source, target, *options):
    r = quire("cc", "--arch", PORT.name, *options, source, "-o", target)
    assert r.returncode == 0, r.stderr.decode()
    return target


def disk_with(path, files, blocks=200000):
    """An image of BLOCKS at PATH as the build's, with {guest path: host path} added."""
    folder = path + ".root"
    shutil.copytree(os.path.join(PORT.out(), "root"), folder)
    for name, host in files.items():
        target = folder + name
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(host, target)
    subprocess.run([os.path.join(ROOT, "build", "host", "tools", "mkfs"), "-b", str(blocks),
                    path, folder], check=True)
    shutil.rmtree(folder)
    return path


def fsck(path, *context):
    """The file system in the image at PATH must be clean, as it lies there; what fsck says."""
    r = subprocess.run([os.path.join(ROOT, "build", "host", "tools", "fsck"), "-n", path],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert r.returncode == 0, (context, r.stdout.decode())
    return r.stdout.decode()


PROMPT = r"\$ "


class Session:
    def __init__(self, *options):
        self.p = pexpect.spawn(QUIRE, ["run", "--arch", PORT.name] + list(options), cwd=ROOT,
                               timeout=60 * SCALE, dimensions=(24, 200))
        self.p.delaybeforesend = 0.02

    def prompt(self):
        self.p.expect(PROMPT)
        return self.p.before.decode(errors="replace").replace("\r", "")

    def type(self, line):
        """Type a line; what is printed up to the next prompt, without the echo."""
        self.p.sendline(line)
        text = self.prompt()
        return text.split("\n", 1)[1] if "\n" in text else text

    def leave(self):
        self.p.send("\x01x")
        self.p.expect(pexpect.EOF)
        self.p.close()
