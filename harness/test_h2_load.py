"""Real clients lose nothing to a limit on an HTTP/2 server, and leave nothing behind.

A client sends so many requests, ten at once, while a stream of its own stays open across them all.
What the server executed is its own count; which connection each came on, too.
"""

import re

import pytest

import h2.servers
from h2 import clients
from h2.load import Running, is_served
from waiting import until

CLIENTS = 10
FEW, MANY = 2_000, 10_000
KEPT = 4  # sockets of a client at rest: a connection that may be used again, and its own affairs
BUILD_PATIENCE = 600

pytestmark = pytest.mark.timeout(BUILD_PATIENCE)


def pairs():
    return [pair(client, h2.servers.NAMED[name]) for client in clients.ALL
            for name in client.servers]


def pair(client, server):
    marks = [pytest.mark.xdist_group(server.name)]
    if client.heavy or server.heavy:
        marks.append(pytest.mark.suites)
    return pytest.param(client, server, id=f"{client.name}-on-{server.name}", marks=marks)


on_pairs = pytest.mark.parametrize("client, server", pairs())


sizes = pytest.mark.parametrize("requests, limit", [
    (FEW, 50), pytest.param(MANY, 50, marks=pytest.mark.suites),
    pytest.param(MANY, 20, marks=pytest.mark.suites)])


def fewest(requests, limit):
    """Connections, when each carries what was in flight as it was told, too."""
    return requests // (limit + CLIENTS)


def most(requests, limit):
    """When some are opened beside each other, and not all are used up."""
    return 1.25 * requests / limit + CLIENTS


def executed(process, since):
    """The client's port for each counted request that the server executed."""
    log = (process.place.scratch / "stderr").read_bytes()[since:].decode(errors="replace")
    return re.findall(r"(?:Length|/length) (\d+)$", log, re.MULTILINE)


def loaded(client, server, process, requests, build, *more, port=None, at_rest=2, at_once=CLIENTS):
    """The result, and the port of each executed request, once the client has settled."""
    if client.missing():
        pytest.skip(f"install {' '.join(client.packages)} to run {client.name}")
    since = process.err.stat().st_size
    port = port or process.port
    with Running(client, process, port, requests, at_once, build, *more) as running:
        result = running.result()
        assert running.settles(at_rest), "the server's sockets do not become fewer"
        assert until(lambda: running.own_sockets() <= KEPT), "the client keeps what was ended"
        assert until(lambda: len(executed(process, since)) >= result.ok)
    return result, executed(process, since)


@pytest.fixture
def build(library):
    folder = library.parent / "h2"
    folder.mkdir(exist_ok=True)
    return folder


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
