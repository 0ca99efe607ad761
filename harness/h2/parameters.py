"""Servers of HTTP/2 as test parameters: the quick ones every day, the heavy ones in make suites."""

import pytest

import h2.servers
from h2 import peer
from support.parameters import as_parameter


def on_those(predicate):
    chosen = [server for server in h2.servers.ALL if predicate(server)]
    return pytest.mark.parametrize("server", [parameter(server) for server in chosen])


def parameter(server):
    made = as_parameter(server)
    marks = [*made.marks, pytest.mark.suites] if server.heavy else made.marks
    return pytest.param(server, id=server.name, marks=marks)


def on_named(*names):
    return on_those(lambda server: server.name in names)


every_server = on_those(lambda server: True)


@pytest.fixture(autouse=True)
def peers_leave():
    """Where a module imports it: no connection of a test outlives it."""
    yield
    while peer.opened:
        peer.opened.pop().close()
