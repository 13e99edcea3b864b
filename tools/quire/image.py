"""Disk images: the one that the build makes, the one that stays, throw-away copies."""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import tempfile

from . import host
from .build import build
from .ui import ROOT, Progress, UserError, rel, say

TOOLS = os.path.join(ROOT, "build", "host", "tools")
CHUNK = 1 << 20


def tool(name, args, **kwargs):
    """Run one of the programs of `make host-tools`; its exit status."""
    return subprocess.run([os.path.join(TOOLS, name)] + args, stdin=subprocess.DEVNULL,
                          **kwargs).returncode


def data_ranges(f, size):
    """The parts of a file that hold data, as far as the system tells."""
    at = 0
    while at < size:
        try:
            start = os.lseek(f.fileno(), at, os.SEEK_DATA)
            at = os.lseek(f.fileno(), start, os.SEEK_HOLE)
        except OSError as e:
            if e.errno == errno.ENXIO:
                return
            yield at, size
            return
        yield start, at


def copy_sparse(source, target):
    """Copy an image and leave holes where it has zeroes."""
    with open(source, "rb") as src, open(target, "wb") as dst:
        size = os.fstat(src.fileno()).st_size
        dst.truncate(size)
        for start, end in data_ranges(src, size) if hasattr(os, "SEEK_DATA") else [(0, size)]:
            src.seek(start)
            while start < end:
                data = src.read(min(CHUNK, end - start))
                if not data:
                    break
                if data.count(0) != len(data):
                    dst.seek(start)
                    dst.write(data)
                start += len(data)


def staged_files(port, layout="unix"):
    """{path in the image: path on the host} of what the build puts into an image."""
    top = os.path.join(port.out(), "root" if layout == "unix" else "root-xv6")
    found = {}
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            found["/" + os.path.relpath(path, top)] = path
    return found


def digest(path):
    if os.path.islink(path):
        return "link " + os.readlink(path)
    with open(path, "rb") as f:
        return hashlib.sha1(f.read()).hexdigest()


def disk_paths(port, layout):
    base = os.path.join(port.out(), "disk" if layout == "unix" else "disk-xv6")
    return base + ".img", base + ".json"


@contextlib.contextmanager
def persistent(port, layout="unix", image=None):
    """The disk that keeps its files between runs, held by this process alone.

    It starts as a copy of the built image. Programs that were rebuilt since
    replace theirs on it; the user's own files stay.
    """
    disk, record = disk_paths(port, layout)
    os.makedirs(port.out(), exist_ok=True)
    with open(disk + ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError("%s is in use by another ./quire run; `./quire run -- sh` works on a "
                            "throw-away copy" % rel(disk))
        refresh(port, layout, disk, record, image or port.image(layout))
        yield disk


def refresh(port, layout, disk, record, image):
    now = {guest: digest(path) for guest, path in staged_files(port, layout).items()}
    try:
        with open(record) as f:
            was = json.load(f)
    except (OSError, ValueError):
        was = None
    if not os.path.exists(disk) or was is None:
        if os.path.exists(disk):
            os.replace(disk, disk + ".old")
            say("%s was incomplete; kept as %s.old" % (rel(disk), rel(disk)))
        with Progress("making") as progress:
            progress.show(rel(disk))
            copy_sparse(image, disk + ".new")
        os.replace(disk + ".new", disk)
    else:
        files = staged_files(port, layout)
        stale = [g for g in sorted(now) if was.get(g) != now[g] and
                 not os.path.islink(files[g])]
        if stale:
            with Progress("updating") as progress:
                progress.show("%d programs on %s" % (len(stale), rel(disk)))
                add_files(disk, [(files[g], g) for g in stale])
    if now != was:
        with open(record + ".new", "w") as f:
            json.dump(now, f)
        os.replace(record + ".new", record)


def parse_add(spec):
    """HOST[:GUEST]; a program goes to /bin, anything else to /."""
    source, colon, guest = spec.rpartition(":")
    if not colon or not os.path.exists(source):
        source, guest = spec, ""
    if not os.path.exists(source):
        raise UserError("--add: no such file: %s" % source, 2)
    name = os.path.basename(os.path.abspath(source))
    if not guest:
        guest = ("/bin/" if is_program(source) else "/") + name
    elif guest.endswith("/"):
        guest += name
    if not guest.startswith("/"):
        guest = "/" + guest
    return source, guest


def is_program(path):
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as f:
        return f.read(4) == b"\x7fELF"


def add_files(disk, pairs):
    for source, guest in pairs:
        if tool("qimage", [disk, "add", source, guest], stdout=sys.stderr) != 0:
            raise UserError("could not put %s on the disk as %s" % (source, guest))


@contextlib.contextmanager
def scratch(port, pairs, layout="unix"):
    """A copy of the built image with files added, gone afterwards."""
    fd, path = tempfile.mkstemp(prefix="scratch-", suffix=".img", dir=port.out())
    os.close(fd)
    try:
        copy_sparse(port.image(layout), path)
        add_files(path, pairs)
        yield path
    finally:
        os.unlink(path)


# ---- ./quire image ---------------------------------------------------------

USAGE = """\
usage: quire image [--arch A] [--image FILE] ls [-l] [-R] [PATH]
                                             cat PATH...
                                             add HOST[:GUEST]...
                                             extract PATH [HOST]
                                             fsck [-n | -y]"""


def command(port, path, action, args):
    host.require([n for n in host.needs_to_boot(port) if n.name in ("make", "cc")], port)
    build(port.name, ["host-tools"])
    with contextlib.ExitStack() as stack:
        if path is None:
            build(port.name, ["image"])
            path = stack.enter_context(persistent(port))
        elif not os.path.isfile(path):
            raise UserError("no such image: %s" % path)
        return act(path, action, args)


def act(path, action, args):
    if action == "ls":
        return tool("qimage", [path, "ls"] + args)
    if action == "fsck":
        return tool("fsck", args + [path])
    if not args or (action == "extract" and len(args) > 2):
        raise UserError(USAGE, 2)
    if action == "cat":
        return tool("qimage", [path, "cat"] + args)
    if action == "extract":
        target = args[1] if len(args) > 1 else os.path.basename(args[0].rstrip("/")) or "."
        return tool("qimage", [path, "extract", args[0], target])
    add_files(path, [parse_add(a) for a in args])
    return 0
