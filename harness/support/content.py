"""The content that every server serves, and the scratch folder it lives in.

Made once per session, outside of pytest's own temporary folders: those are private to root, and
apache and nginx read as www-data. Knows no server.
"""

import hashlib
import os
import random
import shutil
import tempfile
from pathlib import Path

SMALL = 200
BIG = 320_000
HUGE = 50_000_000
MEBIBYTE = 1 << 20
LONG_AGO = 1_600_000_000  # Apache calls the ETag of a file that has just changed weak


def noise(size, seed):
    """Bytes that compress to nothing else: a lost, doubled or moved block changes the digest."""
    return random.Random(seed).randbytes(size)


def make_folder():
    folder = Path(tempfile.mkdtemp(prefix="lastcall-harness-"))
    folder.chmod(0o755)
    return folder


def make_root():
    root = make_folder()
    www = root / "www"
    www.mkdir(mode=0o755)
    (www / "small.txt").write_bytes((b"small and plain " * 13)[:SMALL - 1] + b"\n")
    (www / "big.bin").write_bytes(noise(BIG, seed=1))
    (www / "empty.txt").write_bytes(b"")
    (www / "one.txt").write_bytes(b"1")
    (www / "page.bin").write_bytes(noise(4096, seed=3))
    (www / "edge.bin").write_bytes(noise(65_537, seed=4))
    (www / "index.html").write_bytes(b"<!doctype html><title>index</title>\n")
    write_huge(www / "huge.bin")
    for file in www.iterdir():
        os.utime(file, (LONG_AGO, LONG_AGO))
    return root


def write_huge(path):
    """One block of noise repeated, each copy numbered: cheap to make, still sensitive to order."""
    block = noise(MEBIBYTE, seed=2)
    with open(path, "wb") as file:
        for number in range(HUGE // MEBIBYTE + 1):
            piece = number.to_bytes(8, "big") + block[8:]
            file.write(piece[:HUGE - file.tell()])


def digest(data):
    return hashlib.sha256(data).hexdigest()


def file_digest(path):
    return digest(Path(path).read_bytes())


def remove_root(root):
    shutil.rmtree(root, ignore_errors=True)


def reachable(path):
    """A folder that a server may write to after it has dropped its privileges."""
    os.makedirs(path, exist_ok=True)
    os.chmod(path, 0o777)
    return Path(path)
