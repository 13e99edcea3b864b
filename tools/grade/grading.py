"""Grading a lab: tests with points, run in guests, and a score.

    from grading import run, test

    @test(10, "fork copies nothing")
    def fork_copies_nothing():
        run("cow_probe", programs=["probe/cow_probe.c"]).match(r"^fork: 0 pages copied$",
                                                             no=[r"panic"])

A test function boots as many guests as it likes; it passes when it returns. What it gets wrong it
says by an exception: the methods of a Run raise Failed, `assert` will do as well. A test that
`needs` another one is not run when that one failed.

`./quire grade FILE` runs the tests of FILE in order, prints a line for each and `Score: N/M`, and
exits with 0 when all that was run has passed. Words behind FILE choose tests by name.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))

from quire import guest, image              # noqa: E402
from quire.build import build, make_env     # noqa: E402
from quire.ports import DEFAULT, port       # noqa: E402
from quire.ui import ROOT, UserError, rel, time_scale   # noqa: E402

SHOWN = 12              # lines of a program's output that a failure shows


class Failed(Exception):
    """A test found something that is not as it should be."""


class Lab:
    """What is graded, and where: set up by main(), read by run()."""

    def __init__(self):
        self.tests = []
        self.folder = os.getcwd()       # of the grader: programs are looked up from there
        self.port = None
        self.append = ""                # boot parameters for every guest
        self.compiled = {}              # (source, options) -> program
        self.scratch = None             # where those are
        self.last = None                # the Run that a failure is about


LAB = Lab()


class Test:
    def __init__(self, points, name, needs, function):
        self.points = points
        self.name = name
        self.needs = needs
        self.function = function
        self.passed = None              # not run


def test(points, name, needs=None):
    """Register a test worth POINTS. NEEDS: a test function before it, without which it is lost."""
    def register(function):
        if any(t.name == name for t in LAB.tests):
            raise UserError("two tests are called %s" % name)
        before = next((t for t in LAB.tests if t.function is needs), None)
        if needs is not None and before is None:
            raise UserError("%s needs a test that does not come before it" % name)
        LAB.tests.append(Test(points, name, before, function))
        return function
    return register


# ---- running something in a guest ---------------------------------------------

class Run:
    """What one command in a guest did. The checks return the Run, so that they can be chained."""

    def __init__(self, command, out, err, result):
        self.command = " ".join(command)
        self.out = out.decode(errors="replace").replace("\r", "")
        self.err = err.decode(errors="replace").replace("\r", "")
        self.console = result.log.decode(errors="replace").replace("\r", "")
        self.status = result.status
        self.panicked = result.panicked
        self.timed_out = result.timed_out

    def fail(self, why):
        raise Failed("%s: %s" % (self.command, why))

    def exits(self, status=0):
        """The status is STATUS: no panic, no time-out, no other one."""
        if self.timed_out:
            self.fail("was not done in time")
        if self.panicked:
            self.fail("the kernel panicked")
        if self.status != status:
            self.fail("exit status %d, not %d" % (self.status, status))
        return self

    def match(self, *wanted, no=()):
        """Each of WANTED, a regular expression, is found in stdout, none of NO is in any output.

        ^ and $ stand for the start and the end of a line.
        """
        for pattern in wanted:
            if not re.search(pattern, self.out, re.M):
                self.fail("prints nothing that matches  %s" % pattern)
        for pattern in no:
            found = re.search(pattern, self.out + "\n" + self.err + "\n" + self.console, re.M)
            if found:
                self.fail("prints  %s  which matches  %s" % (found.group(), pattern))
        return self

    def exactly(self, text):
        """stdout is TEXT."""
        if self.out != text:
            self.fail("should print exactly:\n" + text.rstrip("\n"))
        return self

    def number(self, pattern):
        """The integer that the group of PATTERN matches in stdout."""
        found = re.search(pattern, self.out, re.M)
        if not found:
            self.fail("prints nothing that matches  %s" % pattern)
        return int(found.group(1))


def compiled(source, api):
    """The program of a C file: compiled once, however many tests use it."""
    path = os.path.join(LAB.folder, source)
    key = (path, api)
    if key not in LAB.compiled:
        if not os.path.exists(path):
            raise UserError("no such program: %s" % path)
        name = os.path.splitext(os.path.basename(path))[0]
        target = os.path.join(LAB.scratch, "%s-%s" % (api, name))
        with tempfile.TemporaryFile() as said:
            status = subprocess.run(
                [os.path.join(ROOT, "quire"), "cc", "--arch", LAB.port.name, "--api", api, path,
                 "-o", target], stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                env=make_env()).returncode
            said.seek(0)
            if status != 0:
                raise Failed("%s does not compile:\n%s" % (source, said.read().decode(
                    errors="replace").rstrip()))
        LAB.compiled[key] = target
    return LAB.compiled[key]


def run(*command, programs=(), files=(), api="posix", cpus=2, mem="128M", append="", stdin=b"",
        timeout=60):
    """Boot a throw-away guest, run COMMAND in it, power off; a Run.

    PROGRAMS: C files, relative to the grader's, that are compiled for the guest and put into /bin.
    FILES: (path here, path there) of others. TIMEOUT: seconds, stretched by QUIRE_TIMEOUT_SCALE.
    """
    pairs = [(compiled(p, api), "/bin/" + os.path.splitext(os.path.basename(p))[0])
             for p in programs]
    pairs += [(os.path.join(LAB.folder, here), there) for here, there in files]
    out, err = bytearray(), bytearray()
    with contextlib.ExitStack() as stack:
        disk = stack.enter_context(image.scratch(LAB.port, pairs)) if pairs else LAB.port.image()
        typed = stack.enter_context(tempfile.TemporaryFile())
        typed.write(stdin)
        typed.seek(0)
        machine = guest.Machine(LAB.port, disk, "", cpus, mem,
                                " ".join(p for p in [append, LAB.append] if p), throw_away=True)
        result = guest.run_framed(machine, list(command), typed.fileno(), out.extend, err.extend,
                                  timeout * time_scale())
    LAB.last = Run(command, bytes(out), bytes(err), result)
    return LAB.last


# ---- the score ------------------------------------------------------------------

def chosen(words):
    """The tests whose name contains one of WORDS, and those that they need."""
    found = [t for t in LAB.tests if not words or any(w.lower() in t.name.lower() for w in words)]
    for t in list(found):
        while t.needs is not None:
            t = t.needs
            if t not in found:
                found.append(t)
    return [t for t in LAB.tests if t in found]


def explain(why, log):
    for line in str(why).splitlines():
        print("    " + line)
    if LAB.last is None:
        return
    with open(log, "w") as f:
        f.write("$ %s\n--- stdout\n%s\n--- stderr\n%s\n--- console\n%s\n--- status %d\n"
                % (LAB.last.command, LAB.last.out, LAB.last.err, LAB.last.console,
                   LAB.last.status))
    said = (LAB.last.out + LAB.last.err).rstrip("\n").splitlines()
    if said:
        print("    the last lines it printed (all of it: %s):" % rel(log))
    for line in said[-SHOWN:]:
        print("    | " + line)


def run_test(t, log):
    """Runs one test; whether it passed."""
    LAB.last = None
    label = "%-52s" % t.name
    if t.needs is not None and not t.needs.passed:
        print("%s FAIL   0/%d" % (label, t.points))
        print("    not run: it needs  %s" % t.needs.name)
        return False
    begin = time.monotonic()
    try:
        t.function()
    except (Failed, AssertionError) as e:
        print("%s FAIL   0/%d" % (label, t.points))
        explain(e or "an assertion failed", log)
        return False
    print("%s ok    %2d/%d   %.1f s" % (label, t.points, t.points, time.monotonic() - begin),
          flush=True)
    return True


def load(path):
    """Runs the grader's file, which registers its tests."""
    LAB.folder = os.path.dirname(os.path.realpath(path))
    # It imports this very module, however it was found.
    sys.modules["grading"] = sys.modules[__name__]
    with open(path, encoding="utf-8") as f:
        code = compile(f.read(), path, "exec")
    exec(code, {"__name__": "grader", "__file__": path})    # pylint: disable=exec-used
    if not LAB.tests:
        raise UserError("%s has no tests" % rel(path))


def grade(path, words=(), arch=DEFAULT, append=""):
    """Grades the kernel of this tree by the grader PATH; the exit status."""
    load(path)
    tests = chosen(words)
    if not tests:
        raise UserError("no test of %s matches %s" % (rel(path), " ".join(words)))
    LAB.port = port(arch)
    LAB.append = append
    total = sum(t.points for t in tests)
    print("== %s, %s ==" % (os.path.splitext(os.path.basename(path))[0], arch), flush=True)
    try:
        build(arch, ["kernel", "image"])
    except UserError as e:
        print("    %s\nScore: 0/%d" % (e, total))
        return 1
    logs = os.path.join(LAB.port.out(), "grade")
    os.makedirs(logs, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="quire-grade-") as LAB.scratch:
        for t in tests:
            name = re.sub(r"\W+", "-", t.name.lower()).strip("-")
            t.passed = run_test(t, os.path.join(logs, name + ".log"))
    score = sum(t.points for t in tests if t.passed)
    print("Score: %d/%d" % (score, total))
    return 0 if score == total and all(t.passed for t in tests) else 1
