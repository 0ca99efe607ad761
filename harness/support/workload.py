"""A varied workload, written down: conversations as rows of steps, the same for any run of a server.

Knows messages and what a server's description says it can do. Refuses to know how a run is made or
compared; the steps are carried out by differential.py.
"""

from dataclasses import dataclass
from typing import Callable, Optional

from servers.description import (BODY_ON_HEAD, CLOSES_ON_EAGAIN, DROPS_PIPELINED, HANDS_ON_PIPELINED,
                                 NAMES_EXCHANGES, NO_CHUNKED_REQUESTS)
from support.messages import get, lines, post, post_chunked, post_head

MEGABYTE = 1_000_000
SMALL_WINDOW = 4096


@dataclass(frozen=True)
class Send:
    """As one piece, and then whatever the server has to say."""

    data: bytes


@dataclass(frozen=True)
class Apart:
    """In pieces of this size, without waiting in between; then whatever the server has to say."""

    data: bytes
    size: int = 1


@dataclass(frozen=True)
class HalfClose:
    pass


@dataclass(frozen=True)
class Row:
    name: str
    steps: Callable  # of a server's description
    methods: tuple = ()  # those of its requests that are not GET, up to there
    window: Optional[int] = None
    whole: bool = False  # too long for every run
    possible: Callable = lambda server: True


def bare_request(method, path, *fields):
    return lines(f"{method} {path} HTTP/1.1", "Host: localhost", *fields)


def each(*wires):
    return [Send(wire) for wire in wires]


def gets(server, number):
    return [Send(get(server.small))] * number


# ---- Rows --------------------------------------------------------------------------------------

METHODS = [
    Row(f"method {method}",
        lambda server, method=method: each(bare_request(method, server.small)), (method,),
        possible=lambda server, method=method:
            method != "HEAD" or not server.is_odd(BODY_ON_HEAD))
    for method in ("GET", "HEAD", "DELETE", "OPTIONS", "PATCH", "TRACE", "NOSUCH")]

CONTENTS = [
    Row(f"{size} bytes posted",
        lambda server, size=size: each(post(server.post, b"p" * size), get(server.small)),
        ("POST",), whole=size > MEGABYTE)
    for size in (0, 1, 1000, 16_384, 65_537, MEGABYTE, 50 * MEGABYTE)]

CHUNKS = [
    Row(f"chunks of {sizes} bytes posted",
        lambda server, sizes=sizes: each(post_chunked(server.post, *(b"c" * size for size in sizes)),
                                         get(server.small)),
        ("POST",), possible=lambda server: not server.is_odd(NO_CHUNKED_REQUESTS))
    for sizes in ((), (1,), (1, 2, 3), (70_000, 5))]

FILES = [
    Row(f"file {name}", lambda server, name=name: each(get(f"/{name}"), get(f"/{name}")),
        possible=lambda server: server.big)
    for name in ("empty.txt", "one.txt", "page.bin", "edge.bin", "big.bin", "nosuch.txt")]

OTHERS = [
    Row("fifty megabytes", lambda server: each(get(server.huge)), whole=True,
        possible=lambda server: server.huge),
    Row("a chunked response", lambda server: each(get(server.chunks), get(server.small)),
        possible=lambda server: server.chunks),
    Row("HTTP/1.0", lambda server: each(get(server.small, version="1.0"))),
    Row("HTTP/1.0, kept alive",
        lambda server: each(*[get(server.small, "Connection: keep-alive", version="1.0")] * 4)),
    Row("close asked for", lambda server: each(get(server.small, "Connection: close"))),
    Row("100-continue", lambda server: [Send(post_head(server.post, 5, "Expect: 100-continue")),
                                        Send(b"hello"), Send(get(server.small))], ("POST",)),
    Row("PUT refused or taken",
        lambda server: each(bare_request("PUT", server.small, "Content-Length: 3") + b"put"),
        ("PUT",)),
    Row("one by one, five", lambda server: gets(server, 5)),
    Row("different ones, six",
        lambda server: each(get(server.small), post(server.post, b"x"), get("/nosuch.txt"),
                            get(server.big or server.small), get(server.small), get(server.small)),
        ("GET", "POST")),
]

PIPELINES = [
    Row(f"pipeline of {number}", lambda server, number=number: each(get(server.small) * number))
    for number in (2, 3, 4, 10)
] + [
    Row("pipeline in pieces of seven", lambda server: [Apart(get(server.small) * 5, 7)],
        possible=lambda server: not server.is_odd(CLOSES_ON_EAGAIN)),
    Row("pipeline with a post", lambda server: each(
        get(server.small) + post(server.post, b"x" * 500) + get(server.small) * 3),
        ("GET", "POST")),
]

SLOW = [
    Row("a slow writer", lambda server: [Apart(get(server.small)), Apart(post(server.post, b"slow")),
                                         Apart(get(server.small))], ("GET", "POST")),
    Row("a slow writer of chunks", lambda server: [Apart(post_chunked(server.post, b"a" * 30, b"b"))],
        ("POST",), possible=lambda server: not server.is_odd(NO_CHUNKED_REQUESTS)),
    Row("a slow reader", lambda server: each(*[get(server.big)] * 2), window=SMALL_WINDOW,
        possible=lambda server: server.big),
]

HALF_CLOSES = [
    Row("half-close without a request", lambda server: [HalfClose()]),
    Row("half-close behind a request", lambda server: gets(server, 1) + [HalfClose()]),
    Row("half-close within a head", lambda server: [Send(get(server.small)[:25]), HalfClose()]),
    Row("half-close within content",
        lambda server: [Send(post_head(server.post, 100) + b"half"), HalfClose()], ("POST",)),
    Row("half-close within a chunk",
        lambda server: [Send(post_chunked(server.post, b"c" * 100)[:-50]), HalfClose()], ("POST",),
        possible=lambda server: not server.is_odd(NO_CHUNKED_REQUESTS)),
]

ROWS = METHODS + CONTENTS + CHUNKS + FILES + OTHERS + PIPELINES + SLOW + HALF_CLOSES


# What a server does with these depends, bare, on when the bytes came, or differs each time.
OWN_AFFAIRS = {DROPS_PIPELINED: PIPELINES, HANDS_ON_PIPELINED: PIPELINES[-1:],
               NAMES_EXCHANGES: HALF_CLOSES}


def rows(server, whole):
    left_out = [row for quirk in OWN_AFFAIRS if server.is_odd(quirk) for row in OWN_AFFAIRS[quirk]]
    return [row for row in ROWS
            if row.possible(server) and row not in left_out and (whole or not row.whole)]
