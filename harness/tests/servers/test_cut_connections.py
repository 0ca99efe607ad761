"""Connections that clients cut in any state leave nothing behind: the next one, on the same
descriptor, is counted from its own beginning.
"""

import pytest

from support.client import FIN, RST, Client
from support.conversation import ends_at, requests, talk
from support.cuts import LIMIT, bearable
from support.messages import get
from support.parameters import every_server

AGAIN = 3


@pytest.mark.parametrize("how", [FIN, RST])
@every_server
def test_a_descriptor_used_again_is_counted_from_one(server, how, bare, under):
    preloaded = under(server, LASTCALL_REQUESTS=LIMIT)
    script = requests(*[get(server.small)] * (LIMIT + 1))
    plain = talk(bare(server), script)
    for state in bearable(server):
        with Client(preloaded.port) as client:
            state(client, server)
            client.cut(how)
        for _ in range(AGAIN):
            ends_at(plain, talk(preloaded, script), LIMIT, server.volatile)
