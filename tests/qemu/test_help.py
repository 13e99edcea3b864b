"""Every program tells what it does, and complains about what it does not understand."""

import re

import pytest

from guestlib import boot

# They take any word for what it says.
TAKES_ANYTHING = {"echo", "true", "false", "printf"}

SCRIPT = r"""
help > /tmp/list; cat /tmp/list; echo @@
if grep -q 'does not tell' /tmp/list; then exit 9; fi
for p in /bin/*; do
	echo "@ $p"
	$p --help < /dev/null > /tmp/out 2> /tmp/err
	echo $?; cat /tmp/err; echo @; cat /tmp/out
done
echo @@
for p in /bin/*; do
	echo "@ $p"
	$p --no-such-option < /dev/null > /tmp/out 2> /tmp/err
	echo $?; cat /tmp/out; echo @; cat /tmp/err
done
"""


@pytest.fixture(scope="module")
def answers():
    r = boot("sh", "-c", SCRIPT, timeout=120)
    assert r.status == 0, r
    return r.out.split("@@\n")


def sections(text):
    """{program: (status, what should be empty, what should not)}"""
    found = {}
    for m in re.finditer(r"^@ /bin/(\S+)\n(\d+)\n(.*?)@\n(.*?)(?=^@ /bin|\Z)", text, re.S | re.M):
        found[m.group(1)] = (int(m.group(2)), m.group(3), m.group(4))
    return found


def test_help_lists_every_program_on_a_line(answers):
    lines = answers[0].splitlines()
    listed = {line.split()[0] for line in lines if line}
    assert set(sections(answers[1])) <= listed
    assert {"cd", "export", "wait"} <= listed, "commands of the shell"
    for line in lines:
        assert len(line) <= 80, line


def test_every_program_answers_help(answers):
    found = sections(answers[1])
    assert len(found) >= 30, answers[1]
    for name, (status, err, out) in found.items():
        assert status == 0 and err == "", (name, status, err)
        assert out.startswith("usage: " + name), (name, out)


def test_every_program_refuses_an_unknown_option(answers):
    found = sections(answers[2])
    assert len(found) >= 30, answers[2]
    wrong = {name: found[name] for name, (status, out, err) in found.items()
             if name not in TAKES_ANYTHING and not (status in (1, 2) and not out and name in err)}
    assert not wrong


def test_help_explains_one_command():
    r = boot("sh", "-c", "help ls cd; help none; echo $?; cd --help; exec --help")
    assert r.out.startswith("usage: ls [-aldi1]"), r
    assert "usage: cd [FOLDER]" in r.out, r
    assert re.search(r"\n1\nusage: cd .*usage: exec", r.out, re.S), r
    assert "none" in r.err, r
