"""Real clients lose nothing to a limit on an HTTP/2 server, and leave nothing behind.

A client sends so many requests, ten at once, while a stream of its own stays open across them all.
What the server executed is its own count; which connection each came on, too.
"""

import pytest

import h2.servers
from h2 import clients
from h2.load import is_served
from h2.loads import BUILD_PATIENCE, CLIENTS, FEW, MANY, fewest, loaded, most, pair

pytestmark = pytest.mark.timeout(BUILD_PATIENCE)


def pairs():
    return [pair(client, h2.servers.NAMED[name]) for client in clients.ALL
            for name in client.servers]


on_pairs = pytest.mark.parametrize("client, server", pairs())


sizes = pytest.mark.parametrize("requests, limit", [
    (FEW, 50), pytest.param(MANY, 50, marks=pytest.mark.suites),
    pytest.param(MANY, 20, marks=pytest.mark.suites)])


@on_pairs
def test_without_a_limit_one_connection_carries_everything(client, server, under, build):
    """What the limit is for; and the client and its count are in order."""
    process = under(server, fresh=True, LASTCALL_REQUESTS="off")
    result, ports = loaded(client, server, process, FEW // 2, build)
    assert (result.ok, result.failed, result.long) == (FEW // 2, 0, client.long), result
    assert len(ports) == FEW // 2
    assert len(set(ports)) <= CLIENTS  # some clients open more than one to begin with


@sizes
@on_pairs
def test_no_request_fails_and_connections_are_as_many_as_the_limit_says(client, server, requests,
                                                                        limit, under, build):
    if reason := client.unfit():
        pytest.skip(reason)
    if limit < client.lowest:
        pytest.skip(f"{client.name} loses a request in some thousands at {limit}")
    process = under(server, fresh=True, LASTCALL_REQUESTS=limit)
    result, ports = loaded(client, server, process, requests, build)
    assert is_served(client, result, requests), result
    assert len(ports) == result.ok  # none twice
    assert fewest(requests, limit) <= len(set(ports)) <= most(requests, limit)
    if client.leaves:
        assert max(result.held) <= 2 * CLIENTS
