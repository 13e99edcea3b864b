"""The demonstrations of /bin: what they print is what happened, on every machine."""

import re

import pytest

from guestlib import PORT, boot, ok
from quire.build import build

DEMOS = ["testlazy", "testcow", "testmmap", "test-shared1", "test-shared2", "shmem_test",
         "log_test", "testbig", "testlink"]
QUICK = [d for d in DEMOS if d != "testbig"]
TURNS = "child 42\nparent 53\nchild again 43\nparent again 54\n"
PARAMETERS = ["fork=copy", "heap=eager", "fork=copy heap=eager"]

# Under which conditions each line "=> ..." must come is for the program to say; here, that
# none is missing and none says that something did not happen.
DENIAL = "THIS DID NOT HAPPEN"


def steps(text):
    """{number: lines} of the numbered steps, which must be in order."""
    parts = re.split(r"(?m)^(\d+)\. ", text)
    numbers = [int(n) for n in parts[1::2]]
    assert numbers == list(range(1, len(numbers) + 1)), text
    return dict(zip(numbers, parts[2::2]))


def check(text, least):
    found = steps(text)
    assert len(found) >= least, text
    assert DENIAL not in text
    assert text.endswith("\nAll of it happened as said.\n")
    return found


def counters(step):
    """{call: (before, after, change)} of a step's table."""
    rows = re.findall(r"(?m)^   (\w+)\(\).*? (\d+) +(\d+) +([+-]\d+)$", step)
    for name, before, after, change in rows:
        assert int(after) - int(before) == int(change), name
    return {name: (int(b), int(a), int(c)) for name, b, a, c in rows}


# ---- what each of them shows -------------------------------------------------

def test_testlazy_counts_a_frame_for_each_page_touched(cpus):
    found = check(ok("testlazy", cpus=cpus), 9)
    moved = {n: counters(s) for n, s in found.items()}
    assert [moved[n]["numvp"][2] for n in (1, 2, 3, 8)] == [100, 0, 0, -100]
    assert [moved[n]["numpp"][2] for n in (1, 2, 3, 4, 5, 6, 8)] == [0, 1, 10, 0, 1, 88, -100]
    # Nothing else runs, so the system's free frames move as the program's do.
    assert [moved[n]["getNumFreePages"][2] for n in (1, 3, 6, 8)] == [0, -10, -88, 100]
    assert moved[9]["numvp"][2] == 2 ** 30 // 4096 and moved[9]["numpp"][2] == 3


def test_testlazy_with_an_eager_heap():
    text = ok("testlazy", append="heap=eager")
    found = check(text, 9)
    assert "heap=eager" in text.split("\n1. ")[0]
    assert counters(found[1])["numpp"][2] == 100
    assert [counters(found[n])["numpp"][2] for n in (2, 3, 5, 6)] == [0, 0, 0, 0]
    assert "refused" in found[9]


ROW = re.compile(r"(?m)^   (parent|child \d+) +pid (\d+) +(\S{4}(?: C)?) +(0x\w+) +(\d+)   "
                 r"(\S{4}(?: C)?) +(0x\w+) +(\d+)$")


def frames(step):
    """{process: ((frame, refs, rights) of page A, of page B)}"""
    return {m[0]: ((m[3], int(m[4]), m[2]), (m[6], int(m[7]), m[5]))
            for m in ROW.findall(step)}


@pytest.mark.parametrize("children", [1, 3, 8])
def test_testcow_follows_every_frame(children, cpus):
    found = check(ok("testcow", str(children), cpus=cpus), 5)
    names = ["parent"] + ["child %d" % i for i in range(1, children + 1)]
    before = frames(found[1])["parent"]
    assert [p[1] for p in before] == [1, 1]
    forked = frames(found[2])
    assert set(forked) == set(names)
    assert {p[0] for p in forked.values()} == {(before[0][0], children + 1, "r--u C")}
    assert {p[1] for p in forked.values()} == {(before[1][0], children + 1, "r--u C")}
    own = {before[0][0]}
    for i in range(1, children + 1):
        now = frames(found[2 + i])
        frame, refs, rights = now["child %d" % i][0]
        assert refs == 1 and rights == "rw-u" and frame not in own
        own.add(frame)
        for other in ["parent"] + names[i + 1:]:
            assert now[other][0] == (before[0][0], children + 1 - i, "r--u C")
    last = frames(found[3 + children])
    assert last["parent"][0] == (before[0][0], 1, "rw-u"), "the last writer copies nothing"
    assert {p[1][:2] for p in last.values()} == {(before[1][0], children + 1)}
    assert all('"%s was here"' % n in found[4 + children] for n in names)
    end = frames(found[5 + children])
    assert list(end) == ["parent"] and [p[1] for p in end["parent"]] == [1, 1]


def test_testcow_on_a_kernel_that_copies():
    text = ok("testcow", append="fork=copy")
    found = check(text, 8)
    forked = frames(found[2])
    assert len({p[k][0] for p in forked.values() for k in (0, 1)}) == 8
    assert {p[k][1] for p in forked.values() for k in (0, 1)} == {1}


def test_testcow_shows_the_kernels_count():
    text = ok("testcow", "-k", "1")
    assert check(text, 6)
    # The page is in one tree that two have, then in a tree of each.
    assert re.search(r"(?m)^   parent .* 2     1   r--u C .* 2     1$", text)
    assert re.search(r"(?m)^   parent .* 1     1   r--u C .* 2     2$", text)


def test_testmmap_counts_before_and_after_touching(cpus):
    found = check(ok("testmmap", cpus=cpus), 12)
    moved = {n: counters(s) for n, s in found.items() if "numvp" in s}
    assert [moved[n]["numvp"][2] for n in (1, 2, 3, 4, 5, 8, 12)] == [10, 0, -4, -6, 3, 3, -3]
    assert [moved[n]["numpp"][2] for n in (1, 2, 3, 4, 5, 8, 12)] == [0, 2, 0, -2, 3, 3, -3]


@pytest.mark.parametrize("name", ["test-shared1", "test-shared2"])
def test_shared_page_of_parent_and_child(name, cpus):
    assert ok(name, cpus=cpus) == TURNS
    text = ok(name, "-v", cpus=cpus)
    steps(text)
    assert DENIAL not in text
    lines = [line + "\n" for line in text.splitlines()]
    assert "".join(line for line in lines if line in TURNS.splitlines(True)) == TURNS
    touched = "The parent stores 0 in it" in text
    assert touched == (name == "test-shared1")


def test_shmem_test_says_hello_daddy(cpus):
    text = ok("shmem_test", cpus=cpus)
    check(text, 7)
    assert "   parent: Hello daddy\n" in text
    sizes = [int(n) for n in re.findall(r"child: size .*? (\d+) bytes", text)]
    before, mapped, unmapped, grown = sizes
    assert mapped == (before + 4095) // 4096 * 4096 + 2 * 4096
    assert unmapped == before and grown > before


def test_shmem_test_without_unmapping(cpus):
    text = ok("shmem_test", "-n", cpus=cpus)
    check(text, 5)
    assert "after unmapping" not in text and text.count("Hello daddy") == 3
    assert "refs 1: it alone" in text


def said(index, n):
    return "child %d, message %d%s" % (index, n, [
        "", " and hello", ", and still here", ", which takes a longer line than most"
    ][(n + index) % 4])


def check_log(text, children):
    check(text, 3)
    count = dict.fromkeys(range(1, children + 1), 0)
    for index, message in re.findall(r"(?m)^   \[(\d+)\] (.*)$", text):
        index = int(index)
        count[index] += 1
        assert message == said(index, count[index])
    wrote = re.findall(r"child (\d+) wrote (\d+) messages .* the parent read (\d+)", text)
    assert {int(i): int(w) for i, w, _ in wrote} == count
    assert all(w == r for _, w, r in wrote)
    # The page is full: the shortest message would not fit any more.
    used = sum(4 + (len(said(i, n)) + 3) // 4 * 4 for i in count for n in range(1, count[i] + 1))
    assert 4096 - 64 < used <= 4096


def test_log_test_loses_and_tears_nothing(cpus):
    runs = 6
    out = ok("sh", "-c", "; ".join(["log_test && echo @@ || exit 1"] * runs), cpus=cpus,
             timeout=120)
    texts = out.split("@@\n")
    assert len(texts) == runs + 1 and texts[-1] == ""
    for text in texts[:-1]:
        check_log(text, 4)


@pytest.mark.parametrize("children", [5, 16])
def test_log_test_with_more_children(children, cpus):
    check_log(ok("log_test", str(children), cpus=cpus), children)


def test_testbig_writes_and_reads_the_largest_file():
    found = check(ok("testbig", timeout=180), 7)
    assert "size 67382272 bytes, 66061 blocks" in found[4]
    assert "65803 blocks hold what was written" in found[6]
    assert "size 67382272 bytes, 3 blocks" in found[7]


def test_testlink(cpus):
    found = check(ok("testlink", cpus=cpus), 8)
    assert 'open("c10"): holds' in found[5] and "Too many levels" in found[5]


def test_testlink_works_though_one_was_cut_off():
    out = ok("sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do mkdir /tmp/testlink.$i; done; "
             "testlink; ls /tmp | wc -l")
    assert out.split()[-1] == "12", out
    check(out[:out.rindex("12")], 8)


# ---- how they behave as programs -----------------------------------------------

@pytest.mark.parametrize("append", PARAMETERS)
def test_they_work_with_other_boot_parameters(append, cpus):
    script = "; ".join("%s > /tmp/out || { echo %s; cat /tmp/out; exit 1; }" % (d, d)
                       for d in QUICK)
    r = boot("sh", "-c", script, append=append, cpus=cpus, timeout=120)
    assert r.status == 0, r
    title = ok("testcow", append=append).split("\n1. ")[0]
    assert all(p in title for p in append.split())


def test_they_work_under_the_kernels_own_checks():
    build(PORT.name, ["kernel"], ["DEBUG=1"])
    script = "".join("%s > /tmp/out || { cat /tmp/out; exit 1; }\n" % d
                     for d in QUICK + ["log_test 16", "testcow 8"])
    r = boot("sh", stdin=script.encode(), variant="-debug", cpus=4, timeout=180)
    assert r.status == 0, r


def test_at_the_same_time(cpus):
    """What another one does at the same time changes nothing that they check."""
    script = "".join("(%s > /tmp/out%d || echo %s) &\n" % (d, i, d)
                     for i, d in enumerate(QUICK * 2)) + "wait\n"
    r = boot("sh", stdin=script.encode(), cpus=cpus, timeout=120)
    assert r.status == 0 and r.out == "", r


def test_again_and_again_they_leak_nothing(cpus):
    once = "".join("%s > /dev/null || exit 1\n" % d
                   for d in QUICK + ["shmem_test -n", "testcow 8"])
    loop = "for i in 1 2 3 4 5; do\n%sdone\nfree\nls /tmp\n" % once
    # Once before, so that what stays in caches is there.
    r = boot("sh", stdin=(once + 2 * loop).encode(), cpus=cpus, timeout=240)
    assert r.status == 0, r
    free = [int(n) for n in re.findall(r"(?m)^free\s+(\d+)", r.out)]
    assert len(free) == 2 and free[0] == free[1], r.out
    assert not re.search(r"test(link|mmap|big)\.", r.out)


@pytest.mark.parametrize("line", [
    "testlazy x", "testcow 0", "testcow 9", "testcow x", "testcow 1 2", "testmmap x",
    "test-shared1 x", "test-shared2 -v x", "shmem_test x", "shmem_test -n x", "log_test 3",
    "log_test 17", "log_test 4 4", "testbig x", "testlink x"])
def test_wrong_arguments(line):
    r = boot(*line.split())
    assert r.status == 2 and r.out == "" and r.err.startswith("usage: " + line.split()[0]), r


@pytest.mark.parametrize("name", ["testcow", "log_test", "shmem_test", "test-shared1"])
def test_without_processes_they_fail(name):
    """No child can be made: a complaint and status 1, not a hang and not success."""
    r = boot("sh", "-c", name + "; echo $?", append="maxproc=3", timeout=60)
    assert r.out.splitlines()[-1] == "1", r
    assert "fork" in r.err, r
