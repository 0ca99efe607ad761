"""Connections carried to their last response, one after the other or by many clients at once.

Every response is compared with one that the bare server gave; close is said by the last and only by it;
then comes FIN, and no byte more. Knows clients and laws. Refuses to know what is asked for.
"""

from dataclasses import dataclass, field
from threading import Lock, Thread

from support import client, laws
from support.client import FIN, Client
from support.conversation import exchanges, requests, talk

MINUTE = 60
CLIENTS = 4


def sample(process, request):
    """What the bare server answers to it."""
    return talk(process, requests(request)).responses[0]


def ride(port, request, expected, limit, volatile=frozenset()):
    """One connection of so many exchanges."""
    with Client(port, MINUTE) as visitor:
        for number in range(1, limit + 1):
            law = laws.is_last if number == limit else laws.is_same
            law(expected, visitor.exchange(request), volatile)
        is_over(visitor)
        visitor.log.clear()


def is_over(visitor):
    assert visitor.ending() == FIN
    assert not visitor.reader.buffer, bytes(visitor.reader.buffer[:200])


def ends_exactly(process, script, plain, limit):
    """The same for a script of different requests, against the answers of a bare run."""
    volatile = process.server.volatile
    with Client(process.port, MINUTE) as visitor:
        got = list(exchanges(visitor, script))
        assert len(got) == limit, f"{len(got)} responses, not {limit}"
        for before, after in zip(plain[:limit - 1], got):
            laws.is_same(before, after, volatile)
        laws.is_last(plain[limit - 1], got[-1], volatile)
        is_over(visitor)
        assert visitor.leave() == FIN


@dataclass
class Crowd:
    """Clients that ride until together they have made so many exchanges."""

    port: int
    rides: list  # (request, expected), taken in turn
    limit: int
    left: int
    failures: list = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def turn(self):
        """The number of one connection more, or None."""
        with self.lock:
            if self.left <= 0 or self.failures:
                return None
            self.left -= self.limit
            return self.left // self.limit

    def visit(self):
        try:
            while (number := self.turn()) is not None:
                ride(self.port, *self.rides[number % len(self.rides)], self.limit)
        except Exception as error:  # told by the test, not lost with the thread
            self.failures.append(repr(error))


def crowd(process, rides, limit, total, clients=CLIENTS):
    """Bounded by `total`; what failed is told, and ends it."""
    made = Crowd(process.port, rides, limit, total)
    threads = [Thread(target=made.visit) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    del client.transcripts[:-1]
    assert not made.failures, made.failures
