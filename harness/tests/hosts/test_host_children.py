"""What a child closes is the child's; what it writes is the connection's, and unprovable from then.

Knows the ways to start a child and its deeds by the names the host gives them. In a vfork child the
calls run in the parent's memory.
"""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hosts.running import Host, exact, is_exact, one_by_one, paths, run, untouched
from servers.description import PROGRAMS

STARTS = ["fork", "vfork", "clone", "clone-vm", "clone-vfork"]
DEEDS = ["close", "syscall", "close_range", "closefrom", "dup2", "pipe"]
CHILDREN = [f"{start}/{deed}" for start in STARTS for deed in DEEDS] + \
           ["spawn/close", "spawn/dup2", "spawn/closefrom"]
ANSWERS = ["write", "writev", "raw", "dprintf", "exec"]


@pytest.mark.parametrize("child", CHILDREN)
@pytest.mark.parametrize("limit", (1, 2, 3))
def test_a_child_that_clears_its_descriptors_changes_nothing_here(library, child, limit):
    exact(library, limit, [], paths(*["/1"] * (limit - 1), f"/child/{child}"))


@pytest.mark.parametrize("child", ["vfork/close", "vfork/close_range", "fork/closefrom",
                                   "spawn/close"])
def test_children_between_requests_leave_the_count_alone(library, child):
    exact(library, 4, [], paths(f"/child/{child}", "/2", f"/child/{child}", "/4"))


@pytest.mark.parametrize("child", ["vfork/close", "vfork/syscall", "vfork/dup2", "fork/close",
                                   "clone-vm/close_range", "clone-vfork/close"])
def test_children_of_a_musl_process_leave_the_count_alone(library, child):
    exact(library, 3, [], paths(f"/child/{child}", "/2", f"/child/{child}"), libc="musl")


@pytest.mark.parametrize("how", ANSWERS)
@pytest.mark.parametrize("limit", (2, 3))
def test_a_child_that_answers_makes_the_position_unprovable(library, how, limit):
    """The child answers the first request, the parent the others: none is edited or withheld."""
    untouched(library, limit, [], paths(f"/cgi/{how}", "/2", "/3", "/4", "/5"))


@pytest.mark.parametrize("how", ["raw", "dprintf", "exec", "write", "sendmsg"])
@pytest.mark.parametrize("limit", (1, 2))
def test_requests_behind_a_last_one_that_a_child_answered_are_not_withheld(library, how, limit):
    untouched(library, limit, [], paths(*["/1"] * (limit - 1), f"/cgi/{how}", "/3", "/4"))


@pytest.mark.parametrize("deed", ["close", "close_range", "closefrom"])
def test_forks_of_a_server_of_threads_leave_every_connection_alone(library, deed):
    """Eight connections at once, each exchange with a child that closes all of them."""
    clients, limit = 8, 6
    requests = paths(*[f"/child/{start}/{deed}" for start in ("fork", "vfork", "clone")] * 2)
    bare = run(["--threads"], one_by_one(requests)).said
    together = threading.Barrier(clients)

    def visit(port):
        together.wait(20)
        return one_by_one(requests, last=True)(port)

    with Host("--threads", library=library, connections=clients,
              settings={"LASTCALL_REQUESTS": limit}) as host:
        with ThreadPoolExecutor(clients) as pool:
            said = list(pool.map(visit, [host.port] * clients))
        assert (host.finish(), host.stderr()) == (0, b"")
        children = [line for line in host.trace() if line.startswith("child ")]
    for got in said:
        is_exact(bare, got)
    assert children == ["child reaped, status 0"] * clients * limit


SPAWNING = {"spawning_server.py": ["/closing", "/keeping", "/piping"],
            "spawning_server.rb": ["/system", "/backticks", "/spawn"]}


@pytest.mark.parametrize("program", SPAWNING)
@pytest.mark.parametrize("limit", (2, 3, 4))
def test_a_language_that_starts_children_by_vfork_loses_no_connection(library, program, limit):
    """Between the requests of one connection; the child closes what it inherited."""
    interpreter = "/usr/bin/python3" if program.endswith(".py") else shutil.which("ruby")
    if not interpreter:
        pytest.skip("install ruby")
    names = SPAWNING[program] + SPAWNING[program]
    exact(library, limit, [], paths(*names[:limit]), program=PROGRAMS / program)
