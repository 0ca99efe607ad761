"""A server behind a filter of system calls of its own making: what the library calls besides, that
it calls nothing when switched off, and that it does without what is refused.

Knows which call is for what. The list is exact: without any one of them a strict filter kills.
"""

import signal
import subprocess
import sys

import pytest

from hosts import building
from hosts.doubt import in_doubt, is_exact_or_untouched
from hosts.running import Host, exact, one_by_one, paths, run, untouched
from support.client import FIN, Client

# Of a connection on its way: accepted, its last head proven and sent, half-closed, read away.
NEEDED = ["getpid", "madvise", "getsockopt", "ioctl", "rt_sigprocmask", "gettid", "sendmsg", "fcntl",
          "shutdown", "poll"]
# Bytes behind the last request; bytes held back at a close; a last response in several writes.
LATER = ["recvfrom", "sendto", "writev"]
FOUR = paths("/1", "/2", "/3", "/4")


def allowing(action, calls):
    return [f"--filter={action}:{','.join(calls)}"]


def test_the_filter_lets_the_bare_server_be(library):
    assert run(allowing("kill", []), one_by_one(FOUR)).status == 0


@pytest.mark.parametrize("settings", [{"LASTCALL": "off"}, {"LASTCALL_REQUESTS": "off"}])
def test_switched_off_the_library_calls_nothing(library, settings):
    kept = run(allowing("kill", []), one_by_one(FOUR), library, settings)
    bare = run(allowing("kill", []), one_by_one(FOUR))
    assert [one.wire for one in kept.said.responses] == [one.wire for one in bare.said.responses]
    assert (kept.status, kept.stderr, kept.trace) == (0, b"", bare.trace)


@pytest.mark.parametrize("limit", (1, 2, 3))
def test_with_these_calls_allowed_a_strict_filter_does_no_harm(library, limit):
    exact(library, limit, allowing("kill", NEEDED))


def test_a_filter_without_sendmsg_gets_the_fin_in_a_segment_of_its_own(library):
    allowed = [call for call in NEEDED + LATER if call != "sendmsg"]
    exact(library, 2, allowing("refuse", allowed))


def test_bytes_behind_the_last_request_need_one_call_more(library):
    def talk(port):
        with Client(port) as client:
            client.send(b"".join(FOUR))
            responses = [client.response(), client.response()]
            return responses, client.ending(), client.leave()

    kept = run(allowing("kill", NEEDED + LATER), talk, library, {"LASTCALL_REQUESTS": 2})
    assert kept.said[1:] == (FIN, FIN)
    assert (kept.status, len(kept.requests())) == (0, 2)


@pytest.mark.parametrize("missing", NEEDED)
def test_each_of_these_calls_is_made(library, missing):
    """A strict filter without it kills the server: the list that is documented has no idle entry."""
    with Host(*allowing("kill", [call for call in NEEDED if call != missing]), library=library,
              settings={"LASTCALL_REQUESTS": 1}) as host:
        with Client(host.port) as client:
            client.send(FOUR[0])
            client.rest()
            client.half_close()
            assert host.finish() == -signal.SIGSYS


@pytest.mark.parametrize("missing", [[one] for one in NEEDED] + [NEEDED])
def test_a_call_that_is_refused_costs_the_edit_at_most(library, missing):
    bare = run([], one_by_one(FOUR)).said.responses
    allowed = [call for call in NEEDED + LATER if call not in missing]
    with Host(*allowing("refuse", allowed), library=library,
              settings={"LASTCALL_REQUESTS": 3}) as host:
        is_exact_or_untouched(bare, in_doubt(FOUR)(host.port), 3)
        assert (host.finish(), host.stderr()) == (0, b"")


def test_nothing_allowed_but_the_servers_own_calls_is_as_bare(library):
    untouched(library, 2, allowing("refuse", []))


TWO_AT_A_TIME = """
import os, socket
listener = socket.create_server(("127.0.0.1", 0))
os.write(1, b"port %d\\n" % listener.getsockname()[1])
first, second = (listener.accept()[0] for _ in range(2))
for one in (first, second):
    one.recv(1000)
for half in (0, 1):
    first.send((b"HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\nX: 1\\r\\nConnec",
                b"tion: keep-alive\\r\\nX-1: 1\\r\\n\\r\\n1")[half])
    second.send((b"HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\nX: 2\\r\\nKeep-",
                 b"Alive: timeout=5\\r\\nX-2: 2\\r\\n\\r\\n2")[half])
for one in (first, second):
    one.recv(1000)
"""


def test_threads_without_names_share_no_desk(library):
    """Two last heads at a time, each in halves, where the kernel will not say which thread it is:
    neither may get bytes of the other's, nor lose its own."""
    def start(command, **more):
        return subprocess.Popen([str(building.filtered()), "missing:gettid", sys.executable, "-c",
                                 TWO_AT_A_TIME], **more)

    with Host(library=library, settings={"LASTCALL_REQUESTS": 1}, start=start) as host:
        with Client(host.port) as first, Client(host.port) as second:
            for client in (first, second):
                client.send(FOUR[0])
                client.half_close()
            assert [first.rest(), second.rest()] == [
                b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: %d\r\nX-%d: %d\r\n"
                b"Connection: close\r\n\r\n%d" % (number, number, number, number)
                for number in (1, 2)
            ]


# ---- Kernels without close_range ---------------------------------------------------------------


@pytest.mark.parametrize("way", ["close_range", "syscall-close_range"])
def test_a_close_range_that_the_kernel_does_not_have_is_answered_as_bare(library, way):
    options = [f"--close={way}", "--filter=missing:close_range"]
    bare, _ = exact(library, 2, options)
    assert "close -1 errno 38" in bare.trace


def test_closefrom_does_without_it_before_our_constructor(library):
    """Nothing is looked up yet then; what the call closes it must close all the same."""
    def start(command, **more):
        return subprocess.Popen([str(building.filtered()), "missing:close_range", *command], **more)

    exact(library, 2, program=building.host_linked_to("early"), start=start)


@pytest.mark.parametrize("limit", (1, 2))
def test_closefrom_does_without_it(library, limit):
    exact(library, limit, ["--close=closefrom", "--filter=missing:close_range"])


@pytest.mark.parametrize("start", ["fork", "vfork", "clone"])
@pytest.mark.parametrize("deed", ["close_range", "closefrom"])
def test_a_child_that_tries_it_changes_nothing_here(library, start, deed):
    requests = paths("/1", f"/child/{start}/{deed}", f"/child/{start}/{deed}")
    exact(library, 3, ["--filter=missing:close_range"], requests)
