"""Lab: copy-on-write. The page: docs/labs/testcow.md."""

from grading import run, test


def probe(check, **machine):
    return run("cow_probe", check, programs=["probe/cow_probe.c"], **machine)


@test(10, "parent and child do not see each other's writes")
def private():
    probe("private").exits().match(r"^private: the parent sees 0 wrong$",
                                   no=[r"child sees [1-9]"])


@test(20, "fork copies no page", needs=private)
def fork_copies_nothing():
    taken = probe("fork").exits().match(r"^fork: 0 frames are missing$").number(r"took (\d+) fr")
    assert taken < 200, "fork of 4000 pages took %d frames" % taken


@test(20, "a write copies one page", needs=fork_copies_nothing)
def a_write_copies():
    taken = probe("write").exits().number(r"took (-?\d+) frames")
    assert 640 <= taken < 680, "640 pages written took %d frames" % taken


@test(15, "the last one who has a page copies nothing", needs=a_write_copies)
def the_last_one():
    taken = probe("last").exits().number(r"took (-?\d+) frames")
    assert taken < 100, "4000 pages written took %d frames" % taken


@test(10, "the kernel's writes copy, too")
def kernel_writes():
    probe("kernel").exits().match(r"^kernel: the child's page changed$",
                                  r"^kernel: the parent's page is as it was$")


@test(10, "fork works when memory is nearly full", needs=fork_copies_nothing)
def nearly_full():
    probe("full").exits().match(r"fork gives 0$")


@test(5, "nothing is lost after many forks")
def many():
    for cpus in (1, 4):
        probe("many", cpus=cpus).exits().match(r"^many: 0 frames are missing$")


@test(10, "testcow shows all of it", needs=fork_copies_nothing)
def demonstration():
    run("testcow", "5", cpus=4).exits().match(r"refs 6$", r"^All of it happened as said\.$",
                                              no=[r"DID NOT HAPPEN"])
