"""The host side of the console's frames, without a guest."""

import random

from quire import guest, image


def decode(pieces):
    frames = guest.Frames()
    streams = {"k": b"", "o": b"", "e": b""}
    for piece in pieces:
        for stream, data in frames.feed(piece):
            streams[stream] += data
    return streams


def encode(parts):
    """As the kernel does it: a switch before every part, byte 16 doubled."""
    return b"".join(b"\x10" + s.encode() + d.replace(b"\x10", b"\x10\x10") for s, d in parts)


def test_streams_are_told_apart():
    wire = b"OpenSBI\r\n" + encode([("k", b"boot\n"), ("o", b"out"), ("e", b"err"), ("o", b"2")])
    assert decode([wire]) == {"k": b"OpenSBI\r\nboot\n", "o": b"out2", "e": b"err"}


def test_any_bytes_cut_anywhere():
    rng = random.Random(1)
    for _ in range(200):
        parts = [(rng.choice("oek"), bytes(rng.choice([16, 16, 0, 10, 13, 111, 107, 101, 4])
                                           for _ in range(rng.randrange(8))))
                 for _ in range(rng.randrange(12))]
        want = {s: b"".join(d for t, d in parts if t == s) for s in "koe"}
        wire = encode(parts)
        cuts = sorted(rng.randrange(len(wire) + 1) for _ in range(rng.randrange(6)))
        pieces = [wire[a:b] for a, b in zip([0] + cuts, cuts + [len(wire)])]
        assert decode(pieces) == want


def test_arguments_survive_the_boot_parameters():
    assert guest.encode_args(["ls", "-l", "/bin"]) == "ls,-l,/bin"
    assert guest.encode_args(["a b", "c,d", "50%", "", "\u00e9"]) == "a%20b,c%2Cd,50%25,,%C3%A9"


def test_sparse_copy_is_the_same_file(tmp_path):
    rng = random.Random(2)
    source, target = tmp_path / "a", tmp_path / "b"
    with open(source, "wb") as f:
        for _ in range(20):
            f.seek(rng.randrange(1 << 24))
            f.write(rng.getrandbits(40000).to_bytes(5000, "big"))
        f.truncate(1 << 24)
    image.copy_sparse(str(source), str(target))
    assert source.read_bytes() == target.read_bytes()
