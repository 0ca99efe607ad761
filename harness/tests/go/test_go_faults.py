"""Calls of a Go server that are interrupted, delayed or fail, with lastcall on both sides of them: every
response that is whole is right, and the server lives.
"""

import pytest

from go.injecting import MOVING, count, injected
from go.parameters import on
from go.riding import ends_exactly
from servers import go
from support import laws
from support.client import OPEN, Client
from support.conversation import requests, talk
from support.http_message import Incomplete
from support.messages import get, post

LIMIT = 3
ROUNDS = 8

subjects = on([go.static, go.cgo])


def wires():
    return [get("/hello"), get("/big.bin"), post("/echo", b"x" * 100_000), get("/chunks")]


@pytest.mark.parametrize("what", ["error=EINTR:when=1+2", "error=EINTR:when=2+3", "error=EINTR:when=1+5",
                                  "delay_enter=300:when=1+3", "delay_exit=300:when=1+3"])
@subjects
def test_calls_that_are_interrupted_or_late_lose_nothing(server, what, bare, under, tmp_path):
    plain = talk(bare(server), requests(*wires())).responses
    process = under(server, fresh=True, LASTCALL_REQUESTS=LIMIT)
    with injected(process, MOVING, what, tmp_path) as ledger:
        for _ in range(ROUNDS):
            ends_exactly(process, requests(*wires()), plain, LIMIT)
        assert count(ledger) >= ROUNDS


# Calls that Go itself makes on no socket: its own reads and writes wake its threads and tell on
# standard error, and it ends when those fail.
@pytest.mark.parametrize("calls, what", [
    (("sendmsg", "sendto"), "error=EPIPE:when=2+3"), (("sendmsg", "sendto"), "error=ECONNRESET:when=1+2"),
    (("sendmsg", "sendto"), "error=ENOMEM"), (("sendmsg", "sendto"), "error=EAGAIN:when=1+2"),
    (("recvfrom", "recvmsg"), "error=ECONNRESET"), (("sendfile", "splice"), "error=EPIPE:when=1+2"),
    (("shutdown",), "error=ENOTCONN"), (("shutdown",), "error=EPERM"),
    (("getsockopt", "ioctl"), "error=ENOBUFS:when=1+2"), (("getsockname",), "error=ENOBUFS"),
    (("madvise", "mincore"), "error=EAGAIN"), (("poll", "ppoll"), "error=ENOMEM")])
@subjects
def test_calls_that_fail_break_no_more_than_their_connection(server, calls, what, bare, under, tmp_path):
    plain = talk(bare(server), requests(*wires())).responses
    process = under(server, fresh=True, LASTCALL_REQUESTS=LIMIT)
    with injected(process, calls, what, tmp_path):
        for _ in range(ROUNDS):
            got = as_far_as_it_goes(process)
            for expected, response in zip(plain, got):
                is_right(expected, response)
    ends_exactly(process, requests(*wires()), plain, LIMIT)


def as_far_as_it_goes(process):
    """The whole responses of one connection; the first that is torn ends it."""
    found = []
    with Client(process.port) as client:
        for wire in wires():
            client.send(wire)
            try:
                found.append(client.response())
            except Incomplete:
                assert client.ended != OPEN, "nothing came, and no end"
                break
            if not found[-1].persists:
                break
        return found


def is_right(expected, response):
    (laws.is_same if response.persists else laws.is_last)(expected, response)
