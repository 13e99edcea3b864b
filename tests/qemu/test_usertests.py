"""usertests: the regression suite that is on the image."""

import pytest

from guestlib import boot

PASSED = "ALL TESTS PASSED\n"


def test_quick(cpus):
    r = boot("usertests", "-q", cpus=cpus, timeout=120)
    assert r.status == 0 and r.out.endswith(PASSED), r


def test_all():
    r = boot("usertests", mem="64M", timeout=300)
    assert r.status == 0 and r.out.endswith(PASSED), r


def test_one_by_name():
    r = boot("usertests", "exit_codes", "bad_paths")
    lines = r.out.splitlines()
    assert r.status == 0 and [l.split()[1] for l in lines[:2]] == ["bad_paths", "exit_codes"], r
    assert lines[2].startswith("2 tests") and len(lines) == 4, r


@pytest.mark.parametrize("arguments", [("-x",), ("-s", "x"), ("-s",), ("nothing",)])
def test_wrong_usage(arguments):
    r = boot("usertests", *arguments)
    assert r.status == 1 and r.out == "" and r.err, r
