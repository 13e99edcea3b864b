"""The machine we run on: which tools are there, and how to get those that are not."""

import os
import platform
import re
import shutil
import subprocess
import sys

from .ui import ROOT, UserError, say

QEMU_MIN = (7, 2)


def output_of(cmd):
    """What CMD prints (stdout and stderr), or None when it cannot be run or fails."""
    try:
        r = subprocess.run(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return r.stdout.decode(errors="replace") if r.returncode == 0 else None


def use_llvm():
    return os.environ.get("LLVM") == "1"


# ---- What there is ---------------------------------------------------------

def qemu_version(port):
    text = output_of([port.qemu, "--version"])
    m = re.search(r"version (\d+)\.(\d+)", text or "")
    return (int(m.group(1)), int(m.group(2))) if m else None


def firmware_found(port):
    if port.firmware is None:
        return True
    dirs = (output_of([port.qemu, "-L", "help"]) or "").split()
    return any(os.path.exists(os.path.join(d, port.firmware)) for d in dirs)


def compiler(port):
    """The command that compiles C for the port, as a list, or None."""
    if use_llvm():
        ok = shutil.which("clang") and shutil.which("ld.lld") and shutil.which("llvm-nm")
        return ["clang"] if ok else None
    prefix = os.environ.get("TOOLPREFIX")
    for p in [prefix] if prefix else port.prefixes:
        if shutil.which(p + "gcc") and shutil.which(p + "ld"):
            return [p + "gcc"]
    if not prefix and platform.machine() in port.hosts and shutil.which("gcc"):
        return ["gcc"]
    return None


def host_compiler():
    cc = os.environ.get("HOSTCC", "cc")
    probe = [cc, "-x", "c", "-", "-o", os.devnull]
    try:
        r = subprocess.run(probe, input=b"#include <stdio.h>\nint main(void) { return 0; }\n",
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return r.returncode == 0


def compiles_with(header, *libs):
    cc = os.environ.get("HOSTCC", "cc")
    text = ("#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n"
            "#include <%s>\nint main(void) { return 0; }\n" % header)
    try:
        r = subprocess.run([cc, "-x", "c", "-", "-o", os.devnull] + list(libs),
                           input=text.encode(), stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return r.returncode == 0


def test_python():
    """A Python that has pytest and pexpect; the one on PATH often has not."""
    names = [sys.executable, "/usr/bin/python3", "python3",
             os.path.join(ROOT, "build", "venv", "bin", "python")]
    for name in names:
        if name and shutil.which(name) and output_of([name, "-c", "import pytest, pexpect"]) \
           is not None:
            return name
    return None


# ---- How to get it ---------------------------------------------------------

class Need:
    """A tool: what it is for, whether it is there, and its packages for each manager."""

    def __init__(self, name, why, found, packages):
        self.name = name
        self.why = why
        self.found = found      # () -> a description, or None when missing
        self.packages = packages


def same_everywhere(*names):
    return {m: [list(names)] for m in MANAGERS}


MANAGERS = {
    # name: (refresh, install, does the manager know a package?)
    "apt": (["apt-get", "update", "-q"],
            ["apt-get", "install", "-y", "-q", "--no-install-recommends"],
            lambda p: bool((output_of(["apt-cache", "show", "--no-all-versions", p]) or "")
                           .strip())),
    "dnf": (None, ["dnf", "install", "-y", "--setopt=install_weak_deps=False"], None),
    "pacman": (None, ["pacman", "-Sy", "--needed", "--noconfirm"], None),
    "brew": (None, ["brew", "install"], None),
}
PROGRAMS = {"apt": "apt-get", "dnf": "dnf", "pacman": "pacman", "brew": "brew"}


def manager():
    order = ["brew"] if sys.platform == "darwin" else ["apt", "dnf", "pacman", "brew"]
    for name in order:
        if shutil.which(PROGRAMS[name]):
            return name
    return None


def qemu_found(port):
    v = qemu_version(port)
    if v is None:
        return None
    if v < QEMU_MIN:
        return None
    return "%s %d.%d" % (port.qemu, v[0], v[1])


def needs_to_boot(port):
    pk = port.packages
    cross = {m: pk[m]["cc"] for m in MANAGERS}
    if use_llvm():
        cross = {"apt": [["clang"], ["lld"], ["llvm"]], "dnf": [["clang"], ["lld"], ["llvm"]],
                 "pacman": [["clang"], ["lld"], ["llvm"]], "brew": [["llvm"], ["lld"]]}
    return [
        Need("make", "builds everything", lambda: shutil.which("make"), same_everywhere("make")),
        Need("cc", "a C compiler for this machine: the disk tools",
             lambda: "cc" if host_compiler() else None,
             {"apt": [["gcc"], ["libc6-dev"]], "dnf": [["gcc"]], "pacman": [["gcc"]],
              "brew": [["gcc"]]}),
        Need("compiler for " + port.name, "the kernel and its programs",
             lambda: " ".join(compiler(port) or []) or None, cross),
        Need("QEMU %d.%d or later" % QEMU_MIN, "runs it",
             lambda: qemu_found(port), {m: pk[m]["qemu"] for m in MANAGERS}),
        Need("firmware", "starts the kernel",
             lambda: "comes with QEMU" if not shutil.which(port.qemu) else
             (port.firmware or "none needed") if firmware_found(port) else None,
             {m: pk[m]["firmware"] for m in MANAGERS}),
    ]


def needs_to_test(port):
    def program(name):
        return lambda: shutil.which(name)
    pc = [
        Need("node", "runs v86, a PC emulator, in a test", program("node"),
             {"apt": [["nodejs"]], "dnf": [["nodejs"]], "pacman": [["nodejs"]],
              "brew": [["node"]]}),
        Need("npm", "gets v86", program("npm"),
             {"apt": [["npm"]], "dnf": [["npm", "nodejs-npm"]], "pacman": [["npm"]],
              "brew": [["node"]]}),
    ]
    return (pc if port.is_pc else []) + [
        Need("pytest and pexpect", "drive the guest in tests", test_python,
             {"apt": [["python3-pytest"], ["python3-pexpect"]],
              "dnf": [["python3-pytest"], ["python3-pexpect"]],
              "pacman": [["python-pytest"], ["python-pexpect"]]}),
        Need("cmocka", "the tests that need no guest",
             lambda: "cmocka" if compiles_with("cmocka.h", "-lcmocka") else None,
             {"apt": [["libcmocka-dev"]], "dnf": [["libcmocka-devel"]],
              "pacman": [["cmocka"]], "brew": [["cmocka"]]}),
    ]


def needs_to_debug(port):
    return [
        Need("gdb for " + port.name, "the debugger", lambda: gdb(port),
             {"apt": [["gdb-multiarch"]], "dnf": [["gdb"]], "pacman": [["gdb"]],
              "brew": [["gdb"]]}),
    ]


def needs_to_check():
    def program(name):
        return lambda: shutil.which(name)
    return [
        Need("clang", "make check", program("clang"), same_everywhere("clang")),
        Need("lld", "make check", program("ld.lld"), same_everywhere("lld")),
        Need("llvm", "make check", program("llvm-nm"), same_everywhere("llvm")),
        Need("clang-format", "make check", program("clang-format"),
             {"apt": [["clang-format"]], "dnf": [["clang-tools-extra"]], "pacman": [["clang"]],
              "brew": [["clang-format"]]}),
        Need("cppcheck", "make check", program("cppcheck"), same_everywhere("cppcheck")),
        Need("shellcheck", "make check", program("shellcheck"),
             {"apt": [["shellcheck"]], "dnf": [["ShellCheck"]], "pacman": [["shellcheck"]],
              "brew": [["shellcheck"]]}),
        Need("pyflakes", "make check", pyflakes_python,
             {"apt": [["pyflakes3"]], "dnf": [["python3-pyflakes"]],
              "pacman": [["python-pyflakes"]], "brew": [["pyflakes"]]}),
    ]


def pyflakes_python():
    for name in (sys.executable, "/usr/bin/python3", "python3"):
        if shutil.which(name) and output_of([name, "-c", "import pyflakes"]) is not None:
            return name
    return None


def gdb(port):
    """A gdb that knows the port's processor, or None."""
    for name in ["gdb-multiarch"] + [p + "gdb" for p in port.prefixes] + ["gdb"]:
        if shutil.which(name):
            text = output_of([name, "-nx", "-batch", "-ex", "set architecture " + port.gdb_arch])
            if text is not None and "Undefined" not in text and "rror" not in text:
                return name
    return None


def choose(names, knows):
    if len(names) == 1 or knows is None:
        return names[0]
    for n in names:
        if knows(n):
            return n
    return names[-1]


def install_command(needs, mgr):
    """The one shell command that gets all of NEEDS, or None when MGR has no packages for one."""
    refresh, install, knows = MANAGERS[mgr]
    packages = []
    for need in needs:
        if mgr not in need.packages:
            return None
        for names in need.packages[mgr]:
            p = choose(names, knows)
            if p not in packages:
                packages.append(p)
    sudo = [] if mgr == "brew" or os.geteuid() == 0 else ["sudo"]
    cmd = " ".join(sudo + install + packages)
    if refresh:
        cmd = " ".join(sudo + refresh) + " && " + cmd
    return cmd


def describe(need, port):
    text = "%s is missing (%s)" % (need.name, need.why)
    v = qemu_version(port) if need.name.startswith("QEMU") else None
    if v:
        text = "%s is needed, this one is %d.%d" % ((need.name,) + v)
    return text


def require(needs, port, install=True):
    """Make sure that all of NEEDS are there: install what is missing, or say what to do."""
    missing = [n for n in needs if n.found() is None]
    if not missing:
        return
    for n in missing:
        say(describe(n, port))
    prefix = os.environ.get("TOOLPREFIX")
    if prefix and not use_llvm() and compiler(port) is None:
        raise UserError("TOOLPREFIX is %s, and there is no %sgcc with %sld in PATH: "
                        "set another one, or none" % (prefix, prefix, prefix))
    mgr = manager()
    if mgr is None:
        raise UserError("no package manager that I know (apt, dnf, pacman, brew): "
                        "please install the above by hand")
    if mgr == "apt" and any(len(names) > 1 for n in missing for names in n.packages["apt"]) \
            and install_allowed(install):
        # Which of two names a release uses is known only after a refresh.
        refresh_lists(mgr)
    cmd = install_command(missing, mgr)
    if cmd is None:
        pip = pip_fallback(missing, install)
        if pip:
            return
        raise UserError("%s has no package for it" % mgr)
    if not install_allowed(install):
        raise UserError("this gets it:\n    " + cmd)
    if cmd.startswith("sudo") and not shutil.which("sudo"):
        raise UserError("as root, run:\n    " + cmd.replace("sudo ", ""))
    say("installing: " + cmd)
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    if subprocess.run(cmd, shell=True, stdout=sys.stderr, env=env).returncode != 0:
        raise UserError("that did not work; the command was:\n    " + cmd)
    still = [n for n in missing if n.found() is None]
    if any(n.name == "firmware" for n in needs) and not still:
        # Which firmware QEMU lacks shows only once QEMU is there.
        late = [n for n in needs if n.found() is None]
        if late and late != missing:
            return require(late, port, install)
    if still:
        raise UserError("still missing after installing: " + "; ".join(
            describe(n, port) for n in still) + too_old_hint(still))


def too_old_hint(still):
    if any(n.name.startswith("QEMU") for n in still):
        return "\nThis system's packages are too old for Quire: a newer release of it, or a " \
               "QEMU built from https://www.qemu.org/download/ on PATH, will do."
    return ""


def refresh_lists(mgr):
    refresh = MANAGERS[mgr][0]
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    if refresh and (not sudo or shutil.which("sudo")):
        subprocess.run(sudo + refresh, stdout=sys.stderr)


def install_allowed(install):
    return install and os.environ.get("QUIRE_NO_INSTALL") != "1"


def pip_fallback(missing, install):
    """pytest and pexpect where the system packages neither: a private environment."""
    if [n.name for n in missing] != ["pytest and pexpect"]:
        return False
    venv = os.path.join(ROOT, "build", "venv")
    cmd = [[sys.executable, "-m", "venv", venv],
           [os.path.join(venv, "bin", "python"), "-m", "pip", "install", "-q", "pytest",
            "pexpect"]]
    if not install_allowed(install):
        raise UserError("this gets it:\n    " + " && ".join(" ".join(c) for c in cmd))
    for c in cmd:
        say("installing: " + " ".join(c))
        if subprocess.run(c, stdout=sys.stderr).returncode != 0:
            return False
    return test_python() is not None


def doctor(ports, strict):
    """Print what is there and what is missing.

    0 when everything to boot is there; if STRICT, when nothing at all is missing.
    """
    missing = []
    seen = set()
    status = 0
    for port in ports:
        for kind, needs in (("run", needs_to_boot(port)), ("test", needs_to_test(port)),
                            ("gdb", needs_to_debug(port)), ("check", needs_to_check())):
            for n in needs:
                found = n.found()
                line = "%-5s %-24s %s" % (kind, n.name, found or
                                          "MISSING: " + describe(n, port))
                if line in seen:
                    continue
                seen.add(line)
                print(line)
                if not found:
                    missing.append(n)
                    if kind == "run" or strict:
                        status = 1
    mgr = manager()
    cmd = install_command(missing, mgr) if missing and mgr else None
    if not missing:
        print("\nNothing is missing.")
    elif cmd:
        print("\nThis gets everything that is missing:\n    " + cmd)
    return status
