"""At a terminal: the session of a person, driven by pexpect through ./quire run."""

import os
import re
import shutil
import time

import pexpect
import pytest

from guestlib import PORT, QUIRE, ROOT, SCALE, Session

def test_a_session_on_a_disk_that_stays(own_disk):
    s = Session()
    banner = s.prompt()
    assert re.search("halt", banner), banner
    assert s.type("echo hello") == "hello\n"
    assert "README" in s.type("ls")
    assert "./README" in s.type("find . README")
    s.type("echo kept > /note; sync")
    s.p.sendline("halt")
    s.p.expect(pexpect.EOF)
    s.p.close()
    assert s.p.exitstatus == 0

    s = Session("--cpus", "4")
    s.prompt()
    assert s.type("cat /note") == "kept\n"
    s.leave()
    assert s.p.exitstatus == 0


def test_boots_to_the_prompt_within_3_seconds(own_disk):
    Session().leave()       # builds and makes the disk
    begin = time.monotonic()
    s = Session()
    s.prompt()
    took = time.monotonic() - begin
    s.leave()
    assert took < 3 * SCALE, took


def test_init_restarts_a_shell_that_ends(own_disk):
    s = Session()
    s.prompt()
    s.p.sendline("exit")
    s.prompt()
    assert s.type("echo again") == "again\n"
    s.p.send("\x04")
    s.prompt()
    s.leave()


def test_an_idle_guest_lets_the_host_idle(own_disk):
    s = Session("--cpus", "4")
    s.prompt()
    time.sleep(1)
    before = cpu_seconds(s.p.pid)
    time.sleep(5)
    used = cpu_seconds(s.p.pid) - before
    s.leave()
    assert used < 0.1 * 5, "%.2f s of processor in 5 s" % used


def cpu_seconds(pid):
    """Processor time that a process and its children have used (Linux)."""
    if not os.path.exists("/proc/self/stat"):
        pytest.skip("needs /proc")
    total = 0
    for task in [pid] + children(pid):
        fields = open("/proc/%d/stat" % task).read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def children(pid):
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = open("/proc/%s/stat" % name).read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found += [int(name)] + children(int(name))
    return found


def test_long_lines_and_backspace(own_disk):
    s = Session()
    s.prompt()
    assert s.type("echo helpo\x7f\x7flo") == "hello\n"
    assert s.type("echo " + "y" * 120) == "y" * 120 + "\n"
    s.leave()


def test_interrupt_reaches_a_child_that_is_being_made(own_disk, progs):
    """docs/races.md: fork finishes after Ctrl-C has killed the parent."""
    s = Session("--cpus", "4", "--add", progs["breeder"] + ":/bin/breeder")
    s.prompt()
    for _ in range(20):
        s.p.sendline("breeder")
        s.p.expect("breeding\r*\n")
        time.sleep(0.05)
        s.p.send("\x03")
        s.prompt()
    assert "breeder" not in s.type("sleep 2; ps")
    s.leave()


def test_the_disk_is_held_by_one_run(own_disk):
    s = Session()
    s.prompt()
    other = pexpect.spawn(QUIRE, ["run", "--arch", PORT.name], cwd=ROOT, timeout=30 * SCALE)
    other.expect("in use")
    other.expect(pexpect.EOF)
    other.close()
    assert other.exitstatus == 1
    s.leave()
    assert shutil.which(PORT.qemu)
