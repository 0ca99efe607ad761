"""Proxies lose no request to a limit on the HTTP/2 server behind them, and leave nothing behind."""

import pytest

import h2.servers
from h2 import clients, proxies
from h2.load import sockets
from h2.loads import CLIENTS, FEW, MANY, executed, fewest, loaded, most
from h2.visitors import Visitors
from support.parameters import as_parameter
from support.process import accepts, family
from support.waiting import until

LIMIT = 50

pytestmark = pytest.mark.timeout(300)


def on(server, rows):
    """Each of these in front of the server."""
    servers = pytest.mark.parametrize("server", [as_parameter(h2.servers.NAMED[server])])
    return lambda function: servers(pytest.mark.parametrize("proxy, way", rows)(function))


def rows(grpc):
    return [row(proxy, way) for proxy in proxies.ALL if proxy.grpc == grpc for way in proxy.keeps]


def row(proxy, way):
    marks = [pytest.mark.suites] if proxy.heavy else []
    return pytest.param(proxy, way, id=f"{proxy.name}-{way}", marks=marks)


sizes = pytest.mark.parametrize("requests", [FEW, pytest.param(MANY, marks=pytest.mark.suites)])


@pytest.fixture
def in_front(bare):
    """in_front(proxy, process): the proxy, running, with this server behind it."""
    return lambda proxy, process: bare(proxy.before(process), fresh=True)


@sizes
@on("h2-node", rows(grpc=False))
def test_a_proxy_of_http1_loses_nothing(server, proxy, way, requests, under, in_front):
    process = under(server, fresh=True, LASTCALL_REQUESTS=LIMIT)
    front = in_front(proxy, process)
    rest, since = sockets([*family(process.popen.pid)]), process.err.stat().st_size
    ok, errors = Visitors(front.port, requests, CLIENTS, way).result()
    assert (ok, errors) == (requests, {})
    assert until(lambda: len(executed(process, since)) >= requests)
    ports = executed(process, since)
    assert len(ports) == requests  # none twice
    assert fewest(requests, LIMIT) <= len(set(ports)) <= most(requests, LIMIT)
    assert until(lambda: accepts(process.port) and
                 sockets([*family(process.popen.pid)]) - rest <= CLIENTS)


@sizes
@on("grpc-python", rows(grpc=True))
def test_a_proxy_of_grpc_loses_nothing(server, proxy, way, requests, under, in_front,
                                       build):
    process = under(server, fresh=True, LASTCALL_REQUESTS=LIMIT)
    front = in_front(proxy, process)
    client = clients.QUICK[0]
    result, ports = loaded(client, server, process, requests, build, port=front.port, at_rest=CLIENTS)
    assert (result.ok, result.failed, result.long) == (requests, 0, "whole"), result
    assert len(ports) == requests
    assert len(set(ports)) >= fewest(requests, LIMIT)
