"""However a server receives, its N-th response is the last one and it never sees what comes behind.

Knows the receiving calls by the names the host gives them; each is tried with a plain write.
"""

import socket

import pytest

from hosts.running import LIMITS, exact, paths, pipelined, request, run, untouched
from support.client import FIN

BOTH_LIBCS = ["read", "one-byte", "readv", "recv", "recvfrom", "recvmsg", "recvmmsg",
              "recvmmsg-wide", "peek-then-recv", "peek-all-then-read", "syscall", "syscall-recvfrom",
              "syscall-recvmsg", "syscall-readv", "syscall-recvmmsg", "splice-behind-heads"]
FORTIFIED = ["read_chk", "recv_chk", "recvfrom_chk"]
WAYS = BOTH_LIBCS + FORTIFIED

received_by = pytest.mark.parametrize("way", WAYS)


@received_by
@pytest.mark.parametrize("limit", LIMITS)
def test_the_nth_response_is_the_last(library, way, limit):
    exact(library, limit, [f"--receive={way}"])


@pytest.mark.parametrize("way", BOTH_LIBCS)
def test_the_nth_response_is_the_last_in_a_musl_process(library, way):
    exact(library, 2, [f"--receive={way}"], libc="musl")


@received_by
@pytest.mark.parametrize("mode", [(), ("--nonblocking",)], ids=["blocking", "nonblocking"])
def test_pipelined_requests_behind_the_last_one_never_reach_the_server(library, way, mode):
    requests = paths(*(f"/{number}" for number in range(1, 11)))
    options = [f"--receive={way}", *mode]
    bare = run(options, pipelined(requests, 10))
    kept = run(options, pipelined(requests, 3), library, {"LASTCALL_REQUESTS": 3})
    assert len(bare.requests()) == 10
    assert kept.requests() == bare.requests()[:3]
    assert [one.wire for one in kept.said.responses[:2]] == \
           [one.wire for one in bare.said.responses[:2]]
    assert (kept.said.ended, kept.said.left) == (FIN, FIN)
    assert (kept.status, kept.stderr) == (0, b"")


@received_by
def test_the_last_request_is_delivered_to_its_last_byte(library, way):
    upload = request("/upload", bytes(range(256)) * 40, "POST")
    bare, _ = exact(library, 2, [f"--receive={way}"], [request("/1"), upload],
                    same_trace=way == "read")
    assert bare.said.responses[1].content == b"POST /upload took 10240\n"


@received_by
def test_edge_triggered_servers_end_after_the_nth_response(library, way):
    exact(library, 2, [f"--receive={way}", "--nonblocking"])


def test_input_that_nobody_saw_leaves_the_connection_alone(library):
    for limit in LIMITS:
        untouched(library, limit, ["--receive=raw"])


def test_heads_that_come_by_splice_leave_the_connection_alone(library):
    for limit in LIMITS:
        untouched(library, limit, ["--receive=splice"])


# ---- Peeks from an offset (SO_PEEK_OFF) ----------------------------------------------------------

SO_PEEK_OFF = 42
PEEKING = ["--receive=peek-ahead-then-read"]
REQUESTS_INSIDE = request("/upload", b"".join(paths("/a", "/b", "/c")), "POST")


def has_peek_offset():
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, SO_PEEK_OFF, 0)
        except OSError:
            return False
        return True


needs_peek_offset = pytest.mark.skipif(not has_peek_offset(), reason="TCP has no SO_PEEK_OFF here")


@needs_peek_offset
@pytest.mark.parametrize("limit", LIMITS)
def test_the_nth_response_to_a_server_that_peeks_ahead_is_the_last(library, limit):
    exact(library, limit, PEEKING)


@needs_peek_offset
@pytest.mark.parametrize("limit", LIMITS)
def test_a_body_peeked_ahead_is_not_taken_for_requests(library, limit):
    exact(library, limit, PEEKING, [REQUESTS_INSIDE] * limit)


@needs_peek_offset
@pytest.mark.parametrize("mode", [(), ("--nonblocking",)], ids=["blocking", "nonblocking"])
@pytest.mark.parametrize("limit", LIMITS)
def test_requests_that_were_peeked_ahead_are_not_withheld(library, limit, mode):
    """The server may have acted upon them."""
    requests = paths("/1", "/2", "/3", "/4")
    untouched(library, limit, [*PEEKING, *mode], talk=lambda port: told(pipelined(requests, 4), port))


def told(talk, port):
    said = talk(port)
    return [response.wire for response in said.responses], said.ended, said.left
