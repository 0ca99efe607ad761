"""The place that is patched is in every Go program exactly once, and in no other file of the machine.

Knows where programs lie, and by which marks a Go program is known. Every file is only looked at.
"""

import mmap
import os
import subprocess
from pathlib import Path

import pytest

from go import building, elf, npm

PROGRAMS = ("/usr/bin", "/usr/sbin", "/usr/libexec", "/usr/lib/go-1.19/pkg/tool")
EVERYTHING = ("/usr", "/opt")
GO_MARKS = (b"\xff Go buildinf:", b"\x00Go build ID: ", b"Go\x00\x00")
OLD = tuple(version for version, by in npm.ESBUILDS.items() if by < "1.19")
MOST = 200_000  # files
VARIANTS = ("static", "stripped", "cgo", "pie", "cgo-static", "decoy")


def files(folders):
    """Every regular file that may be a program or a library, once."""
    seen = set()
    for folder in folders:
        for path, _, names in os.walk(folder):
            for name in names:
                file = Path(path, name)
                if not file.is_symlink() and file.is_file() and file.stat().st_ino not in seen:
                    seen.add(file.stat().st_ino)
                    yield file


def looked_at(path):
    """How often the signature is in it, and whether it is a Go program; None if it is no ELF file."""
    with open(path, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return None
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data.find(elf.SIGNATURE) < 0:
                return 0, False
            return len(elf.places(data)), any(data.find(mark) >= 0 for mark in GO_MARKS)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("folders", [PROGRAMS, pytest.param(EVERYTHING, marks=pytest.mark.suites)],
                         ids=["programs", "everything"])
def test_no_file_but_a_go_program_has_it_and_none_has_it_twice(folders):
    found = {}
    for number, path in enumerate(files(folders)):
        assert number < MOST, "more files than can be looked at"
        try:
            seen = looked_at(path)
        except OSError:
            continue
        if seen:
            found[path] = seen
    assert len(found) > 100, "where are the programs?"
    hits = {path: seen for path, seen in found.items() if seen != (0, False)}
    assert all(is_go for _, is_go in hits.values()), hits
    assert {count for count, _ in hits.values()} <= {1}, hits
    assert any("go" in str(path) for path in hits), "Go's own tools have it"


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_build_of_a_go_program_has_it_once(variant):
    if not os.path.exists("/usr/bin/go"):
        pytest.skip("install golang-go")
    assert len(elf.places(building.built("nethttp", variant).read_bytes())) == 1


@pytest.mark.parametrize("version", npm.ESBUILDS)
def test_every_esbuild_since_go_1_19_has_it_once_and_none_before(version):
    places = elf.places(Path(npm.esbuild(version)).read_bytes())
    assert len(places) == (0 if version in OLD else 1)


@pytest.mark.parametrize("change", [elf.in_other_words, elf.twice])
def test_a_changed_program_does_what_it_did(change, tmp_path):
    """So that a refusal of it is about the bytes, and nothing else."""

    path = tmp_path / "changed"
    path.write_bytes(change(building.built("nethttp").read_bytes()))
    path.chmod(0o755)
    assert len(elf.places(path.read_bytes())) != 1
    done = subprocess.run([str(path), "again"], capture_output=True, timeout=20)
    assert (done.returncode, done.stdout) == (0, b"started again\n")
