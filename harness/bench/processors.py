"""Processors: which one serves and which one loads, who used how much of them, and who else did.

Knows /proc/stat and the processor clocks of processes, which have the grain of nanoseconds.
"""

import os
import time
from dataclasses import dataclass

from support.process import family

TICK = os.sysconf("SC_CLK_TCK")
IDLE = (3, 4)  # idle and iowait, of the fields of a cpu line
GUEST = 8  # fields from here on are counted in others already


def two():
    """(the server's, the load's); the same one where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1] if len(allowed) < 2 else allowed[1]


def pinned(processor, command):
    return ["taskset", "-c", str(processor), *command]


def clock(pid):
    """Seconds of processor that a process used, with its ended threads."""
    try:
        return time.clock_gettime_ns(~pid << 3 | 2) / 1e9
    except OSError:
        return 0.0


def clocks(leaders):
    """The same of whole families, pid by pid."""
    return {pid: clock(pid) for leader in leaders for pid in family(leader)}


def used(before, after):
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


def busy(processors):
    """Seconds in which these processors did anything at all; stolen ones too."""
    names = {f"cpu{number}" for number in processors}
    total = 0
    with open("/proc/stat") as file:
        for line in file:
            name, *fields = line.split()
            if name in names:
                total += sum(int(field) for number, field in enumerate(fields[:GUEST])
                             if number not in IDLE)
    return total / TICK


@dataclass
class Watch:
    """What else ran on the processors between its start and `disturbance`."""

    processors: tuple

    def __post_init__(self):
        self.begun, self.busy = time.monotonic(), busy(set(self.processors))

    def disturbance(self, ours):
        """The share of the processors' time that was neither ours nor idle."""
        elapsed = (time.monotonic() - self.begun) * len(set(self.processors))
        return max(0.0, busy(set(self.processors)) - self.busy - ours) / elapsed
