"""Scripts of exchanges, played on one connection the same way to a bare and a preloaded server.

Knows clients and laws. Sends a request only after the response to the one before, unless told to
pipeline. Refuses to know what a server is or how it was started.
"""

from dataclasses import dataclass

from support import laws
from support.client import FIN, OPEN, RST, Client
from support.http_message import HEAD_END, Incomplete, connection_options
from support.messages import get


@dataclass(frozen=True)
class Request:
    """What goes out at once, and what waits for the server's first word (100-continue)."""

    wire: bytes
    held: bytes = b""

    @property
    def method(self):
        return self.wire.split(b" ", 1)[0].decode()

    @property
    def persists(self):
        head = self.wire[:self.wire.index(HEAD_END) + len(HEAD_END)]
        return b" HTTP/1.0\r\n" not in head or b"keep-alive" in connection_options(head)


@dataclass
class Talk:
    """What came of a script: its responses, and how the connection was left."""

    responses: list
    ending: str


def requests(*wires):
    return [Request(wire) for wire in wires]


# ---- Playing -----------------------------------------------------------------------------------


def talk(process, script, send=Client.send):
    """Exchange by exchange; stops where either side ends the connection."""
    with Client(process.port) as client:
        return Talk(list(exchanges(client, script, send)), left(client))


def exchanges(client, script, send=Client.send):
    for request in script:
        send(client, request.wire)
        if request.held and client.receive():
            send(client, request.held)
        response = response_to(client, request)
        if response:
            yield response
        if not response or not request.persists or not response.persists:
            client.ending()
            return


def response_to(client, request):
    """None where the connection ends before a response begins; within one, that is a fault."""
    try:
        return client.response(request.method)
    except Incomplete:
        if client.ended == OPEN or client.reader.buffer:
            raise
        return None


def left(client):
    """Open, or how it ended once our half is closed too."""
    if client.ended == OPEN:
        return OPEN
    return client.leave() if client.ended == FIN else RST


def pipeline(process, script, send=Client.send):
    """All requests sent ahead, then as many responses as come."""
    with Client(process.port) as client:
        send(client, b"".join(request.wire for request in script))
        return Talk(list(collected(client, script)), left(client))


def half_closed_pipeline(process, script):
    """The same, but the client's half is closed before it receives."""
    with Client(process.port) as client:
        client.send(b"".join(request.wire for request in script))
        client.half_close()
        return Talk(list(collected(client, script)), client.ending())


def collected(client, script):
    for request in script:
        response = response_to(client, request)
        if not response:
            return
        yield response
        if not response.persists:
            client.ending()
            return


# ---- Comparing ---------------------------------------------------------------------------------


def ends_at(bare, got, last, volatile=frozenset(), endings=(FIN,)):
    """Responses before the `last`-th are as bare; it says close; then FIN, also for our own."""
    assert len(got.responses) == last, f"{len(got.responses)} responses, not {last}"
    for before, after in zip(bare.responses[:last - 1], got.responses):
        laws.is_same(before, after, volatile)
    laws.is_last(bare.responses[last - 1], got.responses[-1], volatile)
    assert got.ending in endings


def is_as_bare(bare, got, volatile=frozenset()):
    assert len(got.responses) == len(bare.responses)
    for before, after in zip(bare.responses, got.responses):
        laws.is_same(before, after, volatile)
    assert (got.ending == OPEN) == (bare.ending == OPEN)


def follows(bare, got, last, volatile=frozenset()):
    """The whole rule for a connection whose limit is `last`: it counts if bare gets that far."""
    if len(bare.responses) < last:
        is_as_bare(bare, got, volatile)
    else:
        ends_at(bare, got, last, volatile)


def serves(process, path):
    """A new connection is answered: the server lives."""
    response, = talk(process, requests(get(path))).responses
    assert response.status == 200
