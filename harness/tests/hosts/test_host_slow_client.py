"""A slow client that sends on long behind its last request has the whole last response from a server that
blocks, a thread for each connection: nobody ends the connection while its bytes are under way.

Knows how long a read in the tear-down waits, and is slower.
"""

from hosts.running import Host, request
from support.client import RST, Client
from support.waiting import Deadline, until

SIZE = 300_000
SMALL_WINDOW = 4096
SLOW = 6.5  # seconds in which it takes a part of the response only
SIP, PAUSE = 1000, 0.05


def sip(client):
    end = Deadline(SLOW)
    while not end.over():
        client.reader.buffer += client.socket.recv(SIP)
        until(lambda: False, PAUSE)


def test_a_slow_client_that_sends_on_has_the_whole_last_response(library):
    for preloaded in (None, library):
        with Host("--threads", f"--sndbuf={1 << 20}", library=preloaded,
                  settings={"LASTCALL_REQUESTS": 2}) as server:
            with Client(server.port, patience=60, receive_buffer=SMALL_WINDOW) as client:
                client.exchange(request("/size/10"))
                client.send(request(f"/size/{SIZE}"))
                sip(client)
                client.send(request("/more"))
                assert len(client.response().content) == SIZE
                assert client.ended != RST
