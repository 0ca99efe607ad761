"""Status pages made by hand, and the processes that map them, for tests of the command.

Knows the layout (include/lastcall/status_page.hpp) and how the command is run. Needs
no library: what is tested is what the command makes of a page.
"""

import mmap
import os
import struct
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.process import environment, stat_of

VERSION = 5
WORKERS = 256
CONTROL, FIRST_WORKER = 64, 512
WORKER_SIZE, COUNTERS = 512, 24
SIZE = FIRST_WORKER + WORKERS * WORKER_SIZE
ROOM = -(-SIZE // mmap.PAGESIZE) * mmap.PAGESIZE  # of the file: whole pages of memory
COUNTS = ["connections", "exchanges", "last_requests", "last_age", "last_drain", "rate_deferred",
          "bytes_discarded", "sent_on", "unproven"]
HTTP2_COUNTS = ["connections", "told_requests", "told_age", "told_drain", "finished", "left", "sent_on"]
LENGTHS = [0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000, "more"]
OPAQUE = {"tls": 1, "upgrade": 8, "malformed_frames": 19}
OPAQUE_PLACES = 24
WORDS = {"requests": ("I", 0), "age": ("I", 4), "jitter": ("I", 8), "rate": ("I", 12),
         "drain_start": ("Q", 16), "drain_ramp": ("I", 24), "observe": ("I", 28)}

# Maps the file named, after making it if it is not there, and stays until its input ends.
HOLDER = """
import fcntl, mmap, os, sys
folder, size = sys.argv[1], int(sys.argv[2])
start = open("/proc/self/stat").read().rpartition(")")[2].split()[19]
path = sys.argv[3] if len(sys.argv) > 3 else f"{folder}/lastcall-{os.getpid()}-{start}"
fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
if os.fstat(fd).st_size == 0:
    os.truncate(fd, size)
page = mmap.mmap(fd, size)
fcntl.flock(fd, fcntl.LOCK_SH)
os.close(fd)
# then
print(os.getpid(), start, path, flush=True)
sys.stdin.read()
"""


class Page:
    """A process that maps a page, and the page's words."""

    def __init__(self, folder, path=None, wrap=(), then=""):
        """`then`: what its process does between mapping the page and telling so."""
        program = HOLDER.replace("# then", then)
        command = [*wrap, sys.executable, "-c", program, str(folder), str(ROOM)]
        self.process = subprocess.Popen([*command, str(path)] if path else command, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        pid, start, path = self.process.stdout.readline().split()
        self.pid, self.start, self.path = int(pid), int(start), Path(path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """As servers go that cannot clean up: the file stays. Through its input, not by a signal,
        which would reach only what started it in namespaces of its own."""
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()

    # ---- words ------------------------------------------------------------------------------

    def put(self, form, offset, *values):
        with open(self.path, "r+b") as file:
            with mmap.mmap(file.fileno(), ROOM) as page:
                struct.pack_into(form, page, offset, *values)

    def fill(self, pid=None, start=None):
        self.put("8sIIiIQ", 0, b"lastcall", VERSION, SIZE, pid or self.pid, WORKERS, start or self.start)
        self.set(requests=1000)
        self.put("I", 32, 1)
        return self

    def set(self, **words):
        for name, value in words.items():
            form, offset = WORDS[name]
            self.put(form, CONTROL + offset, value)

    def word(self, name):
        form, offset = WORDS[name]
        return struct.unpack_from(form, self.path.read_bytes(), CONTROL + offset)[0]

    def worker(self, place, pid, start, open=0, opaque=None, http2=None, ended=None, ended_exchanges=0,
               **counts):
        at = FIRST_WORKER + place * WORKER_SIZE
        self.put("iQq", at, pid, 1000 * start // os.sysconf("SC_CLK_TCK"), open)
        numbers = {COUNTS.index(name): value for name, value in counts.items()}
        numbers |= {len(COUNTS) + OPAQUE[name]: value for name, value in (opaque or {}).items()}
        numbers |= {len(COUNTS) + OPAQUE_PLACES + HTTP2_COUNTS.index(name): value
                    for name, value in (http2 or {}).items()}
        lengths = len(COUNTS) + OPAQUE_PLACES + len(HTTP2_COUNTS)
        numbers |= {lengths + LENGTHS.index(bound): value for bound, value in (ended or {}).items()}
        numbers[lengths + len(LENGTHS)] = ended_exchanges
        for number, value in numbers.items():
            self.put("Q", at + COUNTERS + 8 * number, value)

    def count(self, **counts):
        """As the maker itself, in the first place."""
        self.worker(0, self.pid, self.start, **counts)


def start_of(pid):
    return int(stat_of(pid)["start"])


# ---- The command -------------------------------------------------------------------------------


def runner(program):
    """run("status", 12): the finished process. It runs in an environment without us."""
    def run(*words, extra=None, wrap=(), **more):
        return subprocess.run([*wrap, str(program), *map(str, words)], capture_output=True,
                              text=True, timeout=60, env=environment(extra or {}), **more)
    run.program = program
    return run


@pytest.fixture
def command(library):
    """command("status", 12): the command that was built with the library."""
    program = library.parent / "lastcall"
    if not program.exists():
        pytest.fail(f"no command at {program}: run make first", pytrace=False)
    return runner(program)


@contextmanager
def folder_in_memory(mode=0o700):
    """Where `lastcall run` has its pages; 0o1777 is open to every user."""
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="lastcall-test") as made:
        os.chmod(made, mode)
        yield Path(made)


@pytest.fixture
def page(tmp_path):
    """A filled page, mapped by a process of its own."""
    with Page(tmp_path) as made:
        yield made.fill()


@pytest.fixture
def secluded():
    """The words that start a program where only its like are to be seen: what a test says of all
    servers of a machine is disturbed by the pages of every other test that runs."""
    wrap = in_namespaces("-p", "-f", "--mount-proc", "--kill-child")
    with subprocess.Popen([*wrap, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        first.stdin.write(b"ready\n")
        first.stdin.flush()
        first.stdout.readline()  # then its /proc is mounted
        children = Path(f"/proc/{first.pid}/task/{first.pid}/children").read_text().split()
        yield ["nsenter", "-t", children[0], "-p", "-m"]
        first.stdin.close()
        first.wait(20)


def in_namespaces(*flags):
    """The words that start a program in namespaces of its own, or a skip."""
    wrap = ["unshare", *flags]
    try:
        possible = subprocess.run([*wrap, "true"], capture_output=True, timeout=20).returncode == 0
    except OSError:
        possible = False
    if not possible or os.geteuid() != 0:
        pytest.skip("needs root and namespaces")
    return wrap
