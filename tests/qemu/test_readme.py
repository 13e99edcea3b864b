"""The session in README.md, typed at the prompt."""

import os
import re
import subprocess

from guestlib import PORT, QUIRE, ROOT, SCALE, Session


def session_lines():
    """[(command, expected output as a pattern)] of the README's session."""
    with open(os.path.join(ROOT, "README.md")) as f:
        text = f.read()
    block = text.split("-->", 1)[1].split("## More", 1)[0]
    lines = [line[4:] for line in block.splitlines() if line.startswith("    ")]
    found = []
    for line in lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return [(cmd, "".join(".*" if o == "..." else re.escape(o).replace("N", r"\s*\d+") + "\n"
                          if o == "N" else re.escape(o) + "\n" for o in out))
            for cmd, out in found]


def test_the_session(own_disk):
    s = Session()
    s.prompt()
    for command, want in session_lines():
        if command == "halt":
            break
        got = s.type(command)
        assert re.fullmatch(want, got, re.S), (command, got)
    s.p.sendline("halt")
    s.p.expect("\0|$")
    s.p.wait()


def test_a_program_of_ones_own(tmp_path):
    with open(os.path.join(ROOT, "README.md")) as f:
        text = f.read()
    source = text.split("cat > hello.c\n", 1)[1].split("    $", 1)[0]
    (tmp_path / "hello.c").write_text("\n".join(x.strip() for x in source.splitlines()) + "\n")
    for args in (["cc", "--arch", PORT.name, "hello.c", "-o", "hello"],
                 ["run", "--arch", PORT.name, "--add", "hello", "--", "hello"]):
        r = subprocess.run([QUIRE] + args, cwd=str(tmp_path), stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120 * SCALE)
        assert r.returncode == 0, r.stderr.decode()
    assert r.stdout == b"hello\n"
