"""./quire gdb: it stops at a symbol, with sources, and shows what the kernel knows."""

import re

from guestlib import PORT, quire


def gdb(*commands, guest=("sleep", "1")):
    """What gdb prints to these commands."""
    options = [word for c in commands for word in ("--ex", c)]
    r = quire("gdb", "--arch", PORT.name, *options, "--", *guest, timeout=60)
    out = r.stdout.decode(errors="replace") + r.stderr.decode(errors="replace")
    assert "Traceback" not in out and "Python Exception" not in out, out
    return out


def test_a_breakpoint_with_sources():
    out = gdb("break sys_sleep", "continue", "backtrace 3", "list")
    assert re.search(r"hit Breakpoint 1, sys_sleep .* at kernel/sys/sys_time\.c:\d+", out), out
    assert "sys_sleep(const sysarg_t *a)" in out, out
    assert re.search(r"#1 +0x[0-9a-f]+ in ", out), out


def test_processes():
    out = gdb("break sys_sleep", "continue", "quire ps",
              guest=("sh", "-c", "cat /dev/console | cat & sleep 1; true"))
    assert re.search(r"^ +1 +0 S +\d+ init +wait$", out, re.M), out
    assert re.search(r"^ +\d+ +\d+ R\* +\d+ sleep", out, re.M), out
    assert re.search(r"^ +2 +1 [RS].? +\d+ sh +", out, re.M), out


def test_regions_and_page_table():
    out = gdb("break sys_sleep", "continue", "quire vm 2", "quire pt 2", "echo @@\\n",
              "quire pt 2 0x1234", "quire pt 2 0x10000000", "quire pt 77", "quire vm",
              guest=("sleep", "3"))
    assert re.search(r"0x1000- +0x[0-9a-f]+ r-xp +\d+ +0  file \d+ at ", out), out
    assert re.search(r"---p +1 +0  guard", out) and "stack" in out, out
    assert re.search(r"\.\.0x1000: r-xu   frame 0x[0-9a-f]+ refs \d+", out), out
    assert re.search(r": rw-u   frame 0x[0-9a-f]+ refs 1\n", out), out
    one = out.split("@@\n")[1]
    assert re.search(r"^[ .]+0x1000: r-xu", one, re.M) and "0x2000" not in one, one
    assert "no entry for 0x10000000" in one and "There is no process 77." in one, one
    assert "quire vm PID" in one, one


def test_labels_of_shared_and_copied_pages():
    out = gdb("break sys_sleep", "continue", "quire pt 2",
              guest=("sh", "-c", "( x=1; sleep 1; true ); true"))
    assert re.search(r"r--u C frame 0x[0-9a-f]+ refs \d", out), out


def test_a_kernel_stack_that_overflows():
    """The panic comes to its end, with what both processors were doing."""
    out = gdb("break sys_sleep", "continue", "set $sp = ((unsigned long)$sp & ~0x1fffUL) + 64",
              "continue", "console")
    assert re.search(r"panic: processor \d: kernel stack overflow: e?sp ", out), out
    assert set(re.findall(r"^processor (\d)[ ,]", out, re.M)) == {"0", "1"}, out


def test_wherever_it_stops():
    """Before the kernel runs, in the middle of a change, and with a tree that is broken."""
    out = gdb("quire ps", "break tree_insert", "continue 20", "stepi 25", "quire ps", "stepi 25",
              "quire ps", "delete", "break sys_sleep", "continue",
              "set var 'kernel/proc/tree.c'::by_pid.root->child[0] = "
              "'kernel/proc/tree.c'::by_pid.root", "quire ps", "quire vm 2")
    assert re.search(r"\(the kernel has not come that far, or memory is broken\)|PID  PPID",
                     out), out
    assert out.count("The tree is broken at 0x") == 2, out
