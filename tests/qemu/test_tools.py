"""Programs of /bin, as their users use them."""

from guestlib import boot, ok


def sh(script, **kwargs):
    return boot("sh", "-c", script, **kwargs)


def test_rm_refuses_what_is_only_removed_by_mistake():
    r = sh("cd /tmp; mkdir d; rm -rf / . .. /tmp/.. d/. d/..; echo $?; ls /tmp /bin/ls")
    assert r.out == "1\n/bin/ls\n\n/tmp:\nd\n" and r.err.count("not removed") == 6, r


def test_rm_empties_folders_deeper_than_a_path_is_long():
    r = sh("cd /tmp; mkdir top; cd top; for i in 1 2 3 4 5 6 7 8; do for k in 1 2 3 4 5; do "
           "mkdir a_long_name; touch f g$i; cd a_long_name; done; done; "
           "cd /tmp; rm -r top && ls -a")
    assert (r.status, r.out, r.err) == (0, ".\n..\n", ""), r


def test_rm_does_not_follow_links():
    assert ok("sh", "-c", "cd /tmp; mkdir a b; touch b/kept; ln -s /tmp/b a/link; rm -r a; "
              "ls b") == "kept\n"


def test_head_and_tail_take_a_number_of_lines():
    assert ok("sh", "-c", "seq 9 | head -2; seq 9 | tail -2; seq 9 | head -n 1") == (
        "1\n2\n8\n9\n1\n")


def test_kill_takes_a_signal():
    assert ok("sh", "-c", "sleep 1000 & kill -9 $! && sleep 1000 & kill -KILL $!") == ""
    r = sh("kill -9; kill -5 1")
    assert r.status == 1 and r.err.startswith("usage: kill"), r


def test_find_by_pattern():
    r = sh("find / -name 'ec?o'; find / echo; find /bin -name 'no*thing'")
    assert (r.out, r.err) == ("/bin/echo\n/bin/echo\n", ""), r


def test_a_reader_that_leaves_is_no_error():
    r = sh("seq 100000 | head -1; cat /dev/zero | true")
    assert (r.out, r.err) == ("1\n", ""), r


def test_time_tells_what_happened():
    r = boot("time", "sh", "-c", "echo out; exit 3")
    assert r.status == 3 and r.out == "out\n" and " faults (" in r.err, r
    assert boot("time", "nothing").status == 127


def test_nothing_is_shown_of_a_process_that_is_not_there():
    r = sh("vmmap 999; pgtbl 999")
    assert r.out == "" and r.err.count("No such process") == 2, r


def test_uniq():
    lines = "printf 'a\\na\\nb\\na\\nc\\nc\\n'"
    out = ok("sh", "-c", lines + " | uniq; " + lines + " | uniq -c; " + lines + " | uniq -d; "
             "uniq < /dev/null; printf one | uniq")
    assert out == ("a\nb\na\nc\n"
                   "      2 a\n      1 b\n      1 a\n      2 c\n"
                   "a\nc\n"
                   "one")
