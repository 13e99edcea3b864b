"""./quire gdb: the debugger on a guest, with symbols."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from . import guest, host
from .main import build_system, machine_for
from .ui import ROOT, UserError, rel, say

HELPERS = os.path.join(ROOT, "tools", "gdb", "quire.py")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def port_file(p):
    return os.path.join(p.out(), "gdb.port")


def gdb_command(p, kernel, tcp, commands=()):
    program = host.gdb(p)
    cmd = [program, "-q", "-nx", "-ex", "set confirm off", "-ex", "set pagination off",
           "-ex", "set architecture " + p.gdb_arch]
    if os.path.exists(HELPERS):
        cmd += ["-ex", "source " + HELPERS]
    cmd += ["-ex", "target remote 127.0.0.1:%d" % tcp]
    for command in commands:
        cmd += ["-ex", command]
    return cmd + (["-batch"] if commands else []) + [kernel]


def run(args):
    from .main import variant
    from .ports import port
    p = port(args.arch)
    if args.wait and args.attach:
        raise UserError("--wait and --attach exclude each other", 2)
    if not args.wait:
        host.require(host.needs_to_debug(p), p)
    if args.attach:
        return attach(p, p.kernel(variant(args)), args.ex)
    build_system(args)
    params = ["run=" + guest.encode_args(args.guest)] if args.guest else []
    m = machine_for(args, p, p.image(), throw_away=True)
    tcp = free_port()
    stub = ["-S", "-gdb", "tcp:127.0.0.1:%d" % tcp]
    if args.wait:
        return wait(p, m, tcp, stub, params)
    return debug(p, m, tcp, stub, params, args.ex)


def attach(p, kernel, commands):
    try:
        with open(port_file(p)) as f:
            tcp = int(f.read())
    except (OSError, ValueError):
        raise UserError("nothing waits; start `./quire gdb --wait` (or `make qemu-gdb`) first")
    return run_gdb(gdb_command(p, kernel, tcp, commands))


def wait(p, machine, tcp, stub, params):
    """QEMU on this terminal, stopped until a gdb comes."""
    with open(port_file(p), "w") as f:
        f.write("%d\n" % tcp)
    say("waiting for a debugger: `./quire gdb --attach` in another terminal,\n"
        "       or in gdb: file %s, then target remote 127.0.0.1:%d" % (rel(machine.kernel), tcp))
    try:
        machine_cmd = machine.command(["-serial", "mon:stdio"] + stub, params)
        return guest.run_interactive(machine, None, machine_cmd)[0]
    finally:
        os.unlink(port_file(p))


def debug(p, machine, tcp, stub, params, commands):
    """QEMU behind, its console in a file; gdb in front."""
    fd, console = tempfile.mkstemp(prefix="console-", suffix=".log", dir=p.out())
    os.close(fd)
    qemu = guest.start(machine.command(["-serial", "file:" + console, "-monitor", "none"] + stub,
                                       params), stdin=subprocess.DEVNULL, stdout=sys.stderr,
                       start_new_session=True)
    try:
        wait_for_stub(qemu, tcp)
        say("the guest's console goes to %s; `console` in gdb prints what is new" % rel(console))
        return run_gdb(gdb_command(p, machine.kernel, tcp, commands),
                       dict(os.environ, QUIRE_CONSOLE=console))
    finally:
        if qemu.poll() is None:
            qemu.kill()
        qemu.wait()
        os.unlink(console)


def wait_for_stub(qemu, tcp):
    for _ in range(100):
        if qemu.poll() is not None:
            raise UserError("QEMU ended at once")
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", tcp)) == 0:
                return
        time.sleep(0.05)
    raise UserError("QEMU does not answer")


def run_gdb(cmd, env=None):
    # Ctrl-C is for gdb: it interrupts the guest.
    old = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run(cmd, env=env,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, old)).returncode
    finally:
        signal.signal(signal.SIGINT, old)


