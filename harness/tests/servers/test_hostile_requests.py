"""Requests that two parsers may read differently: tests/hostile/requests.txt, on running servers.

Where the library refuses a request, or is not to end the connection, each byte in both directions
is as bare. Where it ends it, the server gets the last request's bytes and none behind them.
"""

import functools
import re

import pytest

from servers.description import SPINS_ON_LF
from support import hostile, outcome, permissive
from support.client import FIN
from support.laws import is_edited
from support.parameters import on, on_named

ROWS = hostile.rows("requests.txt")
LIMITS = sorted({row.heads + 1 for row in ROWS})
OK = b"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 2\r\n\r\n"
REFUSED = b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"

on_permissive = on([permissive.server])
on_real = on_named("nginx", "apache-prefork", "node", "http.server", "gunicorn-gevent",
                   "go-static")


# ---- What is sent ------------------------------------------------------------------------------


def whole(row):
    return [row.wire]


def paused(row):
    """With a pause at each event: where a head or a message ends, or a doubt begins. Bytes behind a
    CONNECT are one only while it has no answer."""
    if "tunnel" in row.events:
        return whole(row)
    edges = sorted({0, *row.places, len(row.wire)})
    return [row.wire[start:end] for start, end in zip(edges, edges[1:])]


def methods(row):
    """Of the messages that were followed, as far as they matter to a response."""
    starts = [0, *row.ends]
    return [row.wire[start:].lstrip(b"\r\n").split(b" ", 1)[0].decode("latin-1")
            for start in starts]


def never_last(row, number):
    return row.source.startswith("never the last") or methods(row)[number - 1] == "CONNECT"


# ---- A server that believes everything ---------------------------------------------------------


def answers(row):
    """One to each request that was followed, and two more to what is left, as a server that sees
    two requests in it would."""
    said = [(end, answer(method)) for end, method in zip(row.ends, methods(row))]
    left = 2 if row.refused else row.heads - len(row.ends)
    return said + [(len(row.wire), answer("GET"))] * left


def answer(method):
    if method == "CONNECT":
        return REFUSED
    return OK if method == "HEAD" else OK + b"ok"


def believed(process, row, pieces):
    """The outcome for the client, and for the server."""
    permissive.tell(process, answers(row))
    seen = outcome.play(process, pieces)
    return seen, permissive.asked(process)


@pytest.mark.parametrize("cut", [whole, paused])
@on_permissive
def test_a_hostile_request_that_is_not_the_last_reaches_the_server_and_is_answered(
        server, cut, bare, under):
    for row in ROWS:
        preloaded = under(server, LASTCALL_REQUESTS=row.heads + 1)
        seen, read = believed(bare(server), row, cut(row))
        assert read == (row.wire, "end of file"), row
        got, got_read = believed(preloaded, row, cut(row))
        assert got_read == read, row
        outcome.is_same(seen, got)


@pytest.mark.parametrize("cut", [whole, paused])
@on_permissive
def test_nothing_behind_a_hostile_last_request_reaches_the_server(server, cut, under):
    for row in ROWS:
        for number, end in enumerate(row.ends, 1):
            if never_last(row, number):
                continue
            preloaded = under(server, LASTCALL_REQUESTS=number)
            got, read = believed(preloaded, row, cut(row))
            assert read == (row.wire[:end], "end of file"), row
            *before, last = [wire for _, wire in answers(row)[:number]]
            assert got.wire.startswith(b"".join(before)), row
            is_edited(last, got.wire[len(b"".join(before)):])
            assert (got.later, got.left) == (b"", FIN), row


@pytest.mark.parametrize("cut", [whole, paused])
@on_permissive
def test_a_hostile_last_request_that_is_refused_in_its_content_is_as_bare(server, cut, bare, under):
    """Its head was good and picked; what comes of its content, nobody knows: all is delivered."""
    for row in ROWS:
        if row.refused and row.heads > len(row.ends):
            preloaded = under(server, LASTCALL_REQUESTS=row.heads)
            seen, read = believed(bare(server), row, cut(row))
            got, got_read = believed(preloaded, row, cut(row))
            assert got_read == read, row
            outcome.is_same(seen, got)


# ---- Real servers ------------------------------------------------------------------------------


LF_IN_EXTENSION = re.compile(rb"\r\n[0-9a-f]+;[^\r]*\n", re.I)


def bearable(server):
    spins = server.is_odd(SPINS_ON_LF)
    return [row for row in ROWS if not (spins and LF_IN_EXTENSION.search(row.wire))]


def differing(compare, rows, plain, got):
    """Each row that is answered differently, with the difference."""
    found = []
    for row in rows:
        try:
            outcome.agrees(compare, lambda: plain(row), lambda: got(row))
        except AssertionError as error:
            found.append(f"{row}: {error}")
    return found


@pytest.mark.parametrize("limit", LIMITS)
@on_real
def test_a_real_server_answers_hostile_requests_as_bare(server, limit, bare, under):
    rows = [row for row in bearable(server) if row.heads + 1 == limit]
    processes = bare(server), under(server, LASTCALL_REQUESTS=limit)
    plays = [lambda row, on=process: outcome.play(on, whole(row)) for process in processes]
    same = functools.partial(outcome.is_same, volatile=server.volatile)
    assert not differing(same, rows, *plays)


@pytest.mark.parametrize("limit", LIMITS[:-1])
@on_real
def test_a_hostile_last_request_ends_a_real_connection_or_changes_nothing(server, limit, bare, under):
    """As bare; or as bare answers the same bytes without those behind the last request, and then
    the end. node takes a good request for a bad one when what is pipelined behind it is."""
    plain, preloaded = bare(server), under(server, LASTCALL_REQUESTS=limit)

    def both(row):
        end = (row.ends + [len(row.wire)])[limit - 1]
        return row, outcome.play(plain, whole(row)), outcome.play(plain, [row.wire[:end]])

    def is_either(expected, got):
        row, everything, cut = expected
        try:
            outcome.is_same(everything, got, server.volatile)
        except AssertionError:
            outcome.is_same_or_ended(cut, got, methods(row), server.volatile)

    rows = [row for row in bearable(server) if row.heads >= limit]
    assert not differing(is_either, rows, both, lambda row: outcome.play(preloaded, whole(row)))
