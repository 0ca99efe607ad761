"""The harness may be started with signals ignored, by nohup or in the background: servers heed them.

Knows how the kernel tells which signals a process ignores. Starts no real server.
"""

import signal
import subprocess
import sys

from conftest import HERE

IGNORED = [signal.SIGINT, signal.SIGQUIT, signal.SIGHUP]
SCRIPT = """
import os, signal, subprocess
from support import process
for number in (1, 2, 3):
    signal.signal(number, signal.SIG_IGN)
{call}
print(subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True).stdout)
for number in (1, 2, 3):
    os.kill(os.getpid(), number)
print("lives")
"""


def started(call):
    done = subprocess.run([sys.executable, "-c", SCRIPT.format(call=call)], capture_output=True, text=True,
                          timeout=60, cwd=HERE)
    assert done.returncode == 0, done.stderr
    [ignored] = [int(line.split()[1], 16) for line in done.stdout.splitlines() if line.startswith("SigIgn:")]
    return {number for number in IGNORED if ignored >> (number - 1) & 1}, done.stdout.split()[-1]


def test_what_is_ignored_is_otherwise_passed_on():
    assert started("") == (set(IGNORED), "lives")


def test_what_a_test_starts_heeds_what_the_harness_ignores():
    assert started("process.ignore_for_us_alone()") == (set(), "lives")


def test_the_tests_themselves_run_so():
    assert signal.SIG_IGN not in [signal.getsignal(number) for number in IGNORED]
