"""Talking to the person in front of the terminal."""

import os
import shutil
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


class UserError(Exception):
    """Something the user can understand and mend: printed without a traceback."""

    def __init__(self, message, status=1):
        super().__init__(message)
        self.status = status


def say(message):
    sys.stderr.write("quire: %s\n" % message)
    sys.stderr.flush()


class Progress:
    """One line on a terminal that is rewritten as work goes on; nothing when piped.

    It lives on stderr, so that stdout stays what the guest printed.
    """

    def __init__(self, label):
        self.label = label
        self.shown = False
        self.on = sys.stderr.isatty() and os.environ.get("TERM", "") != "dumb"

    def show(self, text):
        if not self.on:
            return
        width = shutil.get_terminal_size().columns - 1
        line = ("%s %s" % (self.label, text))[:width]
        sys.stderr.write("\r\x1b[K" + line)
        sys.stderr.flush()
        self.shown = True

    def count(self, done, total, what):
        self.show("%d/%d %s" % (done, total, what) if total else what)

    def clear(self):
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self.shown = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.clear()


def rel(path):
    """PATH as it is shorter to read: relative when below the current folder."""
    r = os.path.relpath(path)
    return path if r.startswith("..") else r


def time_scale():
    """Every time-out is multiplied by this: for slow or loaded machines."""
    try:
        scale = float(os.environ.get("QUIRE_TIMEOUT_SCALE", "1"))
    except ValueError:
        raise UserError("QUIRE_TIMEOUT_SCALE is not a number: %s"
                        % os.environ["QUIRE_TIMEOUT_SCALE"])
    if scale <= 0:
        raise UserError("QUIRE_TIMEOUT_SCALE must be greater than 0")
    return scale
