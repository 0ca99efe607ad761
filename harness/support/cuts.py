"""States of a connection in which its client may cut it, and which of them a server survives bare.

Knows what a client sends. Refuses to know what comes of it.
"""

from servers.description import DIES_OF_SIGPIPE
from support.messages import get, post_chunked, post_head

LIMIT = 3


def nothing(client, server):
    pass


def half_a_head(client, server):
    client.send(get(server.small)[:25])


def a_head_without_its_content(client, server):
    client.send(post_head(server.post, 1000))


def half_a_body(client, server):
    client.send(post_head(server.post, 1000) + b"b" * 500)


def half_a_chunk(client, server):
    client.send(post_chunked(server.post, b"c" * 1000)[:-500])


def between_exchanges(client, server):
    client.exchange(get(server.small))


def two_in_a_pipeline(client, server):
    client.send(get(server.small) * 2)


def within_a_response(client, server):
    client.send(get(server.huge or server.small))
    client.receive()


def within_the_last_response(client, server):
    for _ in range(LIMIT - 1):
        client.exchange(get(server.small))
    within_a_response(client, server)


def behind_the_last_response(client, server):
    for _ in range(LIMIT):
        client.exchange(get(server.small))


def behind_more_than_the_last(client, server):
    client.send(get(server.small) * (LIMIT + 2))
    client.receive()


STATES = [nothing, half_a_head, a_head_without_its_content, half_a_body, half_a_chunk,
          between_exchanges, two_in_a_pipeline, behind_the_last_response,
          behind_more_than_the_last, within_a_response, within_the_last_response]
# What kills a bare server of this quirk: it is still writing when the client is gone.
WRITING = {two_in_a_pipeline, within_a_response, within_the_last_response,
           behind_more_than_the_last}


def bearable(server):
    deadly = WRITING if server.is_odd(DIES_OF_SIGPIPE) else ()
    return [state for state in STATES if state not in deadly]
