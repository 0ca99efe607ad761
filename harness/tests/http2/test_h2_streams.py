"""What counts as a stream, and what is no business of ours, on HTTP/2 connections.

Frames that open nothing count for nothing; the server's own GOAWAY has precedence; what is no HTTP/2
after all is as bare.
"""

import dataclasses

import pytest

import servers
from h2 import frames, laws
from h2.frames import (CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PADDED, PREFACE,
                       PRIORITISED, PRIORITY, TOLD, Frame)
from h2.parameters import every_server, on_those, peers_leave  # noqa: F401
from h2.servers import NAMED
from h2.servers.nginx import command as nginx_command
from h2.talk import asked, one_by_one
from support.client import FIN, Client
from support.conversation import ends_at, requests, talk
from support.http_message import HEAD_END
from support.messages import get
from support.parameters import on

LIMIT = 5
UNKNOWN = 0xBE
ROOT = b"\0\0\0\0\x10"  # depends on nothing, weight 16


def of_one_kind(peer, kind):
    return [frame for frame in peer.frames if frame.type == kind]


# ---- What a client may say beside its streams --------------------------------------------------


def priorities(peer):
    """Of streams that are idle, and stay so."""
    peer.send(*[Frame(PRIORITY, 0, stream, ROOT) for stream in (101, 103, 2**31 - 1)])


def pings(peer):
    peer.ping(b"12345678")


def unknown_frames(peer):
    peer.send(Frame(UNKNOWN, 0xFF, 0, b"x" * 100), Frame(UNKNOWN, 0, 0, b""))


def settings(peer):
    peer.send(frames.settings(max_frame_size=1 << 20))


def windows(peer):
    peer.give_room(0, size=1)


@pytest.mark.parametrize("say", [priorities, pings, unknown_frames, settings, windows])
@every_server
def test_what_opens_no_stream_is_not_counted(server, say, bare, under):
    def spoken(process):
        peer = one_by_one(process, [])
        for _ in range(LIMIT + 1):
            say(peer) if len(peer.answers) < 2 else None
            asked(server, peer, server.small)
        return peer
    plain, got = spoken(bare(server)), spoken(under(server, LASTCALL_REQUESTS=LIMIT))
    laws.is_told_at(got, 2 * LIMIT - 1, before=2 * LIMIT - 3)
    laws.is_as_bare(plain, got, server.volatile)


# ---- Ways to open a stream ---------------------------------------------------------------------


def in_continuations(peer, stream, block, ends):
    """A byte, an empty frame, and the rest."""
    peer.send(Frame(HEADERS, ends, stream, block[:1]), Frame(CONTINUATION, 0, stream, b""),
              Frame(CONTINUATION, END_HEADERS, stream, block[1:]))


def padded(peer, stream, block, ends):
    text = b"\x07" + block + b"\0" * 7
    peer.send(Frame(HEADERS, END_HEADERS | PADDED | ends, stream, text))


def prioritised(peer, stream, block, ends):
    peer.send(Frame(HEADERS, END_HEADERS | PRIORITISED | ends, stream, ROOT + block))


def with_trailers(peer, stream, block, ends):
    """The stream's second HEADERS end it, and open nothing."""
    peer.send(Frame(HEADERS, END_HEADERS, stream, block), Frame(DATA, 0, stream, b""),
              Frame(HEADERS, END_HEADERS | END_STREAM, stream,
                    peer.encoder.encode([("x-trailer", "yes")])))


@pytest.mark.parametrize("opening", [in_continuations, padded, prioritised, with_trailers])
@on_those(lambda server: not server.grpc and not server.answers_early)
def test_a_stream_counts_once_however_it_is_opened(server, opening, bare, under):
    if opening is with_trailers and server.no_trailers:
        pytest.skip(f"{server.name}, bare, takes a request's trailers for an error")
    def opened(process):
        peer = one_by_one(process, [])
        for _ in range(LIMIT + 1):
            stream = peer.new_stream()
            opening(peer, stream, peer.block_of("GET", server.small), END_STREAM)
            assert server.is_answered(peer.whole(stream))
        return peer
    plain, got = opened(bare(server)), opened(under(server, LASTCALL_REQUESTS=LIMIT))
    laws.is_told_at(got, 2 * LIMIT - 1, before=2 * LIMIT - 3)
    laws.is_as_bare(plain, got, server.volatile)


# ---- What servers say ---------------------------------------------------------------------------


@on_those(lambda server: server.long_heads)
def test_a_header_block_of_many_frames_is_not_broken_into(server, bare, under):
    """The peer itself takes a frame inside a block for a fault."""
    def heard(process):
        peer = one_by_one(process, [])
        streams = [peer.get(server.long_heads) for _ in range(LIMIT + 3)]
        assert all(server.is_answered(peer.whole(stream)) for stream in streams)
        return peer
    for limit in range(1, LIMIT + 1):
        plain, got = heard(bare(server)), heard(under(server, LASTCALL_REQUESTS=limit))
        assert of_one_kind(got, CONTINUATION)
        laws.is_told_once(got)
        laws.is_as_bare(plain, got, server.volatile)


@on_those(lambda server: server.pushes)
def test_streams_that_the_server_opens_are_not_counted(server, bare, under):
    plain = one_by_one(bare(server), [server.pushes] * (LIMIT + 1))
    got = one_by_one(under(server, LASTCALL_REQUESTS=LIMIT), [server.pushes] * (LIMIT + 1))
    assert [stream for stream in got.answers if not stream % 2]
    laws.is_told_at(got, 2 * LIMIT - 1, before=2 * LIMIT - 3)
    laws.is_as_bare(plain, got, server.volatile)


@on_those(lambda server: server.post_answered_early)
def test_an_early_answer_to_a_request_that_goes_on_is_as_bare(server, bare, under):
    def posted(process):
        peer = one_by_one(process, [server.small] * (LIMIT - 1))
        stream = peer.open("POST", server.post_answered_early, ends=False)
        peer.data(stream, b"x" * 100)
        peer.until(lambda: peer.answers[stream].blocks)
        peer.data(stream, b"x" * 100, ends=True)
        peer.whole(stream)
        asked(server, peer, server.small)
        return peer
    plain, got = posted(bare(server)), posted(under(server, LASTCALL_REQUESTS=LIMIT))
    laws.is_told_at(got, 2 * LIMIT - 1, before=2 * LIMIT - 3)
    laws.is_as_bare(plain, got, server.volatile)


# ---- GOAWAYs of others -------------------------------------------------------------------------

NATIVE = 3
LIMITED = "keepalive_requests 100000;", f"keepalive_requests {NATIVE};"


def with_a_limit_of_its_own(place):
    words = nginx_command(place, listen="http2")
    text = (place.scratch / "nginx.conf").read_text()
    assert LIMITED[0] in text
    place.write("nginx.conf", text.replace(*LIMITED))
    return words


limited = dataclasses.replace(NAMED["h2-nginx"], name="h2-nginx-limited",
                              command=with_a_limit_of_its_own)
OWN = frames.goaway(2 * NATIVE - 1)


@pytest.mark.parametrize("limit, expected", [(NATIVE - 1, [TOLD, OWN]), (NATIVE, [TOLD, OWN]),
                                             (NATIVE + 1, [OWN])])
@on([limited])
def test_the_servers_own_goaway_has_precedence(server, limit, expected, under):
    with one_by_one(under(server, LASTCALL_REQUESTS=limit), []) as peer:
        for _ in range(NATIVE):
            asked(server, peer, server.small)
        assert peer.ending() == FIN
        assert peer.goaways() == expected, laws.describe(peer)


@on_those(lambda server: not server.leaves_on_goaway)
def test_a_client_that_says_goaway_itself_is_told_all_the_same(server, bare, under):
    def leaving(process):
        peer = one_by_one(process, [server.small] * (LIMIT - 1))
        stream = server.ask(peer, server.big or server.small)
        peer.send(frames.goaway(0))
        assert server.is_answered(peer.whole(stream))
        return peer
    plain, got = leaving(bare(server)), leaving(under(server, LASTCALL_REQUESTS=LIMIT))
    assert laws.told(got) == [TOLD]
    laws.is_as_bare(plain, got, server.volatile)
    got.leave()


# ---- What is no HTTP/2 after all ---------------------------------------------------------------

NO_HTTP2 = on([servers.NAMED[name] for name in ("nginx", "apache-event", "http.server", "node")])
OFFER = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAQAAP__"]


def rest(process, wire):
    with Client(process.port) as client:
        client.send(wire)
        client.half_close()
        return client.rest()


def status_line(heard):
    return heard.partition(b"\r\n")[0]


@NO_HTTP2
def test_a_preface_that_the_server_refuses_changes_nothing(server, bare, under):
    wire = PREFACE + frames.settings(initial_window_size=1 << 20).wire
    plain, got = rest(bare(server), wire), rest(under(server, LASTCALL_REQUESTS=1), wire)
    assert status_line(plain) == status_line(got) and b"\x7f\xff\xff\xff" not in got
    assert len(plain.partition(HEAD_END)[2]) == len(got.partition(HEAD_END)[2])


@on([servers.NAMED[name] for name in ("nginx", "apache-event", "http.server")])
def test_an_upgrade_that_the_server_refuses_goes_on_as_http1(server, bare, under):
    script = requests(*[get(server.small, *OFFER)] * (LIMIT + 1))
    ends_at(talk(bare(server), script), talk(under(server, LASTCALL_REQUESTS=LIMIT), script),
            LIMIT, server.volatile)
