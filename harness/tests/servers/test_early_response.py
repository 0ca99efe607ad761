"""A response that is complete before its request was read: the upload goes on, nothing is reset."""

import pytest

from support.client import FIN, Client
from support.conversation import serves
from support.laws import is_last
from support.messages import get, post, post_chunked, post_head
from support.outcome import Outcome, is_same_or_ended_at
from support.parameters import on_named, on_those
from support.quiet import rest

LENGTH = 400_000
HALF = b"u" * (LENGTH // 2)
PART = 200
SMALL_WINDOW = 4096
UPLOADS = {
    "counted": lambda path: post(path, b"u" * 5000),
    "chunked": lambda path: post_chunked(path, b"u" * 5000, b"v" * 100),
}


def early_answer(process, path):
    """The response to half of an upload."""
    with Client(process.port) as client:
        client.send(post_head(path, LENGTH) + HALF)
        return client.response()


@on_those(lambda server: server.early)
def test_an_upload_longer_than_its_early_response_ends_in_fin(server, bare, under):
    preloaded = under(server, LASTCALL_REQUESTS=1)
    plain = early_answer(bare(server), server.early)
    with Client(preloaded.port) as client:
        client.send(post_head(server.early, LENGTH) + HALF)
        is_last(plain, client.response(), server.volatile)
        assert client.ending() == FIN
        client.send(HALF)
        assert client.leave() == FIN
    serves(preloaded, server.small)


def read_late(process, wire):
    """What comes of a GET and a POST in a row, its content in two parts, for a client that reads
    nothing before the server has seen them both."""
    with Client(process.port, receive_buffer=SMALL_WINDOW) as client:
        client.send(wire[:-PART])
        rest(process)
        client.send(wire[-PART:])
        rest(process)
        return Outcome(client.rest(), client.ended, b"", client.leave())


@pytest.mark.parametrize("upload", UPLOADS)
@on_named("lighttpd")
def test_content_that_the_server_throws_away_behind_its_answer_resets_nothing(
        server, upload, bare, under):
    """By MSG_TRUNC: nobody sees where the request ends."""
    wire = get(server.big) + UPLOADS[upload](server.small)
    plain = read_late(bare(server), wire)
    got = read_late(under(server, LASTCALL_REQUESTS=2), wire)
    assert plain.ended == FIN
    is_same_or_ended_at(2, plain, got, ("GET", "POST"), server.volatile)
    assert got.ended == FIN
