"""Other people's load generators lose no request to a limit, and use the connections computed.

The server's own tally is the status page: connections, exchanges, and how many were told close.
"""

from dataclasses import replace

import pytest

from servers import nginx
from support import load_tools
from support.command_pages import command  # noqa: F401
from support.conversation import serves
from support.live import grown, live  # noqa: F401
from support.load_tools import AB, CURL, H2LOAD, HEY, SIEGE_CLOSING, SIEGE_KEEPING, WRK
from support.parameters import on_named

LIMIT = 10
FEW, MANY = 120, 20_000
CLIENTS = 4

servers = on_named("nginx", "apache-event", "apache-prefork", "haproxy")
sizes = pytest.mark.parametrize("requests", [FEW, pytest.param(MANY, marks=pytest.mark.suites)])


def named(tools):
    return pytest.mark.parametrize("tool", [pytest.param(tool, id=tool.name) for tool in tools])


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """One folder of status pages, so that a server may stay for all of its tests."""
    return tmp_path_factory.mktemp("pages")


@pytest.fixture
def under_tool(live, pages, tmp_path):
    """under_tool(server, tool, 100, clients=4): its report, and what the status page gained."""
    def run(server, tool, requests, clients):
        served = live(server, fresh=False, LASTCALL_REQUESTS=LIMIT, LASTCALL_STATUS=pages)
        # Behind what an earlier tool left in the queue to be accepted.
        serves(served.process, server.small)
        before = served.settled()
        report = load_tools.run(tool, url(served, server), requests, clients, tmp_path)
        return report, grown(before, served.settled())
    return run


def url(process, server):
    return f"http://127.0.0.1:{process.port}{server.small}"


def connections(requests, limit=LIMIT):
    return -(-requests // limit)


@sizes
@named([AB, H2LOAD, HEY, CURL])
@servers
def test_one_client_uses_a_connection_for_every_n_requests(server, tool, requests, under_tool):
    odd = requests - 5  # so that its last connection is not full
    report, tally = under_tool(server, tool, odd, clients=1)
    assert (report.answered, report.failed) == (odd, 0)
    assert (tally["exchanges"], tally["last requests"]) == (odd, odd // LIMIT)
    assert tally["connections"] == connections(odd)
    assert report.connections in (None, connections(odd))


@sizes
@named([H2LOAD])
@servers
def test_clients_with_equal_shares_use_as_many_connections_each(server, tool, requests, under_tool):
    report, tally = under_tool(server, tool, requests, CLIENTS)
    assert (report.answered, report.failed) == (requests, 0)
    assert tally["exchanges"] == requests
    each = requests // CLIENTS
    assert tally["connections"] == CLIENTS * connections(each)
    assert tally["last requests"] == CLIENTS * (each // LIMIT)


@sizes
@named([AB, HEY, WRK])
@servers
def test_clients_that_share_their_requests_lose_none(server, tool, requests, under_tool):
    report, tally = under_tool(server, tool, requests, CLIENTS)
    assert report.failed == 0
    # wrk leaves when its time is over, with a request on each connection that nobody counts.
    assert 0 <= tally["exchanges"] - report.answered <= CLIENTS * tool.timed
    assert report.answered == requests or tool.timed
    is_divided(tally)
    assert others(tally) <= CLIENTS + tool.spare


def others(tally):
    """Connections that were not told close."""
    return tally["connections"] - tally["last requests"]


def is_divided(tally):
    """Connections that were told close carried N exchanges each; the others fewer."""
    assert 0 <= tally["exchanges"] - LIMIT * tally["last requests"] <= (LIMIT - 1) * others(tally)


@sizes
@servers
def test_a_tool_that_closes_by_itself_is_left_to(server, requests, under_tool):
    report, tally = under_tool(server, SIEGE_CLOSING, requests, CLIENTS)
    assert (report.answered, report.failed) == (requests, 0)
    assert (tally["connections"], tally["exchanges"]) == (requests, requests)
    assert tally["last requests"] == 0


# ---- A client that does not listen -------------------------------------------------------------

# siege keeps a connection that was told close, and fails on it once before it opens another.
DEAF = SIEGE_KEEPING
ASKED = CLIENTS * 34


def lost_by_the_deaf(requests, clients):
    return clients * ((requests // clients - 1) // (LIMIT + 1))


@servers
def test_a_client_deaf_to_close_loses_the_request_behind_it_and_no_other(server, under_tool):
    report, tally = under_tool(server, DEAF, ASKED, CLIENTS)
    lost = lost_by_the_deaf(ASKED, CLIENTS)
    assert (report.answered, report.failed) == (ASKED - lost, lost)
    assert tally["exchanges"] == ASKED - lost


def nginx_with_its_own_limit(place):
    return nginx.command(place, location=f"keepalive_requests {LIMIT};")


@on_named("nginx")
def test_it_loses_as_many_to_a_limit_of_the_server_s_own(server, bare, tmp_path):
    limited = replace(server, command=nginx_with_its_own_limit)
    report = load_tools.run(DEAF, url(bare(limited, fresh=True), server), ASKED, CLIENTS, tmp_path)
    assert report.failed == lost_by_the_deaf(ASKED, CLIENTS)
