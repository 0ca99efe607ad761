"""A told HTTP/2 connection that has become quiet is ended by a later call of its process.

It hears the highest stream's id and FIN, and nothing that it sends then is executed. While a stream
is open, and before it was told, a connection is never ended, however quiet it is.
"""

import pytest

from h2 import laws
from h2.parameters import every_server, on_named, on_those, peers_leave  # noqa: F401
from h2.record import Mark
from h2.servers.description import message
from h2.talk import asked, one_by_one, serves
from support.client import FIN
from support.process import accepts
from support.waiting import until

LIMIT = 3
QUIET = 1.0
KNOCK = 0.2  # between two connections that do nothing

a_few = on_named("h2-nginx", "h2-apache", "h2-haproxy", "h2-node", "grpc-python")


def knocked(process, peer):
    accepts(process.port)
    return until(peer.ended, KNOCK)


def is_ended(process, peer):
    """Whether later connections, which come and go, end this one."""
    return until(lambda: knocked(process, peer))


def stays(process, peer):
    """It does not end, though more than the time that makes a connection quiet is given."""
    return not until(lambda: knocked(process, peer), 1.5 * QUIET)


def moved(peer):
    """Something to read that asks for no answer; gRPC suffers few PINGs."""
    peer.give_room(0, size=1)
    return True


def told(process, streams=LIMIT):
    peer = one_by_one(process, [process.server.small] * streams)
    laws.is_told_once(peer)
    return peer


@every_server
def test_a_told_and_quiet_connection_is_ended_by_a_later_accept(server, under):
    process = under(server, LASTCALL_REQUESTS=LIMIT)
    with told(process, 2 * LIMIT) as peer:
        assert is_ended(process, peer)
        laws.is_finished(peer, highest=2 * (2 * LIMIT) - 1)
        assert peer.leave() == FIN
    serves(process)


@a_few
def test_a_read_on_another_connection_ends_it_too(server, under):
    process = under(server, LASTCALL_REQUESTS=LIMIT)
    other = one_by_one(process, [])
    with other, told(process) as peer:
        assert until(lambda: moved(other) and until(peer.ended, KNOCK))
        laws.is_finished(peer, highest=2 * LIMIT - 1)
        laws.is_not_told(other)


@every_server
def test_a_stream_behind_the_end_is_never_executed(server, under):
    process = under(server, LASTCALL_REQUESTS=LIMIT)
    unheard = Mark(process, server.big or server.small)
    with told(process) as peer:
        assert is_ended(process, peer)
        ended_at = len(peer.frames)
        server.ask(peer, unheard.path)
        later = Mark(process, server.small)
        asked(server, one_by_one(process, []), later.path)
        assert later.is_executed()
        assert unheard.executed() == 0
        assert peer.leave() == FIN and len(peer.frames) == ended_at


@a_few
def test_a_connection_that_was_not_told_is_not_ended(server, under):
    process = under(server, LASTCALL_REQUESTS=LIMIT)
    with told(process), one_by_one(process, [server.small]) as peer:
        assert stays(process, peer)
        asked(server, peer, server.small)
        laws.is_not_told(peer)


# ---- Streams that stay open --------------------------------------------------------------------


def said(server, words):
    return message(words) if server.grpc else words


def opened(server, peer, path):
    fields = [("content-type", "application/grpc"), ("te", "trailers")] if server.grpc else []
    return peer.open("POST", path, fields, ends=False)


def echoed(server, peer, stream, words):
    peer.data(stream, said(server, words))
    assert peer.wait(len(said(server, words)), stream) == said(server, words)


@pytest.mark.parametrize("place", ["before it is told", "as it is told", "after it was told"])
@on_those(lambda server: server.chat)
def test_a_long_stream_is_never_broken(server, place, under):
    """Opened at the beginning, as the N-th, or behind it."""
    before = {"before it is told": 0, "as it is told": LIMIT - 1, "after it was told": LIMIT}[place]
    process = under(server, LASTCALL_REQUESTS=LIMIT)
    with one_by_one(process, [server.small] * before) as peer:
        long = opened(server, peer, server.chat)
        echoed(server, peer, long, b"first")
        for _ in range(LIMIT):
            asked(server, peer, server.small)
        laws.is_told_once(peer)
        assert stays(process, peer)
        echoed(server, peer, long, b"last")
        peer.data(long, b"", ends=True)
        assert server.is_answered(peer.whole(long))
        assert is_ended(process, peer)
        laws.is_finished(peer, highest=peer.next_stream - 2)


@on_those(lambda server: server.length)
def test_a_request_whose_content_pauses_is_not_broken(server, under):
    process = under(server, LASTCALL_REQUESTS=LIMIT)
    words = said(server, b"x" * 1000)
    with one_by_one(process, [server.small]) as peer:
        slow = opened(server, peer, server.post)
        peer.data(slow, words[:500])
        for _ in range(LIMIT):
            asked(server, peer, server.small)
        laws.is_told_once(peer)
        assert stays(process, peer)
        peer.data(slow, words[500:], ends=True)
        assert server.is_answered(peer.whole(slow))
        assert said(server, b"1000") == bytes(peer.answers[slow].data)
        assert is_ended(process, peer)


@on_those(lambda server: server.big)
def test_an_answer_that_waits_for_room_is_not_broken(server, under):
    """The client closes its window, so that the stream stays open; it is told all the same."""
    process = under(server, LASTCALL_REQUESTS=1)
    with one_by_one(process, [], window=0) as peer:
        stream = server.ask(peer, server.big)
        peer.ping()  # Apache writes nothing else before there is room
        laws.is_told_once(peer)
        assert not peer.answers[stream].data
        assert stays(process, peer)
        peer.give_room(stream)
        answer = peer.whole(stream)
        assert server.is_answered(answer)
        assert content(server, answer) == (process.place.www / "big.bin").read_bytes()
        assert is_ended(process, peer)


def content(server, answer):
    return bytes(answer.data[len(message(b"")):] if server.grpc else answer.data)


# Bare, too: "The user callback function failed", where a large answer is cancelled while it writes.
GIVE_UP_WHEN_CANCELLED = ("h2-apache",)


@on_those(lambda server: server.name not in GIVE_UP_WHEN_CANCELLED)
def test_a_cancelled_stream_is_not_open(server, under):
    process = under(server, LASTCALL_REQUESTS=LIMIT)
    with one_by_one(process, [server.small]) as peer:
        for _ in range(LIMIT):
            peer.reset(server.ask(peer, server.big or server.small))
        peer.ping()
        laws.is_told_once(peer)
        assert is_ended(process, peer)
        laws.is_finished(peer, highest=2 * (LIMIT + 1) - 1)
