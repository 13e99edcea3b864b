"""The programs of /test in the guest: each has to end with status 0."""

import glob
import os

import pytest

from guestlib import ROOT, boot

SOURCES = sorted(glob.glob(os.path.join(ROOT, "user", "test", "t_*.c")))
NAMES = [os.path.basename(p)[:-2] for p in SOURCES]


@pytest.mark.parametrize("name", NAMES)
def test_program(name, cpus):
    r = boot("/test/" + name, cpus=cpus, timeout=120)
    assert r.status == 0, r


@pytest.mark.parametrize("name", NAMES)
def test_program_under_the_kernels_own_checks(name, debug_kernel):
    r = boot("/test/" + name, cpus=4, timeout=240, variant=debug_kernel)
    assert r.status == 0, r
