"""The N-th response of a connection is its last, on every server: P2.

Each path is asked for N times and once more on one connection, bare and preloaded.
"""

import pytest

from support.conversation import ends_at, requests, serves, talk
from support.messages import get
from support.parameters import every_server


def paths(server):
    return [path for path in (server.small, server.big, server.chunks) if path]


@pytest.mark.parametrize("limit", [1, 2, 3])
@every_server
def test_the_nth_response_and_no_earlier_one_says_close(server, limit, bare, under):
    preloaded = under(server, LASTCALL_REQUESTS=limit)
    for path in paths(server):
        script = requests(*[get(path)] * (limit + 1))
        plain = talk(bare(server), script)
        assert len(plain.responses) == limit + 1
        ends_at(plain, talk(preloaded, script), limit, server.volatile)
    serves(preloaded, server.small)
