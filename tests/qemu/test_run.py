"""`./quire run -- CMD`: exactly the command's output, and its status."""

import os
import random
import signal
import subprocess
import time

import pytest

from guestlib import PORT, QUIRE, ROOT, SCALE, boot, disk_with, ok, quire

A = ["--arch", PORT.name]


def test_prints_what_the_command_prints_and_nothing_else():
    r = quire("run", *A, "--", "echo", "hello", "world")
    assert (r.returncode, r.stdout, r.stderr) == (0, b"hello world\n", b"")


def test_arguments_arrive_as_they_were():
    args = ["a b", "c,d", "50%", "%41", "", "\u00e9", "*", "$HOME", "'\"\\", "run=x"]
    r = quire("run", *A, "--", "echo", *args)
    assert r.stdout.decode() == " ".join(args) + "\n"


def test_stderr_is_apart():
    r = quire("run", *A, "--", "sh", "-c", "echo out; ls /none; echo more")
    assert r.stdout == b"out\nmore\n"
    assert b"/none" in r.stderr


@pytest.mark.parametrize("command, status", [
    (["sh", "-c", "exit 0"], 0),
    (["sh", "-c", "exit 7"], 7),
    (["sh", "-c", "exit 255"], 255),
    (["no-such-command"], 127),
    (["/tmp"], 126),
    (["sleep"], 1),
])
def test_status_is_the_commands(command, status):
    assert quire("run", *A, "--", *command).returncode == status


def test_a_signal_is_128_and_its_number(disk):
    r = boot("badaccess", "write", "0", disk=disk)
    assert r.status == 128 + signal.SIGSEGV, r
    r = boot("sh", "-c", "sleep 100 & kill $!; wait $!", disk=disk)
    assert r.status in (128 + signal.SIGKILL,), r


def test_a_panic_is_125_with_the_log():
    r = quire("run", *A, "--append", "init=/none", "--", "echo", "hello")
    assert r.returncode == 125
    assert b"panic" in r.stderr
    assert b" init_begin+" in r.stderr and b" thread_begin+" in r.stderr, r.stderr
    assert r.stdout == b""


def test_the_first_process_may_be_a_script(progs, tmp_path):
    script = tmp_path / "first"
    script.write_text("#! /bin/init with\n")
    image = disk_with(str(tmp_path / "disk.img"), {"/bin/first": str(script)})
    assert ok("echo", "hello", disk=image, append="init=/bin/first") == "hello\n"


def test_a_hang_is_124_with_the_last_lines():
    begin = time.monotonic()
    r = quire("run", *A, "--timeout", "5", "--", "sh", "-c", "echo before; sleep 10000")
    assert r.returncode == 124
    assert r.stdout == b"before\n"
    assert b"before" in r.stderr and b"time-out" in r.stderr
    assert time.monotonic() - begin < 60 * SCALE


def test_any_byte_goes_through(tmp_path):
    noise = random.Random(3).getrandbits(800000).to_bytes(100000, "big")
    blob = bytes(range(256)) + noise + b"\x10\x10\x10o\x04\r\n"
    path = tmp_path / "blob"
    path.write_bytes(blob)
    r = quire("run", *A, "--add", str(path) + ":/blob", "--", "cat", "/blob")
    assert r.returncode == 0
    assert r.stdout == blob


def test_stdin_is_forwarded_to_its_end():
    r = quire("run", *A, "--", "cat", stdin=None, input=b"one\ntwo\nthree, no newline")
    assert (r.returncode, r.stdout) == (0, b"one\ntwo\nthree, no newline")
    r = quire("run", *A, "--", "wc", stdin=None, input=b"x y\n" * 20000)
    assert r.stdout.split() == [b"20000", b"40000", b"80000"]


def test_no_stdin_ends_at_once():
    assert quire("run", *A, "--", "cat", timeout=60).returncode == 0


def test_a_reader_that_leaves_is_no_error():
    p = subprocess.run("%s run %s -- cat README | head -n 1" % (QUIRE, " ".join(A)), shell=True,
                       cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=120 * SCALE)
    assert p.stdout.count(b"\n") == 1
    assert p.stderr == b""


def test_nothing_that_is_written_stays():
    quire("run", *A, "--", "sh", "-c", "echo x > /left; sync")
    assert quire("run", *A, "--", "cat", "/left").returncode != 0


def test_two_at_once():
    ps = [subprocess.Popen([QUIRE, "run"] + A + ["--", "echo", str(i)], cwd=ROOT,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) for i in range(3)]
    assert [p.communicate(timeout=120 * SCALE)[0] for p in ps] == [b"0\n", b"1\n", b"2\n"]


def test_add_puts_a_folder_on_the_disk(tmp_path):
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "e" / "f").write_text("deep\n")
    r = quire("run", *A, "--add", "%s:/d" % (tmp_path / "d"), "--", "cat", "/d/e/f")
    assert (r.returncode, r.stdout) == (0, b"deep\n")


@pytest.mark.parametrize("args", [
    ["--cpus", "9"], ["--cpus", "x"], ["--mem", "lots"], ["--mem", "0"], ["--nonsense"],
    ["--arch", "z80"], ["--timeout", "-1"], ["--append", "fork=cpoy"], ["--append", "quiet heap"],
    ["--append", "maxproc=-4"],
])
def test_a_wrong_option_is_2_and_no_traceback(args):
    r = quire("run", *args, "--", "echo")
    assert r.returncode == 2
    assert b"Traceback" not in r.stderr and r.stderr


def test_a_wrong_toolprefix_is_named_and_nothing_installed():
    r = quire("run", *A, "--", "echo", env=dict(os.environ, TOOLPREFIX="none-such-"))
    assert r.returncode == 125 and r.stdout == b""
    assert b"TOOLPREFIX is none-such-" in r.stderr and b"installing" not in r.stderr, r.stderr


def test_ctrl_c_ends_it_quietly():
    p = subprocess.Popen([QUIRE, "run"] + A + ["--", "sh", "-c", "echo up; sleep 10000"],
                         cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE,
                         # Whoever started the tests in the background has it ignored.
                         preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    assert p.stdout.readline() == b"up\n"
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=30 * SCALE)
    assert p.returncode == 130
    assert b"Traceback" not in err


def test_make_aliases():
    r = subprocess.run(["make", "-n", "qemu", "ARCH=" + PORT.name, "CPUS=3", "MEM=64M"], cwd=ROOT,
                       stdout=subprocess.PIPE)
    assert b"--cpus 3 --mem 64M" in r.stdout
    assert os.path.exists(os.path.join(ROOT, "Makefile"))
