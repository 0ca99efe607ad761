"""What a Go server moves in other ways than a small write: files by sendfile, chunks, uploads, flushed
heads, copies between sockets, frames; in a hurry, slowly, and ahead of time. Each byte is as bare.
"""

import pytest

from go.parameters import on, on_those
from go.riding import ends_exactly
from servers import go
from support import content
from support.client import FIN, Client
from support.conversation import ends_at, pipeline, requests, talk
from support.counting import Executed
from support.laws import says_close
from support.messages import chunked, get, lines, post, post_chunked, post_head
from support.waiting import until
from support.websocket import CLOSE, GOODBYE, UNMASKED, echoed, frame

LIMIT = 7
TEN = 10
UPLOAD = content.noise(300_000, seed=5)
LONG_UPLOAD = content.noise(5_000_000, seed=6)
WINDOW = 32_768
FRAMES = 20_000
MINUTE = 60

routed = on([server for server in go.built if server.name.startswith(("go-static", "go-cgo", "go-pie"))])
uploading = on_those(lambda server: server.length)
counted = on_those(lambda server: server.count and not server.heavy)


def same_until_the_last(server, script, bare, under, limit):
    plain = talk(bare(server), script).responses
    assert len(plain) == len(script)
    ends_exactly(under(server, LASTCALL_REQUESTS=limit), script, plain, limit)


# ---- By the routes of our own ------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/file", "/huge.bin", "/chunks", "/flush", "/sleep", "/exec", "/again",
                                  "/alloc", "/nowhere"])
@routed
def test_whatever_a_handler_does_its_responses_are_as_bare(server, path, bare, under):
    limit = 2 if path == "/huge.bin" else LIMIT
    same_until_the_last(server, requests(*[get(path)] * (limit + 1)), bare, under, limit)


@pytest.mark.parametrize("limit", [1, 2])
@routed
def test_what_was_sent_up_comes_back_whole(server, limit, bare, under):
    for request in (post("/echo", UPLOAD), post_chunked("/echo", UPLOAD[:100_000], UPLOAD[100_000:]),
                    post("/echo", LONG_UPLOAD)):
        same_until_the_last(server, requests(*[request] * (limit + 1)), bare, under, limit)


@routed
def test_an_upload_that_waits_to_be_asked_for_is_asked_for(server, under):
    process = under(server, LASTCALL_REQUESTS=1)
    with Client(process.port) as client:
        client.send(post_head("/length", len(UPLOAD), "Expect: 100-continue"))
        assert client.reader.head().startswith(b"HTTP/1.1 100 ")
        response = client.exchange(UPLOAD)
        says_close(response)
        assert response.content == str(len(UPLOAD)).encode()
        assert client.ending() == FIN


# ---- By every server ---------------------------------------------------------------------------


@uploading
def test_uploads_are_counted_whole(server, bare, under):
    script = requests(*[post(server.length, UPLOAD)] * (LIMIT + 1))
    same_until_the_last(server, script, bare, under, LIMIT)


@uploading
def test_an_upload_that_dribbles_in_is_one_request(server, under):
    """Its chunks and their sizes are torn anywhere."""
    request = lines(f"POST {server.length} HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked")
    request += chunked(*[UPLOAD[:321]] * 40)
    process = under(server, LASTCALL_REQUESTS=2)
    with Client(process.port) as client:
        for each in (1, 2):
            client.send_apart(request, range(97, len(request), 97))
            response = client.response()
            assert response.content == str(40 * 321).encode()
            assert response.persists == (each == 1)
        assert client.ending() == FIN


@counted
def test_of_ten_pipelined_requests_seven_are_answered_and_executed(server, bare, under):
    process = under(server, LASTCALL_REQUESTS=LIMIT)
    executed = Executed(process)
    script = requests(*map(get, executed.targets(server.small, TEN)))
    plain = pipeline(bare(server), script)
    assert len(plain.responses) == TEN
    ends_at(plain, pipeline(process, script), LIMIT, server.volatile)
    assert executed.settled(server.small) == LIMIT


@on_those(lambda server: server.huge and not server.old)
def test_a_long_last_response_reaches_a_slow_reader_whole(server, under, root):
    process = under(server, LASTCALL_REQUESTS=1)
    with Client(process.port, patience=MINUTE, receive_buffer=WINDOW) as client:
        client.send(get(server.huge))
        assert until(lambda: client.queued() >= WINDOW // 4)
        response = client.response()
        says_close(response)
        assert content.digest(response.content) == content.file_digest(root / "www" / "huge.bin")
        assert client.ending() == FIN and client.leave() == FIN


# ---- Frames ------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [0, 1])
@on([go.gorilla])
def test_a_websocket_is_left_alone_also_when_it_is_the_last_exchange(server, before, bare, under):
    requests_before = [get(server.small)] * before
    plain, _ = echoed(bare(server).port, 1, requests_before)
    head, rest = echoed(under(server, LASTCALL_REQUESTS=2).port, FRAMES, requests_before)
    assert head == plain
    assert rest == frame(CLOSE, GOODBYE, UNMASKED)
