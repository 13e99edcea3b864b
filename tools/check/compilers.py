"""Checks that compilers and other programs make."""

import concurrent.futures
import difflib
import os
import re
import shlex
import shutil
import subprocess

from source import files, read

FUZZ_RUNS = 5000
ANALYZED = ("kernel/lib", "kernel/mem", "kernel/vm", "kernel/fs")


class Missing(Exception):
    """A program that a check needs is not there."""


def need(name):
    if shutil.which(name) is None:
        raise Missing(name)
    return name


def make_env():
    env = dict(os.environ)
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "TOOLPREFIX", "LLVM"):
        env.pop(name, None)
    return env


def ports(root):
    return sorted(d for d in os.listdir(os.path.join(root, "kernel", "arch"))
                  if os.path.exists(os.path.join(root, "kernel", "arch", d, "port.mk")))


def make(root, *args):
    r = subprocess.run(["make", "--no-print-directory", "-k", "-j%d" % (os.cpu_count() or 1)] +
                       list(args), cwd=root, env=make_env(), stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return r.returncode, r.stdout.decode(errors="replace")


def variable(root, name, *args):
    status, text = make(root, "-s", "print-" + name, *args)
    if status != 0:
        raise Missing(text.strip())
    return shlex.split(text)


def complaints(text):
    """What is worth showing of a compiler's or make's output."""
    return [line for line in text.splitlines()
            if line.strip() and not re.match(r"  [A-Z]+ +\S+$", line)
            and not line.startswith("make: Target")]


def run_all(root, commands):
    """Run COMMANDS, several at a time; the output of those that fail."""
    def one(cmd):
        r = subprocess.run(cmd[0], cwd=root, input=cmd[1], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT)
        return r.stdout.decode(errors="replace") if r.returncode else ""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        bad = []
        for text in pool.map(one, commands):
            bad += text.splitlines()
    return bad


def kernel_sources(root, port, tests=True):
    own = "kernel/arch/%s/" % port
    return [p for p in files(root, "kernel", ".c")
            if (not p.startswith("kernel/arch/") or p.startswith(own))
            and (tests or not p.endswith("_test.c"))]


def check_builds(root):
    """gcc and clang build kernel, tests and programs without a warning."""
    bad = []
    for port in ports(root):
        for name, flags in (("gcc", []), ("clang", ["LLVM=1"])):
            if name == "clang":
                need("clang")
                need("ld.lld")
            for kind in (["kernel", "user-programs"], ["kernel", "KTEST=1"]):
                out = "build/check/%s-%s" % (port, name)
                status, text = make(
                    root, "ARCH=" + port, "A=" + out, "EXTRA_KCFLAGS=-Werror",
                    "EXTRA_UCFLAGS=-Werror", *(flags + kind))
                if status != 0:
                    bad += ["%s, %s:" % (port, name)] + complaints(text)
    return bad, ""


def check_opaque_errors(root):
    """err_t is never mixed up with an int: it compiles as a pointer, too."""
    commands = []
    for port in ports(root):
        cc = variable(root, "CC", "ARCH=" + port)
        flags = variable(root, "KCFLAGS", "ARCH=" + port, "KTEST=1")
        commands += [(cc + flags + ["-DERR_OPAQUE", "-Werror", "-fsyntax-only", p], b"")
                     for p in kernel_sources(root, port)]
    return run_all(root, commands), ""


def check_thread_safety(root):
    """clang follows the lock annotations."""
    need("clang")
    commands = []
    for port in ports(root):
        cc = variable(root, "CC", "ARCH=" + port, "LLVM=1")
        flags = variable(root, "KCFLAGS", "ARCH=" + port, "LLVM=1", "DEBUG=1")
        commands += [(cc + flags + ["-Wthread-safety", "-Werror", "-fsyntax-only", p], b"")
                     for p in kernel_sources(root, port, tests=False)]
    return run_all(root, commands), ""


def code_of_f(root, text):
    """(port, compiler, what it makes of the kernel's function f in TEXT) for all of them."""
    for port in ports(root):
        for llvm in [[], ["LLVM=1"]] if shutil.which("clang") else [[]]:
            cc = variable(root, "CC", "ARCH=" + port, *llvm)
            flags = variable(root, "KCFLAGS", "ARCH=" + port, *llvm)
            r = subprocess.run(cc + flags + ["-w", "-S", "-x", "c", "-o", "-", "-"], cwd=root,
                               input=text.encode(), stdout=subprocess.PIPE)
            yield port, cc[0], r.stdout.decode().partition("\nf:")[2].partition(".size")[0]


def check_release(root):
    """What a mutex guards is written before the mutex is free, as the machine sees it."""
    bad = ["%s: an atomic builtin outside of lib/atomic.h" % p
           for p in files(root, "kernel", ".c", ".h")
           if "__atomic_" in read(root, p) and p != "kernel/lib/atomic.h"]
    text = "#include \"kern/mutex.h\"\nvoid f(struct mutex *m) { mutex_unlock(m); }\n"
    for port, cc, code in code_of_f(root, text):
        # cmpxchg is ordered by itself; a conditional store by itself or by a fence.
        if not re.search(r"\block\b.*cmpxchg|\bfence\b.*\bsc\.[wd]|\bsc\.[wd]\.\w*rl",
                         code, re.DOTALL):
            bad.append("%s: mutex_unlock is no release with %s" % (port, cc))
    return bad, ""


def check_self(root):
    """A thread that was switched away and back may be on another processor: it looks again."""
    text = ("#include \"kern/cpu.h\"\nvoid *f(struct md_context *a, struct md_context *b) {\n"
            "md_ctx_switch(a, b); return md_cpu_self(); }")
    bad = ["%s: the processor is what it was before a switch with %s" % (port, cc)
           for port, cc, code in code_of_f(root, text)
           if not re.search(r"\bctx_switch\b.*(\btp\b|\bstr[lw]?\b)", code, re.DOTALL) or
           re.search(r"\bld\s+tp\b", code)]
    return bad, ""


def check_headers(root):
    """Every header compiles by itself."""
    commands = []
    for port in ports(root):
        cc = variable(root, "CC", "ARCH=" + port)
        flags = variable(root, "KCFLAGS", "ARCH=" + port)
        own = "kernel/arch/%s/" % port
        for path in files(root, "kernel", ".h"):
            if path.startswith("kernel/arch/") and not path.startswith(own):
                continue
            text = '#include "%s"\n' % os.path.join(root, path)
            commands.append((cc + flags + ["-Werror", "-fsyntax-only", "-x", "c", "-"],
                             text.encode()))
        uflags = variable(root, "UCFLAGS", "ARCH=" + port)
        for path in files(root, "user/include", ".h"):
            text = "#include <%s>\n" % os.path.relpath(path, "user/include")
            commands.append((cc + uflags + ["-Werror", "-fsyntax-only", "-x", "c", "-"],
                             text.encode()))
    return run_all(root, commands), "%d headers" % len(commands)


def check_gcc_analyzer(root):
    """gcc -fanalyzer on lib, mem, vm and fs."""
    commands = []
    for port in ports(root)[:1]:
        cc = variable(root, "CC", "ARCH=" + port)
        flags = variable(root, "KCFLAGS", "ARCH=" + port)
        flags += ["-fanalyzer", "-fdiagnostics-path-format=none", "-Werror"]
        commands += [(cc + flags + ["-c", "-o", os.devnull, p], b"")
                     for p in kernel_sources(root, port, tests=False) if p.startswith(ANALYZED)]
    return run_all(root, commands), ""


def check_fuzz(root):
    """libFuzzer damages disk images: no assertion, no hang, and fsck mends what it says."""
    need("clang")
    status, text = make(root, "fuzz", "FUZZ_RUNS=%d" % FUZZ_RUNS)
    done = re.search(r"(?m)^Done (\d+) runs", text)
    if status == 0 and done:
        return [], done.group(1) + " images"
    return text.splitlines()[-30:], ""


def check_cppcheck(root):
    """cppcheck on lib, mem, vm and fs."""
    need("cppcheck")
    port = ports(root)[0]
    cmd = ["cppcheck", "--quiet", "--error-exitcode=1", "--std=c11", "--platform=unix64",
           "--enable=warning,performance,portability", "--inline-suppr",
           "--suppressions-list=tools/check/cppcheck.txt", "-j%d" % (os.cpu_count() or 1),
           "--template={file}:{line}: {severity}: {message} [{id}]",
           "-Ikernel", "-Ikernel/arch/%s/include" % port] + list(ANALYZED)
    return run_all(root, [(cmd, b"")]), ""


def loose(text):
    """Lines without the alignment that clang-format cannot know: blanks inside a line."""
    lines = []
    for line in text.splitlines():
        body = line.lstrip()
        lines.append(line[:len(line) - len(body)] + re.sub(r"\s+", " ", body))
    return lines


# What ends before the start of a statement: another, a block, a label.
STARTS = re.compile(r"(^|[;{}]|^\s*(case [^?]*|\w+):)(\s*/\*.*\*/)?$")
ONE_LINE = re.compile(r"\b(if|for|while|switch|else|do)\b.*;$")


def same_but_for_breaks(ours, theirs, before):
    """Whether lines differ only in where a statement or table was broken.

    BEFORE is the line before ours: behind the end of a statement, a line has to be indented right.
    """
    def joined(lines):
        return re.sub(r"\s", "", "".join(line.rstrip("\\") for line in lines)).replace(",}", "}")

    def indent(line):
        return len(line) - len(line.lstrip())

    if joined(ours) != joined(theirs):
        return False
    if len(ours) < len(theirs) and any(ONE_LINE.search(line) for line in ours):
        return False
    return not (ours and theirs and before.count("(") == before.count(")")
                and STARTS.search(before)
                and indent(ours[0]) != indent(theirs[0]))


def format_one(root, path):
    r = subprocess.run(["clang-format", path], cwd=root, stdout=subprocess.PIPE)
    ours, theirs = loose(read(root, path)), loose(r.stdout.decode())
    bad = []
    for op, a, b, c, d in difflib.SequenceMatcher(None, ours, theirs, False).get_opcodes():
        if op != "equal" and not same_but_for_breaks(ours[a:b], theirs[c:d],
                                                     ours[a - 1] if a else ""):
            bad.append("%s:%d: clang-format would write:" % (path, a + 1))
            bad += ["\t- " + line for line in ours[a:b]] + ["\t+ " + line for line in theirs[c:d]]
    return bad


def check_format(root):
    """clang-format agrees with the C files, but for alignment and the choice of line breaks.

    Headers align their declarations in columns by hand: they are not checked.
    """
    need("clang-format")
    paths = [p for d in ("kernel", "user", "tools", "tests") for p in files(root, d, ".c")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        diffs = list(pool.map(lambda p: format_one(root, p), paths))
    return sum(diffs, []), "%d of %d files as clang-format would" % (
        sum(not d for d in diffs), len(paths))


def check_shell(root):
    """shellcheck reads the shell scripts."""
    need("shellcheck")
    paths = [p for p in files(root, "tools", ".sh") + files(root, ".ci", "run")
             + files(root, "tests", ".sh")]
    return run_all(root, [(["shellcheck"] + paths, b"")]), ""


def pyflakes():
    for python in ("python3", "/usr/bin/python3"):
        if shutil.which(python) and subprocess.run(
                [python, "-c", "import pyflakes"], stderr=subprocess.DEVNULL).returncode == 0:
            return [python, "-m", "pyflakes"]
    raise Missing("pyflakes")


def check_python(root):
    """pyflakes reads the Python of the host command, checkers and tests."""
    paths = ["quire"] + [p for d in ("tools", "tests", "bench") for p in files(root, d, ".py")]
    for p in paths:
        compile(read(root, p), p, "exec")
    return run_all(root, [(pyflakes() + paths, b"")]), ""
