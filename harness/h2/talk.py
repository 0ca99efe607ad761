"""Scripts of streams, played on one connection the same way to a bare and a preloaded server.

Knows peers. One stream after the other, unless told otherwise.
"""

from h2.peer import Peer


def one_by_one(process, paths, **how):
    """A peer that has asked for these, each when the one before was answered, and is still there."""
    peer = Peer(process.port, **how)
    for path in paths:
        asked(process.server, peer, path)
    peer.ping()
    return peer


def asked(server, peer, path):
    """The id of a stream that was answered as it should be."""
    stream = server.ask(peer, path)
    assert server.is_answered(peer.whole(stream)), (stream, peer.answers[stream])
    return stream


def at_once(process, paths):
    """The same, all of them sent before anything is received."""
    peer = Peer(process.port)
    streams = [process.server.ask(peer, path) for path in paths]
    assert all(process.server.is_answered(peer.whole(stream)) for stream in streams)
    peer.ping()
    return peer


def serves(process):
    """A new connection is answered: the server lives."""
    one_by_one(process, [process.server.small]).client.socket.close()
