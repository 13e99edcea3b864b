"""Storms on names and files, on the kernel that checks its locks, and the disk they leave.

QUIRE_STORM_SECONDS makes each last: 600 is what a change of the file system should survive.
"""

import os

import pytest

from guestlib import boot, fsck
from quire import image

SECONDS = int(os.environ.get("QUIRE_STORM_SECONDS", "5"))


@pytest.mark.parametrize("name", ["one_folder", "opposite", "one_link", "cut_while_read"])
def test_storm(name, disk, tmp_path, debug_kernel):
    mine = str(tmp_path / "disk.img")
    image.copy_sparse(disk, mine)
    r = boot("/test/t_storm", "-t", str(SECONDS), name, cpus=4, disk=mine, keep=True,
             timeout=60 + SECONDS, variant=debug_kernel)
    assert r.status == 0, r
    assert "damaged" not in r.log and "read-only" not in r.log, r
    fsck(mine)
