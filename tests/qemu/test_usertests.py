"""usertests: the regression suite that is on the image."""

import pytest

from guestlib import PORT, boot, disk_with, ok
from quire.build import build

PASSED = "ALL TESTS PASSED\n"


def test_quick(cpus):
    r = boot("usertests", "-q", cpus=cpus, mem="48M", timeout=120)
    assert r.status == 0 and r.out.endswith(PASSED), r


def test_all(tmp_path):
    """With less memory and a smaller disk, which are used up sooner."""
    small = disk_with(str(tmp_path / "small.img"), {}, blocks=20000)
    r = boot("usertests", mem="64M", disk=small, timeout=300)
    assert r.status == 0 and r.out.endswith(PASSED), r


def test_list():
    lines = ok("usertests", "-l").splitlines()
    assert len(lines) > 70 and lines[0].split()[0] == "all_calls"


def test_one_by_name():
    r = boot("usertests", "exit_codes", "bad_paths")
    lines = r.out.splitlines()
    assert r.status == 0 and [l.split()[1] for l in lines[:2]] == ["bad_paths", "exit_codes"], r
    assert lines[2].startswith("2 tests") and len(lines) == 4, r


@pytest.mark.parametrize("arguments", [("-x",), ("-s", "x"), ("-s",), ("nothing",)])
def test_wrong_usage(arguments):
    r = boot("usertests", *arguments)
    assert r.status == 1 and r.out == "" and r.err, r


def test_forktest_reaches_the_limit(cpus):
    out = ok("forktest", cpus=cpus, append="maxproc=100")
    n = int(out.split()[0])
    assert 90 < n < 100 and out.endswith("; %d came back\n" % n)


def test_stressfs(cpus):
    assert ok("stressfs", cpus=cpus).endswith(": all right\n")


@pytest.mark.parametrize("mem", ["128M", "32M"])
def test_grind_under_the_kernels_own_checks(mem):
    build(PORT.name, ["kernel"], ["DEBUG=1"])
    r = boot("grind", "7", "10000", cpus=4, mem=mem, variant="-debug", timeout=120)
    assert r.status == 0, r
    assert r.out.startswith("seed 7\n"), r


def test_grind_leaves_nothing():
    out = ok("sh", "-c", "ls /tmp > /etc/a; grind 3 1000; ls /tmp > /etc/b; cat /etc/a; "
             "echo --; cat /etc/b")
    before, after = out[out.index("operations\n") + 11:].split("--\n")
    assert before == after
