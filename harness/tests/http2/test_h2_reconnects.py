"""A thousand reconnects in one run leave no descriptor behind, neither in the server nor in its client.

Every client on one of its servers. One that never closes what it was told to leave holds as many as
are told in the seconds before: it is looked at when it rests only.
"""

import pytest

import h2.servers
from h2 import clients
from h2.load import is_served
from h2.loads import BUILD_PATIENCE, loaded, pair

LIMIT, AT_ONCE, RECONNECTS = 20, 2, 1000  # a limit of ten times what is asked at once: the README's
REQUESTS = RECONNECTS * (LIMIT + AT_ONCE)
COME_AND_GO = 10

pytestmark = [pytest.mark.suites, pytest.mark.timeout(BUILD_PATIENCE)]


def is_flat(counts):
    """In the second half no more than in the first, but for what comes and goes at any moment."""
    half = len(counts) // 2
    return max(counts[half:]) <= max(counts[:half]) + COME_AND_GO


@pytest.mark.parametrize("client, server", [
    pair(client, h2.servers.NAMED[client.servers[0]]) for client in clients.ALL])
def test_a_thousand_reconnects_leave_no_descriptor_behind(client, server, under, build):
    if reason := client.unfit():
        pytest.skip(reason)
    process = under(server, fresh=True, LASTCALL_REQUESTS=LIMIT)
    result, ports = loaded(client, server, process, REQUESTS, build, at_once=AT_ONCE)
    assert is_served(client, result, REQUESTS), result.errors
    assert len(ports) == result.ok  # none twice
    assert len(set(ports)) >= RECONNECTS
    if client.leaves:
        assert max(result.held) <= COME_AND_GO, result.held
        assert is_flat(result.held) and is_flat(result.kept), (result.held, result.kept)
