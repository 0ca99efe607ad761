"""A gRPC server in Go is told of its limit by GOAWAY, by the command that starts it, and loses nothing.

The suites of HTTP/2 take it as one more server; this is what they cannot: other clients, and storms.
"""

import pytest

from go.fixtures import own  # noqa: F401
from h2 import clients, laws
from h2.loads import fewest, loaded, most
from h2.parameters import peers_leave  # noqa: F401
from h2.servers.go import grpc_go
from h2.talk import at_once, one_by_one
from support.parameters import on

LIMIT = 50
CALLS = 2_000

grpc = on([grpc_go])
quick = [client for client in clients.ALL if client.name == "grpc-python"]
heavy = [client for client in clients.ALL if client.name in ("grpc-go", "grpc-c++", "grpc-java")]
by_clients = pytest.mark.parametrize("client", [
    pytest.param(client, id=client.name, marks=[pytest.mark.suites] if client in heavy else [])
    for client in quick + heavy])


@pytest.mark.parametrize("limit", [1, 5])
@grpc
def test_the_client_is_told_at_the_nth_call_and_every_call_is_answered(server, limit, bare, under):
    paths = [server.big if each % 4 == 0 else server.small for each in range(12)]
    plain = one_by_one(bare(server), paths)
    got = one_by_one(under(server, LASTCALL_REQUESTS=limit), paths)
    nth = 2 * limit - 1
    laws.is_told_at(got, nth, before=nth - 2 if limit > 1 else None)
    laws.is_as_bare(plain, got, server.volatile)


@grpc
def test_calls_in_flight_are_answered_when_the_client_is_told(server, bare, under):
    paths = [server.small, server.big] * 6
    plain = at_once(bare(server), paths)
    got = at_once(under(server, LASTCALL_REQUESTS=5), paths)
    laws.is_told_once(got)
    laws.is_as_bare(plain, got, server.volatile)


@by_clients
@pytest.mark.timeout(600)
@pytest.mark.parametrize("disturbed", [{}, {"GOGC": "5", "GOMAXPROCS": "64"}], ids=["calm", "hurried"])
@grpc
def test_no_call_fails_and_connections_are_as_many_as_the_limit_says(server, client, disturbed, own,
                                                                     build):
    process = own(server, LIMIT, **disturbed)
    result, ports = loaded(client, server, process, CALLS, build)
    assert (result.ok, result.failed, result.long) == (CALLS, 0, client.long), result
    assert len(ports) == CALLS
    assert fewest(CALLS, LIMIT) <= len(set(ports)) <= most(CALLS, LIMIT)
