"""A client that reads slowly and a send buffer of the smallest size: the server meets a full socket
at any byte of its heads and retries as usual, and the bytes on the wire are exact.

Knows how to read slowly. How often the socket was full is a matter of time and not compared.
"""

import pytest

from hosts.running import Said, is_exact, paths, request, run
from support.client import FIN, OPEN, Client
from support.waiting import until

WAYS = ["write", "writev", "writev30", "writev1024", "nulliov", "send", "sendmsg", "sendmmsg",
        "linewise", "bytewise", "head-then-body", "msg_more", "sendfile", "splice", "syscall"]
SMALLEST = 1  # the kernel raises it to its own least
PIECE = 700


class SlowClient(Client):
    def __init__(self, port):
        super().__init__(port, receive_buffer=SMALLEST)

    def receive_once(self):
        self.acknowledge_at_once()
        self.socket.settimeout(self.deadline.left())
        return self.socket.recv(PIECE)


def slowly(requests, last):
    """All requests at once; nothing is read until the server's first bytes wait here."""
    def talk(port):
        with SlowClient(port) as client:
            client.send(b"".join(requests))
            assert until(lambda: client.queued() > 0)
            responses = [client.response() for _ in requests]
            ended = client.ending() if last else OPEN
            assert not client.reader.buffer
            return Said(responses, ended, client.leave())
    return talk


def exact_slowly(library, options, requests):
    options = [f"--sndbuf={SMALLEST}", *options]
    bare = run(options, slowly(requests, False))
    kept = run(options, slowly(requests, True), library, {"LASTCALL_REQUESTS": len(requests)})
    is_exact(bare.said, kept.said)
    assert (bare.status, kept.status, kept.stderr) == (0, 0, b"")
    assert kept.requests() == bare.requests()


@pytest.mark.parametrize("mode", [[], ["--nonblocking"]], ids=["blocking", "nonblocking"])
@pytest.mark.parametrize("way", WAYS)
def test_a_head_that_meets_a_full_socket_arrives_exactly(library, way, mode):
    requests = paths("/size/9000", "/padded/120", "/size/3000")
    exact_slowly(library, [f"--send={way}", *mode], requests)


@pytest.mark.parametrize("lines", range(20, 120, 5))
def test_a_head_is_cut_by_a_full_socket_anywhere(library, lines):
    """Heads of many lengths, so that the socket is full at many places around the close option."""
    exact_slowly(library, ["--nonblocking"], paths("/size/5000", f"/padded/{lines}"))


@pytest.mark.parametrize("size", range(4000, 4400, 20))
def test_a_head_behind_a_body_is_cut_by_a_full_socket_anywhere(library, size):
    exact_slowly(library, ["--nonblocking", "--send=bytewise"], paths(f"/size/{size}", "/2"))


@pytest.mark.parametrize("way", ["write", "writev", "sendfile"])
def test_a_last_response_of_many_megabytes_reaches_a_slow_reader_whole(library, way):
    def talk(last):
        def conversation(port):
            with Client(port) as client:
                client.send(request("/size/5000000"))
                assert until(lambda: client.queued() > 0)
                response = client.response()
                return response, client.ending() if last else OPEN
        return conversation

    bare = run([f"--send={way}", "--nonblocking"], talk(False))
    kept = run([f"--send={way}", "--nonblocking"], talk(True), library, {"LASTCALL_REQUESTS": 1})
    assert kept.said[0].body == bare.said[0].body
    assert kept.said[1] == FIN
