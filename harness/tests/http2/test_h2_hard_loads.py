"""Loads at which some clients lose requests to any GOAWAY: each a row with its reason, and the server's
own limit beside ours.

gRPC's C core keeps up to 256 kB of a call to send it again, and a message of 1 MB is more. node refuses
by itself what it has queued because the server allows no more streams at once, of which there are 100
until its SETTINGS have come.
"""

import pytest

import h2.servers
from h2 import clients
from h2.loads import BUILD_PATIENCE, FEW, MANY, loaded, pair

LIMIT = 50
MEGABYTE = 1_000_000
ALLOWED = 100  # streams at once, to node's client

OFF, OURS = {"LASTCALL_REQUESTS": "off"}, {"LASTCALL_REQUESTS": LIMIT}
OWN_AGE = OFF | {"OWN_AGE_MS": 50}
OWN_LIMIT = OFF | {"OWN_LIMIT": LIMIT}

pytestmark = [pytest.mark.suites, pytest.mark.timeout(BUILD_PATIENCE)]


def rows(names, servers):
    return pytest.mark.parametrize("client, server", [
        pair(client, h2.servers.NAMED[server]) for client in clients.ALL if client.name in names
        for server in servers])


# ---- gRPC with messages of 1 MB ------------------------------------------------------------------


@rows(["grpc-python", "grpc-c++"], ["grpc-python", "grpc-c++"])
@pytest.mark.parametrize("settings, part", [(OFF, 0), (OURS, 0.01), (OWN_AGE, 0.1)],
                         ids=["off", "ours", "own"])
def test_of_large_calls_few_fail_by_any_limit(client, server, settings, part, under,
                                              build):
    process = under(server, fresh=True, **settings)
    result, ports = loaded(client, server, process, FEW, build, MEGABYTE)
    assert result.failed <= part * FEW, result
    assert all("GOAWAY received" in error for error in result.errors), result
    assert result.long == "whole"
    assert result.ok <= len(ports) <= FEW  # none twice
    assert (len(set(ports)) > 1) == (settings is not OFF)


# ---- node with many streams at once ----------------------------------------------------------------


@rows(["node"], ["h2-node"])
def test_node_loses_nothing_with_as_many_streams_as_are_allowed(client, server, under,
                                                                build):
    process = under(server, fresh=True, **OURS)
    result, ports = loaded(client, server, process, MANY, build, at_once=ALLOWED)
    assert (result.ok, result.failed, result.long) == (MANY, 0, "whole"), result
    assert len(ports) == MANY


@rows(["node"], ["h2-node"])
def test_node_loses_nothing_of_more_at_a_limit_of_ten_times_as_many(client, server, under,
                                                                     build):
    at_once = 2 * ALLOWED
    process = under(server, fresh=True, LASTCALL_REQUESTS=10 * at_once)
    result, ports = loaded(client, server, process, MANY, build, at_once=at_once)
    assert (result.ok, result.failed, result.long) == (MANY, 0, "whole"), result
    assert (len(ports), len(set(ports))) == (MANY, MANY // (10 * at_once))


@rows(["node"], ["h2-node"])
def test_node_refuses_what_it_has_queued_and_more_at_the_servers_own_limit(client, server, under,
                                                                           build):
    failed = {}
    for name, settings in {"off": OFF, "ours": OURS, "own": OWN_LIMIT}.items():
        process = under(server, fresh=True, **settings)
        result, ports = loaded(client, server, process, MANY, build, at_once=2 * ALLOWED)
        failed[name] = result.failed
        assert all("REFUSED_STREAM" in error for error in result.errors), result
        assert len(ports) == result.ok  # what was refused was not executed
    assert failed["off"] == 0 < failed["ours"] < failed["own"], failed
