"""The shell at a terminal: every key is typed, and the screen is looked at (SPEC 5)."""

import re
import time

import pexpect
import pytest

from guestlib import disk_with
from vt import Terminal

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, DELETE = "\x1b[H", "\x1b[F", "\x1b[3~"
CTRL_LEFT, CTRL_RIGHT = "\x1b[1;5D", "\x1b[1;5C"
CTRL_A = "\x01\x01"             # QEMU takes the first for itself
CTRL_C, CTRL_D, CTRL_P = "\x03", "\x04", "\x10"


@pytest.fixture(scope="module")
def session(built):
    t = Terminal()
    t.prompt()
    yield t
    t.leave()


@pytest.fixture
def t(session):
    """The session, with an empty line at the top of the screen."""
    session.keys(CTRL_C)
    session.prompt()
    session.clear()
    yield session


def line(t, keys, want, column=None):
    """Type KEYS: the line and the cursor's column behind the prompt are as wanted."""
    t.keys(keys)
    t.shows(("$ " + want).rstrip())
    if column is not None:
        t.wait(lambda: t.screen.column == 2 + column, "cursor")
        t.quiet(0.1)
        assert t.screen.column == 2 + column, t


# ---- each key ----

@pytest.mark.parametrize("keys, want, column", [
    ("abc", "abc", 3),
    ("abc\x7f", "ab", 2),
    ("abc\b\b", "a", 1),
    ("\x7f\x7f", "", 0),
    ("abc" + LEFT, "abc", 2),
    ("abc" + LEFT + LEFT + "X", "aXbc", 2),
    ("abc" + LEFT * 9 + "X", "Xabc", 1),
    ("ac" + "\x02" + "b", "abc", 2),
    ("ac" + LEFT + RIGHT + RIGHT + "b", "acb", 3),
    ("ac" + LEFT * 2 + "\x06" + "b", "abc", 2),
    ("bc" + HOME + "a" + END + "d", "abcd", 4),
    ("bc\x1bOHa\x1bOFd", "abcd", 4),
    ("bc\x1b[1~a\x1b[4~d", "abcd", 4),
    ("bc" + CTRL_A + "a\x05d", "abcd", 4),
    ("abc" + HOME + DELETE, "bc", 0),
    ("abc" + HOME + CTRL_D, "bc", 0),
    ("abc" + LEFT + "\x7f", "ac", 1),
    ("one two" + LEFT * 3 + "\x0b", "one", 4),
    ("one two" + LEFT * 3 + "\x15", "two", 0),
    ("one two\x17", "one", 4),
    ("one two  \x17\x17", "", 0),
    ("one two\x17\x19\x19", "one twotwo", 10),
    ("one two three\x17\x17\x19", "one two three", 13),
    ("one two" + HOME + "\x0bx\x19", "xone two", 8),
    ("ab\x14", "ba", 2),
    ("abc" + LEFT + "\x14", "acb", 3),
    ("one two\x1bbX", "one Xtwo", 5),
    ("one two" + CTRL_LEFT * 2 + "X", "Xone two", 1),
    ("one two" + HOME + "\x1bfX", "oneX two", 4),
    ("one two" + HOME + CTRL_RIGHT * 2 + "X", "one twoX", 8),
    ("one two" + HOME + "\x1bd", " two", 0),
    ("one two\x1b\x7f", "one", 4),
    ("a\x16\x1bb", "a^[b", 4),
    ("a\x1b[15~b\x1b[99;99Xc", "abc", 3),
    ("h\u00e9\u4e2dx" + LEFT * 2 + "-", "h\u00e9-\u4e2dx", 3),
    ("h\u00e9\u4e2dx\x7f\x7f", "h\u00e9", 2),
    ("\u00e9\u4e2d" + HOME + DELETE, "\u4e2d", 0),
    ("e\u0301x" + LEFT + "y", "eyx", None),
])
def test_key(t, keys, want, column):
    line(t, keys, want, column)
    t.keys(CTRL_C)


def test_typed_bytes_are_what_the_command_gets(t):
    assert t.run("echo h\u00e9\u4e2d" + LEFT + "x" + END + " > /u; wc -c < /u; cat /u") == [
        "8", "h\u00e9x\u4e2d"]


def test_enter_in_the_middle_takes_the_whole_line(t):
    assert t.run("echo one two" + LEFT * 5) == ["one two"]


def test_ctrl_c_drops_the_line(t):
    t.keys("echo not" + CTRL_C)
    t.shows("$ echo not^C", "$")
    assert t.run("echo $?") == ["130"]


def test_ctrl_l_clears_and_keeps_the_line(t):
    t.run("echo some output")
    t.keys("abc" + LEFT)
    t.quiet()
    t.keys("\x0c")
    t.wait(lambda: t.screen.text() == ["$ abc"] and t.screen.column == 4, "not cleared")


# ---- history ----

def test_history_up_and_down(t):
    t.run("echo first")
    t.run("echo second")
    line(t, UP, "echo second")
    line(t, UP, "echo first")
    line(t, DOWN, "echo second")
    line(t, DOWN, "")
    line(t, "dra" + UP, "echo second")
    line(t, "\x0e", "dra")
    line(t, "\x15" + UP + UP + "!", "echo first!")
    t.keys("\r")
    t.prompt()
    line(t, UP, "echo first!")


def test_history_leaves_out_repetitions_and_blanks(t):
    t.run("echo once")
    t.run("echo once")
    t.run(" echo secret")
    line(t, UP, "echo once")
    t.keys(UP)
    t.quiet()
    assert t.screen.text()[-1] not in ("$ echo once", "$  echo secret"), t


def test_search_back(t):
    t.run("echo needle one")
    t.run("echo needle two")
    t.run("echo hay")
    t.keys("\x12needle")
    t.shows("(search) 'needle': echo needle two")
    t.keys("\x12")
    t.shows("(search) 'needle': echo needle one")
    t.keys("\x05")
    t.shows("$ echo needle one")
    t.keys("\r")
    t.wait(lambda: "needle one" in t.screen.text(), "not run")
    t.prompt()
    line(t, "\x12two\x07", "")


def test_a_command_of_several_lines_is_one_of_the_history(t):
    t.keys("for i in 1 2\rdo\recho n$i\rdone\r")
    t.shows("$ for i in 1 2", "> do", "> echo n$i", "> done", "n1", "n2", "$")
    t.keys(UP)
    t.shows("$ for i in 1 2", "do", "echo n$i", "done")
    t.keys("\r")
    t.shows("done", "n1", "n2", "$")


def test_history_stays_for_the_next_session(tmp_path):
    disk = disk_with(str(tmp_path / "disk.img"), {})
    t = Terminal(disk=disk, keep=True)
    t.prompt()
    t.run("echo kept")
    t.keys("halt\r")
    t.p.expect(pexpect.EOF)
    t = Terminal(disk=disk, keep=True)
    t.prompt()
    line(t, UP, "halt")
    line(t, UP, "echo kept")
    t.leave()


def test_history_on_a_full_disk(tmp_path):
    """Lines that do not fit are not in the file, or whole; the shell and the file stay usable."""
    disk = disk_with(str(tmp_path / "disk.img"), {}, blocks=8192)
    t = Terminal(disk=disk)
    t.prompt()
    t.run("echo before")
    t.run("cat /dev/zero > /big")
    for i in range(6):
        assert t.run("echo %d%s | wc -c" % (i, "y" * 300))[-1].split() == ["302"]
    t.run("rm /big")
    t.run("echo after")
    assert t.run("grep -v '^[ercg]' /.sh_history") == []
    assert t.run("grep before /.sh_history") == ["echo before", "grep before /.sh_history"]
    assert t.run("grep 'echo after' /.sh_history")[0] == "echo after"
    t.leave()


def test_history_is_bounded_and_survives_junk(tmp_path):
    old = tmp_path / "history"
    old.write_bytes(b"\0\xff\n" + b"".join(b"echo %d\n" % i for i in range(3000)) + b"echo torn")
    disk = disk_with(str(tmp_path / "disk.img"), {"/.sh_history": str(old)})
    t = Terminal(disk=disk)
    t.prompt()
    line(t, UP, "echo torn")
    line(t, UP, "echo 2999")
    t.keys(CTRL_C)
    t.prompt()
    assert int(t.run("history | wc -l")[0]) <= 500
    assert int(t.run("wc -l < /.sh_history")[0]) < 600
    t.leave()


# ---- completion ----

def test_completion_of_commands(t):
    line(t, "vms\t", "vmstat ", 7)
    t.keys(CTRL_C)
    t.prompt()
    t.clear()
    line(t, "unse\t", "unset ", 6)          # part of the shell
    line(t, "\x15myfunc() { echo in; }\r", "")
    line(t, "myf\t", "myfunc ", 7)
    line(t, "\x15echo; | ( if vms\t", "echo; | ( if vmstat ")
    line(t, "\x15X=1 vms\t", "X=1 vmstat ")


def test_completion_of_paths(t):
    line(t, "cat /REA\t", "cat /README ", 12)
    line(t, "\x15ls /bi\tvms\t", "ls /bin/vmstat ")
    line(t, "\x15cat < /REA\t", "cat < /README ")
    t.run("\x15mkdir /tc; cd /tc; mkdir folder; echo > file; echo > .hidden; echo > 'a b'")
    line(t, "cd f\t", "cd folder/", 10)     # only folders
    line(t, "\x15ls f\t", "ls f")
    line(t, "i\t", "ls file ", 8)
    line(t, "\x15ls .h\t", "ls .hidden ")
    line(t, "\x15ls a\t", "ls a\\ b ")
    line(t, "\x15ls 'a\t", "ls 'a b' ")
    line(t, '\x15ls "a\t', 'ls "a b" ')
    t.run("\x15cd /; rm -r /tc")
    line(t, "ls ~/bi\t", "ls ~/bin/")
    line(t, "\x15ls /bin/none\t", "ls /bin/none")


def test_completion_lists_on_the_second_tab(t):
    t.keys("ls /bin/vm\t")
    t.quiet(0.2)
    assert t.screen.text()[-1] == "$ ls /bin/vm", t
    t.keys("\t")
    t.shows("$ ls /bin/vm", "vmmap   vmstat", "$ ls /bin/vm")
    line(t, "m\t", "ls /bin/vmmap ")
    t.keys("\x15\t\t")                       # all commands
    t.wait(lambda: t.screen.text()[-1] == "$" and any("vmstat" in x for x in t.screen.text()),
           "no list")
    assert all(len(x) < 80 for x in t.screen.text())


# ---- what is printed for reading ----

def test_tables_fit_80_columns(t):
    for command in ("ls -l /bin", "ps", "free -s", "vmmap", "vmmap 1", "pgtbl", "vmstat 1 2",
                    "help", "uptime"):
        t.run(command)
        assert not [x for x in t.screen.all_text() if len(x) >= 80], command


def test_ls_in_columns_at_a_terminal(t):
    t.run("mkdir /lc; cd /lc; for i in 1 2 3 4 5 6 7; do echo > long-name-$i; done")
    assert t.run("ls") == [
        "long-name-1  long-name-3  long-name-5  long-name-7",
        "long-name-2  long-name-4  long-name-6"]
    assert t.run("ls | head -n 2") == ["long-name-1", "long-name-2"]
    assert t.run("ls -1 | wc -l; ls -1") == ["7"] + ["long-name-%d" % i for i in range(1, 8)]
    t.run("cd /; rm -r /lc")


# ---- width ----

@pytest.fixture(scope="module")
def narrow(built):
    t = Terminal(size=(40, 10))
    t.prompt()
    yield t
    t.leave()


def rows_of(text, columns=40):
    text = "$ " + text
    return [text[i:i + columns] for i in range(0, len(text), columns)]


def test_a_long_line_wraps_and_is_edited(narrow):
    t = narrow
    t.clear()
    text = "echo " + "".join("%02d." % i for i in range(30))
    t.keys(text)
    t.shows(*rows_of(text))
    t.keys(HOME + "X")
    t.shows("$ Xecho 00.01.02.03.04.05.06.07.08.09.10"[:40])
    t.quiet()
    assert [x for x in t.screen.all_text() if x][-3:] == rows_of("X" + text), t
    assert (t.screen.row, t.screen.column) == (0, 3), t
    t.keys("\x7f" + RIGHT * 60 + "<>\x7f" + LEFT)
    t.quiet()
    assert [x for x in t.screen.all_text() if x][-3:] == rows_of(text[:60] + "<" + text[60:]), t
    assert (t.screen.row, t.screen.column) == (1, 22), t
    t.keys(DELETE + "\r")
    t.wait(lambda: t.at_prompt(), "not run")
    t.quiet()
    assert "".join(t.screen.text()[3:-1]) == text[5:], t


@pytest.mark.parametrize("length", [37, 38, 39, 77, 78, 79])
def test_the_edge_of_the_screen(narrow, length):
    """Lines that end just before, at and behind the last column."""
    t = narrow
    t.keys(CTRL_C)
    t.prompt()
    t.clear()
    text = ("echo " + "abcdefghij" * 10)[:length]
    t.keys(text)
    t.quiet(0.2)
    assert [x for x in t.screen.text() if x] == rows_of(text), t
    assert (t.screen.row, t.screen.column) == divmod(length + 2, 40), t
    t.keys(LEFT + RIGHT + "\x7f" + "Z" + HOME + END)
    t.quiet(0.2)
    assert [x for x in t.screen.text() if x] == rows_of(text[:-1] + "Z"), t
    assert (t.screen.row, t.screen.column) == divmod(length + 2, 40), t
    t.keys(HOME + "\x0b")
    t.shows("$")
    t.quiet(0.2)
    assert [x for x in t.screen.all_text() if x] == ["$"], t


def test_a_line_taller_than_the_screen(narrow):
    t = narrow
    t.keys(CTRL_C)
    t.prompt()
    t.clear()
    text = "echo " + "".join("%03d." % i for i in range(150))
    rows = rows_of(text)
    t.keys(text)
    t.quiet()
    assert t.screen.text() == rows[-10:], t
    t.keys(HOME)
    t.quiet()
    assert [x for x in t.screen.all_text() if x][-10:] == rows[:10], t
    assert (t.screen.row, t.screen.column) == (0, 2), t
    t.keys(RIGHT * 5 + "---")
    t.quiet()
    changed = rows_of(text[:5] + "---" + text[5:])
    assert [x for x in t.screen.all_text() if x][-10:] == changed[:10], t
    t.keys(END)
    t.quiet()
    assert t.screen.text() == changed[-10:], t
    t.keys("\r")
    t.prompt()
    assert "---000.001." in "".join(t.screen.all_text()), t


def test_wide_characters_at_the_edge(narrow):
    t = narrow
    t.keys(CTRL_C)
    t.prompt()
    t.clear()
    t.keys("x" * 37 + "\u4e2d\u4e2d")        # the first does not fit the row
    t.quiet(0.2)
    assert t.screen.text() == ["$ " + "x" * 37, "\u4e2d\u4e2d"], t
    t.keys(HOME + "y" + END + "z")
    t.quiet(0.2)
    assert t.screen.text() == ["$ y" + "x" * 37, "\u4e2d\u4e2dz"], t


def test_the_prompt_follows_output_without_a_newline(t):
    t.keys("echo -n abc\r")
    t.wait(lambda: t.screen.text()[-1] == "abc$", "no prompt")
    t.quiet()
    text = "x" * 90
    t.keys(text + HOME + "Y")
    t.quiet()
    assert t.screen.lines[1][:6] == list("abc$ Y") and t.screen.column == 6, t
    assert "".join(t.screen.lines[1]) + "".join(t.screen.lines[2][:16]) == "abc$ Y" + text, t


def test_a_window_that_changes_its_size(built):
    t = Terminal(size=(60, 20))
    t.prompt()
    t.screen.columns = 30
    t.screen.reset()
    t.keys("\r")
    t.prompt()
    t.clear()
    t.keys("y" * 50 + HOME + "x")
    t.quiet()
    assert [x for x in t.screen.all_text() if x] == rows_of("x" + "y" * 50, 30), t
    t.keys(CTRL_C)
    t.prompt()
    assert t.run("echo $COLUMNS") == ["30"]
    t.leave()


def test_a_terminal_that_does_not_answer(built):
    t = Terminal(size=None)
    t.wait(lambda: any("Welcome" in x for x in t.screen.text()), "no shell")
    t.keys("echo typed ahead\r")        # while the shell waits for the terminal's answer
    t.wait(lambda: "typed ahead" in t.screen.text(), "type-ahead was eaten")
    t.prompt()
    t.clear()
    t.keys("z" * 100 + HOME + "X")
    t.wait(lambda: t.screen.all_text()[:2] == ["$ X" + "z" * 77, "z" * 23], "not 80 columns")
    t.leave()


def test_a_dumb_terminal_edits_itself(t):
    t.run("TERM=dumb sh")
    t.wait(lambda: t.at_prompt(), "no prompt")
    seen = len(t.raw)
    t.keys("echo one twx\x7fo\r")
    t.wait(lambda: "one two" in t.screen.text(), "not run")
    t.prompt()
    assert b"\x1b" not in t.raw[seen:]
    t.keys("exit\r")
    t.prompt()


# ---- a lot at once ----

def test_paste_of_a_line_of_5_kb(t):
    text = "".join("%04d" % i for i in range(1250))
    t.keys("echo %s > /paste; wc -c < /paste; tail -n 1 /paste | grep -c 1249\r" % text)
    t.wait(lambda: t.screen.text()[-3:] == ["5001", "1", "$"], "something was lost", 60)
    t.keys("test $(cat /paste) = %s && echo same\r" % text)
    t.wait(lambda: t.screen.text()[-2:] == ["same", "$"], "not the same", 60)


def test_paste_of_many_lines(t):
    lines = ["echo line %03d >> /many" % i for i in range(200)]
    t.keys("\r".join(lines) + "\r")
    t.wait(lambda: t.screen.text()[-2:] == ["$ " + lines[-1], "$"], "not done", 120)
    assert t.run("sort -u /many | wc -l; grep -c . /many; tail -n 1 /many") == [
        "200", "200", "line 199"]


def test_pasted_input_of_a_program(t):
    """What is behind the command's line is the command's, also when it came with it."""
    body = ["%04d " % i + "b" * 60 for i in range(80)]
    t.keys("cat > /body\r" + "\r".join(body) + "\r" + CTRL_D)
    t.wait(lambda: t.at_prompt(), "cat does not end", 60)
    t.quiet()
    assert t.run("wc < /body") == ["80 160 5280"]


# ---- jobs ----

INTERRUPTED = [
    "sleep 10000",
    "sleep 10000 | cat | cat",
    "cat",
    "while true; do sleep 10000; done",
    "while :; do :; done",
    "for i in 1 2 3; do sleep 10000; done",
    "( sleep 10000; echo no )",
    "sleep 10000; echo no",
    "sleep 10000 && echo no || echo no",
    "echo $(sleep 10000)",
    "x=$(cat)",
    "sh -c 'sleep 10000; echo no'",
    "sh -c 'sleep 10000 | sleep 10000'",
    "sleep 3000 & wait",
    "read x",
    "while read x; do sleep 10000; done < /README",
    "f() { f2; }; f2() { sleep 10000; }; f",
    "seq 1 100000000 > /dev/null",
    "cat /dev/zero | wc > /dev/null",
    "xargs echo",
]


@pytest.mark.parametrize("command", INTERRUPTED)
def test_ctrl_c_ends_the_job(t, command):
    t.keys(command + "\r")
    t.wait(lambda: t.screen.row > 0, "not started")
    t.quiet(0.3)
    assert not t.at_prompt(), t
    t.keys(CTRL_C)
    t.prompt()
    assert not [x for x in t.screen.text() if x == "no"], t
    assert t.run("echo $?") == ["130"]
    if "wait" not in command:
        assert not [x for x in t.run("ps") if re.search(r" (sleep|cat|seq|wc|xargs) ", x)], t
    else:
        t.run("kill $!")


def test_a_loop_with_its_input_from_a_file(t):
    """The shell asks its terminal about Ctrl-C, not what the loop reads."""
    t.run("seq 1 3 > /tmp/lines")
    assert t.run("while read x; do echo got $x; done < /tmp/lines; echo $?") == [
        "got 1", "got 2", "got 3", "0"]
    assert t.run("exec 3< /tmp/lines; while read x <&3; do echo $x; done; exec 3<&-") == [
        "1", "2", "3"]


def test_ctrl_c_leaves_the_background_alone(t):
    t.keys("sleep 10000 &\r")
    t.wait(lambda: re.match(r"\[\d+\]\n\$$", "\n".join(t.screen.text()[-2:])), "no job")
    t.keys("sleep 10000" + "\r")
    t.quiet()
    t.keys(CTRL_C)
    t.prompt()
    assert re.match(r"\[(\d+)\] running  sleep 10000$", t.run("jobs")[0]), t
    assert t.run("kill $!; wait $!; echo $?") == ["137"]
    assert t.run("jobs") == []


def test_background_jobs(t):
    out = t.run("( sleep 2; exit 3 ) & ls / | cat > /dev/null & jobs")
    assert any(x.endswith("( sleep 2; exit 3 )") for x in out), out
    t.wait(lambda: t.run(":") or True)
    time.sleep(0.5)
    t.keys("\r")
    t.wait(lambda: any("ended with status 3: ( sleep 2; exit 3 )" in x
                       for x in t.screen.all_text()), "not told")
    t.prompt()
    assert t.run("sleep 1 & wait $!; echo $?")[-1] == "0"


def test_ctrl_d_ends_a_nested_shell_and_input(t):
    t.keys("sh\r")
    t.shows("$ sh", "$")
    t.keys("echo inner\r")
    t.shows("inner", "$")
    t.keys(CTRL_D)
    t.shows("$", "$")
    cat(t, "text\r", "text", "text", "")
    t.keys(CTRL_D)
    t.shows("$ cat", "text", "text", "$")


def test_the_shell_takes_the_terminal_back_from_a_killed_shell(t):
    """A shell that dies while it edits leaves raw mode behind."""
    t.keys("sh\r")
    t.shows("$ sh", "$")
    t.keys("kill $$\r")
    t.wait(lambda: "Killed" in t.screen.all_text(), "not killed")
    t.prompt()
    assert t.run("echo on") == ["on"]


# ---- the console itself, for other programs ----

def cat(t, keys, *shown):
    t.keys("cat\r")
    t.shows("$ cat", "")
    t.keys(keys)
    t.shows(*shown)


@pytest.mark.parametrize("keys, shown", [
    ("abx\x7fc\r", ("abc", "abc", "")),
    ("wrong\x15right\r", ("right", "right", "")),
    ("one two  \x17three\r", ("one three", "one three", "")),
    ("h\u00e9\u00e9\x7fx\r", ("h\u00e9x", "h\u00e9x", "")),
    ("a\x1b[A\x7f\x7f\x7fb\r", ("ab", "ab", "")),
    ("a\x0cb\r", ("a^Lb", "a\x0cb".replace("\x0c", ""), "")),
])
def test_cooked_mode(t, keys, shown):
    cat(t, keys, *shown)
    t.keys(CTRL_D)
    t.prompt()


def test_ctrl_d_behind_some_text_does_not_end_the_input(t):
    cat(t, "half" + CTRL_D, "halfhalf")
    t.keys("more\r")
    t.shows("halfhalfmore", "more", "")
    t.keys(CTRL_D)
    t.prompt()


PROCESS_LIST = r"PID  PPID S CPU NAME +WAITS FOR"


def process_list(t):
    """What Ctrl-P prints."""
    seen = len(t.raw)
    t.keys(CTRL_P)
    t.wait(lambda: re.search(PROCESS_LIST.encode() + rb".*\n +\d+ +\d+ [RSZ] .*\n", t.raw[seen:],
                             re.S), "no list")
    t.quiet()
    text = t.raw[seen:].decode().replace("\r", "")
    assert re.search(r"\n +1 +0 S +\d+ init +wait", text), text
    return text


def test_ctrl_p_lists_processes(t):
    text = process_list(t)                              # raw mode
    assert re.search(r"\n +\d+ +1 [RS] +\d+ sh +", text), text
    t.keys(CTRL_C)
    t.prompt()
    t.keys("sleep 10000 | cat\r")
    t.quiet()
    text = process_list(t)                              # cooked mode
    assert re.search(r" S +\d+ sleep +\S", text) and re.search(r" S +\d+ cat +pipe", text), text
    t.keys(CTRL_C)
    t.prompt()


def test_ctrl_p_while_everything_is_busy(built):
    """One processor, programs that never sleep, and a shell that waits for them."""
    t = Terminal(cpus=1)
    t.prompt()
    t.keys("(while :; do :; done) & (while :; do :; done) & while :; do :; done\r")
    t.quiet(1)
    text = process_list(t)
    assert len(re.findall(r" R +0 sh ", text)) == 3, text
    t.keys(CTRL_C)
    t.wait(lambda: t.screen.text()[-1] == "$", "no prompt")
    t.leave()


def test_ctrl_p_while_processes_come_and_go(debug_kernel):
    """On the kernel that checks the order of its locks."""
    t = Terminal(cpus=4, variant=debug_kernel)
    t.prompt()
    t.keys("for j in 1 2 3; do (for i in $(seq 1 150); do true | /bin/true; done) & done; wait\r")
    for _ in range(30):
        t.keys(CTRL_P)
        t.pump(0.05)
    t.wait(lambda: t.screen.text()[-1] == "$", "it hangs", 60)
    assert "panic" not in "".join(t.screen.past)
    t.leave()
