"""Between the last request and the close: the server's late calls succeed and go nowhere, its reads
behind the last request wait, time out or end as on an idle connection, and no reset is caused.

Knows what the client does meanwhile. The trace of the bare run says what each call must return.
"""

import pytest

from hosts.running import (LIMITS, Host, exact, one_by_one, paths, pipelined, request, run,
                           untouched)
from support import laws
from support.client import FIN, OPEN, RST, TCP_CLOSE_WAIT, Client
from support.waiting import until

LATE = ["write", "send", "send-special", "syscall", "writev", "sendmsg", "sendmmsg", "sendfile", "splice",
        "shutdown-write", "shutdown-both"]
BEHIND = ["dontwait", "peek", "recvmsg", "nonblocking", "timeout"]
EAGAIN = 11


@pytest.mark.parametrize("call", LATE)
@pytest.mark.parametrize("limit", LIMITS)
def test_late_calls_succeed_whole_and_the_client_sees_only_fin(library, call, limit):
    bare, _ = exact(library, limit, [], paths(*["/1"] * (limit - 1), f"/late/{call}"))
    assert not any("errno" in line for line in bare.trace)


@pytest.mark.parametrize("call", LATE)
def test_late_calls_succeed_whole_in_a_musl_process(library, call):
    exact(library, 2, [], paths("/1", f"/late/{call}"), libc="musl")


@pytest.mark.parametrize("call", ["write", "sendfile", "splice", "sendmmsg"])
def test_late_calls_succeed_whole_in_a_server_of_events(library, call):
    exact(library, 2, ["--nonblocking"], paths("/1", f"/late/{call}"))


def test_the_fin_comes_in_the_segment_of_the_last_bytes(library):
    """Whoever can read one has the other: no client takes the connection for one that goes on."""
    with Host(library=library, settings={"LASTCALL_REQUESTS": 1}) as host:
        with Client(host.port) as client:
            client.send(request("/1"))
            assert client.socket.recv(1) == b"H"
            assert client.tcp_state() == TCP_CLOSE_WAIT


@pytest.mark.parametrize("path", ["/late/syscall", "/late/writev", "/late/splice", "/late/sendmmsg",
                                  "/way/sendfile-beyond"])
def test_a_response_nobody_asked_for_leaves_the_connection_alone(library, path):
    """After the first of two; the second request is sent when the stray one has arrived."""
    def talk(port):
        with Client(port) as client:
            first = client.exchange(request(path))
            stray = client.response()
            rest = [client.exchange(one).wire for one in paths("/2", "/3")]
            return first.wire, stray.wire, rest, client.ended, client.leave()

    bare, _ = untouched(library, 2, talk=talk)
    assert bare.said[1].startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("limit", LIMITS)
def test_what_a_file_holds_behind_the_last_response_does_not_follow_it(library, limit):
    requests = paths(*["/1"] * (limit - 1), "/way/sendfile-beyond")
    bare, kept = exact(library, limit, [], requests, same_trace=False)
    assert [line for line in kept.trace if line.startswith("offset")] == \
           [line for line in bare.trace if line.startswith("offset")]


@pytest.mark.parametrize("call", BEHIND)
@pytest.mark.parametrize("limit", LIMITS)
def test_a_read_behind_the_last_request_finds_nothing_yet(library, call, limit):
    bare, _ = exact(library, limit, [], paths(*["/1"] * (limit - 1), f"/behind/{call}"))
    assert f"behind -1 errno {EAGAIN}" in bare.trace


def awaited(before, call, last):
    """The last request, and one more sent when the server says that it has the last."""
    def talk(port):
        with Client(port) as client:
            responses = [client.exchange(request("/before")) for _ in range(before)]
            client.send(request(f"/awaited/{call}"))
            interim = client.reader.head()
            client.send(request("/behind"))
            responses.append(client.response())
            ended = client.ending() if last else OPEN
            return interim, responses, ended, bytes(client.reader.buffer), client.leave()
    return talk


@pytest.mark.parametrize("call", BEHIND)
@pytest.mark.parametrize("limit", LIMITS)
def test_bytes_behind_the_last_request_are_not_shown_to_any_read(library, call, limit):
    bare = run([], awaited(limit - 1, call, False))
    kept = run([], awaited(limit - 1, call, True), library, {"LASTCALL_REQUESTS": limit})
    seen = len(request("/behind"))
    assert f"behind {seen}" in bare.trace
    assert f"behind -1 errno {EAGAIN}" in kept.trace
    assert kept.requests() == bare.requests()[:limit]
    interim, responses, ended, left, closed = kept.said
    assert interim == bare.said[0]
    laws.is_last(bare.said[1][-1], responses[-1])
    assert (ended, left, closed, kept.status, kept.stderr) == (FIN, b"", FIN, 0, b"")


def described(requests, options, library=None, settings=None):
    """The trace of a host that looks at its socket while the client still holds it."""
    with Host(*options, library=library, settings=settings) as host:
        with Client(host.port) as client:
            for one in requests:
                client.exchange(one)
            if library:
                assert client.ending() == FIN
            assert until(lambda: any(line.startswith("error ") for line in host.trace()))
            client.leave()
        assert host.finish() == 0
        return host.trace()


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("options", [[], ["--nonblocking"]], ids=["blocking", "nonblocking"])
def test_the_socket_describes_itself_as_an_open_one(library, options, limit):
    """Names, error, readiness: as bare, since the server must not learn of the half-close."""
    requests = paths(*["/1"] * (limit - 1), "/state")
    bare = described(requests, options)
    assert described(requests, options, library, {"LASTCALL_REQUESTS": limit}) == bare


def test_a_blocking_read_ends_though_the_client_stays_silent(library):
    with Host(library=library, settings={"LASTCALL_REQUESTS": 1}) as host:
        with Client(host.port) as client:
            client.exchange(request("/1"))
            assert client.ending() == FIN
            assert host.finish() == 0
        assert host.trace()[-2:] == ["receive 0", "close 0"]
        assert host.stderr() == b""


@pytest.mark.parametrize("seconds", [60, 100_000, 2 ** 31 - 1])
@pytest.mark.parametrize("limit", (1, 2))
def test_a_long_timeout_of_the_server_s_is_no_error(library, limit, seconds):
    """The client leaves long before."""
    exact(library, limit, [f"--receive-timeout={seconds}"])


@pytest.mark.parametrize("receive", ["read", "recv", "one-byte", "recvmsg", "recvmmsg"])
@pytest.mark.parametrize("options", [[], ["--nonblocking"]], ids=["blocking", "nonblocking"])
def test_what_arrives_after_the_last_response_is_discarded_unreset(library, receive, options):
    with Host(f"--receive={receive}", *options, library=library,
              settings={"LASTCALL_REQUESTS": 1}) as host:
        with Client(host.port) as client:
            client.exchange(request("/1"))
            assert client.ending() == FIN
            for number in range(20):
                client.send(request(f"/late/{number}", b"x" * 1000, "POST"))
            assert client.leave() == FIN
        assert host.finish() == 0
        assert host.requests() == ["request GET /1 0"]


@pytest.mark.parametrize("close", ["close", "syscall", "__close"])
@pytest.mark.parametrize("answered", LIMITS)
def test_a_close_at_once_over_unread_requests_causes_no_reset(library, close, answered):
    """One byte a read leaves the pipeline in the kernel, where a close would turn it into RST."""
    requests = paths(*["/1"] * (answered - 1), "/close", "/2", "/3", "/4")
    options = ["--receive=one-byte", f"--close={close}"]
    kept = run(options, pipelined(requests, answered), library, {"LASTCALL_REQUESTS": answered})
    assert (kept.said.ended, kept.said.left) == (FIN, FIN)
    assert len(kept.requests()) == answered
    laws.says_close(kept.said.responses[-1])


def test_a_client_that_resets_in_the_tear_down_harms_nobody(library):
    def talk(port):
        for _ in range(5):
            with Client(port) as client:
                client.exchange(request("/1"))
                assert client.ending() == FIN
                client.cut(RST)
        return one_by_one(paths("/1"), last=True)(port)

    kept = run([], talk, library, {"LASTCALL_REQUESTS": 1}, connections=6)
    laws.says_close(kept.said.responses[0])
    assert (kept.said.ended, kept.status, kept.stderr) == (FIN, 0, b"")


@pytest.mark.parametrize("options", [["--nonblocking"], ["--nonblocking", "--short-is-drained"]],
                         ids=["until-EAGAIN", "until-a-short-read"])
def test_a_server_of_events_is_told_of_the_clients_end(library, options):
    """Requests queued behind the last one, then FIN: the server must wake for it and close."""
    with Host(*options, library=library, settings={"LASTCALL_REQUESTS": 2}) as host:
        with Client(host.port) as client:
            client.send(b"".join(paths("/1", "/2", "/3", "/4")))
            client.half_close()
            client.response()
            laws.says_close(client.response())
            assert client.ending() == FIN
            assert until(lambda: host.popen.poll() is not None)
        assert host.finish() == 0
        assert len(host.requests()) == 2
