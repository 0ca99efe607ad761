"""One load of a real client on a real server: how many requests, what both ends hold, what the server
executed on which connection.

Knows the servers' own counts. Refuses to know which limit there is.
"""

import re

import pytest

from h2.load import Running
from support.waiting import until

CLIENTS = 10
FEW, MANY = 2_000, 10_000
KEPT = 4  # sockets of a client at rest: a connection that may be used again, and its own affairs
BUILD_PATIENCE = 600


def pair(client, server):
    marks = [pytest.mark.xdist_group(server.name)]
    if client.heavy or server.heavy:
        marks.append(pytest.mark.suites)
    return pytest.param(client, server, id=f"{client.name}-on-{server.name}", marks=marks)


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
