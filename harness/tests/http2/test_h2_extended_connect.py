"""A websocket in a stream of HTTP/2 (an extended CONNECT, RFC 8441) is one stream and is never broken.

Servers that echo: node whatever bytes come, hypercorn messages, and HAProxy and nghttpx in front of a
websocket server of HTTP/1.1. The library's clock is the test's own, as in test_h2_quiet_second.
"""

import dataclasses
from dataclasses import dataclass

import pytest

import h2.servers
from h2 import frames, laws
from h2.parameters import peers_leave  # noqa: F401
from h2.talk import asked, one_by_one
from h2.timed import PAUSE, looked, timed  # noqa: F401
from servers.websockets import echoing
from support.waiting import until
from support.websocket import CLOSE, GOODBYE, MASKED, TEXT, UNMASKED, frame

LIMIT, LOOKS = 3, 5
ENABLE_CONNECT_PROTOCOL = 8
FIELDS = [(":protocol", "websocket"), ("sec-websocket-version", "13"), ("origin", "http://localhost")]
[BEHIND] = [server for server in echoing if server.name == "node-ws"]


@dataclass(frozen=True)
class Kind:
    """What carries a websocket, and what its bytes are."""

    server: object
    path: str = "/"
    raw: bool = False  # any bytes are echoed, and the end is the stream's
    gateway: bool = False  # another server of HTTP/1.1 echoes behind it

    def started(self, start, bare):
        """start(server): the server, beside which what is behind it runs already, bare."""
        if not self.gateway:
            return start(self.server)
        port = bare(dataclasses.replace(BEHIND, name=self.server.name), fresh=True).port
        command = self.server.command
        return start(dataclasses.replace(self.server, small="/", command=lambda place: command(
            dataclasses.replace(place, backend_port=port)), backend=False))

    def says(self, words, mask):
        return words if self.raw else frame(TEXT, words, mask)

    def end(self, peer, stream):
        """hypercorn, bare, leaves a stream open when its websocket has ended."""
        if self.raw:
            peer.data(stream, b"", ends=True)
            peer.whole(stream)
        else:
            said, heard = (frame(CLOSE, GOODBYE, mask) for mask in (MASKED, UNMASKED))
            peer.data(stream, said)
            assert peer.wait(len(heard), stream) == heard
            peer.reset(stream)


def kind(name, **facts):
    server = h2.servers.NAMED[name]
    return pytest.param(Kind(server, **facts), id=name, marks=pytest.mark.xdist_group(name))


on_kinds = pytest.mark.parametrize("kind", [
    kind("h2-node", path="/chat", raw=True), kind("h2-hypercorn"),
    kind("h2-haproxy-proxy", gateway=True), kind("h2-nghttpx", gateway=True)])


def joined(kind, peer):
    """A stream that has become a websocket."""
    [first] = [each for each in peer.frames if each.type == frames.SETTINGS and not each.flags][:1]
    assert frames.settings_of(first)[ENABLE_CONNECT_PROTOCOL] == 1
    stream = peer.open("CONNECT", kind.path, FIELDS, ends=False)
    peer.until(lambda: peer.answers[stream].blocks)
    assert peer.answers[stream].status == 200
    return stream


def echoed(kind, peer, stream, words):
    peer.data(stream, kind.says(words, MASKED))
    heard = kind.says(words, UNMASKED)
    assert peer.wait(len(heard), stream) == heard


@pytest.mark.parametrize("place", ["before it is told", "as it is told", "after it was told"])
@on_kinds
def test_a_websocket_is_one_stream_and_is_never_broken(kind, place, timed, bare):  # noqa: F811
    before = {"before it is told": 0, "as it is told": LIMIT - 1, "after it was told": LIMIT}[place]
    hands = []

    def start(server):
        process, hand = timed(server, LIMIT)
        hands.append(hand)
        return process
    process = kind.started(start, bare)
    server, [hand] = process.server, hands
    with one_by_one(process, [server.small] * before) as peer:
        stream = joined(kind, peer)
        for number in range(before + 1, LIMIT):
            laws.is_not_told(peer)
            asked(server, peer, server.small)
        peer.ping()
        laws.is_told_once(peer)
        echoed(kind, peer, stream, b"first")
        assert all(looked(process, hand, PAUSE) for _ in range(LOOKS))
        echoed(kind, peer, stream, b"last")
        laws.is_told_once(peer)
        kind.end(peer, stream)
        assert until(lambda: looked(process, hand, PAUSE) and peer.ended())
        laws.is_finished(peer, highest=peer.next_stream - 2)
