"""Servers as test parameters. Knows pytest's marks and the descriptions, nothing that runs."""

import pytest

import servers


def on(chosen):
    """@on(servers): run the test on each, named by the server and grouped with its other tests."""
    return pytest.mark.parametrize("server", [as_parameter(server) for server in chosen])


def as_parameter(server):
    return pytest.param(server, id=server.name, marks=pytest.mark.xdist_group(server.name))


every_server = on(servers.FOLLOWED)


def on_those(predicate):
    return on(servers.those(predicate))


def on_named(*names):
    return on([servers.NAMED[name] for name in names])
