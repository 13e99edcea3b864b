"""./quire cc: compile a C program for the guest."""

import os
import shlex
import subprocess
import tempfile

from . import host
from .build import build, make_env, make_variables
from .ui import ROOT, UserError

USAGE = "usage: quire cc [--arch A] [--api posix|xv6|xv6-x86] [-D.. -I.. -O..] FILE.c... -o PROG"
WITH_VALUE = {"-D", "-I", "-U", "-include", "-isystem", "-idirafter", "-iquote", "-x"}
SOURCES = (".c", ".S", ".s", ".i")
LINKED = (".o", ".a")


def absolute(flags):
    """The build's flags, whose paths are relative to the tree, for use from anywhere."""
    out = []
    for f in flags:
        for start in ("-I", "-isystem", "-L", "-T"):
            rest = f[len(start):]
            if f.startswith(start) and rest and not rest.startswith("/") and \
               os.path.exists(os.path.join(ROOT, rest)):
                f = start + os.path.join(ROOT, rest)
        if not f.startswith(("-", "/")) and out and out[-1] in ("-I", "-isystem", "-T"):
            f = os.path.join(ROOT, f)
        out.append(f)
    return out


def parse(args):
    """(options for the compiler, sources and objects, output, only compile?)"""
    options, inputs, target, only = [], [], None, False
    at = iter(args)
    for a in at:
        if a == "-o":
            target = next(at, None)
            if target is None:
                raise UserError("-o needs a name\n" + USAGE, 2)
        elif a.startswith("-o"):
            target = a[2:]
        elif a == "-c":
            only = True
        elif a in WITH_VALUE:
            options += [a, next(at, "")]
        elif a.startswith("-l"):
            continue        # one library has everything, -lm included
        elif a.startswith("-"):
            options.append(a)
        elif a.endswith(SOURCES + LINKED):
            inputs.append(a)
        else:
            raise UserError("what is %s? Sources end in .c or .S, objects in .o or .a\n%s"
                            % (a, USAGE), 2)
    if not inputs:
        raise UserError("no source file\n" + USAGE, 2)
    for f in inputs:
        if not os.path.exists(f):
            raise UserError("no such file: %s" % f)
    if target is None and not only:
        raise UserError("where to? -o PROG is missing\n" + USAGE, 2)
    if only and target and len(inputs) > 1:
        raise UserError("-c and -o go with one source only", 2)
    return options, inputs, target, only


class Toolchain:
    """The commands and flags of the build, as make has them."""

    def __init__(self, port, api):
        own = {"posix": ("UCFLAGS", "ULDFLAGS", "lib-posix")}
        cflags, ldflags, lib = own.get(api, ("cflags-" + api, "ldflags-" + api, "lib-" + api))
        v = make_variables(port.name, ["CC", "LD", "U", "WARN", cflags, ldflags, lib])
        warn = set(shlex.split(v["WARN"])) | {"-Werror"}
        self.cc = shlex.split(v["CC"])
        self.ld = shlex.split(v["LD"])
        self.cflags = absolute([f for f in shlex.split(v[cflags]) if f not in warn])
        self.ldflags = absolute(shlex.split(v[ldflags]))
        self.crt0 = os.path.join(ROOT, v["U"], "crt0.o")
        self.lib = os.path.join(ROOT, v[lib])

    def libgcc(self):
        """What the compiler calls for arithmetic the processor has not; may not be there."""
        path = host.output_of(self.cc + self.cflags + ["-print-libgcc-file-name"])
        return [path.strip()] if path and os.path.exists(path.strip()) else []


def run(cmd):
    status = subprocess.run(cmd, env=make_env()).returncode
    if status != 0:
        raise UserError("%s failed" % os.path.basename(cmd[0]))


def toolchain(port, api):
    """Builds the library of API and tells how to compile for it."""
    build(port.name, ["user-programs"] if api == "posix" else ["compat-" + api])
    return Toolchain(port, api)


def compile_with(tools, args):
    options, inputs, target, only = parse(args)
    compiler = tools.cc + tools.cflags + ["-Wall"] + options
    with tempfile.TemporaryDirectory(prefix="quire-cc-") as folder:
        objects = []
        for n, f in enumerate(inputs):
            if f.endswith(LINKED):
                objects.append(f)
                continue
            stem = os.path.splitext(os.path.basename(f))[0] + ".o"
            obj = (target or stem) if only else os.path.join(folder, "%d-%s" % (n, stem))
            run(compiler + ["-c", "-o", obj, f])
            objects.append(obj)
        if not only:
            run(tools.ld + tools.ldflags + ["-o", target, tools.crt0] + objects + [tools.lib] +
                tools.libgcc())


def compile_program(port, api, args, stack):
    parse(args)     # complains before anything is built
    host.require([n for n in host.needs_to_boot(port)
                  if n.name.startswith(("make", "compiler"))], port)
    tools = toolchain(port, api)
    if stack:
        tools.ldflags += ["-z", "stack-size=%d" % stack]
    compile_with(tools, args)
    return 0
