"""Fifty megabytes as the last response, to a client that reads slowly: whole, and then FIN.

Slow means a small window that is let run full before the first read.
"""

from support import content
from support.client import FIN, Client
from support.laws import says_close
from support.messages import get
from support.parameters import on_those
from support.waiting import until

WINDOW = 32_768
ENOUGH = WINDOW // 4
MINUTE = 60


@on_those(lambda server: server.huge)
def test_a_long_last_response_reaches_a_slow_reader_whole(server, under, root):
    preloaded = under(server, LASTCALL_REQUESTS=1)
    with Client(preloaded.port, patience=MINUTE, receive_buffer=WINDOW) as client:
        client.send(get(server.huge))
        assert until(lambda: client.queued() >= ENOUGH)
        response = client.response()
        says_close(response)
        assert content.digest(response.content) == content.file_digest(root / "www" / "huge.bin")
        assert client.ending() == FIN
        assert client.leave() == FIN
