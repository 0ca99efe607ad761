"""Packages of npm, put into the build folder once, exactly as a lock file names them.

A folder has package.json and package-lock.json; no script of a package is run. Knows npm. Refuses to
know what the packages are.
"""

import fcntl
import shutil
import subprocess
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / "build"
QUIETLY = ["--ignore-scripts", "--no-audit", "--no-fund"]
PATIENCE = 300


def modules(wanted, name, *words):
    """The folder of what the lock file in `wanted` names; skips the test when npm cannot fetch it."""
    folder = BUILD / name
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:  # several workers want them at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        text, stamp = (wanted / "package-lock.json").read_text(), folder / "installed"
        if not stamp.exists() or stamp.read_text() != text:
            for file in ("package.json", "package-lock.json"):
                shutil.copy(wanted / file, folder)
            run("ci", folder, *words)
            stamp.write_text(text)
    return folder / "node_modules"


def newest(package, name):
    """The folder of what the registry has of one package today: asked anew each time."""
    folder = BUILD / name
    folder.mkdir(parents=True, exist_ok=True)
    run("install", folder, "--no-save", "--no-package-lock", f"{package}@latest")
    return folder / "node_modules" / package


def run(command, folder, *words):
    import pytest  # only a test asks; who only lists servers may be without it
    try:
        done = subprocess.run(["npm", command, *QUIETLY, *words], cwd=folder, capture_output=True,
                              text=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"npm cannot fetch what is wanted: {error}")
    if done.returncode:
        pytest.skip(f"npm cannot fetch what is wanted: {done.stderr[-300:]}")
