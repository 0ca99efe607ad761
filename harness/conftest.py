"""Options, running servers, and the report of a failure.

A server's processes are kept, one per setting, until another server's turn comes: tests are
sorted, and under xdist grouped, by server. After every test each process used must still live.
"""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
pytest.register_assert_rewrite("support.laws", "support.conversation", "support.outcome")

from servers.description import CHILDREN_COME_AND_GO, Place
from support import client, content
from support.backend import Backend
from support.process import Ports, Process, ignore_for_us_alone, words_of

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
EXCERPT = 4000
SHOWN = 4


def pytest_addoption(parser):
    parser.addoption("--library", default=str(REPOSITORY / "build" / "liblastcall.so"),
                     help="the library to preload (default: build/liblastcall.so)")
    parser.addoption("--failures", type=Path, help="a file that is told which tests failed")
    parser.addoption("--whole", action="store_true",
                     help="also what is too slow for every day: all servers, all sizes, all numbers")


# ---- One content folder for all workers --------------------------------------------------------


def is_worker(config):
    return hasattr(config, "workerinput")


def pytest_configure(config):
    ignore_for_us_alone()
    config.addinivalue_line("markers", "xdist_group: tests of one server, on one worker")
    if not is_worker(config):
        config.harness_root = content.make_root()
        config.pluginmanager.register(Failures(config.getoption("--failures")))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    node.workerinput["harness_root"] = str(node.config.harness_root)


def pytest_unconfigure(config):
    if not is_worker(config) and hasattr(config, "harness_root"):
        content.remove_root(config.harness_root)


def group_of(item):
    marker = item.get_closest_marker("xdist_group")
    return marker.args[0] if marker else ""


def pytest_collection_modifyitems(items):
    items.sort(key=group_of)


@pytest.fixture(scope="session")
def root(request):
    config = request.config
    return Path(config.workerinput["harness_root"]) if is_worker(config) else config.harness_root


@pytest.fixture(scope="session")
def library(request):
    path = Path(request.config.getoption("--library")).resolve()
    if not path.exists():
        pytest.fail(f"no library at {path}: run make first, or give --library", pytrace=False)
    return path


@pytest.fixture
def build(library):
    """Where real clients of HTTP/2 are built, each once."""
    folder = library.parent / "h2"
    folder.mkdir(exist_ok=True)
    return folder


# ---- Running servers ---------------------------------------------------------------------------


class Stable:
    """The processes that run now: of one server, one per setting."""

    def __init__(self, root, worker):
        self.root = root
        self.worker = worker
        self.ports = Ports()
        self.started = 0
        self.running = {}

    def process(self, server, library=None, settings=(), fresh=False):
        """A running process of this kind; a fresh one serves one test only."""
        if any(other != server.name for other, *_ in self.running):
            self.clear()
        key = (server.name, bool(library), settings, self.started if fresh else None)
        if key not in self.running:
            self.running[key] = self.start(server, library, dict(settings))
            self.running[key].fresh = fresh
        return self.running[key]

    def start(self, server, library, settings):
        place = self.place()
        backend = Backend(place.www) if server.backend else None
        place.backend_port = backend.port if backend else 0
        settings = {name: text.format(port=place.port) for name, text in settings.items()}
        process = Process(*words_of(server, place, library, settings), place)
        process.server, process.backend, process.fresh = server, backend, False
        process.wait_ready([place.port])
        return process

    def place(self):
        self.started += 1
        scratch = content.reachable(self.root / f"scratch-{self.worker}-{self.started}")
        build = content.reachable(self.root / f"build-{self.worker}")
        return Place(self.ports.free(), scratch, self.root / "www", build)

    def drop(self, process):
        process.stop()
        if process.backend:
            process.backend.close()
        self.running = {key: kept for key, kept in self.running.items() if kept is not process}

    def clear(self):
        for process in list(self.running.values()):
            self.drop(process)


@pytest.fixture(scope="session")
def stable(root):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    kept = Stable(root, int(worker))
    yield kept
    kept.clear()


@pytest.fixture
def used(request, stable):
    """The processes of this test; all must outlive it, whole families."""
    processes = request.node.processes = []
    client.transcripts.clear()
    yield processes
    dead = [process for process in processes if is_damaged(process)]
    for process in processes:
        if process in dead or process.fresh:
            stable.drop(process)
    assert not dead, f"the server died: {[process.server.name for process in dead]}"


def is_damaged(process):
    steady = not process.server.is_odd(CHILDREN_COME_AND_GO)
    return process.exited() or (steady and bool(process.lost()))


@pytest.fixture
def launch(stable, used):
    """A process of a server, noted for the report and for the check that it survives."""
    def start(server, fresh, *how):
        if server.missing():
            pytest.skip(f"install {' '.join(server.packages)} to run {server.name}")
        process = stable.process(server, *how, fresh=fresh)
        if process not in used:
            used.append(process)
        return process
    return start


@pytest.fixture
def bare(launch):
    """bare(server): the server as it is, without the library and its settings."""
    return lambda server, fresh=False: launch(server, fresh)


@pytest.fixture
def under(launch, library):
    """under(server, LASTCALL_REQUESTS=3): the server with the library and these settings.

    "{port}" in a setting stands for the port that the server is given.
    """
    def start(server, fresh=False, **settings):
        texts = tuple(sorted((name, str(value)) for name, value in settings.items()))
        return launch(server, fresh, library, texts)
    return start


# ---- The report of a failure -------------------------------------------------------------------


class Failures:
    """Tells a file the tests that failed, by names that pytest takes."""

    def __init__(self, path):
        self.path = path

    def pytest_runtest_logreport(self, report):
        if self.path and report.failed:
            with self.path.open("a") as file:
                file.write(f"{HERE}/{without_group(report.nodeid)}\n")


def without_group(nodeid):
    """xdist adds "@" and the group to the name, behind the parameters."""
    name, _, group = nodeid.rpartition("@")
    return name if name and "]" not in group else nodeid


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.failed:
        report.sections += sections_of(item)


def sections_of(item):
    for number, talk in enumerate(reversed(client.transcripts[-SHOWN:])):
        yield f"connection {number} before the last", talk.transcript()
    for process in getattr(item, "processes", []):
        if process.err.exists():
            yield f"stderr of {process.popen.args}", process.stderr()[-EXCERPT:]
