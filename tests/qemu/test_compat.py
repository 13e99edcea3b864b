"""Programs written for xv6, of both families, through ./quire cc --api.

tests/qemu/compat/FAMILY/NAME.c has to print NAME.out. All of a family run in one boot. suite.c
there is one source for both families: what their interface promises, limits and races included.
"""

import glob
import itertools
import os
import re
import subprocess

import pytest

from guestlib import PORT, ROOT, boot, quire
from quire import cc
from quire.build import build

HERE = os.path.join(ROOT, "tests", "qemu", "compat")
FAMILIES = {"xv6": [], "xv6-x86": ["-DX86"]}
MKFS = os.path.join(ROOT, "build", "host", "tools", "mkfs")


def programs(family):
    return sorted(os.path.basename(p)[:-2] for p in glob.glob(os.path.join(HERE, family, "*.c")))


ALL = [(f, n) for f in FAMILIES for n in programs(f)]


@pytest.fixture(scope="module")
def tools():
    return {f: cc.toolchain(PORT, f) for f in FAMILIES}


def disk_of(path, files, blocks=200000):
    """A disk as `--layout xv6` has it, with FILES of the host in its /."""
    build(PORT.name, ["image-xv6"])
    folder = path + ".root"
    subprocess.run(["cp", "-R", os.path.join(PORT.out(), "root-xv6"), folder], check=True)
    for f in files:
        subprocess.run(["cp", f, folder], check=True)
    subprocess.run([MKFS, "-b", str(blocks), path, folder], check=True)
    subprocess.run(["rm", "-r", folder], check=True)
    return path


@pytest.fixture(scope="module")
def outputs(tools, tmp_path_factory):
    """{(family, name): what it printed}."""
    found = {}
    for family, flags in FAMILIES.items():
        folder = tmp_path_factory.mktemp(family)
        made = []
        for name in programs(family):
            made.append(str(folder / name))
            cc.compile_with(tools[family], flags + ["-w", os.path.join(HERE, family, name + ".c"),
                                                    "-o", made[-1]])
        disk = disk_of(str(folder / "disk.img"), made)
        script = ";".join("echo '<%s>'; /%s" % (n, n) for n in programs(family))
        r = boot("sh", "-c", script, disk=disk, timeout=120)
        parts = re.split(r"<(\w+)>\n", r.out)
        for name, text in zip(parts[1::2], parts[2::2]):
            found[family, name] = text
    return found


@pytest.mark.parametrize("family,name", ALL)
def test_program(family, name, outputs):
    with open(os.path.join(HERE, family, name + ".out")) as f:
        assert outputs.get((family, name)) == f.read()


# ---- the suite -------------------------------------------------------------

@pytest.mark.parametrize("sbrk", ["lazy", "eager"])
@pytest.mark.parametrize("family", FAMILIES)
def test_suite(family, sbrk, tools, tmp_path):
    program = str(tmp_path / "suite")
    flags = FAMILIES[family] + (["-DQUIRE_SBRK_EAGER"] if sbrk == "eager" else [])
    cc.compile_with(tools[family], flags + ["-w", os.path.join(HERE, "suite.c"), "-o", program])
    disk = disk_of(str(tmp_path / "disk.img"), [program])
    r = boot("/suite", disk=disk, timeout=400)
    assert r.status == 0 and "suite: ok" in r.out, r


@pytest.mark.parametrize("sbrk", ["lazy", "eager"])
def test_bystanders_survive_greed(sbrk, tools, tmp_path):
    program = str(tmp_path / "bystander")
    flags = ["-DQUIRE_SBRK_EAGER"] if sbrk == "eager" else []
    cc.compile_with(tools["xv6"], flags + ["-w", os.path.join(HERE, "bystander.c"), "-o", program])
    r = boot("/bystander", disk=disk_of(str(tmp_path / "disk.img"), [program]), mem="32M",
             timeout=120)
    assert r.status == 0 and "bystander: ok" in r.out, r


@pytest.mark.parametrize("family", FAMILIES)
def test_full_disk(family, tools, tmp_path):
    """No blocks, no inodes left: calls fail, nothing is lost, the room comes back."""
    program = str(tmp_path / "full")
    cc.compile_with(tools[family], FAMILIES[family] + ["-w", os.path.join(HERE, "full.c"), "-o",
                                                       program])
    disk = disk_of(str(tmp_path / "disk.img"), [program], blocks=16000)
    r = boot("/full", disk=disk, timeout=200)
    assert r.status == 0 and "full: ok" in r.out, r


# ---- headers ---------------------------------------------------------------

HEADERS = {
    "xv6": ["kernel/types.h", "kernel/stat.h", "kernel/param.h", "kernel/fs.h", "kernel/fcntl.h",
            "kernel/syscall.h", "kernel/memlayout.h", "kernel/riscv.h", "kernel/spinlock.h",
            "kernel/sleeplock.h", "kernel/file.h", "kernel/vm.h", "user/user.h"],
    "xv6-x86": ["types.h", "stat.h", "user.h", "fs.h", "fcntl.h", "syscall.h", "traps.h",
                "memlayout.h", "param.h", "mmu.h"],
}


@pytest.mark.parametrize("family", FAMILIES)
def test_headers_in_any_order(family, tools, tmp_path):
    names = HEADERS[family]
    last = "user/user.h" if family == "xv6" else "user.h"
    orders = [[n, last] for n in names] + [names, names[::-1], names + names]
    orders += [list(pair) + [last] for pair in itertools.permutations(names[:6], 2)]
    if family == "xv6":
        orders += [[os.path.basename(n) for n in names], ["../kernel/types.h", "../user/user.h"]]
    # One translation unit an order would be slow: one compiler for all, warnings are errors.
    sources = []
    for i, order in enumerate(orders):
        sources.append(str(tmp_path / ("order%d.c" % i)))
        with open(sources[-1], "w") as f:
            f.write("".join('#include "%s"\n' % n for n in order))
            f.write("int order%d(char *s) { uint n = strlen(s); return n; }\n" % i)
    t = tools[family]
    subprocess.run(t.cc + t.cflags + ["-Wall", "-Wextra", "-Werror", "-fsyntax-only"] + sources,
                   check=True)


# ---- the command -----------------------------------------------------------

MAIN = """#include "kernel/types.h"
#include "user/user.h"
#include "extra.h"
int twice(int);
char *copyin;
int main() {
  int p = "not an int";
  implicit(p);
  printf("%d %s\\n", twice(NUMBER), EXTRA);
  exit(twice(3));
}
"""


@pytest.mark.parametrize("llvm", ["0", "1"])
def test_command_takes_several_files_and_options(tmp_path, llvm):
    """Two sources, -D, -I, -O; what newer compilers refuse is a warning."""
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "extra.h").write_text('#define EXTRA "extra"\n')
    (tmp_path / "main.c").write_text(MAIN)
    (tmp_path / "twice.c").write_text("int twice(int n) { return 2 * n; }\n"
                                      "int implicit(int n) { return n; }\n")
    out = str(tmp_path / "prog")
    env = dict(os.environ, LLVM=llvm)
    r = quire("cc", "--arch", PORT.name, "--api", "xv6", "-DNUMBER=21", "-O2",
              "-I" + str(tmp_path / "include"), str(tmp_path / "main.c"),
              str(tmp_path / "twice.c"), "-o", out, env=env)
    assert r.returncode == 0, r.stderr.decode()
    assert b"warning" in r.stderr
    r = quire("run", "--arch", PORT.name, "--layout", "xv6", "--add", out, "--", "prog")
    assert (r.returncode, r.stdout) == (6, b"42 extra\n"), r.stderr.decode()
