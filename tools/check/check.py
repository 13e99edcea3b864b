#!/usr/bin/env python3
"""make check: the checks of the source, one line each.

usage: check.py [NAME]...       only the checks whose name contains NAME
"""

import os
import sys
import time

sys.dont_write_bytecode = True

import compilers    # noqa: E402
import source       # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))

CHECKS = [
    ("include-order", source.check_includes),
    ("port-names", source.check_port_names),
    ("port-doc", source.check_port_doc),
    ("text", source.check_text),
    ("function-length", source.check_functions),
    ("line-budget", source.check_budget),
    ("python", compilers.check_python),
    ("shell", compilers.check_shell),
    ("format", compilers.check_format),
    ("headers", compilers.check_headers),
    ("err-opaque", compilers.check_opaque_errors),
    ("thread-safety", compilers.check_thread_safety),
    ("release", compilers.check_release),
    ("self", compilers.check_self),
    ("builds", compilers.check_builds),
    ("cppcheck", compilers.check_cppcheck),
    ("gcc-analyzer", compilers.check_gcc_analyzer),
    ("fuzz", compilers.check_fuzz),
]


def run(name, check):
    begin = time.monotonic()
    try:
        bad, note = check(ROOT)
    except compilers.Missing as e:
        bad, note = ["needs %s: `./quire doctor` says how to get it" % e], ""
    for line in bad:
        print("    " + line)
    print("%-5s %-16s %5.1f s%s" % ("FAIL" if bad else "ok", name, time.monotonic() - begin,
                                    "  " + note if note else ""), flush=True)
    return not bad


def main(patterns):
    chosen = [(n, c) for n, c in CHECKS if not patterns or any(p in n for p in patterns)]
    if not chosen:
        sys.exit("no such check; there are: " + " ".join(n for n, _ in CHECKS))
    failed = [n for n, c in chosen if not run(n, c)]
    print("checks: %d passed, %d failed" % (len(chosen) - len(failed), len(failed)))
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
