"""A client that closes its half behind its requests is served as by the bare server.

Some bare servers take that for a client that left; which responses it still gets is then a race,
and the claim is only that nothing else than bare's responses comes, and no reset.
"""

import pytest

from servers.description import HALF_CLOSE_RACES
from support import laws
from support.client import FIN, RST, Client
from support.conversation import collected, follows, half_closed_pipeline, requests, talk
from support.messages import get
from support.parameters import on_those

TWO = 2


def two(server):
    return requests(*[get(server.small)] * TWO)


@pytest.mark.parametrize("limit", [TWO, TWO + 1])
@on_those(lambda server: not server.is_odd(HALF_CLOSE_RACES))
def test_a_client_that_half_closes_gets_what_bare_gives(server, limit, bare, under):
    plain = half_closed_pipeline(bare(server), two(server))
    assert len(plain.responses) == TWO and plain.ending == FIN
    got = half_closed_pipeline(under(server, LASTCALL_REQUESTS=limit), two(server))
    follows(plain, got, limit, server.volatile)
    assert got.ending == FIN


@on_those(lambda server: server.is_odd(HALF_CLOSE_RACES))
def test_a_client_that_half_closes_gets_no_more_than_bare_may_give(server, bare, under):
    plain = talk(bare(server), two(server))
    with Client(under(server, LASTCALL_REQUESTS=TWO + 1).port) as client:
        client.send(b"".join(request.wire for request in two(server)))
        client.half_close()
        responses = list(collected(client, two(server)))
        assert client.ended != RST
    for before, after in zip(plain.responses, responses):
        laws.is_same(before, after, server.volatile)
