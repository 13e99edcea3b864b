"""Checks that read the source as text: layers, names, sizes."""

import os
import re

ORDER = ["abi", "lib", "md", "kern", "mem", "arch", "vm", "dev", "fs", "file", "proc", "sys"]
STANDARD = {"stdint.h", "stddef.h", "stdbool.h", "stdarg.h", "stdalign.h", "stdnoreturn.h"}
BUDGET = 23600          # lines of kernel, all ports together
GOAL_P90 = 35           # lines of a function, 9 in 10
NEEDS_REASON = 60
FORBIDDEN = 100
PORT_NAMES = re.compile(r"riscv|i386|i686|x86|\brv64|\bsv39", re.I)


def files(root, folder, *ends):
    found = []
    for base, dirs, names in os.walk(os.path.join(root, folder)):
        dirs.sort()
        found += [os.path.relpath(os.path.join(base, n), root) for n in sorted(names)
                  if n.endswith(ends)]
    return found


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as f:
        return f.read()


def strip_comments(text):
    """TEXT with comments blanked out, line for line; strings stay."""
    out = []
    at = 0
    token = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    for m in token.finditer(text):
        out.append(text[at:m.start()])
        t = m.group()
        out.append(re.sub(r"[^\n]", " ", t) if t.startswith("/") else t)
        at = m.end()
    out.append(text[at:])
    return "".join(out)


def check_includes(root):
    """A folder of the kernel includes only from itself and from those before it."""
    bad = []
    for path in files(root, "kernel", ".c", ".h", ".S"):
        folder = path.split("/")[1]
        if folder not in ORDER:
            bad.append("%s: no such layer: %s" % (path, folder))
            continue
        machine_ok = folder in ("md", "arch")
        for n, line in enumerate(read(root, path).splitlines(), 1):
            m = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not m:
                continue
            name = m.group(2)
            where = "%s:%d: " % (path, n)
            if m.group(1) == "<":
                if name == "machine.h" and machine_ok:
                    continue
                if name not in STANDARD:
                    bad.append(where + "<%s> is not of a freestanding C" % name)
                continue
            top = name.split("/")[0] if "/" in name else folder
            if "/" in name and os.path.exists(
                    os.path.join(root, os.path.dirname(path), name)):
                top = folder
            if top not in ORDER:
                bad.append(where + "no such layer: " + name)
            elif top == "arch" and folder != "arch":
                bad.append(where + "nobody includes from arch/")
            elif ORDER.index(top) > ORDER.index(folder):
                bad.append(where + "%s/ comes before %s/: it cannot include %s"
                           % (folder, top, name))
    return bad, ""


def check_port_names(root):
    """No port is named outside arch/."""
    bad = []
    for path in files(root, "kernel", ".c", ".h", ".S"):
        if path.startswith("kernel/arch/"):
            continue
        for n, line in enumerate(read(root, path).splitlines(), 1):
            m = PORT_NAMES.search(line)
            if m:
                bad.append("%s:%d: names a port: %s" % (path, n, m.group()))
    return bad, ""


def check_port_doc(root):
    """docs/port.md names every file of each port, and every function of the contract."""
    text = read(root, "docs/port.md")
    wanted = set()
    for path in files(root, "kernel/arch", ""):
        wanted.add(path.split("/", 3)[3])
    for path in files(root, "kernel/md", ".h"):
        code = re.sub(r"/\*.*?\*/", "", read(root, path), flags=re.S)
        wanted.update(re.findall(r"\b((?:md|pmap)_\w+)\(", code))
    return ["docs/port.md does not name %s" % w for w in sorted(wanted)
            if not re.search(r"[`\s]%s[`\s]" % re.escape(w), text)], ""


def functions(text):
    """(name, line, lines of the body, the comment above and the body) of each definition.

    Relies on the style: the name starts a line, the braces are alone in column 0.
    """
    lines = text.splitlines()
    i = 0
    while i < len(lines):
        m = re.match(r"([A-Za-z_]\w*)\s*\(", lines[i])
        if not m:
            i += 1
            continue
        j = i
        while j < len(lines) and j < i + 15 and lines[j] != "{":
            if j > i and (lines[j] == "" or lines[j].startswith("}")):
                break
            j += 1
        if j >= len(lines) or lines[j] != "{":
            i += 1
            continue
        end = j
        while end < len(lines) and lines[end] != "}":
            end += 1
        above = i
        while above > 0 and lines[above - 1] != "" and lines[above - 1] != "}":
            above -= 1
        name = m.group(1)
        if name == "KTEST":
            name = lines[i][6:].split(",")[0]
        yield name, i + 1, end - j - 1, "\n".join(lines[above:end])
        i = end + 1


def check_functions(root):
    """Functions: 9 in 10 at most 35 lines, a reason over 60, none over 100."""
    bad = []
    sizes = []
    longest = (0, "")
    for folder in ("kernel", "user", "tools"):
        for path in files(root, folder, ".c"):
            for name, line, size, text in functions(read(root, path)):
                where = "%s:%d: %s has %d lines" % (path, line, name, size)
                if path.startswith("kernel/") and not path.endswith("_test.c"):
                    sizes.append(size)
                    longest = max(longest, (size, name))
                if size > FORBIDDEN:
                    bad.append(where + ", over %d" % FORBIDDEN)
                elif size > NEEDS_REASON and not re.search(r"\blong\b[^;\n]*\bbecause\b", text,
                                                           re.I):
                    bad.append(where + ": over %d needs a comment 'long because ...'"
                               % NEEDS_REASON)
    if not sizes:
        return bad, ""
    sizes.sort()
    p90 = sizes[min(len(sizes) - 1, len(sizes) * 9 // 10)]
    if p90 > GOAL_P90:
        bad.append("kernel: p90 of function lengths is %d, over %d" % (p90, GOAL_P90))
    return bad, "%d kernel functions, median %d, p90 %d, longest %d (%s)" % (
        len(sizes), sizes[len(sizes) // 2], p90, longest[0], longest[1])


def count_lines(text):
    """Lines that hold code: neither blank nor only comment."""
    return sum(1 for line in strip_comments(text).splitlines() if line.strip())


def check_budget(root):
    """The kernel stays readable in a weekend."""
    per = {}
    for path in files(root, "kernel", ".c", ".h", ".S", ".ld"):
        if path.endswith("_test.c"):
            continue
        parts = path.split("/")
        folder = "/".join(parts[1:3]) if parts[1] == "arch" else parts[1]
        per[folder] = per.get(folder, 0) + count_lines(read(root, path))
    total = sum(per.values())
    note = "%d of %d lines: %s" % (total, BUDGET, ", ".join(
        "%s %d" % (k, per[k]) for k in sorted(per)))
    return (["kernel: %d lines, over the budget of %d" % (total, BUDGET)]
            if total > BUDGET else []), note


def check_text(root):
    """Tabs indent C, lines are at most 100 columns, no space at their ends."""
    bad = []
    c_files = [p for d in ("kernel", "user", "tools", "tests", "bench")
               for p in files(root, d, ".c", ".h", ".S")]
    py_files = [p for d in ("tools", "tests", "bench") for p in files(root, d, ".py")] + ["quire"]
    for path in c_files + py_files:
        text = read(root, path)
        for n, line in enumerate(text.splitlines(), 1):
            where = "%s:%d: " % (path, n)
            if line != line.rstrip():
                bad.append(where + "space at the end of the line")
            if len(line.expandtabs(8)) > 100:
                bad.append(where + "%d columns, over 100" % len(line.expandtabs(8)))
            if path in c_files and line.startswith("        "):
                bad.append(where + "indented with spaces")
        if text and not text.endswith("\n"):
            bad.append(path + ": no newline at the end")
    return bad, ""
