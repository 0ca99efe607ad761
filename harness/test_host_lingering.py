"""The whole last response reaches a client that reads slowly and sends on: no reset destroys it, even
where the connection could not be followed to its end, or the response came late.

Knows which responses are larger than what a kernel holds for a reader.
"""

import pytest

from client import FIN, RST, Client
from hosts import building
from hosts.running import Host, request
from quiet import readable
from test_host_places import host
from waiting import until

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


def test_a_response_that_comes_late_outlives_what_the_client_sends_behind_it(library, tmp_path):
    """Another thread has been reading all the while."""
    program = building.program("duplex")
    with host(library, tmp_path, program, settings={"LASTCALL_REQUESTS": "1"}) as (process, port):
        with Client(port, receive_buffer=SMALL_WINDOW) as client:
            client.send(request("/1"))
            assert not until(lambda: readable(client), LATE)
            process.stdin.write(b"g")
            process.stdin.flush()
            assert until(lambda: readable(client))
            send_on(client)
            assert len(client.response().content) == SIZE
            assert client.ending() == FIN and client.leave() == FIN
        assert process.wait(20) == 0
