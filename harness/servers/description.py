"""What a server's file says about it, and the place in which it is started.

Quirks are named here once, so that a test asks for a name and a server gives its reason.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

from support.content import reachable

HERE = Path(__file__).resolve().parent.parent
PROGRAMS = HERE / "programs"

# ---- Quirks: how a bare server differs from the plain expectation -----------------------------

DROPS_PIPELINED = "answers the first of several pipelined requests and loses the others"
BODY_ON_HEAD = "sends a body after the head of a response to HEAD"
HALF_CLOSE_RACES = "may leave a half-closed client without (all) its responses, depending on time"
LEAVES_WHEN_CROWDED = "closes connections early, by itself, when there are many"
CLOSES_ON_EAGAIN = "closes a connection whose read answers EAGAIN when poll announced bytes"
DIES_OF_CUT_PIPELINE = "is killed, bare, by a pipelined request that comes in two reads"
CHILDREN_COME_AND_GO = "starts and ends worker processes as it likes"
NO_CHUNKED_REQUESTS = "does not understand a chunked request"
ODD_CONNECT = "does not refuse CONNECT, nor opens a tunnel"
KEEPS_RESET_POSTS = "may keep, bare, the descriptor of a client that posted and reset"
SPINS_ON_LF = "loops for ever, bare, on an LF inside a chunk extension"
LEAVES_FILES_OPEN = "closes files, bare, when its collector comes by"
HANDS_ON_PIPELINED = "gives its program, bare, pipelined requests as content of the one before them"
NAMES_EXCHANGES = "numbers every exchange in the text of its error pages"
DIES_OF_SIGPIPE = "is killed, bare, by writing to a client that left"


@dataclass
class Place:
    """Where one process of a server lives: its ports, its scratch folder, what it serves."""

    port: int
    scratch: Path
    www: Path
    build: Path
    backend_port: int = 0

    def write(self, name, text):
        path = self.scratch / name
        path.write_text(text)
        path.chmod(0o644)
        return path

    def folder(self, name):
        return reachable(self.scratch / name)

    def log(self, name):
        """An empty file that a server may append to after dropping its privileges."""
        path = self.scratch / name
        path.touch()
        path.chmod(0o666)
        return path


@dataclass(frozen=True)
class Log:
    """The server's own count of executed requests: a log with a line for each."""

    file: str


@dataclass(frozen=True)
class Counter:
    """The server's own count of executed requests: kept by its handler, told at a path."""

    path: str = "/executed"


@dataclass(frozen=True)
class Backend:
    """The server's own count of executed requests: those it passed on to its backend."""


@dataclass(frozen=True)
class Server:
    name: str
    packages: tuple
    needs: tuple  # executables, files or Python modules ("python:name"), all of the packages
    command: Callable[[Place], list]
    environment: Callable[[Place], dict] = lambda place: {}
    count: object = None
    followed: bool = True  # False: by its nature the library sees nothing of it
    backend: bool = False  # True: a proxy, started with a recording backend behind it
    tls: bool = False
    small: str = "/small.txt"
    big: Optional[str] = "/big.bin"  # None: it serves one thing only
    huge: Optional[str] = "/huge.bin"
    chunks: Optional[str] = None  # a path whose response is chunked
    post: str = "/small.txt"  # where the tests POST; a static server refuses in its own way
    length: Optional[str] = None  # a path that answers a POST with its content's length
    early: Optional[str] = None  # a path that answers a POST before it has read the content
    continues: bool = False  # answers `Expect: 100-continue` before it has the content
    upgrades: bool = False  # answers `Upgrade: echo` with 101 and echoes
    tunnels: bool = False  # answers CONNECT with 200 and echoes
    fast: bool = False  # thousands of requests a second on one connection
    backlog: int = 200  # connections that may wait for it to accept; the kernel drops more
    volatile: frozenset = frozenset()  # fields whose values differ from response to response
    quirks: dict = field(default_factory=dict)
    notices: int = 1  # its processes that were exec'ed: each may tell of a bad setting, once
    by_run: bool = False  # no loader preloads into it: `lastcall run` starts it
    wrap: tuple = ()  # the words of whatever starts it, and `lastcall run` before it

    def missing(self):
        return [need for need in self.needs if not present(need)]

    def is_odd(self, quirk):
        return quirk in self.quirks


def present(need):
    if need.startswith("python:"):
        return has_module(need.removeprefix("python:"))
    if need.startswith("perl:"):
        return quiet(["perl", f"-M{need.removeprefix('perl:')}", "-e", "1"])
    if need.startswith("ruby:"):
        return quiet(["ruby", f"-r{need.removeprefix('ruby:')}", "-e", "1"])
    return os.path.exists(need) or bool(shutil.which(need))


def quiet(argv):
    """Whether a short helper command succeeds."""
    try:
        return not subprocess.run(argv, capture_output=True, timeout=120).returncode
    except OSError:
        return False


# ---- Helpers that several families share -------------------------------------------------------

PYTHON = "/usr/bin/python3"  # Debian's, for Debian's Python packages; not always the first in PATH


def has_module(name):
    return quiet([PYTHON, "-c", f"import {name}"])


def program(name):
    return str(PROGRAMS / name)


def app_environment(place):
    """What the handlers in programs/ are told: what to serve and where."""
    return {"WWW": str(place.www), "PORT": str(place.port), "PYTHONPATH": str(PROGRAMS),
            "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(place.scratch)}


def compiled(place, source, *flags, compiler="cc"):
    """A program of programs/, built once a session. The compiler is never preloaded."""
    target = place.build / f"{Path(source).stem}-{compiler}"
    if not target.exists():
        run_build([compiler, "-O1", "-o", str(target), program(source), *flags])
    return str(target)


def run_build(argv, **kwargs):
    result = subprocess.run(argv, capture_output=True, text=True, timeout=300, **kwargs)
    assert not result.returncode, f"{' '.join(argv)}\n{result.stdout}{result.stderr}"
