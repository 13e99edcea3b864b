"""Programs that misuse memory end; the system and everybody else goes on."""

import re
import signal

import pytest

from guestlib import boot, ok

SEGV = 128 + signal.SIGSEGV
KERNEL = {"riscv64": "0xffffffc080200000", "i386": "0x80101000"}

BAD = [
    # arguments, what it tried, why
    (["read", "0"], "read", "no mapping"),
    (["write", "0"], "write", "no mapping"),
    (["exec", "0"], "execute", "no mapping"),
    (["read", "0x3000000000"], "read", "no mapping"),
    (["write", "KERNEL"], "write", "no mapping"),
    (["read", "KERNEL"], "read", "no mapping"),
    (["exec", "KERNEL"], "execute", "no mapping"),
    (["read", "0x8000000000000000"], "read", "no mapping"),
    (["text"], "write", "read-only"),
    (["rodata"], "write", "read-only"),
    (["stack"], "write", "stack guard"),
]


@pytest.mark.parametrize("args, tried, why", BAD, ids=lambda v: "-".join(v) if isinstance(
    v, list) else v.replace(" ", "_"))
def test_a_bad_access_kills_with_one_line(disk, args, tried, why):
    from guestlib import PORT
    args = [KERNEL[PORT.name] if a == "KERNEL" else a for a in args]
    r = boot("badaccess", *args, disk=disk)
    assert r.status == SEGV, r
    assert r.out == ""
    lines = [line for line in r.err.splitlines() if "killed" in line]
    assert len(lines) == 1, r
    assert re.match(r"pid \d+ badaccess: killed: %s " % tried, lines[0]), lines
    assert why in lines[0], lines
    assert len(re.findall(r"0x[0-9a-f]+", lines[0])) == 2, lines    # the address and the pc


def test_the_shell_survives_its_children(disk, cpus):
    script = "; ".join("badaccess %s; echo $?" % " ".join(a) for a, _, _ in BAD
                       if "KERNEL" not in a)
    r = boot("sh", "-c", script + "; echo alive", disk=disk, cpus=cpus)
    assert r.out == ("%d\n" % SEGV) * (len(BAD) - 3) + "alive\n", r


def test_ten_times_the_ram_kills_only_who_asks(disk, cpus):
    r = boot("sh", "-c", "hog 1280; echo $?; hog 64; echo $?", disk=disk, cpus=cpus, timeout=180)
    assert r.out == "%d\ntouched\n0\n" % (128 + signal.SIGKILL), r
    assert "out of memory" in r.err


def test_lazy_memory_may_be_overcommitted(disk):
    # Beyond user space sbrk itself says no.
    r = boot("hog", str(300 * 1024), disk=disk)
    assert r.status == 3, r


def test_a_fork_bomb_ends(disk, cpus):
    r = boot("sh", "-c", "forkbomb; echo $?; echo alive", disk=disk, cpus=cpus, timeout=240)
    assert r.out.splitlines()[-1] == "alive", r
    assert r.status == 0


def test_maxproc_bounds_processes(disk):
    r = boot("sh", "-c", "forkbomb; ps | wc -l", disk=disk, append="maxproc=20", timeout=120)
    assert r.status == 0, r


def test_what_is_taken_comes_back(disk, cpus):
    work = "; ".join(["hog 32", "badaccess stack", "cat README | wc | wc", "ls / /bin",
                      "( ls | xargs -n 1 wc )", "find . README", "badaccess write 0",
                      "echo x > /tmp/x", "rm /tmp/x", "forkbomb"])
    # Once to fill the caches that stay, then twice to compare. The shell becomes its last command.
    script = "%s; free; %s; free; %s; free; true" % (work, work, work)
    r = boot("sh", "-c", script, disk=disk, cpus=cpus, append="maxproc=64", timeout=240)
    assert r.status == 0, r
    counts = [int(n) for n in re.findall(r"(?m)^free\s+(\d+)", r.out)]
    assert len(counts) == 3, r.out
    assert counts[1] == counts[2], counts


@pytest.mark.parametrize("mem", ["32M", "64M", "256M", "1G", "2G", "4G"])
def test_boots_with_any_memory(mem):
    assert "hello\n" == ok("echo", "hello", mem=mem)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 7, 8])
def test_boots_with_any_processors(n):
    assert "hello\n" == ok("echo", "hello", cpus=n)


def test_boots_again_and_again():
    for i in range(60):
        assert "hello\n" == ok("echo", "hello", cpus=2 + i % 3, timeout=20)


@pytest.mark.parametrize("what, tried, why", [("past", "read", "past end of file"),
                                              ("none", "read", "no right"),
                                              ("hole", "write", "disk error")])
def test_why_a_mapping_kills(disk, small_disk, what, tried, why):
    r = boot("mapper", what, disk=small_disk if what == "hole" else disk)
    assert r.status == 128 + (signal.SIGSEGV if what == "none" else signal.SIGBUS), r
    assert r.out == ("full\n" if what == "hole" else ""), r
    lines = [line for line in r.err.splitlines() if "killed" in line]
    assert len(lines) == 1, r
    assert re.match(r"pid \d+ mapper: killed: %s address 0x[0-9a-f]+ pc 0x[0-9a-f]+: %s$" % (
        tried, why), lines[0]), lines


MOST = {"riscv64": 31950, "i386": 31000}


@pytest.mark.parametrize("files", [1, 500])
def test_nearly_all_memory_is_a_programs_while_files_are_open_500_times(disk, files):
    from guestlib import PORT
    r = boot("mapper", "most", str(MOST[PORT.name]), "500", str(files), disk=disk,
             timeout=120)
    assert (r.status, r.out) == (0, "touched\n"), r


@pytest.mark.parametrize("mem", ["32M", "128M"])
def test_a_program_that_needs_the_last_frame_ends(disk, cpus, mem):
    """One way or the other: its text is not read again and again to no end."""
    r = boot("mapper", "edge", disk=disk, cpus=cpus, mem=mem, timeout=60)
    assert r.status == 0 and int(r.out) > 0, r


def test_the_largest_file_is_written_with_little_memory():
    """Twice as large as the memory: dirty pages are a quarter of it at most, and writers wait."""
    r = boot("testbig", mem="32M", timeout=240)
    assert r.status == 0, r


def test_what_free_shows_adds_up():
    rows = dict(re.findall(r"(?m)^(\S+| *\S+ \S+| +\S+) +(\d+) pages", ok("free", cpus=1)))
    parts = ["  unused", "processes", "  page tables", "files", "kernel objects", "kernel"]
    assert int(rows["total"]) == sum(int(rows[p]) for p in parts), rows
    assert int(rows["  unused"]) <= int(rows["free"]) <= int(rows["total"]), rows


def measure(append):
    """[(frames, zeroed, copied)] of /test/h_measure's steps, in its order."""
    text = ok("/test/h_measure", cpus=1, append=append)
    rows = re.findall(r"(?m)^\S.*?(-?\d+) +(\d+) +(\d+)$", text)
    assert len(rows) == 7, text
    return [tuple(int(n) for n in row) for row in rows]


def test_what_memory_costs_is_what_the_documentation_says():
    """The table of docs/memory.md: frames by lazy and eager heaps, by fork's two ways."""
    lazy, copy, eager = measure(""), measure("fork=copy"), measure("heap=eager")
    sbrk, tenth, each, fork, read, write, alone = range(7)
    assert lazy[sbrk] == (0, 0, 0) and 1000 <= eager[sbrk][0] <= 1020
    assert 100 <= lazy[tenth][0] <= 110 and lazy[tenth][1] == 100 and eager[tenth][0] <= 5
    assert 900 <= lazy[each][0] <= 925 and lazy[each][1] == 900 and eager[each][0] <= 1
    assert lazy[fork][0] <= 40 and lazy[fork][2] <= 2 and 1000 <= copy[fork][0] <= 1060
    assert lazy[read][2] == copy[read][2] == 0
    assert lazy[write][2] == 10 and 10 <= lazy[write][0] <= 14
    assert copy[write][2] == 0 and copy[write][0] <= 1
    assert lazy[alone] == copy[alone] == eager[alone] == (0, 0, 0)
