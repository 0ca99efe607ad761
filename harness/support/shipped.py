"""What is shipped, by which names, and systems of its own to try it in.

Knows debootstrap, and keeps what it made as an archive. Refuses to know what is tried.
"""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from conftest import REPOSITORY

BUILD = REPOSITORY / "build"
VERSION, RELEASED = (REPOSITORY / "VERSION").read_text().split()
SHIPPED = {"lastcall", "liblastcall.so", "liblastcall-go.so"}


def run(*words, **more):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True,
                          **{"timeout": 1500, "cwd": REPOSITORY, **more})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


class System(NamedTuple):
    """As debootstrap makes it. Its script is named where an older debootstrap does not know the suite."""

    name: str
    suite: str
    mirror: str
    keyring: str
    script: str


SYSTEMS = [
    System("debian-12", "bookworm", "http://deb.debian.org/debian", "debian-archive-keyring", "sid"),
    System("ubuntu-24.04", "noble", "http://archive.ubuntu.com/ubuntu", "ubuntu-archive-keyring", "gutsy"),
]


def bootstrap(system, folder):
    keyring = Path(f"/usr/share/keyrings/{system.keyring}.gpg")
    if not keyring.exists():  # what nobody has signed is not run as root
        pytest.skip(f"no {system.name} can be had: there is no {keyring}")
    try:
        run("debootstrap", "--variant=minbase", f"--keyring={keyring}", "--force-check-gpg", system.suite,
            folder, system.mirror, system.script)
    except AssertionError as error:
        pytest.skip(f"no {system.name} can be had: {str(error)[-200:]}")


@contextmanager
def fresh(system, folder):
    """The root of a system without anything: made once, kept as an archive, and fresh each time."""
    if os.geteuid() != 0:
        pytest.skip("root alone can make another root")
    root, archive = folder / "root", BUILD / f"{system.name}.tar"
    if not archive.exists():
        bootstrap(system, folder / "new")
        run("tar", "-C", folder / "new", "-cf", folder / "new.tar", "--exclude=./var/cache/apt", ".")
        shutil.rmtree(folder / "new")
        shutil.move(folder / "new.tar", archive)
    root.mkdir()
    run("tar", "-C", root, "-xpf", archive)
    yield root
    shutil.rmtree(root)
