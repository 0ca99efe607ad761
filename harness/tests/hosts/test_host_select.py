"""One client cannot stop a server that serves all from one thread, by select() and blocking reads, for
longer than it could bare: a second, and room for a busy machine.

Knows when a client sends a byte behind its last request: with it, while it is answered, or after that; or
sends it and reads nothing. Its own responses stay whole.
"""

from time import monotonic

import pytest

from hosts import building
from hosts.paged import host
from hosts.running import request
from support import laws
from support.client import FIN, RST, Client
from support.waiting import until

LIMIT = 3
OUR_SHARE = 2.0  # seconds
BODY = 150_000  # more than the window of a client that does not read, less than the server's buffer
TINY = 4096
READ = 8191  # that the server takes at most
MOMENT = 0.2  # seconds, in which a server that waits for nothing gets round to all it was sent
GET = request("/")


def pause():
    until(lambda: False, MOMENT)


def starts(client, number):
    for _ in range(number):
        client.exchange(GET)


def with_the_last(client, path="/"):
    """More than one read takes."""
    starts(client, LIMIT - 1)
    long = request(path)[:-2] + b"Long: " + b"x" * (READ - 200) + b"\r\n\r\n"
    client.send(long + b"G" * 1000)
    return lambda: client.response()


def with_a_slow_last(client):
    return with_the_last(client, "/slow")


def while_it_is_answered(client):
    starts(client, LIMIT - 1)
    client.send(request("/slow"))
    pause()
    client.send(GET[:1])
    return lambda: client.response()


def behind_the_answer(client):
    starts(client, LIMIT)
    client.send(GET[:1])
    return lambda: None


def without_reading(client):
    """Its window is full, and its kernel takes no FIN."""
    starts(client, LIMIT - 1)
    client.send(GET + GET[:1])
    pause()
    client.send(GET[1:4])
    return lambda: client.response()


EVIL = {"with it": with_the_last, "with it, slow": with_a_slow_last, "during": while_it_is_answered,
        "after": behind_the_answer, "deaf": without_reading}


def exchanged(client):
    """How long one took; too long is no answer."""
    start = monotonic()
    client.exchange(GET)
    return monotonic() - start


def waited(library, folder, evil, anew):
    """How long another client waits, that was connected before or connects then."""
    settings = {"LASTCALL_REQUESTS": str(LIMIT)}
    receive_buffer = TINY if evil == "deaf" else None
    with host(library, folder, building.program("selects"), str(BODY), settings=settings) as (_, port):
        with Client(port) as before, Client(port, receive_buffer=receive_buffer) as client:
            before.exchange(GET)
            rest = EVIL[evil](client)
            pause()
            if anew:
                with Client(port) as other:
                    time = exchanged(other)
            else:
                time = exchanged(before)
            if response := rest():
                assert len(response.content) == BODY
            return time


@pytest.mark.parametrize("anew", [False, True], ids=["connected before", "connects then"])
@pytest.mark.parametrize("evil", EVIL)
def test_no_client_stops_the_others(library, tmp_path, evil, anew):
    bare = waited(None, tmp_path, evil, anew)
    assert bare < OUR_SHARE  # the control: nothing but what the answer takes
    assert waited(library, tmp_path, evil, anew) <= bare + OUR_SHARE


AHEAD, ALL = 5, 6  # requests with a byte of the next behind them; and one with nothing behind


def test_a_client_that_is_always_ahead_is_told_close_once_it_is_not(library, tmp_path):
    """At N, or at the first request behind it with nothing queued; whole responses all the way."""
    def talk(limit, preloaded):
        settings = {"LASTCALL_REQUESTS": str(limit)}
        selects = building.program("selects")
        with host(preloaded, tmp_path, selects, "2", settings=settings) as (_, port):
            with Client(port) as client:
                client.send(GET[:1])
                responses = []
                while len(responses) < ALL and (not responses or responses[-1].persists):
                    client.send(GET[1:] + (GET[:1] if len(responses) < AHEAD else b""))
                    responses.append(client.response())
                ended = client.ending() if not responses[-1].persists else client.ended
                assert ended != RST
                return responses, ended

    bare, _ = talk(LIMIT, None)
    assert len(bare) == ALL and bare[-1].persists
    kept, ended = talk(LIMIT, library)
    assert LIMIT <= len(kept) <= ALL
    for expected, got in zip(bare, kept[:-1]):
        laws.is_same(expected, got)
    laws.is_last(bare[len(kept) - 1], kept[-1])
    assert ended == FIN


def test_a_client_with_nothing_behind_its_requests_is_told_close_exactly(library, tmp_path):
    settings = {"LASTCALL_REQUESTS": str(LIMIT)}
    with host(library, tmp_path, building.program("selects"), "2", settings=settings) as (_, port):
        for _ in range(3):
            with Client(port) as client:
                responses = [client.exchange(GET) for _ in range(LIMIT)]
                assert [one.persists for one in responses] == [True] * (LIMIT - 1) + [False]
                assert client.ending() == FIN
