"""Lab: mmap. The page: docs/labs/testmmap.md."""

from grading import run, test


def probe(check, **machine):
    return run("mmap_probe", check, programs=["probe/mmap_probe.c"], **machine)


@test(20, "mapped memory is lazy, and goes with munmap")
def lazy():
    probe("lazy").exits().match(r"^lazy: pages \+50, frames \+0, then \+7$",
                                r"^lazy: in the end pages \+0, frames \+0$")


@test(20, "a file, its mapping and read are one memory")
def one_memory():
    probe("one").exits().match(r"^one: read gives s, the mapping w$", r"^one: opened again s$")


@test(15, "a private mapping leaves the file alone")
def private():
    probe("private").exits().match(r"^private: the mapping has p, the file f$")


@test(15, "a shared mapping stays shared after fork")
def inherited():
    for cpus in (1, 4):
        probe("fork", cpus=cpus).exits().match(r"^fork: the parent reads c$")


@test(10, "munmap in the middle", needs=lazy)
def hole():
    probe("hole").exits().match(r"^hole: inside killed, around it 1 1$")


@test(10, "what cannot be mapped is refused")
def bad():
    probe("bad").exits().match(r"^bad: 6 of 6 are refused$")


@test(10, "testmmap shows all of it")
def demonstration():
    run("testmmap").exits().match(r"^All of it happened as said\.$", no=[r"DID NOT HAPPEN"])
