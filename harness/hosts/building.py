"""Compiles the host programs, once per content of their sources, into build/hosts.

Knows compilers and flags. Refuses to know what the programs do. Several test processes may ask at
once: one compiles, under another name until it is whole, and the others wait for it.
"""

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build" / "hosts"
HOST = [f"{part}.c" for part in (
    "host", "trace", "receive", "send", "send_vectors", "send_files", "send_unseen", "lifecycle",
    "response", "connection", "actions", "children", "reuse", "refused", "loops", "passing", "disturb",
    "uring")]
FLAGS = ["-std=c11", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-pthread"]
COMPILERS = {"glibc": "gcc", "musl": "musl-gcc"}
PACKAGES = {"gcc": "gcc", "musl-gcc": "musl-tools"}


@functools.cache
def compiled(name, sources, libc="glibc", flags=(), compiler=None):
    """The path of the program `name` made of `sources`."""
    compiler = compiler or COMPILERS[libc]
    if not shutil.which(compiler):
        pytest.skip(f"install {PACKAGES.get(compiler, compiler)} to compile {name} with {compiler}")
    command = [compiler, *FLAGS, *flags, *(str(HERE / source) for source in sources)]
    target = BUILD / f"{name}-{libc}-{digest(command)}"
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(target.with_name(f"{target.name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            compile_to(target, command)
    return target


def digest(command):
    seen = hashlib.sha256(repr(command).encode())
    for source in sorted(HERE.glob("*.[ch]")):
        seen.update(source.read_bytes())
    return seen.hexdigest()[:12]


def compile_to(target, command):
    own = target.with_name(f"{target.name}.{os.getpid()}")
    result = subprocess.run([*command, "-o", str(own)], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    own.rename(target)


def library_of(compiler, name):
    """The path of a library that comes with the compiler."""
    done = subprocess.run([compiler, f"-print-file-name={name}"], capture_output=True, text=True,
                          timeout=20)
    return Path(done.stdout.strip()).resolve()


def host(libc="glibc"):
    return compiled("host", tuple(HOST), libc)


def program(name, libc="glibc", flags=()):
    """A program of one file."""
    return compiled(name, (f"{name}.c",), libc, flags)


def workers():
    """Threads that serve connections together, and their clients."""
    return compiled("workers", ("workers.c", "workers_threads.c", "workers_clients.c"))


def filtered():
    """Starts a program behind a filter of system calls."""
    return compiled("filtered", ("filtered.c", "disturb.c", "trace.c"))


def shared_object(name, libc="glibc", sources=None):
    return compiled(f"{name}.so", sources or (f"{name}.c",), libc, ("-shared", "-fPIC"))


def fault_layer():
    """A preload to stand behind ours, by which its calls fail."""
    return shared_object("faults", sources=("faults.c", "fault_bytes.c", "fault_calls.c"))


def clock():
    """A preload to stand behind ours, which tells it the time."""
    return shared_object("clock")


def host_linked_to(name, libc="glibc"):
    """The host with a shared object of ours in its needs, whose constructor comes first."""
    other = shared_object(name, libc)
    flags = ("-Wl,--no-as-needed", str(other), f"-Wl,-rpath,{other.parent}")
    return compiled(f"host-{name}", tuple(HOST), libc, flags)


def fortified_host(level):
    """As distributions build: checked calls, and the 64 names of large files."""
    flags = ("-U_FORTIFY_SOURCE", f"-D_FORTIFY_SOURCE={level}", "-D_FILE_OFFSET_BITS=64")
    return compiled(f"host-fortified-{level}", tuple(HOST), "glibc", flags)
