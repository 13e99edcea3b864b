"""The programs of /test in the guest: each has to end with status 0."""

import glob
import os

import pytest

from guestlib import PORT, ROOT, boot
from quire.build import build

SOURCES = sorted(glob.glob(os.path.join(ROOT, "user", "test", "t_*.c")))
NAMES = [os.path.basename(p)[:-2] for p in SOURCES]


@pytest.fixture(scope="module")
def debug_kernel():
    """Lock ranks are checked, freed memory is poisoned."""
    build(PORT.name, ["kernel"], ["DEBUG=1"])
    return "-debug"


@pytest.mark.parametrize("name", NAMES)
def test_program(name, cpus):
    r = boot("/test/" + name, cpus=cpus, timeout=120)
    assert r.status == 0, r


@pytest.mark.parametrize("name", NAMES)
def test_program_under_the_kernels_own_checks(name, debug_kernel):
    r = boot("/test/" + name, cpus=4, timeout=240, variant=debug_kernel)
    assert r.status == 0, r
