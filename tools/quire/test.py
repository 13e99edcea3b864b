"""./quire test: host tests, in-kernel tests, guest tests; one count at the end."""

import os
import re
import subprocess
import sys
import tempfile

from . import guest, host
from .build import build, locked, make_command, make_env
from .ports import PORTS, port
from .ui import ROOT, Progress, UserError, time_scale

KTEST_TIMEOUT = 300
KTEST_CPUS = (1, 2, 4)


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def add(self, title, passed, failed):
        self.passed += passed
        self.failed += failed
        if passed or failed:
            print("%s: %d passed, %d failed" % (title, passed, failed), flush=True)


def run(arch, pattern):
    ports = [port(arch)] if arch else [PORTS[name] for name in sorted(PORTS)]
    tally = Tally()
    for p in ports:
        host.require(host.needs_to_boot(p) + host.needs_to_test(p), p)
    host_tests(ports[0], pattern, tally)
    for p in ports:
        try:
            build(p.name, ["kernel", "image"])
            build(p.name, ["kernel"], ["KTEST=1"])
        except UserError as e:
            print("%s: %s" % (p.name, e))
            tally.add("%s, build" % p.name, 0, 1)
            continue
        for cpus in KTEST_CPUS:
            kernel_tests(p, cpus, pattern, tally)
        guest_tests(p, pattern, tally)
    if pattern and tally.passed + tally.failed == 0:
        raise UserError("no test matches %s" % pattern)
    print("%d passed, %d failed" % (tally.passed, tally.failed), flush=True)
    return 1 if tally.failed else 0


# ---- Host tests ------------------------------------------------------------

def programs_with(pattern):
    """The host test programs that have a test whose name contains PATTERN."""
    found = []
    folder = os.path.join(ROOT, "tests", "host")
    for name in sorted(os.listdir(folder)):
        m = re.match(r"test_(\w+)\.c$", name)
        if m:
            with open(os.path.join(folder, name)) as f:
                tests = re.findall(r"cmocka_unit_test\w*\(\s*(\w+)", f.read())
            if any(pattern in t for t in tests):
                found.append(m.group(1))
    return found


def host_tests(p, pattern, tally):
    """The programs that `make host-tests` builds and runs print what cmocka prints."""
    targets = ["host-tests"]
    if pattern:
        targets = ["run-test-" + name for name in programs_with(pattern)]
    if not targets:
        return
    cmd = make_command(p.name, targets) + ["-k"]
    env = dict(make_env(), CMOCKA_MESSAGE_OUTPUT="STDOUT")
    results = []        # (name, passed) in order
    lines = []
    name = None
    with locked(".lock"), Progress("host tests") as progress:
        r = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, env=env)
        for raw in r.stdout:
            line = raw.decode(errors="replace").rstrip("\n")
            lines.append(line)
            m = re.match(r"\[ *(RUN|OK|FAILED|ERROR) *\] (\S+)$", line)
            if not m:
                continue
            what, test = m.groups()
            if what == "RUN":
                if name is not None:            # the one before died in the middle
                    results.append((name, False))
                name = test
                progress.show("%d %s" % (len(results) + 1, test))
            elif test == name:
                results.append((name, what == "OK"))
                name = None
        status = r.wait()
    if name is not None:
        results.append((name, False))
    chosen = [(n, ok) for n, ok in results if not pattern or pattern in n]
    failed = sum(not ok for _, ok in chosen)
    if status != 0 and all(ok for _, ok in results):
        failed += 1                             # a program did not build, or died at its end
    if failed:
        print("\n".join(line for line in lines
                        if not re.match(r"\[ +(RUN|OK) +\]|  [A-Z]+ +\S+$", line)))
    tally.add("host", sum(ok for _, ok in chosen), failed)


# ---- In-kernel tests -------------------------------------------------------

def kernel_tests(p, cpus, pattern, tally):
    """Boot the kernel with its tests; it prints a line for each and powers off."""
    title = "%s kernel, %d processor%s" % (p.name, cpus, "s" if cpus > 1 else "")
    params = ["ktest=" + pattern if pattern else "ktest"]
    with Progress(title) as progress:
        progress.show("")
        m = guest.Machine(p, p.image(), "-ktest", cpus, "128M", throw_away=True)
        try:
            result = guest.run_framed(m, None, None, ignore, ignore,
                                      KTEST_TIMEOUT * time_scale(), params)
        except UserError as e:
            print("%s: %s" % (title, e))
            tally.add(title, 0, 1)
            return
    text = result.log.decode(errors="replace").replace("\r", "")
    passed = len(re.findall(r"(?m)^ktest: ok: ", text))
    failed = len(re.findall(r"(?m)^ktest: FAILED: ", text))
    if result.status != 0 and not failed:
        failed = 1
    if failed:
        print(text + ("time-out\n" if result.timed_out else ""))
    tally.add(title, passed, failed)


def ignore(data):
    pass


# ---- Guest tests -----------------------------------------------------------

def guest_tests(p, pattern, tally):
    """pytest drives the guest from outside; it shows its own progress."""
    fd, counts = tempfile.mkstemp()
    os.close(fd)
    cmd = [host.test_python(), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header",
           os.path.join("tests", "qemu")]
    if pattern:
        cmd += ["-k", pattern]
    env = dict(os.environ, QUIRE_TEST_ARCH=p.name, QUIRE_TEST_COUNTS=counts,
               PYTHONDONTWRITEBYTECODE="1")
    try:
        status = subprocess.run(cmd, cwd=ROOT, env=env, stdin=subprocess.DEVNULL).returncode
        with open(counts) as f:
            passed, failed = [int(n) for n in (f.read().split() or ["0", "0"])]
    finally:
        os.unlink(counts)
    if status not in (0, 1, 5) and not failed:      # 5: the pattern matched nothing
        failed = 1
    sys.stdout.flush()
    tally.add("%s guest" % p.name, passed, failed)
