"""A disk with blocks that cannot be read or written (QEMU's blkdebug); the system goes on."""

import copy
import re
import shutil
import signal
import struct

import pytest

from guestlib import DISKS, PORT, SCALE, Ran, boot, disk_with, fsck
from quire import guest

PAGES, BAD = 40, 20             # as prog/baddisk.c has them
BLOCK = 1024


@pytest.fixture(params=DISKS)
def kind(request):
    return request.param


class Disk:
    """An image at PATH with /f, what it holds by block, and how to boot on it with errors."""

    def __init__(self, path, kind):
        self.path = path
        self.kind = kind
        with open(path, "rb") as f:
            self.data = f.read()
        s = struct.unpack_from("<13I", self.data, BLOCK)
        self.journal, self.area, self.inodes, self.data_start = s[6], s[7], s[10], s[11]
        self.bad = self.block_with(b"old page %d block 1 " % BAD)

    def block_with(self, content):
        """The number of the only block that begins so."""
        at = self.data.index(content)
        assert at % BLOCK == 0 and self.data.find(content, at + 1) < 0
        return at // BLOCK

    def boot(self, *args, read=(), write=(), flush=False, timeout=60):
        """boot() on this disk, which keeps what is written; the blocks of READ and WRITE fail."""
        rules = ["iotype = \"%s\"\nsector = \"%d\"\n" % (kind, 2 * block + half)
                 for kind, blocks in (("read", read), ("write", write))
                 for block in blocks for half in range(2)]
        rules += ["iotype = \"flush\"\n"] if flush else []
        config = self.path + ".errors"
        with open(config, "w") as f:
            for rule in rules:
                f.write("[inject-error]\nevent = \"none\"\nerrno = \"5\"\n" + rule)
        drive = ("if=none,id=d,driver=raw,file.driver=blkdebug,file.config=%s,"
                 "file.image.driver=file,file.image.filename=%s" % (config, self.path))
        p = copy.copy(PORT)
        p.machine = p.machine + ["-drive", drive] + DISKS[self.kind]
        m = guest.Machine(p, None, "", 2, "64M")
        out, err = bytearray(), bytearray()
        r = guest.run_framed(m, list(args), None, out.extend, err.extend, timeout * SCALE)
        return Ran(r.status, bytes(out), bytes(err), r)

    def check_whole(self):
        """Without errors it works again, and is clean."""
        r = boot("sh", "-c", "echo works > /tmp/new; cat /f > /tmp/f; sync; cat /tmp/new",
                 disk=self.path, keep=True)
        assert (r.status, r.out) == (0, "works\n"), r
        fsck(self.path)


@pytest.fixture
def disk(progs, tmp_path, kind):
    def page(n):
        return b"".join((b"old page %d block %d " % (n, b)).ljust(BLOCK, b"o") for b in range(4))
    host = tmp_path / "f"
    host.write_bytes(b"".join(page(n) for n in range(PAGES)))
    other = tmp_path / "small"
    other.write_bytes(b"small\n")
    program = tmp_path / "program"
    shutil.copy(progs["same"], program)
    files = {"/bin/" + name: path for name, path in progs.items()}
    files.update({"/f": str(host), "/folder/inside": str(other), "/unreadable": str(program)})
    return Disk(disk_with(str(tmp_path / "disk.img"), files, blocks=16384), kind)


def lines_of(r, *patterns):
    """The guest runs on: status 0; its log has lines that match the PATTERNS."""
    assert r.status == 0, r
    for p in patterns:
        assert re.search(p, r.log), (p, r)


READ_ERROR = r"(disk0|ata): read error in blocks \d+ to \d+"
WRITE_ERROR = r"(disk0|ata): write error in blocks \d+ to \d+"
READ_ONLY = ": read-only from now on"


def test_reading_ends_at_the_bad_page_and_goes_on_behind_it(disk):
    r = disk.boot("sh", "-c", "baddisk read /f; cat /README > /dev/null && echo fine",
                  read=[disk.bad])
    lines_of(r, READ_ERROR, r"fs: inode \d+: page %d cannot be read" % BAD)
    assert r.out == ("%d bytes, then read: Input/output error\n%d bytes behind it\n"
                     "half a page: Input/output error\nfine\n"
                     % (BAD * 4096, (PAGES - BAD - 1) * 4096)), r
    assert READ_ONLY not in r.log, r
    disk.check_whole()


def test_a_mapping_of_a_bad_page_kills_with_sigbus(disk):
    r = disk.boot("sh", "-c", "baddisk map /f %d; echo $?; echo on > /tmp/x; cat /tmp/x" % BAD,
                  read=[disk.bad])
    lines_of(r, READ_ERROR)
    assert r.out == "all others\n%d\non\n" % (128 + signal.SIGBUS), r
    assert re.search(r"baddisk: killed: read address 0x[0-9a-f]+ pc 0x[0-9a-f]+: disk error",
                     r.err), r
    disk.check_whole()


def test_a_write_error_reaches_the_fsync_of_every_open_file_once(disk):
    r = disk.boot("sh", "-c", "baddisk write /f; echo more > /tmp/x; sync; cat /tmp/x",
                  write=[disk.bad])
    lines_of(r, WRITE_ERROR, r"fs: inode \d+: data lost: 1 pages cannot be written")
    assert r.out == ("fsync: Input/output error\nfsync again: good\n"
                     "the other's: Input/output error\nthe other's again: good\n"
                     "a new one's: good\na new one's, of good blocks: good\nclose: good\n"
                     "more\n"), r
    assert READ_ONLY not in r.log, r
    disk.check_whole()
    r = boot("cat", "/f", disk=disk.path)
    for n in range(PAGES):
        page = r.stdout[n * 4096:(n + 1) * 4096]
        if n == BAD:
            page = page[BLOCK:2 * BLOCK]        # the blocks before it may have been written
        assert page == b"n" * 4096 if n != BAD else page.startswith(b"old page"), (n, page)


def test_a_write_error_after_the_close_reaches_the_next_one_who_asks(disk):
    r = disk.boot("baddisk", "close", "/f", write=[disk.bad])
    lines_of(r, WRITE_ERROR, r"fs: inode \d+: data lost")
    assert r.out == ("close: good\nfsync later: Input/output error\nfsync again: good\n"), r
    disk.check_whole()


def test_a_write_error_reaches_msync_and_fsync(disk):
    r = disk.boot("baddisk", "msync", "/f", write=[disk.bad])
    lines_of(r, WRITE_ERROR, r"fs: inode \d+: data lost")
    assert r.out == ("msync: Input/output error\nmsync again: good\n"
                     "fsync: Input/output error\n"), r
    disk.check_whole()


@pytest.mark.parametrize("page", [0, 1])
def test_a_program_that_cannot_be_read_does_not_run(disk, page):
    """exec fails, whatever page it is, since a fresh program has its image in memory."""
    with open(disk.path[:-len("disk.img")] + "program", "rb") as f:
        content = f.read()[page * 4096:][:BLOCK]
    bad = [at.start() // BLOCK for at in re.finditer(re.escape(content), disk.data)
           if at.start() % BLOCK == 0]
    r = disk.boot("sh", "-c", "/unreadable; echo $?; echo on", read=bad)
    lines_of(r, READ_ERROR)
    assert r.out == "126\non\n", r
    assert r.err == "sh: line 1: /unreadable: Input/output error\n", r
    disk.check_whole()


def test_a_folder_that_cannot_be_read_fails_alone(disk):
    # The journal may hold it, too.
    bad = disk.data.index(b"inside".ljust(14, b"\0"), disk.data_start * BLOCK) // BLOCK
    r = disk.boot("sh", "-c", "cat /folder/inside; ls /folder; echo x > /folder/new; "
                  "echo y > /tmp/y; cat /tmp/y", read=[bad])
    lines_of(r, READ_ERROR)
    assert r.out == "y\n", r
    assert r.err.count("Input/output error") == 3, r
    disk.check_whole()


@pytest.mark.parametrize("what", ["journal", "flush"])
def test_without_a_journal_the_file_system_is_read_only(disk, what):
    area = range(disk.journal, disk.journal + 2 * disk.area) if what == "journal" else ()
    r = disk.boot("sh", "-c", "echo a > /a 2> /dev/null; sync; cat /folder/inside; echo b > /b; "
                  "rm /README; mkdir /tmp/d; cat /README > /dev/null && echo there",
                  write=area, flush=what == "flush")
    lines_of(r, READ_ONLY, *([WRITE_ERROR] if what == "journal" else []))
    assert r.out == "small\nthere\n", r
    assert r.err.count("Read-only file system") == 3, r
    disk.check_whole()


def test_what_cannot_be_written_home_is_recovered_from_the_journal(disk):
    table = range(disk.inodes, disk.inodes + 64)
    r = disk.boot("sh", "-c", "echo kept > /tmp/kept; sync; echo b > /tmp/b; sync; echo c > /c; "
                  "cat /tmp/kept", write=table)
    lines_of(r, READ_ONLY, WRITE_ERROR)
    assert r.out == "kept\n", r
    r = boot("cat", "/tmp/kept", disk=disk.path, keep=True)
    assert r.out == "kept\n" and "recovered" in r.log, r
    disk.check_whole()


def test_a_disk_that_cannot_be_read_at_all_says_so(disk):
    r = disk.boot("echo", "x", read=[1])
    assert r.status == 125, r
    assert re.search(READ_ERROR.replace(r"\d+", "1"), r.log), r
