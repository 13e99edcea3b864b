"""Lab: memory that appears when it is touched. The page: docs/labs/testlazy.md."""

from grading import run, test


def probe(check, **machine):
    return run("lazy_probe", check, programs=["probe/lazy_probe.c"], **machine)


@test(10, "sbrk takes no frame")
def sbrk_takes_no_frame():
    probe("grow").exits().match(r"^grow: pages \+1000, frames \+0,")


@test(20, "the first touch of a page takes one frame", needs=sbrk_takes_no_frame)
def a_touch_takes_a_frame():
    r = probe("touch").exits().match(r"^touch: one page \+1, 201 pages \+201,", r"sum 0$")
    taken = -r.number(r"free (-?\d+)")
    assert 201 <= taken <= 210, "the system has %d frames less" % taken


@test(10, "new memory is zero, whoever had it before")
def zero():
    probe("zero").exits().match(r"^zero: 0 bytes are not$")


@test(20, "system calls take memory that nobody has touched")
def system_calls():
    probe("kernel").exits().match(r"^kernel: pipe, write, read, open worked$")


@test(10, "fork with pages that are not there")
def forked():
    probe("fork").exits().match(r"^fork: the child reads 30$")


@test(10, "what is given back is free at once")
def given_back():
    probe("back").exits().match(r"^back: frames -1000,")


@test(10, "behind the break a program is killed")
def behind_the_break():
    probe("beyond").exits(128 + 11).match(no=[r"still alive"])


@test(10, "more memory may be promised than there is", needs=a_touch_takes_a_frame)
def huge():
    probe("huge").exits().match(r"^huge: 1 GiB")
