"""Lab: symbolic links. The page: docs/labs/testlink.md."""

from grading import run, test


def probe(check, **machine):
    return run("link_probe", check, programs=["probe/link_probe.c"], **machine)


@test(30, "links are followed, in every part of a path")
def follow():
    probe("follow").exits().match(r"^follow: found it, found it, found it$",
                                  r"^follow: readlink l1$")


@test(15, "a loop is an error")
def loop():
    probe("loop").exits().match(r"^loop: Too many levels", r"^loop: folder Too many levels")


@test(15, "links to nothing")
def dangling():
    probe("dangling").exits().match(r"^dangling: No such file", r"^dangling: there$",
                                    r"^dangling: unlinked, there$")


@test(10, "the link itself can be opened")
def itself():
    probe("itself").exits().match(r"^itself: fd good, a link$")


@test(20, "links come and go while others use them", needs=follow)
def storm():
    for cpus in (1, 4):
        probe("storm", cpus=cpus).exits().match(r"^storm: 0 of 4 saw something strange, calm$")


@test(10, "testlink shows all of it")
def demonstration():
    run("testlink").exits().match(r"^All of it happened as said\.$", no=[r"DID NOT HAPPEN"])
