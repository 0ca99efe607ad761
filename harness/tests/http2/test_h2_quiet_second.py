"""Between telling a client and ending its connection a second passes without a stream, for a reason:
a stream that the client had sent before it heard of it would be lost.

The library's clock is the test's own here: it stands still, so that the second is never over, or is moved
on, so that it is over at once; the client does the same in both.
"""

import contextlib
import threading

import pytest

import h2.servers
from h2 import clients, laws
from h2.link import Link
from h2.load import Running
from h2.loads import BUILD_PATIENCE, CLIENTS, FEW, executed, pair
from h2.parameters import on_named, peers_leave  # noqa: F401
from h2.record import Mark
from h2.talk import asked, one_by_one
from h2.timed import PAUSE, looked, timed  # noqa: F401
from support.client import FIN
from support.process import accepts
from support.waiting import until

LIMIT = 3
LOOKS = 5
DELAY = 0.02  # seconds, each way
KNOCK = 0.001  # between two connections that do nothing
LOADS = 20  # at most, until something is lost

a_few = on_named("h2-nginx", "h2-apache", "h2-h2o", "h2-haproxy", "h2-node", "grpc-python", "grpc-c++")


def told(process):
    """A client that has been told, with its last stream answered."""
    peer = one_by_one(process, [process.server.small] * LIMIT)
    laws.is_told_once(peer)
    return peer


@a_few
def test_a_stream_sent_before_the_client_heard_is_answered_within_the_second(server, timed):  # noqa: F811
    process, hand = timed(server, LIMIT)
    with told(process) as peer:
        assert all(looked(process, hand, 0) for _ in range(LOOKS))
        looked(process, hand, PAUSE - 1)
        asked(server, peer, server.small)
        laws.is_told_once(peer)


@a_few
def test_each_stream_begins_the_second_anew(server, timed):  # noqa: F811
    process, hand = timed(server, LIMIT)
    with told(process) as peer:
        for _ in range(LOOKS):
            asked(server, peer, server.small)
            looked(process, hand, PAUSE)
        laws.is_told_once(peer)
        assert until(lambda: looked(process, hand, PAUSE) and peer.ended())
        laws.is_finished(peer, highest=peer.next_stream - 2)


@a_few
def test_were_the_second_over_at_once_the_same_stream_would_be_lost(server, timed):  # noqa: F811
    process, hand = timed(server, LIMIT)
    lost = Mark(process, server.big or server.small)
    with told(process) as peer:
        assert until(lambda: looked(process, hand, PAUSE) and peer.client.queued())
        server.ask(peer, lost.path)  # its client has not read on: it could not know
        assert peer.ending() == FIN
        later = Mark(process, server.small)
        asked(server, one_by_one(process, []), later.path)
        assert later.is_executed()
        assert lost.executed() == 0
        laws.is_finished(peer, highest=2 * LIMIT - 1)


# ---- A client that cannot send again what it has sent -------------------------------------------


@contextlib.contextmanager
def visited(port):
    """Others come and go all the time, so that the process always has an occasion to look round."""
    over = threading.Event()

    def visit():
        while not over.wait(KNOCK):
            accepts(port)
    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        yield
    finally:
        over.set()
        visitor.join()


def lost_over_a_slow_link(client, process, build):  # noqa: F811
    """How many of so many POSTs failed, which were not executed."""
    since = process.err.stat().st_size
    with Link(process.port, DELAY) as link, visited(process.port), \
            Running(client, process, link.port, FEW, CLIENTS, build) as running:
        result = running.result()
    assert result.ok + result.failed == FEW and result.long == "whole"
    assert until(lambda: len(executed(process, since)) >= result.ok)
    assert len(executed(process, since)) == result.ok
    return result.failed


@pytest.mark.timeout(BUILD_PATIENCE)
@pytest.mark.parametrize("second, loses", [("lasts", False), ("is over at once", True)])
@pytest.mark.parametrize("client, server", [
    pair(client, h2.servers.NAMED["h2-node"]) for client in clients.ALL if client.name == "go"])
def test_what_was_under_way_is_lost_when_the_second_is_over_at_once(client, server, second, loses,
                                                                    timed, build):  # noqa: F811
    """Its POSTs cannot be sent again: a dozen of 2000 go nowhere, on a machine with other work fewer."""
    if client.missing():
        pytest.skip(f"install {' '.join(client.packages)} to run {client.name}")
    process, _ = timed(server, 20, step=PAUSE if loses else 0)
    loads = (lost_over_a_slow_link(client, process, build) for _ in range(LOADS if loses else 1))
    assert any(loads) == loses
