"""Debian's h2load as the load in HTTP/2: runs it for a part of a second and reads what it says.

It prints no median, but writes down how long each request took. It never connects anew, so what ends
a connection cannot be timed with it.
"""

import re
import subprocess
import tempfile
from pathlib import Path
from statistics import median

from bench.load import PATIENCE, Said, used_by_children
from bench.processors import pinned

CONNECTIONS, STREAMS = 4, 4  # as many requests at once as wrk has


def load(port, path, seconds, processor):
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = ["h2load", f"-c{CONNECTIONS}", f"-m{STREAMS}", f"--duration={seconds * 1000:.0f}ms",
                   f"--log-file={log}", f"http://127.0.0.1:{port}{path}"]
        before = used_by_children()
        done = subprocess.run(pinned(processor, command), capture_output=True, text=True,
                              timeout=seconds + PATIENCE)
        used = used_by_children() - before
        return parse(done.stdout, log.read_text() if log.exists() else "", seconds, used)


def parse(text, log, seconds, processor=0.0):
    """None: it has had no answer at all. The log: when, status and microseconds of each request."""
    counts = re.search(r"(\d+) done, \d+ succeeded, (\d+) failed", text)
    took = [int(line.split()[2]) for line in log.splitlines()]
    if not counts or not took:
        return None
    done, failed = map(int, counts.groups())  # a refusal counts as failed
    return Said(done, seconds, median(took), failed, processor)
