"""The packages of npm that the tests of HTTP/2 use, put into the build folder once."""

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent.parent.parent / "build" / "h2-npm"


def modules():
    """The folder for NODE_PATH; skips the test when npm cannot fetch them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "lock", "w") as lock:  # several workers want them at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted, stamp = (HERE / "package-lock.json").read_text(), FOLDER / "installed"
        if not stamp.exists() or stamp.read_text() != wanted:
            fetch()
            stamp.write_text(wanted)
    return str(FOLDER / "node_modules")


def fetch():
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, FOLDER)
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                          cwd=FOLDER, capture_output=True, text=True, timeout=300)
    if done.returncode:
        pytest.skip(f"npm cannot fetch grpc-js: {done.stderr[-300:]}")
