"""Runs the harness, and what failed of it once more, alone: again.py LIBRARY [PYTEST-ARGS...]

Real servers run beside each other here, on machines that have other work too, and some have races of
their own that show once in a thousand runs, bare or not. So a few tests that fail among others are
repeated, each alone and several times: all of these must pass, and the tests are named at the end.
More than a few are not repeated: they have failed. Knows pytest's exit statuses and nothing of tests.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FEW = 3
TIMES = 3
PASSED, FAILED = 0, 1  # of pytest's exit statuses


def run(library, tests, failures, *words):
    """The exit status, and the tests that failed."""
    failures.write_text("")
    pytest = [sys.executable, "-m", "pytest", "-c", f"{HERE}/pytest.ini", "--rootdir", str(HERE), tests]
    status = subprocess.run([*pytest, "--library", library, "--failures", str(failures), *words])
    return status.returncode, list(dict.fromkeys(failures.read_text().splitlines()))


def passes_alone(library, test, failures):
    print(f"\nfailed among others, and repeated alone: {test}", flush=True)
    return all(run(library, test, failures, "-n", "0")[0] == PASSED for _ in range(TIMES))


def main(library, *words):
    with tempfile.TemporaryDirectory() as folder:
        failures = Path(folder) / "failures"
        status, failed = run(library, str(HERE), failures, *words)
        few = status == FAILED and 0 < len(failed) <= FEW
        if not few or not all(passes_alone(library, test, failures) for test in failed):
            return status
    for test in failed:
        print(f"UNSTEADY {test}: failed among others, passed {TIMES} times alone")
    return PASSED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
