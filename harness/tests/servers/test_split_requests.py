"""A client that sends its requests one byte at a time gets the same: P7."""

from support.client import Client
from support.conversation import follows, requests, talk
from support.messages import get, post
from support.parameters import every_server

LIMIT = 2


@every_server
def test_requests_sent_byte_by_byte_are_answered_the_same(server, bare, under):
    second = post(server.length, b"byte by byte") if server.length else get(server.small)
    script = requests(get(server.small), second, get(server.small))
    plain = talk(bare(server), script)
    got = talk(under(server, LASTCALL_REQUESTS=LIMIT), script, Client.send_bytewise)
    follows(plain, got, LIMIT, server.volatile)
