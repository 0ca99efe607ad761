"""The protocols in which servers are timed: who loads them, and who asks them one thing at a time."""

from contextlib import contextmanager
from dataclasses import dataclass
from typing import Callable

from bench import h2load, wrk
from h2.peer import Peer
from support.client import Client
from support.messages import get


@dataclass(frozen=True)
class Protocol:
    load: Callable  # (port, path, seconds, processor) → what the load says
    visit: Callable  # port → a context, in which a path can be asked for


@contextmanager
def exchanges(port):
    with Client(port) as client:
        yield lambda path: client.exchange(get(path)).status


@contextmanager
def streams(port):
    with Peer(port) as peer:
        yield lambda path: peer.whole(peer.get(path)).status


HTTP1 = Protocol(wrk.load, exchanges)
HTTP2 = Protocol(h2load.load, streams)
