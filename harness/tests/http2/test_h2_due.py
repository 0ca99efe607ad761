"""What makes an HTTP/2 connection due beside its number of streams: its age, a drain, a new limit.

The status page's numbers are those that HTTP/1.1 has: one last exchange for each connection told.
"""

from contextlib import contextmanager

from h2 import laws
from h2.live import live_h2  # noqa: F401
from h2.parameters import on_named, peers_leave  # noqa: F401
from h2.peer import Peer
from h2.talk import asked
from support.command_pages import command  # noqa: F401
from support.live import grown
from support.waiting import until

MANY = 5

a_few = on_named("h2-nginx", "h2-haproxy", "h2-node", "grpc-python")


@contextmanager
def connected(served):
    with Peer(served.port) as peer:
        yield peer
        peer.leave()


def is_told_by_and_by(server, peer):
    """Stream by stream, bounded by the peer's patience."""
    return until(lambda: asked(server, peer, server.small) and laws.told(peer))


@a_few
def test_a_connection_is_told_at_the_first_stream_after_its_age(server, live_h2):
    served = live_h2(server, LASTCALL_AGE="200ms")
    before = served.settled()
    with connected(served) as peer:
        assert is_told_by_and_by(server, peer)
        laws.is_told_at(peer, peer.next_stream - 2, before=None)
    counted = grown(before, served.settled())
    assert (counted["last age"], counted["connections"]) == (1, 1)


@a_few
def test_a_drain_tells_the_connections_that_are_there(server, live_h2):
    served = live_h2(server)
    before = served.settled()
    with connected(served) as peer:
        asked(server, peer, server.small)
        served.tell("drain")
        assert is_told_by_and_by(server, peer)
        laws.is_told_once(peer)
    assert grown(before, served.settled())["last drain"] == 1


@a_few
def test_a_new_limit_holds_for_the_connections_that_are_there(server, live_h2):
    served = live_h2(server)
    with connected(served) as peer:
        for _ in range(MANY):
            asked(server, peer, server.small)
        laws.is_not_told(peer)
        served.tell("set", "requests=2")
        assert is_told_by_and_by(server, peer)
        laws.is_told_once(peer)


@a_few
def test_observing_counts_the_connections_that_would_be_told(server, live_h2):
    served = live_h2(server, LASTCALL="observe", LASTCALL_REQUESTS=MANY)
    before = served.settled()
    with connected(served) as peer:
        for _ in range(2 * MANY):
            asked(server, peer, server.small)
        laws.is_not_told(peer)
    counted = grown(before, served.settled())
    would = counted["last requests"]  # at every so many streams, as for HTTP/1.1
    assert (would, counted["connections"], counted["exchanges"]) == (2, 1, 2 * MANY)
