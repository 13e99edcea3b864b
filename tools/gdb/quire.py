"""Helpers for gdb on a Quire kernel: loaded by `./quire gdb`.

They read memory only, so they work wherever the kernel has been stopped; what
they find may be half changed, or broken: every walk is bounded, and what
cannot be read is said to be so.
"""

import os

import gdb

MAX_NODES = 20000       # of one tree; there are at most as many processes or regions
MAX_DEPTH = 64          # of a balanced tree
THREAD_STATES = "nRSZ"     # of enum thread_state
THREAD_READY = 1
PAGE_SHIFT = 12

# Regions (abi/info.h) and rights (md/types.h).
KREG_GUARD, KREG_STACK, KREG_HEAP = 1, 8, 16
PROT_R, PROT_W, PROT_X = 1, 2, 4
PROC_ZOMBIE = 3


def value(expression):
    return gdb.parse_and_eval(expression)


def text(pointer, limit=40):
    """The C string at POINTER."""
    if not pointer:
        return ""
    try:
        return pointer.string(errors="replace", length=limit).split("\0")[0]
    except gdb.error:
        return "(unreadable)"


def field(v, name, otherwise=0):
    """Member NAME of V as a number."""
    try:
        return int(v[name])
    except gdb.error:
        return otherwise


def offset_of(struct, member):
    return next(f.bitpos // 8 for f in gdb.lookup_type("struct " + struct).fields()
                if f.name == member)


def tree(root, struct, member):
    """The structures in a kernel tree (lib/tree.h), in order."""
    offset = offset_of(struct, member)
    target = gdb.lookup_type("struct " + struct).pointer()
    seen = set()

    def below(node, depth):
        if not node:
            return
        address = int(node)
        if depth > MAX_DEPTH or address in seen or len(seen) >= MAX_NODES:
            raise gdb.GdbError("The tree is broken at 0x%x." % address)
        seen.add(address)
        children = node["child"]
        yield from below(children[0], depth + 1)
        yield gdb.Value(address - offset).cast(target).dereference()
        yield from below(children[1], depth + 1)

    yield from below(root, 0)


def processes():
    return tree(value("'kernel/proc/tree.c'::by_pid.root"), "proc", "by_pid")


def find_process(word):
    try:
        pid = int(word)
    except ValueError:
        raise gdb.GdbError("A process number is needed; `quire ps` shows them.")
    for p in processes():
        if field(p, "pid") == pid:
            return p
    raise gdb.GdbError("There is no process %d." % pid)


def space_of(word):
    space = find_process(word)["space"]
    if not space:
        raise gdb.GdbError("Process %s has no memory any more." % word)
    return space


class Command(gdb.Command):
    """Errors of gdb, such as memory that cannot be read, end a command with a line."""

    def invoke(self, arg, from_tty):
        try:
            self.run(gdb.string_to_argv(arg))
        except gdb.error as e:      # GdbError passes through
            raise gdb.GdbError("%s (the kernel has not come that far, or memory is broken)" % e)


class Quire(gdb.Command):
    """What the kernel knows: quire ps, quire vm PID, quire pt PID [ADDRESS]."""

    def __init__(self):
        super().__init__("quire", gdb.COMMAND_STATUS, prefix=True)


class Ps(Command):
    """quire ps: the processes. * has a processor now; S asleep, on what; Z ended."""

    def __init__(self):
        super().__init__("quire ps", gdb.COMMAND_STATUS)

    def run(self, words):
        print("  PID  PPID S CPU NAME             WAITS FOR")
        for p in processes():
            pid, thread = field(p, "pid"), p["thread"]
            parent = p["parent"]
            state = field(thread, "state")
            running = state == THREAD_READY and field(thread, "on_cpu")
            letter = THREAD_STATES[state] if 0 <= state < len(THREAD_STATES) else "?"
            if field(p, "state") == PROC_ZOMBIE:
                letter = "Z"
            try:
                ppid = field(parent, "pid") if parent else 0
            except gdb.MemoryError:
                ppid = -1
            print("%5d %5d %s%s%3d %-16s %s" % (
                pid, ppid, letter, "*" if running else " ",
                field(thread, "cpu"), text(p["name"].address.cast(
                    gdb.lookup_type("char").pointer()), 16),
                text(thread["wchan"]) if letter == "S" else ""))


class Vm(Command):
    """quire vm PID: the regions of a process, and how many pages are private to it."""

    def __init__(self):
        super().__init__("quire vm", gdb.COMMAND_STATUS)

    def run(self, words):
        if len(words) != 1:
            raise gdb.GdbError("quire vm PID")
        space = space_of(words[0])
        print("%12s-%-12s %-4s %9s %9s  %s" % ("START", "END", "", "PAGES", "OWN", ""))
        for r in tree(space["regions"]["root"], "region", "node"):
            start, end = field(r, "start"), field(r, "end")
            print("%#12x-%#12x %s %9d %9d  %s" % (
                start, end, rights(field(r, "prot")) + ("s" if r["shared"] else "p"),
                (end - start) >> PAGE_SHIFT, field(r, "priv"), region_kind(r)))
        print("break %#x" % field(space, "brk"))


def rights(prot):
    return "".join(c if prot & bit else "-"
                   for c, bit in (("r", PROT_R), ("w", PROT_W), ("x", PROT_X)))


def region_kind(r):
    flags, o = field(r, "flags"), r["object"]
    if o and o["ops"]:
        inode = o.cast(gdb.lookup_type("struct inode").pointer())
        return "file %d at %#x" % (field(inode, "inum"), field(r, "objpage") << PAGE_SHIFT)
    for bit, name in ((KREG_GUARD, "guard"), (KREG_STACK, "stack"), (KREG_HEAP, "heap")):
        if flags & bit:
            return name
    return "memory"


class Sv39:
    """riscv64's tables (kernel/arch/riscv64/pmap.c)."""
    levels, bits, entry_type = 3, 9, "unsigned long"
    direct_map = 0xffffffc000000000

    @staticmethod
    def decode(entry, level):
        """(frame, is a table?, rights, label), or None."""
        if not entry & 1:
            return None
        frame = entry >> 10 & 0xfffffffffff
        flags = rights(entry >> 1 & 7) + ("u" if entry & 0x10 else "-")
        label = "S" if entry & 0x200 else "C" if entry & 0x100 else " "
        return frame, not entry & 0xe, flags, label


class TwoLevels:
    """i386's tables (kernel/arch/i386/pmap.c)."""
    levels, bits, entry_type = 2, 10, "unsigned int"
    direct_map = 0x80000000

    @staticmethod
    def decode(entry, level):
        if not entry & 1:
            return None
        is_table = level == 1 and not entry & 0x80
        flags = rights(PROT_R | (entry & 2) | (PROT_X if entry & 0x800 else 0))
        label = "S" if entry & 0x400 else "C" if entry & 0x200 else " "
        return entry >> 12, is_table, flags + ("u" if entry & 4 else "-"), label


class Pt(Command):
    """quire pt PID [ADDRESS]: the page table of a process, or the way to one address in it.

    Each entry: the first address it translates, rights (r w x, u: user mode), label (S shared,
    C copy on write), the frame it leads to, and how many references that has."""

    def __init__(self):
        super().__init__("quire pt", gdb.COMMAND_STATUS)

    def run(self, words):
        if len(words) not in (1, 2):
            raise gdb.GdbError("quire pt PID [ADDRESS]")
        space = space_of(words[0])
        only = int(value(words[1])) if len(words) == 2 else None
        arch = gdb.selected_inferior().architecture().name()
        self.port = TwoLevels if "i386" in arch else Sv39
        self.leaves = 0
        self.table(int(space["pmap"]["root"]), self.port.levels - 1, 0, only)
        if only is not None and not self.leaves:
            print("no entry for %#x" % only)

    def table(self, address, level, base, only):
        port = self.port
        entry_type = gdb.lookup_type(port.entry_type)
        table = gdb.Value(address).cast(entry_type.pointer())
        # Kernel entries, which all tables share, are in the upper half of the root.
        count = 1 << port.bits
        if level == port.levels - 1:
            count //= 2
        span = 1 << PAGE_SHIFT + port.bits * level
        for i in range(count):
            if only is not None and not base + i * span <= only < base + (i + 1) * span:
                continue
            found = port.decode(int(table[i]), level)
            if found:
                self.entry(found, level, base + i * span, only)

    def entry(self, found, level, va, only):
        frame, is_table, flags, label = found
        indent = " .." * (self.port.levels - level)
        if not is_table or level == 0:
            self.leaves += 1
            print("%s%#x: %s %s frame %#x refs %s" % (indent, va, flags, label, frame,
                                                       references(frame)))
            return
        print("%s%#x: table in frame %#x" % (indent, va, frame))
        self.table(self.port.direct_map + (frame << PAGE_SHIFT), level - 1, va, only)


def references(frame):
    if not int(value("page_frame_first")) <= frame < int(value("page_frame_end")):
        return "none"
    return str(int(value("page_frames[%d].refs" % frame)))


class Console(gdb.Command):
    """console: print what the guest has written to its console since the last time."""

    def __init__(self):
        super().__init__("console", gdb.COMMAND_STATUS)
        self.at = 0

    def invoke(self, arg, from_tty):
        path = os.environ.get("QUIRE_CONSOLE")
        if not path:
            print("The console is in the terminal where the guest runs.")
            return
        with open(path, errors="replace") as f:
            f.seek(self.at)
            print(f.read().replace("\r", ""), end="")
            self.at = f.tell()


for command in (Quire, Ps, Vm, Pt, Console):
    command()
