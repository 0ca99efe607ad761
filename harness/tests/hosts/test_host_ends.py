"""How a connection's two directions end around the last response: a client that closes its half behind
more requests than are answered still gets the last response, and whoever throws input away sends FIN, also
where the server said close by itself and leaves the closing to the client.
"""

import pytest

from hosts.paged import host
from hosts.running import request
from servers.description import PYTHON, program
from support import laws
from support.client import FIN, RST, Client
from support.waiting import until

LIMIT = 3
BEHIND = 3
SOON = 8  # seconds in which a FIN that is due comes, on the busiest machine


def served(library, folder, name, *words):
    return host(library, folder, PYTHON, program(name), *words,
                settings={"LASTCALL_REQUESTS": str(LIMIT)})


def responses_of(port, requests, fin_apart):
    with Client(port) as client:
        client.send(b"".join(requests))
        if fin_apart:
            assert until(lambda: client.unacknowledged() == 0)
        client.half_close()
        found = []
        while client.reader.buffer or client.receive():
            found.append(client.response())
        assert client.ended != RST
        return found


@pytest.mark.parametrize("fin_apart", [False, True], ids=["with its FIN", "and its FIN later"])
@pytest.mark.parametrize("how", ["read", "peek", "pieces"])
def test_a_client_that_half_closes_behind_more_requests_gets_the_last_response(library, tmp_path, how,
                                                                               fin_apart):
    """From a server that looks for an end of input before it answers, when the FIN is surely there."""
    requests = [request(path) for path in ("/1", "/2", "/wait", "/4")]
    with served(None, tmp_path, "looks_first.py", how) as (_, port):
        bare = responses_of(port, requests, fin_apart)
    assert len(bare) >= LIMIT
    with served(library, tmp_path, "looks_first.py", how) as (_, port):
        kept = responses_of(port, requests, fin_apart)
    assert len(kept) == LIMIT
    for expected, got in zip(bare, kept[:-1]):
        laws.is_same(expected, got)
    laws.is_last(bare[LIMIT - 1], kept[-1])


def pipelined(client, number):
    client.send(request("/") * number)
    return [client.response() for _ in range(LIMIT)]


def deaf(client, number):
    """Sends on behind the response that said close."""
    found = [client.exchange(request("/")) for _ in range(LIMIT)]
    client.send(request("/") * (number - LIMIT))
    return found


@pytest.mark.parametrize("talk", [pipelined, deaf])
@pytest.mark.parametrize("mode", [(), ("blocking",)], ids=["nonblocking", "blocking"])
def test_a_client_that_sends_on_behind_a_close_of_the_server_s_own_sees_fin(library, tmp_path, mode, talk):
    words = ("says_close_itself.py", str(LIMIT), *mode)
    with served(None, tmp_path, *words) as (_, port):
        with Client(port) as client:
            bare = talk(client, LIMIT + BEHIND)
            assert [client.response().status for _ in range(BEHIND)] == [503] * BEHIND
    with served(library, tmp_path, *words) as (_, port):
        with Client(port, patience=SOON) as client:
            kept = talk(client, LIMIT + BEHIND)
            assert client.ending() == FIN
    assert [one.wire for one in kept] == [one.wire for one in bare]
