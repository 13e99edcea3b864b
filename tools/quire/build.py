"""Running make, with progress on a terminal and silence in a pipe."""

import contextlib
import fcntl
import os
import re
import subprocess
import sys

from .ui import ROOT, Progress, UserError

STEP = re.compile(r"^  ([A-Z]+) +(\S+)$")


@contextlib.contextmanager
def locked(name):
    """One at a time: two commands in one tree must not build into each other."""
    os.makedirs(os.path.join(ROOT, "build"), exist_ok=True)
    with open(os.path.join(ROOT, "build", name), "w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


def make_command(arch, targets, variables=()):
    # MAKEFLAGS of a make that called us would bring its job server along.
    return ["make", "--no-print-directory", "-C", ROOT, "ARCH=" + arch] + list(variables) + \
        list(targets)


def make_env():
    env = dict(os.environ)
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"):
        env.pop(name, None)
    if not env.get("TOOLPREFIX"):
        env.pop("TOOLPREFIX", None)
    return env


def count_steps(cmd):
    """How many lines of progress a build will print: a dry run tells."""
    r = subprocess.run(cmd + ["-n"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.DEVNULL, env=make_env())
    return r.stdout.count(b"printf '  %-7s")


def build(arch, targets, variables=()):
    """Build TARGETS. What the compiler says goes to stderr; a failure is a UserError."""
    cmd = make_command(arch, targets, variables)
    jobs = ["-j%d" % (os.cpu_count() or 1)]
    with locked(".lock"), Progress("building") as progress:
        total = count_steps(cmd) if progress.on else 0
        done = 0
        p = subprocess.Popen(cmd + jobs, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, env=make_env())
        try:
            for raw in p.stdout:
                line = raw.decode(errors="replace").rstrip("\n")
                m = STEP.match(line)
                if m:
                    done += 1
                    progress.count(done, max(total, done), m.group(2))
                elif not line.startswith("make: Nothing to be done"):
                    progress.clear()
                    sys.stderr.write(line + "\n")
            status = p.wait()
        finally:
            if p.poll() is None:
                p.terminate()
                p.wait()
    if status != 0:
        raise UserError("the build failed")


def make_variables(arch, names, variables=()):
    """{name: value} of make variables of the build."""
    cmd = make_command(arch, ["print-" + n for n in names], variables) + ["-s"]
    r = subprocess.run(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, env=make_env())
    values = r.stdout.decode().split("\n")
    if r.returncode != 0 or len(values) != len(names) + 1:
        raise UserError("make could not tell %s:\n%s" % (" ".join(names),
                                                         r.stderr.decode(errors="replace")))
    return {n: v.strip() for n, v in zip(names, values)}
