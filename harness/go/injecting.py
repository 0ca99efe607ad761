"""Faults in the calls of a server that no preload reaches: by strace, attached while it serves.

Knows strace's words. The call is not made, and its caller is told an error instead; or it is delayed.
Refuses to know what is made of it.
"""

import contextlib
import shutil
import subprocess
from pathlib import Path

import pytest

from support.waiting import PATIENCE, until

MOVING = ("read", "readv", "recvfrom", "recvmsg", "write", "writev", "sendto", "sendmsg", "sendfile",
          "splice")


@contextlib.contextmanager
def injected(process, calls, what, folder):
    """The process under strace; answers a file that tells of every fault."""
    if not shutil.which("strace"):
        pytest.skip("install strace to run this")
    ledger, pid = folder / "ledger", process.popen.pid
    words = ["strace", "-f", "-q", "-e", f"trace={','.join(calls)}", "-e", "signal=none",
             "-e", f"inject={','.join(calls)}:{what}", "-o", str(ledger), "-p", str(pid)]
    tracer = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: all_traced(pid, tracer) or tracer.poll() is not None), "strace does not attach"
        if tracer.poll() is not None:
            pytest.skip("strace may not attach here")
        yield ledger
    finally:
        tracer.terminate()
        tracer.wait(PATIENCE)
    assert until(lambda: not tracers(pid)), "strace does not let go"


def tracers(pid):
    """Who traces its threads, 0 left out."""
    found = set()
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        with contextlib.suppress(OSError):
            found.add(int(status.read_text().split("TracerPid:\t")[1].split()[0]))
    return found - {0}


def all_traced(pid, tracer):
    return tracers(pid) == {tracer.pid}


def count(ledger):
    said = ledger.read_text(errors="replace")
    return said.count("(INJECTED)") + said.count("(DELAYED)")
