"""Servers of which the library sees nothing, or nothing it understands: byte for byte as bare.

stdio makes its calls inside libc, TLS hides HTTP behind its records.
"""

import ssl

import servers
from support import laws
from support.client import OPEN, Client
from support.conversation import Request, exchanges, left
from support.messages import get, head, post
from support.parameters import on

LIMITED = {"LASTCALL_REQUESTS": 1}


def connected(process):
    return TlsClient(process.port) if process.server.tls else Client(process.port)


class TlsClient(Client):
    """The same client behind a handshake; it trusts the certificate that was made on the spot."""

    def connect(self, port, receive_buffer):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(super().connect(port, receive_buffer))


def script(server):
    return [Request(wire) for wire in (get(server.small), head(server.small), get(server.big),
                                       post(server.small, b"content"), get(server.small))]


def played(process):
    with connected(process) as client:
        responses = list(exchanges(client, script(process.server)))
        return responses, left(client)


@on(servers.UNSEEN)
def test_a_server_out_of_sight_is_byte_for_byte_as_bare(server, bare, under):
    plain, plain_ending = played(bare(server))
    got, ending = played(under(server, **LIMITED))
    assert len(got) == len(plain)
    assert [laws.masked(response.head) for response in got] == \
        [laws.masked(response.head) for response in plain]
    assert [response.body for response in got] == [response.body for response in plain]
    assert ending == plain_ending


@on(servers.UNSEEN)
def test_a_server_out_of_sight_keeps_its_connections(server, under):
    with connected(under(server, **LIMITED)) as client:
        for _ in range(5):
            assert client.exchange(get(server.small)).persists
        assert client.ended == OPEN
