"""Lab: shared pages. The pages: docs/labs/test-shared1.md, test-shared2.md, shmem_test.md and
log_test.md."""

from grading import run, test

TURNS = "child 42\nparent 53\nchild again 43\nparent again 54\n"


def probe(check, **machine):
    return run("shared_probe", check, programs=["probe/shared_probe.c"], **machine)


@test(15, "a page of parent and child")
def inherit():
    probe("inherit").exits().match(r'^inherit: the parent reads "from the child"$',
                                   r"^inherit: a second one is refused$")
    run("test-shared1").exits().exactly(TURNS)
    run("test-shared2").exits().exactly(TURNS)


@test(15, "unmapshared puts everything back", needs=inherit)
def unmap():
    probe("unmap").exits().match(r"break is back, getshared\(\) has none, 0 frames are missing$")


@test(20, "pages of the parent in the child")
def pages():
    probe("map").exits().match(r'^map: the child reads "over"$', r"child's break is back$",
                               r'^map: the parent reads "and back"$')


@test(15, "a child that leaves without unmapping", needs=pages)
def leaves():
    probe("leave").exits().match(r"^leave: the parent reads x, 0 frames are missing$")
    run("shmem_test", "-n").exits().match(r"Hello daddy")


@test(10, "what cannot be shared is refused")
def bad():
    probe("bad").exits().match(r"^bad: 5 of 5 are refused$")


@test(25, "many writers, one page: no message is lost or torn", needs=pages)
def log():
    for cpus in (1, 2, 4):
        run("log_test", cpus=cpus).exits().match(r"none was lost$", r"none was torn",
                                                 no=[r"DID NOT HAPPEN"])
