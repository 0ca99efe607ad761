"""The promises of HTTP/2 as comparisons of what a bare server sent with what the preloaded one sent.

Knows frames and answers as a peer keeps them, not sockets or processes. That SETTINGS come first and
that nothing lies inside a header block is seen by the peer itself, on every frame.
"""

from h2.frames import GOAWAY, HEADERS, SETTINGS, TOLD
from support.laws import ALWAYS_VOLATILE


def told(peer):
    """The GOAWAYs that say: no stream from now on, and every stream until now is served."""
    return [frame for frame in peer.goaways() if frame == TOLD]


def is_told_once(peer):
    assert peer.goaways() == [TOLD], list(map(str, peer.goaways()))


def is_told_at(peer, stream, before):
    """Once: behind the end of the stream before, and before any frame of the stream's answer."""
    is_told_once(peer)
    at = peer.frames.index(TOLD)
    settings = peer.index(lambda frame: frame.type == SETTINGS)
    response = peer.index(lambda frame: frame.stream == stream and frame.type == HEADERS)
    assert settings < at < response, describe(peer)
    if before:
        ended = peer.index(lambda frame: frame.stream == before and frame.ends_stream)
        assert ended < at, describe(peer)


def is_not_told(peer):
    assert not peer.goaways(), describe(peer)


def is_as_bare(bare, got, volatile=frozenset()):
    """All but GOAWAYs: SETTINGS, and of every stream its frames, header lists and data."""
    assert offered(bare) == offered(got)
    assert list(bare.answers) == list(got.answers)
    for stream, answer in bare.answers.items():
        other = got.answers[stream]
        assert kinds(bare, stream) == kinds(got, stream)
        assert masked(answer.blocks, volatile) == masked(other.blocks, volatile)
        assert len(answer.data) == len(other.data) and answer.data == other.data
        assert (answer.ended, answer.reset) == (other.ended, other.reset)


def offered(peer):
    return [frame.wire for frame in peer.frames if frame.type == SETTINGS]


def kinds(peer, stream):
    """The types of a stream's frames; how much DATA each holds is the server's business."""
    types = [frame.type for frame in peer.frames
             if frame.stream == stream and frame.type in (0, 1, 3, 9)]
    return [kind for number, kind in enumerate(types) if not number or kind != types[number - 1]]


def masked(blocks, volatile):
    hidden = volatile | ALWAYS_VOLATILE
    return [[(name, b"*" if name in hidden else value) for name, value in block]
            for block in blocks]


def describe(peer):
    return "\n".join(map(str, peer.frames))


def is_finished(peer, highest):
    """Told, then told the highest stream, and nothing behind it."""
    at = [number for number, frame in enumerate(peer.frames) if frame.type == GOAWAY]
    ids = [peer.frames[number].payload for number in at]
    assert ids == [TOLD.payload, last(highest)], describe(peer)
    assert at[-1] == len(peer.frames) - 1, describe(peer)


def last(stream):
    return stream.to_bytes(4, "big") + b"\0\0\0\0"
