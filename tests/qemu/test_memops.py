"""Random operations on memory against a model, on the kernel that checks itself."""

from guestlib import boot

OPERATIONS = 34000      # with 1, 2 and 4 processors: more than 100,000 on each port


def test_random_operations(debug_kernel, cpus):
    r = boot("/test/t_memops", "-n", str(OPERATIONS), cpus=cpus, timeout=240,
             variant=debug_kernel)
    assert r.status == 0, r
    assert "check:" not in r.log, r
