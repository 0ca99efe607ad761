"""Debian's wrk as the load: runs it for a part of a second and reads what it says.

wrk counts whole seconds only, but prints its figures when it is interrupted.
"""

import math
import re
import signal
import subprocess
import time

from bench.load import PATIENCE, Said, used_by_children
from bench.processors import pinned

CONNECTIONS = 16
MICROSECONDS = {"us": 1, "ms": 1e3, "s": 1e6, "m": 6e7}


def load(port, path, seconds, processor, connections=CONNECTIONS, threads=1):
    longest = math.ceil(seconds) + 1  # should the interrupt come before it begins to wait
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{longest}s", "--latency",
               f"http://127.0.0.1:{port}{path}"]
    before = used_by_children()
    running = subprocess.Popen(command if processor is None else pinned(processor, command),
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    time.sleep(seconds)
    running.send_signal(signal.SIGINT)
    text, _ = running.communicate(timeout=PATIENCE)
    return parse(text, used_by_children() - before)


def parse(text, processor=0.0):
    """None: it was interrupted before it was ready to say anything."""
    done = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m)", text)
    p50 = re.search(r"50% +([\d.]+)(us|ms|s|m)", text)
    if not done or not p50 or not int(done[1]):
        return None
    errors = [int(number) for line in re.findall(r"Socket errors: (.*)", text)
              for number in re.findall(r"\d+", line)]
    errors += map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    return Said(int(done[1]), float(done[2]) * MICROSECONDS[done[3]] / 1e6,
                float(p50[1]) * MICROSECONDS[p50[2]], sum(errors), processor)
