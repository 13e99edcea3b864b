"""./quire bench: what operations cost, in instructions that a QEMU plugin counts."""

import bisect
import contextlib
import json
import os
import re
import signal
import statistics
import subprocess
import tempfile
import time

from . import cc, guest, host, image
from .build import build, make_variables
from .ports import PORTS, port
from .ui import ROOT, Progress, UserError, rel, time_scale

FOLDER = os.path.join(ROOT, "bench")
RESULTS = os.path.join(FOLDER, "results")
MEMORY = "512M"                 # a row rewrites 64 MiB in two processes
BOOT_MEMORY = "128M"
GROUP_TIMEOUT = 300             # seconds
COLD_FILES = 3
COLD_SIZE = 16 << 20
SLOWER = 1.02                   # what --compare reports


class Row:
    """One operation: which group of bench.c counts it, and its goal on each port."""

    def __init__(self, key, title, group, riscv64=None, i386=None, short=True):
        self.key = key
        self.title = title
        self.group = group
        self.goals = {"riscv64": riscv64, "i386": i386}
        self.short = short      # belongs to the short form, which CI runs


ROWS = [
    Row("null", "null system call", "null", 110, 120),
    Row("fork_exit_wait", "fork+exit+wait, small", "fork", 10e3, 12e3),
    Row("exec_tiny", "fork+exec+wait, tiny program", "exec", 20e3, 25e3),
    Row("exec_big", "fork+exec+wait, 200 KiB program", "exec", 25e3, 30e3),
    Row("fork_only_64m", "fork call alone, 64 MiB touched", "forkbig", 8e3, 10e3),
    Row("fork_per_2m", "    per further 2 MiB", "forkbig", 30, 30),
    Row("fork_exit_wait_64m", "fork+exit+wait, 64 MiB", "forkbig", 15e3, 20e3),
    Row("fork_child_rewrites_64m", "fork, child rewrites 64 MiB", "forkbig", 30e6, 30e6),
    Row("cow_break", "copy-on-write break, a page", "forkbig", 1600, 1500),
    Row("parent_reads_again", "parent reads all again after fork, a page", "forkbig"),
    Row("sbrk_grow", "sbrk grow, a page", "sbrk", 0.5, 0.5),
    Row("first_touch", "first touch, a page", "sbrk", 800, 1300),
    Row("sbrk_shrink", "sbrk shrink, a touched page", "sbrk", 60, 60),
    Row("pipe_self", "pipe 1 byte write+read, one process", "pipe", 400, 450),
    Row("pipe_pingpong", "pipe ping-pong round trip", "pingpong", 1200, 1300),
    Row("pipe_1m", "pipe 1 MiB in 4 KiB pieces", "pipemib", 0.75e6, 1.0e6),
    Row("create_unlink", "create + write 1 KiB + close + unlink", "create", 12e3, 14e3),
    Row("create_small_folder", "create + write 1 KiB in a small folder", "folder"),
    Row("create_full_folder", "create + write 1 KiB in a folder of 1,000", "folder", 10e3, 12e3),
    Row("unlink_full_folder", "unlink in a folder of 1,000", "folder"),
    Row("write_seq", "sequential write, per 4 KiB, with fsync", "write", 2200, 2600, short=False),
    Row("read_cold", "cold sequential read, per 4 KiB", "cold", 1600, 1600),
    Row("read_cached_4k", "cached read, 4 KiB", "cached", 1450, 1400),
    Row("read_cached_1b", "cached read, 1 byte", "cached", 200, 220),
    Row("open_close_1", "open+close, depth 1", "open", 900, 900),
    Row("open_close_5", "open+close, depth 5", "open", 1500, 1500),
    Row("write_fsync", "write 1 KiB + fsync", "fsync", 20e3, 22e3),
    Row("mmap_read", "mmap of a cached 64 MiB file, a page in order", "mmap", 30, 30,
        short=False),
    Row("munmap", "munmap of it, a page", "mmap", 3, 3, short=False),
    Row("boot", "kernel boot to the shell, 128 MB", "boot", 10e6, 10e6),
]


DIFFERENCES = {"fork_per_2m": 30}
NOT_IN_XV6 = ("write", "fsync", "mmap")     # groups whose calls its programs do not have


# ---- The plugin and the programs -------------------------------------------

def plugin_api(p):
    """Which version of QEMU's plugin interface to build for."""
    version = host.qemu_version(p)
    return 1 if version < (9, 0) else 2 if version < (9, 1) else 3


def plugin(p, name):
    """Build plugin NAME for the port's QEMU; its path."""
    if "-plugin" not in (host.output_of([p.qemu, "-help"]) or ""):
        raise UserError("%s was built without plugins, which do the counting" % p.qemu)
    api = plugin_api(p)
    folder = os.path.join(ROOT, "build", "host", "bench")
    target = os.path.join(folder, "%s-%d.so" % (name, api))
    source = os.path.join(FOLDER, "plugin")
    newest = max(os.path.getmtime(os.path.join(source, f)) for f in os.listdir(source))
    if os.path.exists(target) and os.path.getmtime(target) > newest:
        return target
    os.makedirs(folder, exist_ok=True)
    cmd = [os.environ.get("HOSTCC", "cc"), "-std=gnu11", "-O2", "-Wall", "-Wextra", "-fPIC",
           "-shared", "-DPLUGIN_API=%d" % api]
    if os.uname().sysname == "Darwin":
        cmd += ["-undefined", "dynamic_lookup"]
    if subprocess.run(cmd + ["-o", target, os.path.join(source, name + ".c")]).returncode != 0:
        raise UserError("the plugin %s could not be built" % name)
    return target


class Symbols:
    """The kernel's functions by address."""

    def __init__(self, p):
        nm = make_variables(p.name, ["NM"])["NM"].split()
        text = host.output_of(nm + ["-n", p.kernel()])
        if text is None:
            raise UserError("%s cannot read the kernel" % nm[0])
        self.code = self.of_kind(text, "tTwW")
        self.variables = self.of_kind(text, "bBdDrR")

    @staticmethod
    def of_kind(text, kinds):
        found = re.findall(r"(?m)^([0-9a-f]+) [%s] ([\w.$]+)$" % kinds, text)
        return [int(a, 16) for a, _ in found], [n for _, n in found]

    @staticmethod
    def find(table, addr):
        """The name at or before ADDR; None: before the first."""
        i = bisect.bisect_right(table[0], addr) - 1
        return table[1][i] if i >= 0 else None

    def function(self, addr):
        return self.find(self.code, addr) if addr >= KERNEL_FROM else "(user)"

    def data(self, addr):
        """The variables in the cache line at ADDR; None: none is the kernel's own."""
        at, names = self.variables
        if not at[0] <= addr <= at[-1]:
            return None
        inside = [n for a, n in zip(at, names) if addr < a < addr + 64]
        return ", ".join([self.find(self.variables, addr)] + inside)

    def text(self):
        """The range of addresses that hold code, in the half where the kernel runs."""
        high = [a for a in self.code[0] if a >= KERNEL_FROM]
        return high[0], high[-1] + 4096


KERNEL_FROM = 0x80000000        # user code lies below, on every port


def entry(p):
    """Where the machine first executes the kernel."""
    with open(p.kernel(), "rb") as f:
        head = f.read(64)
    return int.from_bytes(head[24:32] if head[4] == 2 else head[24:28], "little")


@contextlib.contextmanager
def disk(p, cold=False, programs=("bench", "tiny", "big"), api="posix"):
    """An image with the benchmark's PROGRAMS, and with files to read if COLD."""
    with tempfile.TemporaryDirectory(prefix="quire-bench-") as folder, \
            contextlib.ExitStack() as stack:
        pairs = []
        for name in programs:
            target = os.path.join(folder, name)
            cc.compile_program(p, api, [os.path.join(FOLDER, name + ".c"), "-o", target] +
                               (["-DXV6"] if api == "xv6" else []), 0)
            pairs.append((target, "/bin/" + name))
        for n in range(COLD_FILES if cold else 0):
            path = os.path.join(folder, "cold%d" % n)
            with open(path, "wb") as f:
                f.write(bytes([n + 1]) * COLD_SIZE)
            pairs.append((path, "/cold%d" % n))
        yield stack.enter_context(image.scratch(p, pairs))


# ---- Runs ------------------------------------------------------------------

class Region:
    """What the plugin counted in one stretch, and with a profile, per function."""

    def __init__(self, words):
        self.counts = {words[i]: int(words[i + 1]) for i in range(1, len(words), 2)}
        self.functions = {}

    def total(self):
        return self.counts["user"] + self.counts["kernel"] + self.counts["firmware"]


def read_regions(path, symbols):
    regions = []
    with open(path) as f:
        for line in f:
            words = line.split()
            if words[0] == "at":
                name = symbols.function(int(words[1], 16))
                functions = regions[-1].functions
                functions[name] = functions.get(name, 0) + int(words[2])
            else:
                regions.append(Region(words))
    return regions


class Counter:
    """Boots a port's kernel under the counting plugin."""

    def __init__(self, p, image_path, profile=False):
        self.port = p
        self.image = image_path
        self.symbols = Symbols(p) if profile else None
        self.plugin = plugin(p, "count")

    def options(self, out):
        opts = "%s,arch=%s,out=%s,kernel=%x,start=%x" % (
            self.plugin, self.port.name, out, KERNEL_FROM, entry(self.port))
        if self.port.firmware_range:
            opts += ",firmware=%x-%x" % self.port.firmware_range
        if self.symbols:
            opts += ",profile=%x-%x" % self.symbols.text()
        return ["-plugin", opts]

    def machine(self, out, memory):
        return guest.Machine(self.port, self.image, cpus=1, mem=memory, icount=True,
                             throw_away=True, options=self.options(out))

    def run(self, words, memory=MEMORY):
        """Run bench WORDS; [(row, operations, Region)] in order."""
        said, err = bytearray(), bytearray()
        with tempfile.NamedTemporaryFile(prefix="quire-count-") as f:
            result = guest.run_framed(self.machine(f.name, memory), ["bench"] + words, None,
                                      said.extend, err.extend, GROUP_TIMEOUT * time_scale())
            if result.status != 0:
                raise UserError("bench %s: status %d\n%s%s" % (
                    " ".join(words), result.status, err.decode(errors="replace"),
                    result.log.decode(errors="replace")[-2000:]))
            regions = read_regions(f.name, self.symbols)
        rows = re.findall(r"(?m)^row (\S+) (\d+)\r?$", said.decode(errors="replace"))
        if len(rows) != len(regions) - 1:       # the last is the machine's total
            raise UserError("bench %s: %d rows, %d regions" % (" ".join(words), len(rows),
                                                               len(regions) - 1))
        return [(name, int(n), region) for (name, n), region in zip(rows, regions)]

    def boot(self):
        """Boot to the shell's prompt; [("boot", 1, Region)]."""
        with tempfile.NamedTemporaryFile(prefix="quire-count-") as f:
            machine = self.machine(f.name, BOOT_MEMORY)
            qemu = guest.start(machine.command(["-serial", "stdio", "-monitor", "none"]),
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, start_new_session=True)
            try:
                wait_for_prompt(qemu, GROUP_TIMEOUT * time_scale())
                qemu.send_signal(signal.SIGTERM)        # an orderly end: the plugin reports
                qemu.communicate(timeout=30 * time_scale())
            finally:
                if qemu.poll() is None:
                    qemu.kill()
                    qemu.communicate()
            region = read_regions(f.name, self.symbols)[-1]
            region.counts["firmware"] = 0
            return [("boot", 1, region)]

    def group(self, name):
        return self.boot() if name == "boot" else self.run([name])


def wait_for_prompt(qemu, timeout):
    seen = b""
    deadline = time.monotonic() + timeout
    os.set_blocking(qemu.stdout.fileno(), False)
    while not seen.endswith(b"$ "):
        data = qemu.stdout.read()
        if data:
            seen += data
        elif qemu.poll() is not None or time.monotonic() > deadline:
            raise UserError("no prompt; the console said:\n" +
                            seen.decode(errors="replace")[-2000:])
        else:
            time.sleep(0.01)


def per_operation(n, region):
    """A row's record: counts for one operation."""
    record = {"instructions": round(region.total() / n, 3)}
    for name, count in region.counts.items():
        record[name] = round(count / n, 3)
    return record


def best_of(measured):
    """{row: the repetition with the fewest instructions}."""
    best = {}
    for name, n, region in measured:
        record = per_operation(n, region)
        if name not in best or record["instructions"] < best[name]["instructions"]:
            best[name] = record
    return best


def derive(best):
    """Rows that are differences of others."""
    if "fork_only_64m" in best and "fork_only_32m" in best:
        big, small = best["fork_only_64m"], best["fork_only_32m"]
        best["fork_per_2m"] = {k: max(round((big[k] - small[k]) / 16, 3), 0.0) for k in big}


def groups_of(rows):
    return list(dict.fromkeys(row.group for row in rows))


def choose(pattern, short=False, api="posix"):
    rows = [row for row in ROWS if (not pattern or re.search(pattern, row.key) or
                                    re.search(pattern, row.title)) and
            (row.short or not short) and (api == "posix" or row.group not in NOT_IN_XV6)]
    if not rows:
        raise UserError("no row matches %s; there are: %s" % (
            pattern, " ".join(row.key for row in ROWS)), 2)
    return rows


def prepare(p):
    host.require(host.needs_to_boot(p), p)
    build(p.name, ["kernel", "host-tools", "image", "user-programs"])


def compiler_version(p):
    """The first line that the port's compiler says of itself: counts depend on it."""
    return (host.output_of(host.compiler(p) + ["--version"]) or "?").split("\n")[0]


def measure(p, rows, api="posix"):
    """A run: the compiler, and {row: record}."""
    prepare(p)
    groups = groups_of(rows)
    best = {}
    with disk(p, "cold" in groups, api=api) as path, Progress("bench " + p.name) as progress:
        counter = Counter(p, path)
        for done, group in enumerate(groups):
            progress.count(done, len(groups), group)
            best.update(best_of(counter.group(group)))
    derive(best)
    return {"compiler": compiler_version(p), "rows": {row.key: best[row.key] for row in rows}}


# ---- What is printed -------------------------------------------------------

def quantity(n):
    """A number in at most seven characters or so."""
    if n is None:
        return "-"
    if n >= 1e6:
        return "%.2f M" % (n / 1e6)
    if n >= 20e3:
        return "%.1f K" % (n / 1e3)
    return "{:,.0f}".format(n) if n >= 100 else "%.3g" % n


def table(p, rows, best):
    lines = ["%-46s %10s %10s %7s %8s %8s" % (p.name, "count", "goal", "ratio", "flushes",
                                              "switches")]
    for row in rows:
        record, goal = best[row.key], row.goals[p.name]
        ratio = "%.2f" % (record["instructions"] / goal) if goal else "-"
        lines.append("%-46s %10s %10s %7s %8s %8s" % (
            row.title, quantity(record["instructions"]), quantity(goal), ratio,
            "%.3g" % record["flushes"], "%.3g" % record["switches"]))
    return "\n".join(lines)


def load(path):
    try:
        with open(path) as f:
            return json.load(f)
    except (OSError, ValueError) as e:
        raise UserError("%s: not a saved run: %s" % (path, e))


def store(path, results):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w") as f:
        json.dump(results, f, indent=1, sort_keys=True)
        f.write("\n")


def baseline(p):
    return os.path.join(RESULTS, p.name + ".json")


def slower(was, now, limit):
    """[(row, before, after)] of what takes more than LIMIT times as much as it did."""
    found = []
    was, now = was.get("rows", {}), now["rows"]
    for row in ROWS:
        if row.key in was and row.key in now:
            before, after = was[row.key]["instructions"], now[row.key]["instructions"]
            # A difference of two rows that are all but equal says nothing below its goal.
            least = DIFFERENCES.get(row.key, 0)
            if after > max(before, least) * limit:
                found.append((row, before, after))
    return found


def compare(path, saved, results):
    """Print what got slower since the run SAVED, which is in PATH; whether anything did."""
    any_slower = False
    for arch, measured in results.items():
        for row, before, after in slower(saved.get(arch, {}), measured, SLOWER):
            any_slower = True
            print("%s: slower: %s: %s, was %s (%+.1f %%)" % (
                arch, row.title.strip(), quantity(after), quantity(before),
                100 * (after / before - 1) if before else float("inf")))
    if not any_slower:
        print("nothing is slower by more than 2 % than in " + rel(path))
    return any_slower


def save(p, measured):
    """Keep what was measured as the port's saved run, other rows as they were."""
    path = baseline(p)
    rows = load(path)[p.name]["rows"] if os.path.exists(path) else {}
    rows.update(measured["rows"])
    store(path, {p.name: {"compiler": measured["compiler"], "rows": rows}})


def run(args):
    ports = [port(args.arch)] if args.arch else [PORTS["riscv64"], PORTS["i386"]]
    if args.profile:
        return profile(ports, args.profile)
    if args.wall:
        return wall(ports)
    if args.conflicts is not None:
        return conflicts(ports, args.conflicts)
    if args.save and args.api != "posix":
        raise UserError("what is saved is a run of --api posix", 2)
    rows = choose(args.only, args.short, args.api)
    saved = load(args.compare) if args.compare else None
    results = {}
    for p in ports:
        results[p.name] = measure(p, rows, args.api)
        print(table(p, rows, results[p.name]["rows"]) + "\n", flush=True)
        if args.save:
            save(p, results[p.name])
    if args.json:
        store(args.json, results)
    if args.compare:
        return 1 if compare(args.compare, saved, results) else 0
    return 0


# ---- Where the instructions go ---------------------------------------------

def profile(ports, pattern, top=40):
    """Print the kernel's functions by instructions in the rows that match."""
    rows = choose(pattern)
    for p in ports:
        prepare(p)
        groups = groups_of(rows)
        with disk(p, "cold" in groups) as path:
            counter = Counter(p, path, profile=True)
            for group in groups:
                wanted = {row.key for row in rows if row.group == group}
                if "fork_per_2m" in wanted:
                    wanted |= {"fork_only_32m", "fork_only_64m"}
                best = {}
                for name, n, region in counter.group(group):
                    if name in wanted and (name not in best or
                                           region.total() < best[name][1].total()):
                        best[name] = (n, region)
                for name, (n, region) in best.items():
                    print_profile(p, name, n, region, top)
    return 0


def print_profile(p, name, n, region, top):
    total = region.total()
    print("%s %s: %s an operation, least of the repetitions" % (p.name, name,
                                                                quantity(total / n)))
    parts = dict(region.functions)
    inside = sum(parts.values())
    for other in ("user", "firmware"):
        parts["(%s)" % other] = region.counts[other]
    parts["(kernel, outside its text)"] = region.counts["kernel"] - inside
    for what, count in sorted(parts.items(), key=lambda x: -x[1])[:top]:
        if count > 0:
            print("%12.1f %6.2f %%  %s" % (count / n, 100 * count / total, what))
    print(flush=True)


# ---- By the clock, and on two processors -----------------------------------

OPS = ["compute", "getpid", "fork_exit", "sbrk_touch", "open_read_close", "pipe_self"]
FILE_GOAL = 1.0             # seconds for the largest file
SCALE_GOAL = 1.8            # times as much work by two processors


def run_wall(p, words, options=(), image_path=None):
    """Run wall WORDS on two processors; [(name, workers, seconds)]."""
    said, err = bytearray(), bytearray()
    machine = guest.Machine(p, image_path, cpus=2, mem=MEMORY, options=options)
    machine.cache = "unsafe"
    result = guest.run_framed(machine, ["wall"] + words, None, said.extend, err.extend,
                              GROUP_TIMEOUT * time_scale())
    if result.status != 0:
        raise UserError("wall %s: status %d\n%s%s" % (
            " ".join(words), result.status, err.decode(errors="replace"),
            result.log.decode(errors="replace")[-2000:]))
    return [(name, int(n), int(ns) / 1e9) for name, n, ns in
            re.findall(r"(?m)^time (\S+) (\d+) (\d+)\r?$", said.decode(errors="replace"))]


def wall(ports):
    """What the clock says. It depends on this host, and on who else uses it now."""
    print("load of this host: %.1f of %d processors" % (os.getloadavg()[0], os.cpu_count() or 1))
    for p in ports:
        prepare(p)
        with disk(p, programs=("wall",)) as path:
            seconds = min(run_wall(p, ["file"], image_path=path)[0][2] for _ in range(3))
            times = run_wall(p, ["scale"], image_path=path)
        print("%-46s %10.2f s   (goal %g s)" % (p.name + ": a file of 65,803 blocks", seconds,
                                               FILE_GOAL))
        for op in OPS:
            one, two = [statistics.median(s for name, n, s in times if name == op and n == k)
                        for k in (1, 2)]
            print("%-46s %10.2f x   (goal %g; %.1f and %.1f ms)" % (
                "%s: two processors, %s" % (p.name, op), 2 * one / two, SCALE_GOAL, 1e3 * one,
                1e3 * two), flush=True)
    return 0


def data_name(symbols, p, pa):
    """What lies at physical address PA: a variable of the kernel, or just where."""
    va = pa + p.direct_map
    name = symbols.data(va)
    return name or "memory at %#x" % pa


def conflicts(ports, pattern):
    """Print the cache lines that two processors shared while they did unrelated work."""
    for p in ports:
        prepare(p)
        symbols = Symbols(p)
        so = plugin(p, "conflict")
        with disk(p, programs=("wall",)) as path:
            for op in OPS:
                if re.search(pattern, op):
                    with tempfile.NamedTemporaryFile(prefix="quire-lines-") as f:
                        run_wall(p, ["once", op], ["-plugin", "%s,arch=%s,out=%s" % (
                            so, p.name, f.name)], path)
                        with open(f.name) as text:
                            print_conflicts(p, op, symbols, text.read().splitlines())
    return 0


def print_conflicts(p, op, symbols, lines):
    print("%s %s: %s" % (p.name, op, lines[0] if lines else "the workers never overlapped"))
    found = []
    for line in lines[1:]:
        cpus = re.findall(r"cpu (\d) reads (\d+) writes (\d+) at (\S+)", line)
        found.append((sum(int(r) + int(w) for _, r, w, _ in cpus), int(line.split()[1], 16), cpus))
    for count, pa, cpus in sorted(found, reverse=True):
        print("%9d  %-28s %s" % (count, data_name(symbols, p, pa), "; ".join(
            "cpu %s: %s reads, %s writes in %s" % (c, r, w, symbols.function(int(at, 16)))
            for c, r, w, at in cpus)))
    print(flush=True)
