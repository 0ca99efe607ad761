"""HEAD, both framings of a POST, 100-continue, and HTTP/1.0: as bare, and as the last exchange.

Each kind stands alone, behind a GET as the last exchange, and before two GETs.
"""

import pytest

from servers.description import BODY_ON_HEAD, NO_CHUNKED_REQUESTS
from support.client import Client
from support.conversation import Request, follows, requests, talk
from support.laws import masked
from support.messages import get, head, post, post_chunked, post_head
from support.parameters import every_server, on_those

CONTENT = b"content" * 150


def expecting(server):
    """Its content waits for the server's first word, where the server has one to say."""
    start = post_head(server.post, len(CONTENT), "Expect: 100-continue")
    return Request(start, CONTENT) if server.continues else Request(start + CONTENT)


KINDS = {
    "HEAD": lambda server: Request(head(server.small)),
    "POST": lambda server: Request(post(server.post, CONTENT)),
    "POST chunked": lambda server: Request(post_chunked(server.post, CONTENT, b"x")),
    "100-continue": expecting,
    "HTTP/1.0": lambda server: Request(get(server.small, version="1.0")),
    "HTTP/1.0 keep-alive":
        lambda server: Request(get(server.small, "Connection: keep-alive", version="1.0")),
}

# The place of the kind in its script, and the limit.
PLACES = {
    "alone": (lambda kind, plain: [kind], 1),
    "last": (lambda kind, plain: [plain, kind], 2),
    "first": (lambda kind, plain: [kind, plain, plain], 3),
}

REFUSED = {"HEAD": BODY_ON_HEAD, "POST chunked": NO_CHUNKED_REQUESTS}


@pytest.mark.parametrize("kind", KINDS)
@every_server
def test_each_kind_of_request_is_answered_as_bare_and_may_be_last(server, kind, bare, under):
    if server.is_odd(REFUSED.get(kind)):
        pytest.skip(server.quirks[REFUSED[kind]])
    plain_get, = requests(get(server.small))
    for arrange, limit in PLACES.values():
        script = arrange(KINDS[kind](server), plain_get)
        plain = talk(bare(server), script)
        got = talk(under(server, LASTCALL_REQUESTS=limit), script)
        follows(plain, got, limit, server.volatile)


@on_those(lambda server: server.length)
def test_posted_content_reaches_the_server_whole_in_the_last_exchange(server, under):
    preloaded = under(server, LASTCALL_REQUESTS=1)
    response, = talk(preloaded, requests(post(server.length, b"p" * 300_000))).responses
    assert response.content == b"300000"


@on_those(lambda server: server.is_odd(BODY_ON_HEAD))
def test_a_body_behind_the_head_of_a_response_to_head_is_left_as_it_is(server, bare, under):
    """Not understood, hence let go of: every byte is as bare."""
    script = requests(head(server.small))
    before, after = (bytes_of(process, script) for process in
                     (bare(server), under(server, LASTCALL_REQUESTS=3)))
    assert masked(before[0]) == masked(after[0])
    assert before[1] == after[1]


def bytes_of(process, script):
    """The head and what follows it, until the server closes behind our half-close."""
    with Client(process.port) as client:
        client.send(script[0].wire)
        head = client.reader.head()
        client.half_close()
        return head, client.rest()
