"""A terminal for tests: what a program writes to it, on a screen of rows and columns."""

import codecs
import re
import time
import unicodedata

import pexpect

from guestlib import PORT, ROOT, SCALE, guest


class Screen:
    """The part of a VT100 (ECMA-48) that a shell's line editor uses. Lines scroll off into PAST."""

    def __init__(self, columns=80, rows=24):
        self.columns, self.rows = columns, rows
        self.past = []
        self.reset()
        self.saved = (0, 0)
        self.decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self.sequence = ""
        self.answers = []           # to be sent back
        self.bells = 0

    def reset(self):
        self.lines = [[" "] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0
        self.wraps = False          # the last column was written: the next character goes below

    def feed(self, data):
        for c in self.decode(data):
            if self.sequence:
                self.sequence += c
                self.escape()
            elif c == "\x1b":
                self.sequence = c
            else:
                self.put(c)

    def newline(self):
        self.wraps = False
        if self.row < self.rows - 1:
            self.row += 1
        else:
            self.past.append("".join(self.lines.pop(0)).rstrip())
            self.lines.append([" "] * self.columns)

    def put(self, c):
        if c == "\n":
            self.newline()
        elif c == "\r":
            self.column, self.wraps = 0, False
        elif c == "\b":
            self.column, self.wraps = max(0, self.column - 1), False
        elif c == "\a":
            self.bells += 1
        elif unicodedata.combining(c):
            pass
        elif c >= " ":
            width = 2 if unicodedata.east_asian_width(c) in "WF" else 1
            if self.wraps or self.column + width > self.columns:
                self.column = 0
                self.newline()
            self.lines[self.row][self.column:self.column + width] = [c, ""][:width]
            self.column += width
            if self.column == self.columns:
                self.column, self.wraps = self.columns - 1, True

    def escape(self):
        s = self.sequence
        if len(s) == 2 and s[1] in "78":
            if s[1] == "7":
                self.saved = (self.row, self.column)
            else:
                self.row, self.column = self.saved
                self.wraps = False
            self.sequence = ""
        elif len(s) == 2 and s[1] != "[":
            raise ValueError("unknown sequence %r" % s)
        elif len(s) > 2 and "@" <= s[-1] <= "~":
            self.sequence = ""
            self.control(s[-1], [int(n or 0) for n in s[2:-1].split(";")] if s[2:-1] else [])

    def control(self, final, numbers):
        n = numbers[0] if numbers and numbers[0] else 1
        if final == "n":
            assert numbers == [6]
            self.answers.append(b"\x1b[%d;%dR" % (self.row + 1, self.column + 1))
            return
        self.wraps = False
        if final == "A":
            self.row = max(0, self.row - n)
        elif final == "B":
            self.row = min(self.rows - 1, self.row + n)
        elif final == "C":
            self.column = min(self.columns - 1, self.column + n)
        elif final == "D":
            self.column = max(0, self.column - n)
        elif final == "H":
            column = numbers[1] if len(numbers) > 1 else 1
            self.row = min(self.rows, n) - 1
            self.column = min(self.columns, column) - 1
        elif final == "J" and numbers == [2]:
            self.lines = [[" "] * self.columns for _ in range(self.rows)]
        elif final == "J" and not numbers:
            self.lines[self.row][self.column:] = [" "] * (self.columns - self.column)
            for row in range(self.row + 1, self.rows):
                self.lines[row] = [" "] * self.columns
        elif final == "K" and not numbers:
            self.lines[self.row][self.column:] = [" "] * (self.columns - self.column)
        elif final != "m":
            raise ValueError("unknown sequence %r %r" % (final, numbers))

    def text(self):
        """The lines down to the cursor, without blanks behind them."""
        return [line_text(line) for line in self.lines[:self.row + 1]]

    def all_text(self):
        return self.past + [line_text(line) for line in self.lines]


def line_text(line):
    return "".join(line).rstrip()


class Terminal:
    """A guest with a shell on a terminal that answers (or, with size None, does not)."""

    PROMPT = "$ "

    def __init__(self, size=(80, 24), disk=None, cpus=2, append="", keep=False, variant=""):
        m = guest.Machine(PORT, disk or PORT.image(), variant, cpus, "128M", append,
                          throw_away=not keep)
        command = m.command(["-serial", "mon:stdio"])
        self.size = size
        self.screen = Screen(*(size or (80, 24)))
        self.raw = b""
        self.p = pexpect.spawn(command[0], command[1:], cwd=ROOT, timeout=60 * SCALE,
                               dimensions=(self.screen.rows, self.screen.columns))
        self.p.delaybeforesend = None

    def pump(self, seconds):
        """Show what comes within so many seconds; whether anything did."""
        try:
            data = self.p.read_nonblocking(65536, seconds)
        except pexpect.TIMEOUT:
            return False
        self.raw += data
        self.screen.feed(data)
        while self.size and self.screen.answers:
            self.p.send(self.screen.answers.pop(0))
        return True

    def wait(self, condition, what="", seconds=20):
        end = time.monotonic() + seconds * SCALE
        while not condition():
            assert time.monotonic() < end, "%s\n%s" % (what, self)
            self.pump(0.2)

    def quiet(self, seconds=0.4):
        while self.pump(seconds):
            pass

    def at_prompt(self):
        return self.screen.text()[-1] == self.PROMPT.rstrip() and \
            self.screen.column == len(self.PROMPT)

    def prompt(self):
        self.wait(self.at_prompt, "no prompt")
        self.quiet(0.05)

    def keys(self, keys):
        self.p.send(keys)

    def shows(self, *lines):
        """Wait until the last lines down to the cursor are these."""
        want = list(lines)
        self.wait(lambda: self.screen.text()[-len(want):] == want, "not shown: %r" % want)

    def run(self, keys, seconds=20):
        """Type KEYS and Enter from a clean screen; what is shown between that and the prompt."""
        self.clear()
        self.keys(keys + "\r")
        self.wait(lambda: len(self.screen.text()) > 1 and self.at_prompt(), "no prompt", seconds)
        self.quiet(0.05)
        return self.screen.text()[1:-1]

    def clear(self):
        self.keys("\x0c")
        self.wait(lambda: self.screen.row == 0 and self.at_prompt(), "not cleared")
        self.quiet(0.05)
        self.screen.past = []

    def leave(self):
        self.keys("\x01x")
        self.p.expect(pexpect.EOF)
        self.p.close()

    def __str__(self):
        return "\n".join("|" + line for line in self.screen.all_text()) + \
            "\ncursor %d, %d; last bytes %r" % (self.screen.row, self.screen.column,
                                                 self.raw[-300:])


def printed(text):
    """TEXT of a console without sequences."""
    return re.sub(r"\x1b(\[[0-9;]*[@-~]|[78])", "", text).replace("\r", "")

