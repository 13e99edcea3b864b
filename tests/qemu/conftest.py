"""What the guest tests share: one image with the test programs, made once."""

import glob
import os

import pytest

from guestlib import PORT, ROOT, compile_program, disk_with
from quire.build import build


def pytest_terminal_summary(terminalreporter):
    """Tell ./quire test how many passed and failed."""
    path = os.environ.get("QUIRE_TEST_COUNTS")
    if path:
        def n(*kinds):
            return sum(len(terminalreporter.stats.get(k, [])) for k in kinds)
        with open(path, "w") as f:
            f.write("%d %d" % (n("passed"), n("failed", "error")))


PROGRAMS = sorted(glob.glob(os.path.join(ROOT, "tests", "qemu", "prog", "*.c")))


@pytest.fixture(scope="session", autouse=True)
def built():
    """The kernel and the image; ./quire test has made them already, a bare pytest has not."""
    build(PORT.name, ["kernel", "image", "host-tools"])


@pytest.fixture(scope="session")
def debug_kernel(built):
    """Lock ranks are checked, freed memory is poisoned."""
    build(PORT.name, ["kernel"], ["DEBUG=1"])
    return "-debug"


@pytest.fixture(scope="session")
def progs(built, tmp_path_factory):
    """{name: path on the host} of the tests' own guest programs."""
    folder = tmp_path_factory.mktemp("prog")
    return {os.path.basename(c)[:-2]: compile_program(c, str(folder / os.path.basename(c)[:-2]))
            for c in PROGRAMS}


@pytest.fixture(scope="session")
def disk(progs, tmp_path_factory):
    """An image with those programs in /bin. Boots leave it as it is."""
    path = str(tmp_path_factory.mktemp("disk") / "disk.img")
    return disk_with(path, {"/bin/" + name: host for name, host in progs.items()})


@pytest.fixture(scope="session")
def small_disk(progs, tmp_path_factory):
    """The same, with little room left."""
    path = str(tmp_path_factory.mktemp("small") / "disk.img")
    return disk_with(path, {"/bin/" + name: host for name, host in progs.items()}, blocks=16384)


@pytest.fixture(params=[1, 2, 4], ids=lambda n: "%dcpu" % n)
def cpus(request):
    return request.param


@pytest.fixture
def own_disk():
    """The disk that stays, as new; put back afterwards."""
    base = os.path.join(PORT.out(), "disk")
    saved = []
    for end in (".img", ".json"):
        if os.path.exists(base + end):
            os.replace(base + end, base + end + ".saved")
            saved.append(end)
    yield
    for end in (".img", ".json"):
        if os.path.exists(base + end):
            os.unlink(base + end)
        if end in saved:
            os.replace(base + end + ".saved", base + end)
