"""Helpers for gdb on a Quire kernel: loaded by `./quire gdb`."""

import os

import gdb


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


Console()
