"""An upgraded connection, or a tunnel, is left alone from its first byte: P4."""

import pytest

from servers.description import ODD_CONNECT
from support.client import FIN, Client
from support.conversation import is_as_bare, requests, talk
from support.messages import connect, get, upgrade
from support.parameters import on_those

SPOKEN = [b"\x00\x01raw bytes\xff", get("/small.txt"), b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 100_000]


def echo_after(process, opening, before=()):
    """The head that switches the connection, having heard every raw byte come back."""
    with Client(process.port) as client:
        for request in before:
            client.exchange(request)
        switch = client.exchange(opening, "CONNECT")
        for words in SPOKEN:
            client.send(words)
            assert client.reader.exactly(len(words)) == words
        client.half_close()
        assert client.ending() == FIN
        return switch


@pytest.mark.parametrize("limit", [1, 2])
@on_those(lambda server: server.upgrades)
def test_an_upgrade_in_the_last_exchange_is_left_alone(server, limit, bare, under):
    before = [get(server.small)] * (limit - 1)
    plain = echo_after(bare(server), upgrade(), before)
    got = echo_after(under(server, LASTCALL_REQUESTS=limit), upgrade(), before)
    assert got.head == plain.head


@on_those(lambda server: server.tunnels)
def test_a_tunnel_is_left_alone(server, bare, under):
    plain = echo_after(bare(server), connect(80))
    got = echo_after(under(server, LASTCALL_REQUESTS=1), connect(80))
    assert got.head == plain.head


@on_those(lambda server: not server.tunnels and not server.backend
          and not server.is_odd(ODD_CONNECT))
def test_a_refused_connect_is_not_the_last_exchange(server, bare, under):
    script = requests(connect(80))
    plain = talk(bare(server), script)
    is_as_bare(plain, talk(under(server, LASTCALL_REQUESTS=1), script), server.volatile)
