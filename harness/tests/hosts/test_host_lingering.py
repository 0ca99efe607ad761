"""The whole last response reaches a client that reads slowly and sends on: no reset destroys it, even
where the connection could not be followed to its end, or the response came late.

Knows which responses are larger than what a kernel holds for a reader.
"""

import socket

import pytest

from hosts import building
from hosts.paged import host
from hosts.running import Host, request
from support.client import FIN, RST, Client
from support.messages import post_chunked
from support.quiet import readable
from support.waiting import until

SIZE = 300_000
LATE = 5.5  # seconds: longer than a read in the tear-down waits
BEHIND = request("/behind")
SMALL_WINDOW = 4096


def send_on(client):
    """Requests behind the last, each of which has arrived before the next."""
    for _ in range(20):
        client.send(BEHIND)
        assert until(lambda: client.unacknowledged() == 0)


@pytest.mark.parametrize("way", ["write", "zerocopy-body"])
def test_a_response_outlives_what_the_client_sends_behind_it(library, way):
    with Host(f"--send={way}", library=library, settings={"LASTCALL_REQUESTS": 1}) as server:
        with Client(server.port, receive_buffer=SMALL_WINDOW) as client:
            client.send(request(f"/size/{SIZE}"))
            assert until(server.requests)
            send_on(client)
            assert len(client.response().content) == SIZE
            assert client.leave() != RST
        assert server.finish() == 0
        assert len(server.requests()) == 1


def answering(library, tmp_path):
    """A host that answers when it is told to, and reads meanwhile; and the port it listens on."""
    return host(library, tmp_path, building.program("duplex"), settings={"LASTCALL_REQUESTS": "1"})


def ask(process, client, data):
    client.send(data)
    assert process.stdout.readline().startswith(b"read ")


def answer(process, client):
    process.stdin.write(b"g")
    process.stdin.flush()
    assert until(lambda: readable(client))


def test_a_response_that_comes_late_outlives_what_the_client_sends_behind_it(library, tmp_path):
    """Another thread has been reading all the while."""
    with answering(library, tmp_path) as (process, port):
        with Client(port, receive_buffer=SMALL_WINDOW) as client:
            ask(process, client, request("/1"))
            assert not until(lambda: readable(client), LATE)
            answer(process, client)
            send_on(client)
            assert len(client.response().content) == SIZE
            assert client.ending() == FIN and client.leave() == FIN
        assert process.wait(20) == 0


def test_an_early_response_outlives_an_upload_that_turns_out_malformed(library, tmp_path):
    upload = post_chunked("/1", b"x" * 1000)
    with answering(library, tmp_path) as (process, port):
        with Client(port, receive_buffer=SMALL_WINDOW) as client:
            ask(process, client, upload[:-20])
            answer(process, client)
            client.send(b"not a chunk")
            send_on(client)
            assert len(client.response().content) == SIZE
            assert client.ending() == FIN and client.leave() == FIN
        assert process.wait(20) == 0


@pytest.mark.parametrize("mode", [(), ("--nonblocking",)], ids=["blocking", "nonblocking"])
@pytest.mark.parametrize("limit", (1, 2))
def test_an_urgent_byte_opens_no_way_behind_the_last_response(library, mode, limit):
    """The kernel counts it as received, and no read ever takes it."""
    with Host(*mode, library=library, settings={"LASTCALL_REQUESTS": limit}) as server:
        with Client(server.port) as client:
            for _ in range(limit):
                client.exchange(request("/1"))
            assert client.ending() == FIN
            client.socket.send(b"!", socket.MSG_OOB)
            client.send(BEHIND)
            assert client.leave() != RST
        assert server.finish() == 0
        assert len(server.requests()) == limit
