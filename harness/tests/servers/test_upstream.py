"""The connections that a proxy opens itself are none of the library's business: its backend
receives the same bytes on the same number of connections.
"""

import re

from support.client import Client
from support.conversation import requests
from support.messages import get, post
from support.parameters import on_those
from support.quiet import rest

VISITS = 4

# Request ids that the proxies invent.
INVENTED = re.compile(rb"(?mi)^(x-varnish): .*$")


def visit(process, number):
    """One exchange on a connection of its own, which the client closes like one told to."""
    small = process.server.small
    request, = requests(get(f"{small}?{number}") if number % 2 else
                        post(process.server.post, b"upstream %d" % number))
    with Client(process.port) as client:
        client.exchange(request.wire)


def received(process):
    """What the backend got, connection by connection, in the order in which they were opened."""
    for number in range(VISITS):
        visit(process, number)
        rest(process)  # or the connection may not be back among the idle ones (varnish)
    return [INVENTED.sub(rb"\1: *", data) for data in process.backend.received()]


@on_those(lambda server: server.backend)
def test_the_backend_of_a_proxy_receives_what_it_receives_from_a_bare_one(server, bare, under):
    plain = received(bare(server, fresh=True))
    got = received(under(server, fresh=True, LASTCALL_REQUESTS=1))
    assert len(got) == len(plain)
    assert got == plain
