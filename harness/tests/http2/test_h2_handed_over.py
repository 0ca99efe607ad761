"""A connection of HTTP/2 that another process goes on with is never ended by the one that told its client.

Handed to a child by fork, or over AF_UNIX, before its client is told or after. The library's clock is the
test's own: it goes on for seconds, and others are accepted, before the next stream comes.
"""

import socket

import pytest

from h2 import frames
from h2.frames import END_HEADERS, END_STREAM, FIELDS, GREETING, HEADERS, Frame, goaway
from h2.timed import PAUSE
from hosts import building, clock
from hosts.paged import host
from support.waiting import PATIENCE

STREAMS, LIMIT, LOOKS = 5, 2, 5
TOLD = frames.TOLD.wire
ANSWER = 9 + 1 + 9 + 100  # bytes: HEADERS, DATA


def connected(port):
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def received(client, size):
    """So many bytes, or all that came before the end."""
    data = b""
    while len(data) < size and (part := client.recv(size - len(data))):
        data += part
    return data


def knock(port, word=b"k"):
    """Returns when the server has accepted, read and closed."""
    with connected(port) as client:
        client.sendall(word)
        assert client.recv(1) == b""


def asked(client, stream):
    client.sendall(Frame(HEADERS, END_STREAM | END_HEADERS, stream, FIELDS).wire)


def run(library, folder, way, at, **settings):
    """What the client was sent until the end, and whether the other process went on; seconds pass
    behind the hand-over."""
    hand = clock.Clock(folder)
    words = (building.program("handed"), way, str(STREAMS), str(at))
    with host(library, folder, *words, settings=settings | hand.settings()) as (process, port):
        with connected(port) as client:
            client.sendall(GREETING)
            wire = received(client, 9)
            for number in range(STREAMS):
                if number == at:
                    wire += received(client, at * ANSWER + (len(TOLD) if library and at >= LIMIT else 0))
                    for _ in range(LOOKS):
                        hand.pass_on(PAUSE)
                        knock(port)
                asked(client, 2 * number + 1)
            knock(port, b"q")
            wire += received(client, 1 << 20)
        return wire, process.wait(PATIENCE) == 0


def told(way, at):
    """A child by fork has what its parent knew; a worker knows no more than that bytes came before."""
    return at >= LIMIT or way == "fork"


@pytest.mark.parametrize("at", [1, LIMIT, LIMIT + 1])
@pytest.mark.parametrize("way", ["fork", "pass"])
def test_a_connection_handed_to_another_process_goes_on_there(way, at, library, tmp_path):
    bare, well = run(None, tmp_path, way, at)
    assert well and len(bare) == 9 + STREAMS * ANSWER
    wire, well = run(clock.behind(library), tmp_path, way, at, LASTCALL_REQUESTS=str(LIMIT))
    assert well and wire.count(TOLD) == told(way, at)
    assert wire.replace(TOLD, b"") == bare


@pytest.mark.parametrize("at, ended", [(1, False), (LIMIT, True), (LIMIT + 1, True)])
def test_a_parent_that_keeps_its_copy_ends_what_it_told(at, ended, library, tmp_path):
    """A limit of ours: it cannot know that its child has the connection. The README says so."""
    bare, _ = run(None, tmp_path, "keep", at)
    wire, well = run(clock.behind(library), tmp_path, "keep", at, LASTCALL_REQUESTS=str(LIMIT))
    last = goaway(2 * at - 1).wire
    assert wire.replace(TOLD, b"") == (bare[:9 + at * ANSWER] + last if ended else bare)
    assert well != ended
