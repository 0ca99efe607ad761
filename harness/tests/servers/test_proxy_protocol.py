"""A PROXY protocol prefix, as layer-4 balancers send it, is skipped: requests count behind it."""

import dataclasses
import functools

import pytest

import servers
from servers import nginx
from support.client import Client
from support.conversation import Talk, ends_at, exchanges, left, requests
from support.messages import get
from support.parameters import as_parameter
from support.proxy_header import PREFIXES

LIMIT = 2
behind_a_balancer = dataclasses.replace(
    servers.NAMED["nginx"], name="nginx-behind-balancer",
    command=functools.partial(nginx.command, listen="proxy_protocol"))


def played(process, prefix, send):
    script = requests(*[get("/small.txt")] * (LIMIT + 1))
    with Client(process.port) as client:
        client.send(prefix)  # in one piece: nginx takes it no other way
        return Talk(list(exchanges(client, script, send)), left(client))


@pytest.mark.parametrize("send", [Client.send, Client.send_bytewise], ids=["whole", "bytewise"])
@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("server", [as_parameter(behind_a_balancer)])
def test_requests_behind_a_proxy_prefix_are_counted(server, prefix, send, bare, under):
    plain = played(bare(server), PREFIXES[prefix], send)
    assert len(plain.responses) == LIMIT + 1
    preloaded = under(server, LASTCALL_REQUESTS=LIMIT)
    ends_at(plain, played(preloaded, PREFIXES[prefix], send), LIMIT, server.volatile)
