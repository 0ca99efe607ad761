"""Behind the last response, and within it: calls that the kernel refuses are refused as bare, and what
they were made for stays what it is.

Knows that the bare run says what each call must return.
"""

import pytest

from hosts.running import LIMITS, Host, exact, one_by_one, paths, request, run
from support import laws
from support.client import FIN, Client
from support.waiting import until

both_libcs = pytest.mark.parametrize("libc", ["glibc", "musl"])
LINGER = 30  # more than the five seconds that a silent client is given


@both_libcs
@pytest.mark.parametrize("calls", ["numbers", "peer", "ends", "reads", "vectors", "files"])
@pytest.mark.parametrize("limit", LIMITS)
def test_calls_behind_the_last_response_are_refused_as_bare(library, calls, limit, libc):
    exact(library, limit, [], paths(*["/1"] * (limit - 1), f"/refused/{calls}"), libc=libc)


@pytest.mark.parametrize("limit", (1, 2))
def test_refused_calls_do_not_make_a_connection_forgotten(library, limit):
    requests = paths(*["/1"] * (limit - 1), "/refused/numbers")
    with Host(library=library, settings={"LASTCALL_REQUESTS": limit}) as host:
        with Client(host.port) as client:
            for one in requests:
                client.exchange(one)
            assert client.ending() == FIN
            client.send(request("/behind"))
            assert client.leave() == FIN
        assert host.finish() == 0
        assert len(host.requests()) == limit


@pytest.mark.parametrize("call", ["recvmsg", "recvfrom"])
def test_an_end_that_is_ours_is_told_as_the_kernel_tells_one(library, call):
    """The client stays silent, and a blocking read ends."""
    bare = run([], one_by_one(paths(f"/silent/{call}")))
    with Host(library=library, settings={"LASTCALL_REQUESTS": 1}) as host:
        with Client(host.port) as client:
            client.exchange(request(f"/silent/{call}"))
            assert client.ending() == FIN
            assert host.popen.wait(LINGER) == 0
        assert host.trace() == bare.trace


@pytest.mark.parametrize("limit", LIMITS)
def test_a_write_up_to_memory_that_cannot_be_read_is_short_as_bare(library, limit):
    bare, kept = exact(library, limit, [], paths(*["/1"] * (limit - 1), "/broken/hole"),
                       same_trace=False)
    assert "up to the hole 1" in bare.trace and "up to the hole 1" in kept.trace


def last_of(limit, path):
    """The last exchange on this path; the server, not the library, has the connection after it."""
    return one_by_one(paths(*["/1"] * (limit - 1), path))


@pytest.mark.parametrize("path", ["/broken/size", "/flag/zerocopy-body"])
@pytest.mark.parametrize("limit", LIMITS)
def test_a_call_within_the_last_response_returns_what_it_does_bare(library, limit, path):
    """A size that is none is refused, and no memory behind the buffer is sent; a completion arrives."""
    bare = run([], last_of(limit, path))
    kept = run([], last_of(limit, path), library, {"LASTCALL_REQUESTS": limit})
    laws.is_last(bare.said.responses[-1], kept.said.responses[-1])
    assert (kept.trace, kept.status, kept.stderr) == (bare.trace, 0, b"")
    assert (kept.said.ended, kept.said.left) == (bare.said.ended, bare.said.left)


def test_a_read_ends_though_the_error_queue_holds_something(library):
    """It ends a poll at once, and a read not at all."""
    with Host(library=library, settings={"LASTCALL_REQUESTS": 1}) as host:
        with Client(host.port) as client:
            client.exchange(request("/flag/stamped"))
            assert client.ending() == FIN
            assert until(lambda: host.trace()[-2:] == ["receive 0", "close 0"], LINGER)
        assert host.finish() == 0
