"""Speed, in instruction counts: nothing takes much more than in the run that was saved.

Whoever makes something faster, or slower for a reason, saves a new run: ./quire bench --save.
"""

import json

from guestlib import PORT, quire
from quire import bench

LIMIT = 1.10
DISK_LIMIT = 1.30           # how much one commit takes depends on when the disk answers
OTHER_COMPILER = 1.30       # the saved counts are of another compiler's code


def measured(tmp_path, *options):
    path = str(tmp_path / "run.json")
    r = quire("bench", "--arch", PORT.name, "--json", path, *options, timeout=300)
    assert r.returncode == 0, r.stderr.decode()
    with open(path) as f:
        return json.load(f)[PORT.name]


def slower(run):
    saved = bench.load(bench.baseline(PORT))[PORT.name]
    same = saved["compiler"] == run["compiler"]
    found = bench.slower(saved, run, LIMIT if same else OTHER_COMPILER)
    return [f for f in found if f[0].key != "write_fsync" or f[2] > f[1] * DISK_LIMIT]


def test_nothing_got_slower(tmp_path):
    """
    The short form against the saved run. What is slower is counted again: when the disk answers
    is up to the host, and on a loaded one commits and the boot's waits fall differently.
    """
    found = slower(measured(tmp_path, "--short"))
    for _ in range(4):
        if not found:
            break
        again = "^(%s)$" % "|".join(row.key for row, _, _ in found)
        found = slower(measured(tmp_path, "--only", again))
    assert not found, [(row.title, before, after) for row, before, after in found]


def test_what_is_slower_is_named(tmp_path):
    """--compare with a run in which everything took half as much."""
    path = str(tmp_path / "half.json")
    run = measured(tmp_path, "--only", "^(null|pipe_self)$")
    for record in run["rows"].values():
        record["instructions"] /= 2
    bench.store(path, {PORT.name: run})
    r = quire("bench", "--arch", PORT.name, "--only", "^null$", "--compare", path)
    assert r.returncode == 1
    assert b"slower: null system call" in r.stdout
    assert b"pipe" not in r.stdout


def test_a_run_that_cannot_be_read_is_told_before_measuring():
    r = quire("bench", "--compare", "/none", timeout=20)
    assert r.returncode != 0 and r.stdout == b"" and b"/none" in r.stderr, r


def test_profile_names_the_kernels_functions():
    """--profile: a system call passes through the kernel's handler."""
    r = quire("bench", "--arch", PORT.name, "--profile", "^null$")
    assert r.returncode == 0, r.stderr.decode()
    assert b"trap_syscall" in r.stdout
    assert b"(user)" in r.stdout


def test_xv6_programs_count_the_same(tmp_path):
    """bench.c as a program of xv6's: the same work, through another library."""
    only = ("--only", "^(null|fork_exit_wait|sbrk_grow|first_touch|pipe_self|open_close_1)$")
    posix = measured(tmp_path, *only)["rows"]
    xv6 = measured(tmp_path, "--api", "xv6", *only)["rows"]
    for row in posix:
        a, b = posix[row]["instructions"], xv6[row]["instructions"]
        assert abs(a - b) <= 0.15 * max(a, 10), (row, a, b)
