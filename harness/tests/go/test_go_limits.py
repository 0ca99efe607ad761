"""The N-th response of a Go server is its last, however it was built and whoever built it: P2.

Requests of every kind that a server takes, mixed on one connection, bare and under lastcall: each
byte is compared, close is said once, by the N-th, and behind it there is FIN and nothing.
"""

import pytest

from go.fixtures import told
from go.parameters import every_server, followed, on
from go.riding import ends_exactly
from servers import go
from support.conversation import is_as_bare, requests, serves, talk
from support.messages import get, head, post, post_chunked

EMPTY = "kubernetes-mcp-server"  # says that it is well by its status alone
SELDOM = 50  # of a thousand requests, so many are for what is big


def kinds(server):
    """Requests in turn."""
    found = [get(server.small), head(server.small), *map(get, server.more)]
    if server.chunks:
        found.append(get(server.chunks))
    if server.length:
        found += [post(server.length, b"x" * 1000), post_chunked(server.length, b"two", b"parts")]
    return found


def mixed(server, number):
    turn, big = kinds(server), server.big or server.small
    return requests(*(get(big) if each % SELDOM == 3 else turn[each % len(turn)]
                      for each in range(number)))


@pytest.mark.parametrize("limit", [1, 7, 1000])
@followed
def test_the_nth_response_and_no_earlier_one_says_close(server, limit, bare, under):
    script = mixed(server, limit + 1)
    plain = talk(bare(server), script).responses
    assert len(plain) == limit + 1
    assert plain[0].status == 200 and (plain[0].content or server.name == EMPTY)
    process = under(server, LASTCALL_REQUESTS=limit)
    ends_exactly(process, script, plain, limit)
    serves(process, server.small)
    assert not told(process)


@on([server for server in go.fetched if server.old])
def test_what_an_old_go_built_is_followed_or_left_alone_and_says_which(server, bare, under):
    script = mixed(server, 8)
    plain = talk(bare(server), script)
    process = under(server, LASTCALL_REQUESTS=7)
    if not told(process):
        ends_exactly(process, script, plain.responses, 7)
    else:
        assert len(told(process)) == 1
        is_as_bare(plain, talk(process, script), server.volatile)


@pytest.mark.parametrize("settings", [{"LASTCALL_REQUESTS": "off"}, {"LASTCALL": "off"},
                                      {"LASTCALL": "observe", "LASTCALL_REQUESTS": "3"}],
                         ids=["no limit", "off", "observe"])
@every_server
def test_without_a_limit_every_byte_is_as_bare(server, settings, bare, under):
    script = mixed(server, 60)
    is_as_bare(talk(bare(server), script), talk(under(server, **settings), script), server.volatile)


@pytest.mark.suites
@pytest.mark.parametrize("limit", [1, 7, 1000])
@on([go.newest])
def test_the_newest_go_that_npm_has_is_followed(server, limit, bare, under):
    """By a Go that nobody knew when this was written: met early."""
    script = mixed(server, limit + 1)
    plain = talk(bare(server), script).responses
    ends_exactly(under(server, LASTCALL_REQUESTS=limit), script, plain, limit)
