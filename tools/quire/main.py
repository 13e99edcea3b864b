"""The command line of ./quire."""

import argparse
import contextlib
import os
import re
import signal
import sys

from . import guest, host, image, iso
from .build import build
from .ports import DEFAULT, PORTS, port
from .ui import ROOT, UserError, say, time_scale

RUN_TIMEOUT = 120       # seconds for `run -- CMD`, unless --timeout says otherwise

EPILOG = """\
In the guest, `halt` powers off; so does Ctrl-a x, from outside.
Exit status of `run -- CMD`: the command's; 128+N when signal N killed it;
124 at the time-out; 125 when the kernel panicked or the machine failed.
QUIRE_NO_INSTALL=1 installs nothing; QUIRE_TIMEOUT_SCALE=N stretches time-outs;
LLVM=1 builds with clang; TOOLPREFIX=... chooses a cross compiler."""


def number(low, high):
    def parse(text):
        try:
            n = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError("not a number: %s" % text)
        if not low <= n <= high:
            raise argparse.ArgumentTypeError("%d is not within %d and %d" % (n, low, high))
        return n
    return parse


def memory(text):
    m = re.fullmatch(r"(\d+)([kKmMgG]?)(?:i?[bB])?", text)
    if not m or int(m.group(1)) == 0:
        raise argparse.ArgumentTypeError("not a size such as 128M: %s" % text)
    return m.group(1) + (m.group(2).upper() or "M")


CHOICES = {"fork": ["cow", "copy"], "heap": ["lazy", "eager"]}


def parameters(text):
    """Boot parameters. The kernel takes its default for a value that it does not know."""
    for word in text.split():
        key, _, value = word.partition("=")
        if value not in CHOICES.get(key, [value]):
            raise argparse.ArgumentTypeError(
                "%s: %s is %s" % (word, key, " or ".join(CHOICES[key])))
        if key == "maxproc" and not re.fullmatch(r"[1-9][0-9]{0,8}", value):
            raise argparse.ArgumentTypeError("%s: not a number of processes" % word)
    return text


def seconds(text):
    try:
        s = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError("not a number of seconds: %s" % text)
    if not 0 < s < 1e6:
        raise argparse.ArgumentTypeError("not a sensible time-out: %s" % text)
    return s


def machine_options(p):
    p.add_argument("--arch", default=DEFAULT, metavar="A",
                   help="port: %s (default %s)" % (" ".join(sorted(PORTS)), DEFAULT))
    p.add_argument("--cpus", type=number(1, 8), default=2, metavar="N",
                   help="processors (default 2)")
    p.add_argument("--mem", type=memory, default="128M", metavar="M",
                   help="memory (default 128M)")
    p.add_argument("--append", type=parameters, default="", metavar="'K=V ...'",
                   help="boot parameters")
    p.add_argument("--debug", action="store_true",
                   help="the kernel with lock checks and poisoned memory")


def parser():
    top = argparse.ArgumentParser(
        prog="quire", description="Build, boot, test and inspect Quire.", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = top.add_subparsers(dest="command", metavar="COMMAND")

    p = sub.add_parser("run", help="boot to a shell, or run one command in the guest",
                       usage="quire run [OPTION]... [-- CMD ARG...]", epilog=EPILOG,
                       formatter_class=argparse.RawDescriptionHelpFormatter)
    machine_options(p)
    p.add_argument("--add", action="append", default=[], metavar="HOST[:GUEST]",
                   help="put a file or folder of the host on the disk")
    p.add_argument("--layout", choices=["unix", "xv6"], default="unix",
                   help="xv6: / also holds README and a link to every program")
    p.add_argument("--icount", action="store_true",
                   help="time follows executed instructions: repeatable runs")
    p.add_argument("--timeout", type=seconds, metavar="S",
                   help="give up after S seconds (default: %d for one command, else never)"
                        % RUN_TIMEOUT)
    p.set_defaults(run=cmd_run)

    p = sub.add_parser("test", help="the whole test suite, host and guest")
    p.add_argument("--arch", metavar="A", help="only this port (default: all)")
    p.add_argument("pattern", nargs="?", metavar="PATTERN",
                   help="only tests whose name contains it")
    p.set_defaults(run=cmd_test)

    p = sub.add_parser("cc", allow_abbrev=False, help="compile a C program for the guest",
                       usage="quire cc [--arch A] [--api posix|xv6|xv6-x86] [-D.. -I.. -O..] "
                             "FILE.c... -o PROG")
    p.add_argument("--arch", default=DEFAULT, metavar="A")
    p.add_argument("--api", choices=["posix", "xv6", "xv6-x86"], default="posix",
                   help="whose headers and conventions (default posix)")
    p.add_argument("--stack", type=number(0, 1 << 30), metavar="BYTES",
                   help="stack of the program (default: 256 KiB, xv6 apis one page)")
    p.set_defaults(run=cmd_cc)

    p = sub.add_parser("bench", help="the benchmarks, in instruction counts")
    p.add_argument("--arch", metavar="A", help="only this port (default: both)")
    p.add_argument("--only", metavar="PATTERN", help="only rows whose name or title matches")
    p.add_argument("--short", action="store_true", help="without the rows that take longest")
    p.add_argument("--api", choices=["posix", "xv6"], default="posix",
                   help="compile the benchmark as a program of this (default posix)")
    p.add_argument("--json", metavar="FILE", help="write the counts to FILE")
    p.add_argument("--compare", metavar="FILE",
                   help="name what is more than 2 %% slower than in a saved run")
    p.add_argument("--save", action="store_true",
                   help="keep the counts in bench/results, which CI compares with")
    p.add_argument("--wall", action="store_true",
                   help="what takes how long by the clock, and how it scales to two processors")
    p.add_argument("--conflicts", metavar="OP", nargs="?", const="",
                   help="the cache lines that two processors share in unrelated work")
    p.add_argument("--profile", metavar="ROW",
                   help="the kernel's functions by instructions in ROW")
    p.set_defaults(run=cmd_bench)

    p = sub.add_parser("grade", help="grade a lab: tests with points, run in guests",
                       usage="quire grade [--arch A] [--append 'K=V ...'] LAB|FILE.py [WORD]...",
                       epilog="LAB: %s, or a grader of your own (docs/labs/teaching.md)"
                              % " ".join(labs()))
    p.add_argument("--arch", default=DEFAULT, metavar="A")
    p.add_argument("--append", type=parameters, default="", metavar="'K=V ...'",
                   help="boot parameters for every guest: fork=copy is a kernel without "
                        "copy-on-write")
    p.add_argument("lab", metavar="LAB|FILE.py")
    p.add_argument("words", nargs="*", metavar="WORD",
                   help="only tests whose name contains one of these")
    p.set_defaults(run=cmd_grade)

    p = sub.add_parser("gdb", help="the debugger on a guest, with symbols",
                       usage="quire gdb [OPTION]... [--wait | --attach] [-- CMD ARG...]")
    machine_options(p)
    p.add_argument("--wait", action="store_true",
                   help="only boot, on this terminal, and wait for a gdb")
    p.add_argument("--attach", action="store_true", help="gdb on a guest that waits so")
    p.add_argument("--ex", action="append", default=[], metavar="COMMAND",
                   help="give gdb this command (again and again: one after the other), then leave")
    p.set_defaults(run=cmd_gdb)

    p = sub.add_parser("image", help="list, read, change or check a disk image")
    p.add_argument("--arch", default=DEFAULT, metavar="A")
    p.add_argument("--image", metavar="FILE",
                   help="which image (default: the disk that `run` keeps)")
    p.add_argument("--iso", metavar="FILE",
                   help="write a CD image that GRUB boots (--arch i386)")
    p.add_argument("--append", type=parameters, default="", metavar="'K=V ...'",
                   help="boot parameters of the CD")
    p.add_argument("action", nargs="?", choices=["ls", "cat", "add", "extract", "fsck"])
    p.add_argument("args", nargs=argparse.REMAINDER,
                   help="ls [PATH]; cat PATH; add HOST[:GUEST]...; extract PATH [HOST]; fsck [-n]")
    p.set_defaults(run=cmd_image)

    p = sub.add_parser("doctor", help="what is missing on this machine, and how to get it")
    p.add_argument("--arch", metavar="A")
    p.add_argument("--strict", action="store_true",
                   help="status 1 also when only tools for tests or checks are missing")
    p.set_defaults(run=cmd_doctor)
    return top


def split_command(argv):
    """Options before `--`, the guest's command behind it (None without)."""
    if "--" in argv:
        at = argv.index("--")
        return argv[:at], argv[at + 1:]
    return argv, None


def variant(args):
    return "-debug" if args.debug else ""


def build_system(args, layout="unix"):
    p = port(args.arch)
    host.require(host.needs_to_boot(p), p)
    targets = ["kernel", "host-tools", "image" if layout == "unix" else "image-xv6"]
    if args.debug:
        build(p.name, targets[1:])
        build(p.name, targets[:1], ["DEBUG=1"])
    else:
        build(p.name, targets)
    return p


def machine_for(args, p, disk, **kwargs):
    return guest.Machine(p, disk, variant(args), 1 if getattr(args, "icount", False) else
                         args.cpus, args.mem, args.append,
                         icount=getattr(args, "icount", False), **kwargs)


def cmd_run(args):
    if args.guest is not None:
        return run_command(args)
    p = build_system(args, args.layout)
    timeout = args.timeout * time_scale() if args.timeout else None
    with image.persistent(p, args.layout) as disk:
        pairs = [image.parse_add(a) for a in args.add]
        image.add_files(disk, pairs)
        m = machine_for(args, p, disk)
        if not sys.stdin.isatty():
            # A script on stdin: the shell reads it, on the disk that stays.
            return run_framed(m, ["sh"], timeout)
        if sys.stdout.isatty():
            say("Ctrl-a x leaves at once; in the guest, `halt` does")
        status, timed_out = guest.run_interactive(m, timeout)
        if timed_out:
            say("time-out after %g s" % timeout)
        return status


def run_command(args):
    """`run -- CMD`. Whatever goes wrong outside the guest's command is 125."""
    if not args.guest:
        raise UserError("no command behind --", 2)
    try:
        p = build_system(args, args.layout)
        timeout = (args.timeout or RUN_TIMEOUT) * time_scale()
        with contextlib.ExitStack() as stack:
            if args.add:
                pairs = [image.parse_add(a) for a in args.add]
                disk = stack.enter_context(image.scratch(p, pairs, args.layout))
            else:
                disk = p.image(args.layout)
            return run_framed(machine_for(args, p, disk, throw_away=True), args.guest, timeout)
    except UserError as e:
        if e.status != 2:
            e.status = guest.PANIC
        raise


class Output:
    """A stream that bytes go to, until whoever read it is gone."""

    def __init__(self, fd):
        self.fd = fd
        self.open = True

    def write(self, data):
        while data and self.open:
            try:
                data = data[os.write(self.fd, data):]
            except BrokenPipeError:
                self.open = False


def run_framed(machine, command, timeout):
    out, err = Output(1), Output(2)
    result = guest.run_framed(machine, command, 0, out.write, err.write, timeout)
    if result.timed_out:
        err.write(last_lines(without_firmware(result.tail), 40))
        say("time-out after %g s; above are the console's last lines" % timeout)
    elif result.panicked:
        err.write(without_firmware(result.log.replace(b"\r", b"")))
    return result.status


def without_firmware(log):
    """LOG from the kernel's first line on, where it got so far."""
    at = log.find(b"\nQuire ")
    return log[at + 1:] if at >= 0 else log


def last_lines(data, n):
    lines = data.replace(b"\r", b"").split(b"\n")
    return b"\n".join(lines[-n:]).rstrip(b"\n") + b"\n"


def cmd_test(args):
    from . import test
    return test.run(args.arch, args.pattern)


def cmd_cc(args):
    from . import cc
    stack = args.stack if args.stack is not None else 262144 if args.api == "posix" else 0
    return cc.compile_program(port(args.arch), args.api, args.rest, stack)


def cmd_bench(args):
    from . import bench
    return bench.run(args)


GRADERS = os.path.join(ROOT, "tools", "grade")


def labs():
    """The graders that come with Quire."""
    return sorted(name[:-3] for name in os.listdir(GRADERS)
                  if name.endswith(".py") and name != "grading.py")


def cmd_grade(args):
    path = args.lab
    if path in labs():
        path = os.path.join(GRADERS, path + ".py")
    elif not os.path.isfile(path):
        raise UserError("%s is no lab and no file; the labs are: %s" % (path, " ".join(labs())), 2)
    p = port(args.arch)
    host.require(host.needs_to_boot(p), p)
    sys.path.insert(0, GRADERS)
    import grading      # pylint: disable=import-error
    return grading.grade(path, args.words, args.arch, args.append)


def cmd_gdb(args):
    from . import gdb
    return gdb.run(args)


def cmd_image(args):
    if args.iso is not None:
        return iso.make(port(args.arch), args.iso, args.append)
    if args.action is None:
        raise UserError("say what to do: ls, cat, add, extract, fsck, or --iso FILE", 2)
    return image.command(port(args.arch), args.image, args.action, args.args)


def cmd_doctor(args):
    return host.doctor([port(args.arch)] if args.arch else
                       [PORTS[name] for name in sorted(PORTS)], args.strict)


def on_term(signum, frame):
    raise SystemExit(128 + signum)


def main(argv):
    signal.signal(signal.SIGTERM, on_term)
    signal.signal(signal.SIGHUP, on_term)
    options, command = split_command(argv)
    top = parser()
    try:
        args, rest = top.parse_known_args(options)
        if args.command is None:
            top.print_help()
            return 2
        if args.command == "cc":
            args.rest = rest
        elif rest:
            top.error("unknown: %s%s" % (" ".join(rest), " (a command for the guest goes behind --)"
                                         if args.command == "run" and rest[0][:1] != "-" else ""))
        if command is not None and args.command not in ("run", "gdb"):
            top.error("nothing may follow -- here")
        args.guest = command
        return args.run(args)
    except UserError as e:
        say(str(e))
        return e.status
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130
    except BrokenPipeError:
        # Whoever read our output is gone; the interpreter must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
