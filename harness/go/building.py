"""Builds the programs of programs/, each variant once per content of its sources, into build/go.

Knows the go command and Debian's libraries for it. Refuses to know what the programs do. Several test
processes may ask at once: one builds, under another name until it is whole, and the others wait.
"""

import fcntl
import functools
import hashlib
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE / "programs"
BUILD = HERE.parent.parent / "build" / "go"
GO_PATH = Path("/usr/share/gocode")  # Debian's Go libraries
PATIENCE = 900


@dataclass(frozen=True)
class Variant:
    """A way to build; a dynamic one has a loader, which takes preloads."""

    cgo: bool = False
    flags: tuple = ()
    dynamic: bool = False
    machine: str = field(default="", repr=False)  # another than this one, as Go calls it


GLIBC = "-linkmode=external -extldflags={}"

VARIANTS = {
    "static": Variant(),
    "stripped": Variant(flags=("-ldflags=-s -w",)),
    "static-pie": Variant(True, ("-buildmode=pie", "-tags=netgo osusergo",
                                 f"-ldflags={GLIBC.format('-static-pie')}")),
    "cgo-static": Variant(True, ("-tags=netgo osusergo", f"-ldflags={GLIBC.format('-static')}")),
    "cgo": Variant(True, dynamic=True),
    "pie": Variant(flags=("-buildmode=pie",), dynamic=True),
    "cgo-pie": Variant(True, ("-buildmode=pie",), dynamic=True),
    "race": Variant(True, ("-race",), dynamic=True),
    "decoy": Variant(flags=("-tags=decoy",)),
    "arm64": Variant(machine="arm64"),
}


def library(path):
    """Where Debian puts a Go library: the file that says whether it is there."""
    return str(GO_PATH / "src" / path)


@functools.cache
def built(name, variant="static"):
    """The path of the program `name`, built in this way."""
    command = ["go", "build", "-p", "1", *VARIANTS[variant].flags]
    target = BUILD / f"{name}-{variant}-{digest(name, variant)}"
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(BUILD / "lock", "w") as lock:  # one at a time: the go command wants every processor
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            build_to(target, command, PROGRAMS / name, VARIANTS[variant])
    return target


def digest(name, variant):
    version = subprocess.run(["go", "version"], capture_output=True, timeout=60, check=True).stdout
    seen = hashlib.sha256(version + repr(VARIANTS[variant]).encode())
    for source in sorted([*(PROGRAMS / name).glob("*.go"), *(PROGRAMS / name).glob("*.s")]):
        seen.update(source.read_bytes())
    return seen.hexdigest()[:12]


def build_to(target, command, source, variant):
    own = target.with_name(f"{target.name}.{os.getpid()}")
    env = {**os.environ, "CGO_ENABLED": "1" if variant.cgo else "0", "GO111MODULE": "off",
           "GOFLAGS": "", "GOPATH": str(GO_PATH), "GOCACHE": str(BUILD / "cache"),
           "GOARCH": variant.machine}
    done = subprocess.run([*command, "-o", str(own), "."], cwd=source, env=env, capture_output=True,
                          text=True, timeout=PATIENCE)
    assert not done.returncode, f"{' '.join(command)} in {source}\n{done.stdout}{done.stderr}"
    own.rename(target)


def tool(*words):
    """What one of go's own tools prints; it fails when that cannot read what it is given."""
    env = {**os.environ, "GO111MODULE": "off", "GOFLAGS": "", "GOCACHE": str(BUILD / "cache")}
    done = subprocess.run(["go", "tool", *map(str, words)], capture_output=True, timeout=120,
                          env=env, stdin=subprocess.DEVNULL)
    assert not done.returncode, done.stderr.decode(errors="replace")[-2000:]
    return done.stdout.decode(errors="replace")
