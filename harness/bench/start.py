"""How long a process takes to start and end with the library, against the same without.

Time, so it is reported and never asserted. Pairs follow each other directly.
"""

import os
import shutil
import statistics
import time

from bench.variants import NOT_REACHED
from support.process import environment

PAIRS = 150
PROGRAM = "true"


def took(env):
    program = shutil.which(PROGRAM)
    begun = time.perf_counter_ns()
    pid = os.posix_spawn(program, [PROGRAM], env)
    os.waitpid(pid, 0)
    return time.perf_counter_ns() - begun


def added(library, pairs=PAIRS):
    """The median of the differences, in microseconds."""
    bare, ours = environment({}), environment({}, library, NOT_REACHED.settings)
    differences = [took(ours) - took(bare) for _ in range(pairs)]
    return round(statistics.median(differences) / 1000)
