"""The pages of docs/labs: their runs are what the programs print, and what they name exists.

A run in a page is a fenced block behind a line `<!-- run: COMMAND -->`. What differs from one run
or machine to the next (frames, pids, totals) is made equal before the comparison. With
QUIRE_UPDATE_LABS=1 the pages are rewritten instead.
"""

import glob
import os
import re

import pytest

from guestlib import ROOT, boot

LABS = os.path.join(ROOT, "docs", "labs")
PAGES = sorted(glob.glob(os.path.join(LABS, "*.md")))
BLOCK = re.compile(r"<!-- run: ([^\n]*) -->\n```\n(.*?)```\n", re.S)
DEMOS = ["testlazy", "testcow", "testmmap", "test-shared1", "test-shared2", "shmem_test",
         "log_test", "testbig", "testlink"]
UPDATE = os.environ.get("QUIRE_UPDATE_LABS") == "1"

SAME = [
    (r"0x[0-9a-f]+", "ADDRESS"),
    (r"\bpid \d+", "pid N"),
    (r"\binode \d+", "inode N"),
    # Tables of counters: what the program itself gains or loses stays.
    (r"(?m)^( {3}num[vp]p\(\).*?) +\d+ +\d+ +([+-]\d+)$", r"\1 N N \2"),
    (r"(?m)^( {3}get\w+\(\).*?) +\d+ +\d+ +[+-]\d+$", r"\1 N N N"),
    (r"(?m)^   free frames: .*$", "   free frames"),
    (r"(child: size .*?) +\d+ bytes", r"\1 N bytes"),
    # The log: as many messages as fit, in any order of the children; "..." stands for some.
    (r"(?m)^   (\[\d+\] child|\.\.\.$).*", "   MESSAGE"),
    (r"(?:   MESSAGE\n)+", "   MESSAGE\n"),
    (r"wrote \d+ messages(.*) read \d+", r"wrote N messages\1 read N"),
    (r"\d+ messages: none", "N messages: none"),
    (r"(?m)^   \d+ of them were printed", "   N of them were printed"),
    (r" +", " "),
    (r"(?m) +$", ""),
]


def normal(text):
    for pattern, what in SAME:
        text = re.sub(pattern, what, text)
    return text


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def runs():
    return [(os.path.basename(path), m.group(1), m.group(2))
            for path in PAGES for m in BLOCK.finditer(read(path))]


def shortened(text):
    """The log's first and last messages only."""
    lines = text.splitlines(True)
    log = [i for i, line in enumerate(lines) if line.startswith("   [")]
    if len(log) > 24:
        lines[log[16]:log[-4]] = ["   ...\n"]
    return "".join(lines)


def output(command):
    options = {}
    m = re.match(r"(?:--append '([^']*)' )?(.*)", command)
    if m.group(1):
        options["append"] = m.group(1)
    r = boot("sh", "-c", m.group(2), timeout=120, **options)
    assert r.status == 0, r
    return shortened(r.out)


@pytest.mark.parametrize("page, command, text", runs(), ids=lambda v: v.split("\n")[0][:40])
def test_the_run_in_the_page_is_what_comes(page, command, text):
    now = output(command)
    if UPDATE:
        path = os.path.join(LABS, page)
        old = "<!-- run: %s -->\n```\n%s```\n" % (command, text)
        new = "<!-- run: %s -->\n```\n%s```\n" % (command, now)
        with open(path, "r+", encoding="utf-8") as f:
            whole = f.read()
            assert old in whole
            f.seek(0)
            f.write(whole.replace(old, new, 1))
            f.truncate()
        return
    assert normal(now) == normal(text)


def test_every_demonstration_has_a_page_with_a_run():
    for name in DEMOS:
        text = read(os.path.join(LABS, name + ".md"))
        assert any(m.group(1).split()[0] == name for m in BLOCK.finditer(text)), name
        assert "(%s.md)" % name in read(os.path.join(LABS, "README.md")), name


@pytest.mark.parametrize("path", PAGES, ids=os.path.basename)
def test_what_a_page_names_exists(path):
    text = re.sub(r"(?s)```.*?```", "", read(path))
    for name in re.findall(r"`((?:kernel|user|tests|tools|docs)/[^` ]+)`", text):
        assert glob.glob(os.path.join(ROOT, name)), "%s names %s" % (path, name)
    for name in re.findall(r"\]\(([^)#:]+)\)", text):
        assert os.path.exists(os.path.join(LABS, name)), "%s links to %s" % (path, name)
    source = None
    for name in re.findall(r"`(\w+)\(\)`", text):
        if source is None:
            source = "".join(read(p) for top in ("kernel", "user") for p in glob.glob(
                os.path.join(ROOT, top, "**", "*.[ch]"), recursive=True))
        assert re.search(r"\b%s\(" % name, source), "%s names %s()" % (path, name)


def test_the_comparison_sees_a_difference():
    """Numbers that matter are not made equal."""
    a = "   parent   rw-u   0x1    1\n   numpp()   of these   11  12  +1\n"
    assert normal(a) == normal(a.replace("0x1 ", "0x77").replace("11  12", "21  22"))
    assert normal(a) != normal(a.replace("   1\n", "   2\n"))
    assert normal(a) != normal(a.replace("+1", "+2"))
