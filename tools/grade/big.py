"""Lab: large files. The page: docs/labs/testbig.md."""

from grading import run, test


def probe(check, **machine):
    return run("big_probe", check, programs=["probe/big_probe.c"], timeout=120, **machine)


@test(30, "a file of 20,000 blocks holds what was written")
def contents():
    probe("contents").exits().match(r"^contents: 313 of 313 pieces are right$")


@test(30, "removing a large file gives all its blocks back", needs=contents)
def again():
    probe("again").exits().match(r"^again: 12 large files")


@test(20, "holes take no blocks")
def sparse():
    probe("sparse").exits().match(r"^sparse: few blocks, a byte inside is 0$",
                                  r"^sparse: cut to 10 bytes, few blocks$")


@test(20, "the largest file", needs=contents)
def largest():
    run("testbig", timeout=120).exits().match(r"65803 blocks hold what was written",
                                              no=[r"DID NOT HAPPEN"])
