"""The shell and the programs of SPEC 5: what they print, and their statuses.

All cases run in one boot, each in a subshell of its own.
"""

import re

import pytest

from guestlib import PORT, boot, disk_with

CASES = {
    # name: (script, stdout, status)
    "echo": ("echo hello  world", "hello world\n", 0),
    "quotes": ("echo 'a  b' \"c  d\" e\\ f '\"' \"'\"", "a  b c  d e f \" '\n", 0),
    "comment": ("echo a # b", "a\n", 0),
    "list": ("echo a; echo b", "a\nb\n", 0),
    "and": ("true && echo yes; false && echo no", "yes\n", 1),
    "or": ("false || echo yes; true || echo no", "yes\n", 0),
    "subshell": ("( cd /bin; echo in ); echo out", "in\nout\n", 0),
    "status": ("false; echo $?; true; echo $?", "1\n0\n", 0),
    "exit-status": ("sh -c 'exit 9'; echo $?", "9\n", 0),
    "variable": ("x=5; echo $x ${x}y \"$x\" '$x'", "5 5y 5 $x\n", 0),
    "environment": ("export Y=7; sh -c 'echo $Y'", "7\n", 0),
    "environment-once": ("Z=3 sh -c 'echo $Z'; echo [$Z]", "3\n[]\n", 0),
    "pipe": ("echo hello | cat", "hello\n", 0),
    "pipe-of-five": ("cat /README | grep -v zzz | cat | cat | wc -l > /tmp/n; wc -l < /README > "
                     "/tmp/m; read n < /tmp/n; read m < /tmp/m; test $n = $m && echo same",
                     "same\n", 0),
    "pipe-status": ("false | true; echo $?; true | false; echo $?", "0\n1\n", 0),
    "redirect": ("echo a > /tmp/r; echo b >> /tmp/r; cat < /tmp/r", "a\nb\n", 0),
    "redirect-truncates": ("echo long line > /tmp/t; echo s > /tmp/t; cat /tmp/t", "s\n", 0),
    "redirect-stderr": ("ls /none 2> /tmp/e; cat /tmp/e | wc -l", "1\n", 0),
    "redirect-missing": ("cat < /none; echo $?", "1\n", 0),
    "background": ("sleep 1 & wait; echo done", "done\n", 0),
    "pattern": ("mkdir /tmp/p; cd /tmp/p; echo > a1; echo > a2; echo > b1; echo a* ?1 z*",
                "a1 a2 a1 b1 z*\n", 0),
    "script": ("echo 'echo from $1 script' > /tmp/s; sh /tmp/s a", "from a script\n", 0),
    "script-stdin": ("echo 'echo from stdin' | sh", "from stdin\n", 0),
    "not-found": ("no-such-command; echo $?", "127\n", 0),
    "not-executable": ("/tmp; echo $?", "126\n", 0),
    "cd": ("cd /bin; cd ..; cd tmp; cd /none || echo no", "no\n", 0),
    "wc": ("echo one two | wc > /tmp/w; read l w c < /tmp/w; echo $l-$w-$c", "1-2-8\n", 0),
    "grep": ("echo 'abc' | grep b; echo abc | grep z; echo $?", "abc\n1\n", 0),
    "ln": ("echo q > /tmp/l1; ln /tmp/l1 /tmp/l2; rm /tmp/l1; cat /tmp/l2", "q\n", 0),
    "mkdir-rm": ("mkdir /tmp/d; mkdir /tmp/d; echo $?; rm /tmp/d; ls /tmp/d; echo $?",
                 "1\n1\n", 0),
    "sleep-usage": ("sleep; echo $?; sleep 0; echo $?; sleep -1; echo $?; sleep x; "
                    "echo $?", "1\n1\n1\n1\n", 0),
    "sleep": ("sleep 5; echo $?", "0\n", 0),
    "find": ("mkdir /tmp/f; mkdir /tmp/f/README; echo > /tmp/f/README/README; find /tmp/f README",
             "/tmp/f/README\n/tmp/f/README/README\n", 0),
    "find-root": ("cd /; find . README", re.compile(r"^(\./\S*README\n)*\./README\n"), 0),
    "find-missing": ("find /none README; echo $?", "1\n", 0),
    "xargs": ("echo a > /tmp/x1; echo b >> /tmp/x1; cat /tmp/x1 | xargs echo x", "x a\nx b\n", 0),
    "xargs-words": ("echo a b c | xargs -n 2 echo x", "x a b\nx c\n", 0),
    "xargs-status": ("echo a | xargs false || echo no; echo a | xargs true && echo yes",
                     "no\nyes\n", 0),
    "xargs-lines": ("cd /; ls / | xargs -n 1 echo > /tmp/1; ls / > /tmp/2; same /tmp/1 /tmp/2 && "
                    "echo same", "same\n", 0),
    "orphans": ("( sleep 2 & ); echo on", "on\n", 0),
    "big-write": ("cat /bin/* > /tmp/big; cat /bin/* | same - /tmp/big && echo same; rm /tmp/big",
                  "same\n", 0),
    "kill": ("sleep 1000 & kill $!; wait $!; echo $?", "137\n", 0),
    "long-line": ("echo " + "x" * 500, "x" * 500 + "\n", 0),
    "local": ("f() { local v=in w; w=x; echo $v$w; }; v=out; f; echo $v[$w]", "inx\nout[]\n", 0),
    "local-nested": ("g() { local v=3; echo $v; }; f() { local v=2; g; echo $v; }; v=1; f; echo $v",
                     "3\n2\n1\n", 0),
    "script-refused": ("printf '\\177ELF\\0' > /tmp/elf; sh /tmp/elf 2>&1; echo $?; sh /none 2>&1; "
                       "echo $?", "sh: /tmp/elf: neither a program for this machine nor a script\n"
                       "126\nsh: /none: No such file or directory\n127\n", 0),
    "return-status": ("f() { return; }; false; f; echo $?; g() { echo $?; }; false; g; echo $?; "
                      "h() { for i in; do :; done; }; false; h; echo $?", "1\n1\n0\n0\n", 0),
    "printf-b": ("printf '%b|' 'a\\tb' '\\0101\\102' 'x\\cy' z; echo; printf '%d%b\\n' 1 '\\\\'",
                 "a\tb|AB|x\n1\\\n", 0),
    "local-outside": ("local x=1; echo $?", "1\n", 0),
    "command": ("echo() { printf fn; }; command echo real; command -v cd; command -v ls; "
                "command -v none; printf '%s ' $?; echo", "real\ncd\n/bin/ls\n127 fn", 0),
    "empty": ("", "", None),
}


@pytest.fixture(scope="module", params=[1, 2, 4], ids=lambda n: "%dcpu" % n)
def results(request, progs, tmp_path_factory):
    """{case: (stdout, status)} of one boot with so many processors."""
    folder = tmp_path_factory.mktemp("shell")
    script = folder / "cases"
    lines = []
    for name, (text, _, _) in CASES.items():
        if name == "empty":
            text = "true"
        (folder / name).write_text(text + "\n")
        lines += ["echo @@ %s" % name, "( sh /cases.d/%s )" % name, "echo @@ = $?"]
    script.write_text("\n".join(lines) + "\necho @@ end\n")
    files = {"/cases.d/" + name: str(folder / name) for name in CASES}
    files["/cases"] = str(script)
    files["/bin/same"] = progs["same"]
    disk = disk_with(str(folder / "disk.img"), files)
    r = boot("sh", "/cases", disk=disk, cpus=request.param, timeout=120)
    found = {}
    for m in re.finditer(r"@@ ([\w-]+)\n(.*?)@@ = (\d+)\n", r.out, re.S):
        found[m.group(1)] = (m.group(2), int(m.group(3)))
    found["whole"] = r
    return found


@pytest.mark.parametrize("name", [n for n in CASES if n != "empty"])
def test_shell(results, name):
    assert name in results, results["whole"]
    out, status = results[name]
    _, want, want_status = CASES[name]
    if isinstance(want, re.Pattern):
        assert want.search(out), out
    elif want is not None:
        assert out == want
    assert status == want_status


def test_find_lists_readme():
    assert "./README\n" in boot("find", ".", "README").out


def test_xargs_wc_of_everything():
    r = boot("sh", "-c", "ls | xargs -n 1 wc")
    assert r.status in (0, 1), r        # wc of a folder may fail
    assert "README" in r.out


def test_sleep_takes_its_time():
    short = boot("sleep", "1").seconds
    long = boot("sleep", "31").seconds
    assert 2.5 < long - short < 4.5, (short, long, PORT.name)
