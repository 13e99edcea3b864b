"""The power goes at random moments; what was synced is there, and nothing is broken."""

import copy
import os
import random
import re
import shutil
import subprocess
import time

import pytest

from guestlib import DISKS, PORT, SCALE, boot, fsck, ok
from quire import guest, image

ROUNDS = int(os.environ.get("QUIRE_POWERCUT_ROUNDS", "6"))


def cut_after(disk, seconds, cpus, *command, kind="virtio"):
    """Run COMMAND on DISK and kill QEMU so long after its first line; what it printed."""
    p = copy.copy(PORT)
    p.disk = DISKS[kind]
    m = guest.Machine(p, disk, "", cpus, "128M")
    cmd = m.command(["-chardev", "stdio,id=c,signal=off", "-serial", "chardev:c", "-monitor",
                     "none"], ["frames", "run=" + guest.encode_args(command)])
    qemu = guest.start(cmd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                       start_new_session=True)
    frames, out = guest.Frames(), b""
    deadline = time.monotonic() + 60 * SCALE
    try:
        while b"synced" not in out and time.monotonic() < deadline:
            data = os.read(qemu.stdout.fileno(), 65536)
            assert data, "the guest ended early"
            out += b"".join(d for s, d in frames.feed(data) if s == "o")
        time.sleep(seconds)
    finally:
        qemu.kill()
        rest = qemu.stdout.read()
        qemu.wait()
        qemu.stdin.close()
        qemu.stdout.close()
    return (out + b"".join(d for s, d in frames.feed(rest) if s == "o")).decode()


@pytest.mark.parametrize("kind", DISKS)
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_cut_loses_nothing_that_was_synced(disk, tmp_path, round_, kind):
    rng = random.Random(round_)
    mine = str(tmp_path / "disk.img")
    image.copy_sparse(disk, mine)
    for cut in range(3):        # the second and third hit a disk that has had one
        out = cut_after(mine, rng.random() * 0.7, rng.choice([1, 2, 4]), "writer",
                        kind=kind)
        last = max(int(n) for n in re.findall(r"synced (\d+)\n", out))
        # As it lies there: a read-only look must not complain. Then with recovery.
        fsck(mine, cut)
        saved = str(tmp_path / "cut.img")
        shutil.copyfile(mine, saved)
        r = boot("sh", "-c", "writer check %d && echo whole; cat /tmp/* > /dev/null; rm /tmp/w0; "
                 "echo x > /tmp/new; sync" % last, disk=mine, keep=True, timeout=90)
        assert r.out == "whole\n", (cut, last, r)
        fsck(mine, cut)


def free_on(disk):
    """What fsck says is free."""
    return re.search(r"clean, (\d+ blocks and \d+ inodes) free", fsck(disk)).group(1)


def test_a_cut_while_the_largest_file_grows_or_goes_loses_no_block(disk, tmp_path):
    mine = str(tmp_path / "disk.img")
    image.copy_sparse(disk, mine)
    ok("sh", "-c", "cat /dev/null > /big", disk=mine, keep=True)
    free = free_on(mine)
    for cut in range(6):
        cut_after(mine, 0.1 + 0.7 * cut, 2, "sh", "-c",
                  "echo synced; while true; do cat /dev/zero > /big 2> /dev/null; rm /big; done")
        fsck(mine, cut)
        ok("sh", "-c", "echo > /big; cat /dev/null > /big", disk=mine, keep=True)
        assert free_on(mine) == free, cut


def test_a_clean_halt_leaves_a_clean_disk(disk, tmp_path):
    mine = str(tmp_path / "disk.img")
    image.copy_sparse(disk, mine)
    r = boot("sh", "-c", "cat /bin/* > /tmp/all; mkdir /tmp/d; ln /tmp/all /tmp/d/all",
             disk=mine, keep=True)
    assert r.status == 0, r
    fsck(mine)


def test_what_is_written_is_on_disk_within_seconds_without_sync(disk, tmp_path):
    mine = str(tmp_path / "disk.img")
    image.copy_sparse(disk, mine)
    r = boot("sh", "-c", "echo kept > /late; sleep 10000", disk=mine, keep=True, timeout=8)
    assert r.timed_out
    assert boot("cat", "/late", disk=mine, keep=True).out == "kept\n"


def test_a_cut_loses_no_store_that_was_msynced(disk, tmp_path, cpus):
    mine = str(tmp_path / "disk.img")
    image.copy_sparse(disk, mine)
    for cut in range(2):
        out = cut_after(mine, 0.2 + cut, cpus, "mapper", "sync")
        last = max(int(n) for n in re.findall(r"synced (\d+)\n", out))
        r = boot("mapper", "check", str(last), disk=mine, keep=True)
        assert r.out == "whole\n", (cut, last, r)
        fsck(mine, cut)
