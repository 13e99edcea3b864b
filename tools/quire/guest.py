"""Booting a guest: QEMU's command line, and the console as separate streams."""

import ctypes
import os
import re
import selectors
import signal
import subprocess
import sys
import time

from .ui import UserError

DLE = 16
EOT = b"\x04"
LOG_KEPT = 256 * 1024
PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-")

PANIC = 125         # exit status: the kernel panicked, or the machine failed
TIMED_OUT = 124


def encode_args(args):
    """Arguments for the boot parameter run=: percent-encoded, separated by commas."""
    def enc(arg):
        return "".join(chr(b) if b in PLAIN else "%%%02X" % b for b in os.fsencode(arg))
    return ",".join(enc(a) for a in args)


class Frames:
    """Takes a console in frames mode apart (kernel/kern/print.h).

    DLE and a letter switch to that letter's stream, DLE DLE is one byte 16. DLE x and
    three digits are the status of the machine that powers off, where its emulator
    cannot tell all of it. What comes before the first switch (firmware, the banner) is the
    kernel's.
    """

    def __init__(self):
        self.stream = "k"
        self.escaped = False
        self.framed = False     # a switch was seen: the kernel's console is up
        self.digits = None      # of a status that is not complete
        self.status = None

    def feed(self, data):
        """The (stream, bytes) pieces of DATA, which may end anywhere."""
        out = []
        at = 0
        while at < len(data):
            if self.digits is not None:
                self.digits += chr(data[at])
                at += 1
                if len(self.digits) == 3:
                    self.status = int(self.digits) if self.digits.isdecimal() else None
                    self.digits = None
            elif self.escaped:
                self.escaped = False
                b = data[at]
                at += 1
                if b == DLE:
                    out.append((self.stream, b"\x10"))
                elif b == ord("x"):
                    self.digits = ""
                elif chr(b) in "oek":
                    self.stream = chr(b)
                    self.framed = True
            else:
                end = data.find(b"\x10", at)
                if end < 0:
                    out.append((self.stream, data[at:]))
                    break
                if end > at:
                    out.append((self.stream, data[at:end]))
                self.escaped = True
                at = end + 1
        return out


class Machine:
    """What to boot: a port's kernel with a disk, processors, memory and parameters."""

    def __init__(self, port, image, variant="", cpus=2, mem="128M", append="", icount=False,
                 throw_away=False, options=()):
        self.port = port
        self.kernel = port.kernel(variant)
        self.image = image
        self.cpus = cpus
        self.mem = mem
        self.append = append
        self.icount = icount
        self.throw_away = throw_away    # nothing that is written stays
        self.options = list(options)    # more options for QEMU
        self.cache = None               # of the drive: QEMU's choice

    def command(self, serial, extra_append=()):
        append = " ".join([a for a in [self.port.append, self.append] if a] + list(extra_append))
        cmd = [self.port.qemu] + self.port.machine + [
            "-nodefaults", "-no-reboot", "-display", "none",
            "-smp", str(self.cpus), "-m", self.mem, "-kernel", self.kernel]
        if self.image:
            drive = "if=none,id=d,format=raw,file=" + self.image.replace(",", ",,")
            if self.throw_away:
                drive += ",snapshot=on"
            if self.cache:
                drive += ",cache=" + self.cache
            cmd += ["-drive", drive] + self.port.disk
        if append:
            cmd += ["-append", append]
        if self.icount:
            cmd += ["-icount", "shift=0"]
        return cmd + self.options + serial


# Seconds. A signal that arrives just before the wait begins is seen when the wait ends.
LOOK_UP = 1


def die_with_parent():
    """Where the system can do it: no QEMU survives a killed ./quire."""
    if sys.platform == "linux":
        try:
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)      # PR_SET_PDEATHSIG
        except (OSError, AttributeError):
            pass


def start(cmd, **kwargs):
    try:
        return subprocess.Popen(cmd, preexec_fn=die_with_parent, **kwargs)
    except OSError as e:
        raise UserError("cannot start %s: %s" % (cmd[0], e.strerror), PANIC)


class Result:
    def __init__(self, status, log, timed_out, seconds):
        self.status = status        # as the host command shall exit
        self.log = log              # the kernel's stream, its last part
        self.timed_out = timed_out
        self.seconds = seconds
        self.panicked = status == PANIC and re.search(rb"(?m)^panic", log) is not None


class Console:
    """Sorts what the guest prints: to stdout, to stderr, and into a log."""

    def __init__(self, on_out, on_err):
        self.frames = Frames()
        self.on_out = on_out
        self.on_err = on_err
        self.log = bytearray()
        self.tail = bytearray()         # everything, in order: for a time-out
        self.line = bytearray()         # the kernel's unfinished line

    def feed(self, data):
        for stream, piece in self.frames.feed(data):
            self.tail += piece
            if stream == "o":
                self.on_out(piece)
            elif stream == "e":
                self.on_err(piece)
            else:
                self.kernel(piece)
        for buf in (self.log, self.tail):
            if len(buf) > 2 * LOG_KEPT:
                del buf[:-LOG_KEPT]

    def kernel(self, piece):
        self.log += piece
        self.line += piece
        *whole, rest = self.line.split(b"\n")
        self.line = bytearray(rest[-4096:])
        for text in whole:
            text = text.rstrip(b"\r")
            if re.match(rb"pid \d+ .*: killed: ", text):
                self.on_err(bytes(text) + b"\n")


def may_read(fd):
    """False for a terminal that another job of the shell owns: reading would stop us."""
    try:
        if os.isatty(fd):
            return os.tcgetpgrp(fd) == os.getpgrp()
        os.fstat(fd)
        return True
    except OSError:
        return False


def run_framed(machine, args, stdin_fd, on_out, on_err, timeout, extra=()):
    """Boot MACHINE with frames, run ARGS in it (None: nothing but EXTRA says), and wait.

    STDIN_FD is forwarded, its end as Ctrl-D; None is an input that ends at once.
    """
    params = ["frames"] + list(extra)
    if args is not None:
        params.append("run=" + encode_args(args))
    # The kernel keeps 1023 bytes of parameters: say so rather than cut a command in two.
    total = len(" ".join(params)) + len(machine.append) + len(machine.port.append) + 2
    if total > 1023:
        raise UserError("the command is too long: %d bytes as boot parameters, at most 1023"
                        % total, PANIC)
    cmd = machine.command(["-chardev", "stdio,id=c,signal=off", "-serial", "chardev:c",
                           "-monitor", "none"], params)
    begin = time.monotonic()
    qemu = start(cmd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                 start_new_session=True, bufsize=0)
    console = Console(on_out, on_err)
    try:
        complaint, timed_out = pump(qemu, console, stdin_fd, begin + timeout if timeout else None)
        status = TIMED_OUT if timed_out else machine.port.exit_status(qemu.wait())
    finally:
        if qemu.poll() is None:
            qemu.kill()
        qemu.wait()
        for f in (qemu.stdin, qemu.stdout, qemu.stderr):
            f.close()
    if complaint and not timed_out and not console.frames.framed:
        raise UserError("%s: %s" % (machine.port.qemu, complaint.decode(errors="replace").strip()),
                        PANIC)
    if status < 0:
        raise UserError("%s was ended by signal %d" % (machine.port.qemu, -status), PANIC)
    if console.frames.status is not None and not timed_out:
        status = console.frames.status
    result = Result(status, bytes(console.log), timed_out, time.monotonic() - begin)
    result.tail = bytes(console.tail)
    return result


def pump(qemu, console, stdin_fd, deadline):
    """Move bytes both ways until QEMU has closed its output. (its stderr, timed out?)"""
    complaint = bytearray()
    pending = bytearray()       # typed, not yet taken by QEMU
    eof_sent = False
    reading = stdin_fd is not None and may_read(stdin_fd)
    sel = selectors.DefaultSelector()
    os.set_blocking(qemu.stdin.fileno(), False)
    sel.register(qemu.stdout, selectors.EVENT_READ)
    sel.register(qemu.stderr, selectors.EVENT_READ)
    watching_stdin = writing = False
    out_open = True
    with sel:
        while out_open:
            # What is typed before the guest listens would be lost.
            up = console.frames.framed
            want_stdin = reading and up and not pending
            if want_stdin != watching_stdin:
                watching_stdin = watch(sel, stdin_fd, selectors.EVENT_READ, want_stdin)
                if want_stdin and not watching_stdin:       # a plain file: always readable
                    data = os.read(stdin_fd, 16384)
                    pending += quote_input(data)
                    reading = bool(data)
            if up and not reading and not eof_sent and not pending:
                pending += EOT
                eof_sent = True
            if bool(pending) != writing:
                writing = watch(sel, qemu.stdin, selectors.EVENT_WRITE, bool(pending))
            left = LOOK_UP if deadline is None else deadline - time.monotonic()
            if left <= 0:
                return bytes(complaint), True
            for key, _ in sel.select(min(left, LOOK_UP)):
                if key.fileobj is qemu.stdout:
                    data = os.read(qemu.stdout.fileno(), 65536)
                    if data:
                        console.feed(data)
                    else:
                        sel.unregister(qemu.stdout)
                        out_open = False
                elif key.fileobj is qemu.stderr:
                    data = os.read(qemu.stderr.fileno(), 65536)
                    complaint += data
                    if not data:
                        sel.unregister(qemu.stderr)
                elif key.fileobj is qemu.stdin:
                    try:
                        n = os.write(qemu.stdin.fileno(), pending)
                        del pending[:n]
                    except BlockingIOError:
                        pass
                    except BrokenPipeError:
                        pending.clear()
                        reading, eof_sent = False, True
                else:
                    data = os.read(stdin_fd, 16384)
                    pending += quote_input(data)
                    reading = bool(data)
    return bytes(complaint), False


def watch(sel, f, event, on):
    """Register or unregister F; whether it is watched now (files cannot be, on Linux)."""
    if not on:
        sel.unregister(f)
        return False
    try:
        sel.register(f, event)
        return True
    except PermissionError:
        return False


def quote_input(data):
    """Input as the guest's console takes it in frames mode: DLE before what it would act on."""
    return data.replace(b"\x10", b"\x10\x10").replace(EOT, b"\x10" + EOT)


def run_interactive(machine, timeout, cmd=None):
    """Boot MACHINE on this terminal; Ctrl-a x leaves. (QEMU's exit status, timed out?)"""
    # A file or a pipe takes no cursor movements: the shell is told.
    params = [] if os.isatty(1) and os.environ.get("TERM") != "dumb" else ["term=dumb"]
    cmd = cmd or machine.command(["-serial", "mon:stdio"], params)
    saved = None
    try:
        import termios
        saved = termios.tcgetattr(0)
    except Exception:       # not a terminal, or a system without them
        saved = None
    qemu = start(cmd)
    # Ctrl-C belongs to the guest: QEMU takes it as a key, we must not die of it.
    old = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        try:
            return machine.port.exit_status(qemu.wait(timeout)), False
        except subprocess.TimeoutExpired:
            return TIMED_OUT, True
    finally:
        signal.signal(signal.SIGINT, old)
        if qemu.poll() is None:
            qemu.terminate()
            qemu.wait()
        if saved is not None:
            termios.tcsetattr(0, termios.TCSADRAIN, saved)
            for fd in (0, 1, 2):
                os.set_blocking(fd, True)
