"""`./quire image`, layouts, and what else the host command does with disks."""

import filecmp
import os
import random

import pytest

from guestlib import PORT, quire
from quire import image

A = ["--arch", PORT.name]


@pytest.fixture
def blank(tmp_path):
    """A copy of the built image, for a test to change."""
    path = str(tmp_path / "disk.img")
    image.copy_sparse(PORT.image(), path)
    return path


def make_tree(top):
    rng = random.Random(5)
    for i in range(4):
        folder = top / ("d%d" % i) / "inner"
        folder.mkdir(parents=True)
        for size in (0, 1, 1023, 1024, 4097, 300000):
            (folder / ("f%d" % size)).write_bytes(bytes(rng.randrange(256) for _ in range(size)))
    (top / "d0" / "link").symlink_to("inner/f1")
    os.chmod(str(top / "d1" / "inner" / "f1"), 0o755)


def same_tree(a, b):
    for base, dirs, names in os.walk(a):
        other = os.path.join(b, os.path.relpath(base, a))
        assert sorted(os.listdir(base)) == sorted(os.listdir(other))
        for n in dirs + names:
            x, y = os.path.join(base, n), os.path.join(other, n)
            assert os.path.islink(x) == os.path.islink(y), x
            if os.path.islink(x):
                assert os.readlink(x) == os.readlink(y)
            elif os.path.isfile(x):
                assert filecmp.cmp(x, y, shallow=False), x


def test_a_folder_goes_in_and_comes_out_the_same(blank, tmp_path):
    top = tmp_path / "tree"
    top.mkdir()
    make_tree(top)
    for args in (["add", "%s:/tree" % top], ["extract", "/tree", str(tmp_path / "back")],
                 ["fsck", "-n"]):
        r = quire("image", *A, "--image", blank, *args)
        assert r.returncode == 0, r.stderr.decode()
    same_tree(str(top), str(tmp_path / "back"))


def test_whatever_a_folder_may_hold_comes_back(blank, tmp_path):
    top = tmp_path / "tree"
    (top / "empty").mkdir(parents=True)
    (top / "a" / "b" / "c").mkdir(parents=True)
    (top / "fourteen_bytes").write_text("x")
    os.link(str(top / "fourteen_bytes"), str(top / "second"))
    (top / "a" / "dangling").symlink_to("nowhere")
    (top / "a" / "loop").symlink_to("loop")
    (top / "a" / "folder").symlink_to("b/c")
    (top / "longest").symlink_to("y" * 127)
    (top / "a" / "b" / "large").write_bytes(os.urandom(1 << 20) * 8)
    (top / "many").mkdir()
    for i in range(500):
        (top / "many" / ("f%d" % i)).write_text(str(i))
    for args in (["add", "%s:/tree" % top], ["extract", "/tree", str(tmp_path / "back")],
                 ["fsck", "-n"]):
        r = quire("image", *A, "--image", blank, *args)
        assert r.returncode == 0, r.stderr.decode()
    same_tree(str(top), str(tmp_path / "back"))


def test_what_does_not_fit_is_an_error_and_leaves_nothing(blank, tmp_path):
    with open(str(tmp_path / "huge"), "wb") as f:
        f.truncate(65803 * 1024 + 1)
    (tmp_path / "far").symlink_to("z" * 128)
    os.mkfifo(str(tmp_path / "fifo"))
    before = quire("image", *A, "--image", blank, "fsck", "-n").stdout
    for name, why in (("huge", "file too large"), ("far", "path too long"), ("fifo", "neither")):
        tree = tmp_path / ("tree-" + name)
        tree.mkdir()
        os.rename(str(tmp_path / name), str(tree / name))
        r = quire("image", *A, "--image", blank, "add", "%s:/tmp" % tree)
        assert r.returncode == 1 and why in r.stderr.decode(), r.stderr
    assert quire("image", *A, "--image", blank, "fsck", "-n").stdout == before


def test_ls_and_cat(blank):
    r = quire("image", *A, "--image", blank, "ls", "/")
    assert set(r.stdout.decode().split()) >= {"README", "bin", "dev", "tmp"}
    r = quire("image", *A, "--image", blank, "cat", "/README")
    assert r.stdout.startswith(b"# Quire")


def test_what_is_not_there_is_an_error(blank):
    r = quire("image", *A, "--image", blank, "cat", "/none")
    assert r.returncode != 0 and b"/none" in r.stderr
    r = quire("image", *A, "--image", blank + "x", "ls")
    assert r.returncode == 1 and b"Traceback" not in r.stderr


def test_fsck_finds_damage_and_repairs_it(blank):
    with open(blank, "r+b") as f:
        # The entry in /, behind the copy in the journal, names a free inode.
        name = b"README" + bytes(8)
        image = f.read(50 << 20)
        root = max(at for at in range(0, len(image), 1024)
                   if image[at + 2:at + 16] == b"." + bytes(13) and
                   image[at + 18:at + 32] == b".." + bytes(12) and
                   name in image[at:at + 1024])
        f.seek(image.index(name, root) - 2)
        f.write(b"\x34\x12")
    assert quire("image", *A, "--image", blank, "fsck", "-n").returncode == 4
    assert quire("image", *A, "--image", blank, "fsck", "-y").returncode == 1
    assert quire("image", *A, "--image", blank, "fsck", "-n").returncode == 0


def test_an_image_is_made_the_same_each_time(tmp_path):
    mkfs = os.path.join(image.TOOLS, "mkfs")
    assert os.path.exists(mkfs)
    for name in ("a", "b"):
        assert image.tool("mkfs", ["-b", "20000", str(tmp_path / name),
                                   os.path.join(PORT.out(), "root")]) == 0
    assert filecmp.cmp(str(tmp_path / "a"), str(tmp_path / "b"), shallow=False)


def test_the_xv6_layout_names_programs_in_the_root():
    r = quire("run", *A, "--layout", "xv6", "--", "sh", "-c", "ls /; cd /; ./echo here")
    names = r.stdout.decode().split()
    assert {"README", "cat", "echo", "sh", "here"} <= set(names), r


def test_a_script_on_stdin_works_on_the_disk_that_stays(own_disk):
    r = quire("run", *A, stdin=None, input=b"echo kept > /note\necho done\nexit 3\n")
    assert (r.returncode, r.stdout) == (3, b"done\n"), r
    r = quire("run", *A, stdin=None, input=b"cat /note\n")
    assert (r.returncode, r.stdout) == (0, b"kept\n"), r
    r = quire("image", *A, "cat", "/note")
    assert r.stdout == b"kept\n"


def test_a_rebuilt_program_replaces_the_old_one_and_files_stay(own_disk):
    quire("run", *A, stdin=None, input=b"echo mine > /mine\n")
    disk, record = image.disk_paths(PORT, "unix")
    # As if /bin/echo had been built anew since: its record says something else.
    text = open(record).read().replace('"/bin/echo": "', '"/bin/echo": "old')
    with open(record, "w") as f:
        f.write(text)
    quire("image", *A, "--image", disk, "add", "/etc/hostname:/bin/echo")
    r = quire("run", *A, stdin=None, input=b"echo fresh; cat /mine\n")
    assert r.stdout == b"fresh\nmine\n", r
