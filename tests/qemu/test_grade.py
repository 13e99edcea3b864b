"""The graders of tools/grade: all points on this kernel, none for what is not there."""

import os
import re
import subprocess

import pytest

from guestlib import PORT, ROOT, quire

LABS = ["lazy", "cow", "mmap", "shared", "big", "links"]

WRONG = r"""
from grading import run, test

HERE = dict(programs=["wrong.c"])


@test(10, "says what it should")
def says():
    run("wrong", "right", **HERE).exits().match(r"^right$", no=[r"panic"]).exactly("right\n")


@test(20, "says something else")
def something_else():
    run("wrong", "other", **HERE).exits().match(r"^right$")


@test(5, "what depends on it", needs=something_else)
def dependent():
    raise AssertionError("this must not run")


@test(7, "says what it must not")
def forbidden():
    run("wrong", "right and panic", **HERE).exits().match(r"^right", no=[r"panic"])


@test(7, "ends with the wrong status")
def status():
    run("wrong").exits()


@test(7, "is killed")
def killed():
    run("wrong", "crash", **HERE).exits()


@test(7, "never ends")
def endless():
    run("wrong", "loop", timeout=3, **HERE).exits()


@test(7, "does not compile")
def compiles():
    run("broken", programs=["broken.c"]).exits()


@test(7, "an assertion")
def asserts():
    assert run("wrong", "right", **HERE).number("(1)") == 2


@test(8, "after all of them the next is graded")
def after():
    run("wrong", "right", **HERE).exits()
"""

PROGRAM = r"""
#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
	if (argc < 2)
		return 3;
	if (strcmp(argv[1], "crash") == 0)
		*(volatile int *)0 = 1;
	while (strcmp(argv[1], "loop") == 0)
		;
	puts(argv[1]);
	return 0;
}
"""


def grade(*args, timeout=600):
    r = quire("grade", "--arch", PORT.name, *args, timeout=timeout)
    return r.returncode, r.stdout.decode(), r.stderr.decode()


def points(out):
    """{test: (points, of)}"""
    return {m[0].strip(): (int(m[1]), int(m[2]))
            for m in re.findall(r"(?m)^(\S.*?) (?:ok|FAIL) +(\d+)/(\d+)", out)}


def test_there_is_a_lab_for_each_of_these():
    _, out, err = grade("none")
    assert all(lab in err for lab in LABS), err
    found = {f[:-3] for f in os.listdir(os.path.join(ROOT, "tools", "grade"))
             if f.endswith(".py")}
    assert found == set(LABS) | {"grading"}


@pytest.mark.parametrize("lab", LABS)
def test_this_kernel_gets_all_points(lab):
    status, out, err = grade(lab)
    assert status == 0, out + err
    assert out.splitlines()[-1] == "Score: 100/100"
    assert all(got == of for got, of in points(out).values())


def test_a_kernel_that_copies_at_fork_loses_points():
    status, out, err = grade("--append", "fork=copy", "cow")
    got = points(out)
    assert status == 1, out + err
    assert got["parent and child do not see each other's writes"] == (10, 10)
    assert got["fork copies no page"] == (0, 20)
    assert "not run: it needs  fork copies no page" in out
    assert re.search(r"^Score: (\d+)/100$", out, re.M).group(1) == str(
        sum(n for n, _ in got.values()))


def test_a_kernel_with_an_eager_heap_loses_points():
    status, out, _ = grade("--append", "heap=eager", "lazy")
    assert status == 1
    assert points(out)["sbrk takes no frame"] == (0, 10)


@pytest.fixture
def wrong(tmp_path):
    (tmp_path / "wrong.c").write_text(PROGRAM)
    (tmp_path / "broken.c").write_text("int main(void) { return nothing; }\n")
    path = tmp_path / "wrong_lab.py"
    path.write_text(WRONG)
    return str(path)


def test_what_is_wrong_gets_no_points(wrong):
    status, out, err = grade(wrong)
    assert status == 1, out + err
    assert {name: got for name, (got, _) in points(out).items() if got} == {
        "says what it should": 10, "after all of them the next is graded": 8}
    assert out.splitlines()[-1] == "Score: 18/85"
    for why in [r"wrong other: prints nothing that matches  \^right\$", r"    \| other",
                r"not run: it needs  says something else",
                r"prints  panic  which matches  panic", r"exit status \d+, not 0",
                r"exit status 139, not 0", r"was not done in time",
                r"broken.c does not compile:", "'nothing' undeclared|undeclared identifier"]:
        assert re.search(why, out), why
    assert "this must not run" not in out
    log = os.path.join(PORT.out(), "grade", "says-something-else.log")
    with open(log) as f:
        assert "$ wrong other" in f.read()


def test_words_choose_tests(wrong):
    status, out, _ = grade(wrong, "what it should", "AFTER ALL")
    assert status == 0 and out.splitlines()[-1] == "Score: 18/18"
    # What a chosen test needs is run as well.
    status, out, _ = grade(wrong, "depends")
    assert status == 1 and out.splitlines()[-1] == "Score: 0/25"
    status, out, err = grade(wrong, "no such test")
    assert status == 1 and "no test" in err


def test_make_grade():
    r = subprocess.run(["make", "-s", "grade", "LAB=links", "ARCH=" + PORT.name], cwd=ROOT,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT)
    assert r.returncode == 0 and b"Score: 100/100" in r.stdout, r.stdout.decode()
