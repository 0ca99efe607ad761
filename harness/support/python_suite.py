"""Tests that came with CPython, tornado and twisted, run bare or preloaded: what became of each.

Knows how Debian packages them and how their runners are told what to run. Refuses to know what a
test tests: an outcome is passed, failure, error or skipped.
"""

import subprocess
import xml.etree.ElementTree as xml
from dataclasses import dataclass

from servers.description import PYTHON, has_module, program
from support.process import environment

# Wait for ever, bare, on a machine whose AF_VSOCK has nobody at its other end. No TCP.
NEVER_RUN = ["*VSOCK*"]

# tornado gives a test five seconds, which a busy machine does not.
PATIENT = {"ASYNC_TEST_TIMEOUT": "100"}

LONGEST = 600  # seconds that one test module may take
SHOWN = 3000


def versioned_package():
    """Debian's name of CPython's tests, which carries the version."""
    told = subprocess.run([PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                          capture_output=True, text=True, timeout=30)
    return f"libpython{told.stdout.strip()}-testsuite"


@dataclass(frozen=True)
class Module:
    """Some of the tests: of CPython, run by its own runner, or of a package, by unittest's."""

    name: str
    accepts: bool = False  # connections, in a process that is known to be ours
    slow: bool = False
    resources: tuple = ()  # what CPython's runner does not use unasked

    @property
    def of_cpython(self):
        return "." not in self.name

    @property
    def package(self):
        return versioned_package() if self.of_cpython else f"python3-{self.name.partition('.')[0]}"

    def missing(self):
        return not has_module(f"test.{self.name}" if self.of_cpython else self.name)

    def words(self, report, folder, only):
        return self.by_cpython(report, folder, only) if self.of_cpython else [
            PYTHON, program("unittest_report.py"), str(report), *(only or [self.name])]

    def by_cpython(self, report, folder, only):
        chosen = [word for name in only for word in ("-m", name)]
        ignored = [word for pattern in NEVER_RUN for word in ("-i", pattern)]
        allowed = ["-u", ",".join(self.resources)] if self.resources else []
        return [PYTHON, "-m", "test", "-v", "--timeout", str(LONGEST), "--tempdir", str(folder),
                "--junit-xml", str(report), *allowed, *chosen, *ignored, self.name]


@dataclass
class Arm:
    """A way to run Python: bare, or under a library with settings."""

    name: str
    library: object = None
    settings: dict = None

    def environment(self):
        return environment(PATIENT, self.library, self.settings)


def outcomes(arm, module, folder, only=()):
    """What became of each test of a module: its name → its outcomes, sorted."""
    report = folder / "report.xml"
    done = subprocess.run(module.words(report, folder, only), env=arm.environment(), cwd=folder,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LONGEST + 30)
    assert report.exists(), f"{module.name} {arm.name} ended early:\n{tail(done.stdout)}"
    return told(xml.parse(report))


def told(tree):
    found = {}
    for case in tree.iter("testcase"):
        found.setdefault(case.get("name"), []).append(outcome(case))
    return {name: sorted(each) for name, each in found.items()}


def outcome(case):
    for kind in ("error", "failure", "skipped"):
        if case.find(kind) is not None:
            return kind
    return "passed"


def tail(output):
    return output.decode(errors="replace")[-SHOWN:]


def differing(one, other):
    """The names of the tests that became something else, or ran in one of the two only."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
