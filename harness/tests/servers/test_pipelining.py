"""What a client sends behind its last request reaches no server and destroys no response: P3.

Where a server by itself loses pipelined requests, it is held to what it does bare, up to N.
"""

import pytest

from servers.description import CLOSES_ON_EAGAIN, DIES_OF_CUT_PIPELINE, DROPS_PIPELINED
from support.client import FIN, RST, TCP_CLOSE_WAIT, Client
from support.conversation import (ends_at, follows, half_closed_pipeline, pipeline, requests,
                          serves)
from support.counting import Executed
from support.messages import get
from support.parameters import every_server, on_those
from support.waiting import until

LIMIT = 3
TEN = 10


def ten(server, executed):
    return requests(*map(get, executed.targets(server.small, TEN)))


def answers_all(server):
    return not server.is_odd(DROPS_PIPELINED)


keeps_pipelined = on_those(answers_all)
drops_pipelined = on_those(lambda server: not answers_all(server))


@keeps_pipelined
def test_of_ten_pipelined_requests_three_are_answered_and_executed(server, bare, under):
    preloaded = under(server, LASTCALL_REQUESTS=LIMIT)
    executed = Executed(preloaded)
    script = ten(server, executed)
    plain = pipeline(bare(server), script)
    assert len(plain.responses) == TEN
    ends_at(plain, pipeline(preloaded, script), LIMIT, server.volatile)
    assert executed.settled(server.small) == LIMIT


@drops_pipelined
def test_a_server_that_drops_pipelined_requests_drops_them_as_bare(server, bare, under):
    preloaded = under(server, LASTCALL_REQUESTS=LIMIT)
    executed = Executed(preloaded)
    script = ten(server, executed)
    plain = half_closed_pipeline(bare(server), script)
    got = half_closed_pipeline(preloaded, script)
    follows(plain, got, LIMIT, server.volatile)
    assert executed.settled(server.small) == len(got.responses)


def cuts(script, where):
    """Ends of segments, given as distances from the end of the last request."""
    whole = b"".join(request.wire for request in script)
    end = len(b"".join(request.wire for request in script[:LIMIT]))
    return {
        "behind the last request": [end],
        "before its last byte": [end - 1],
        "one byte behind it": [end + 1],
        "inside the next head": [end + 20],
        "every seven bytes": range(7, len(whole), 7),
    }[where]


def endings(server, where):
    """Where a server closes under a client that is still sending, the kernel resets it: whole
    responses, and all of them, are still certain."""
    leaves = server.is_odd(CLOSES_ON_EAGAIN) and where == "every seven bytes"
    return (FIN, RST) if leaves else (FIN,)


@pytest.mark.parametrize("where", ["behind the last request", "before its last byte",
                                   "one byte behind it", "inside the next head",
                                   "every seven bytes"])
@on_those(lambda server: answers_all(server) and not server.is_odd(DIES_OF_CUT_PIPELINE))
def test_where_the_pipeline_is_cut_makes_no_difference(server, where, bare, under):
    preloaded = under(server, LASTCALL_REQUESTS=LIMIT)
    executed = Executed(preloaded)
    script = ten(server, executed)
    send = lambda client, data: client.send_apart(data, cuts(script, where))
    plain = pipeline(bare(server), script)
    got = pipeline(preloaded, script, send)
    ends_at(plain, got, LIMIT, server.volatile, endings(server, where))
    assert executed.settled(server.small) == LIMIT


@every_server
def test_requests_sent_after_the_close_are_read_away_without_a_reset(server, under):
    preloaded = under(server, LASTCALL_REQUESTS=1)
    executed = Executed(preloaded)
    with Client(preloaded.port) as client:
        first, *behind = ten(server, executed)
        client.exchange(first.wire)
        assert client.ending() == FIN
        client.send(b"".join(request.wire for request in behind))
        until(lambda: not client.unacknowledged())
        assert client.tcp_state() == TCP_CLOSE_WAIT
        assert client.leave() == FIN
    assert executed.settled(server.small) == 1


@every_server
def test_a_client_that_pipelines_and_leaves_early_harms_no_server(server, under):
    """Late writes natively kill some servers (SIGPIPE) and make others spin."""
    preloaded = under(server, LASTCALL_REQUESTS=1)
    for _ in range(5):
        with Client(preloaded.port) as client:
            client.send(get(server.small) * TEN)
            client.response()
    serves(preloaded, server.small)


@every_server
def test_a_server_comes_to_rest_behind_a_client_that_stays(server, under):
    preloaded = under(server, LASTCALL_REQUESTS=1)
    with Client(preloaded.port) as client:
        client.send(get(server.small) * TEN)
        client.response()
        assert client.ending() == FIN
        assert until(preloaded.rests), "the server spins"
