"""One client process of the soak: visits a server in mixed ways for some seconds, prints its tally.

Each visit is one or more connections. A request that was not answered because its connection ended
behind a close option is repeated, as RFC 9112 section 9.3.2 asks of a client; whatever else goes
wrong is a failure. Refuses to know that there is a library.
"""

import json
import random
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from support import client
from support.client import FIN, RST, Client
from support.messages import get, head, post
from support.waiting import Deadline

PATIENCE = 100
LONGEST_STAY = 60  # requests on one connection, before its client leaves by itself
BATCH = 12
KEPT = 5  # failures that are told in words


@dataclass
class Tally:
    sent: int = 0
    answered: int = 0
    repeated: int = 0  # sent once more, having been behind a last one
    cut: int = 0  # answers that the client did not stay for: they had begun
    connections: int = 0
    told: int = 0  # close, without having asked for it
    told_anyway: int = 0  # close, having asked for it
    failures: list = field(default_factory=list)
    failed: int = 0


@dataclass(frozen=True)
class Ask:
    """A request and what its answer carries."""

    wire: bytes
    content: bytes
    method: str = "GET"
    status: int = 200


class Visitor:
    def __init__(self, port, www, posts, dice):
        self.port, self.dice, self.tally = port, dice, Tally()
        small, big = (Path(www, name).read_bytes() for name in ("small.txt", "big.bin"))
        self.brief = [Ask(get("/small.txt"), small)] * 6 + [Ask(get("/big.bin"), big),
                                                            Ask(head(), b"", "HEAD")]
        self.plain = self.brief + [Ask(post("/length", b"x" * size), b"%d" % size, "POST")
                                   for size in (1, 70_000) if posts]
        self.closing = Ask(get("/small.txt", "Connection: close"), small)
        self.ways = [self.one_by_one] * 4 + [self.pipelined, self.in_pieces, self.asks_to_close,
                                             self.cuts]

    def visit(self):
        client.transcripts.clear()
        try:
            self.dice.choice(self.ways)()
        except Exception as error:  # told in the tally, not lost with the process
            self.tally.failed += 1
            self.tally.failures = [*self.tally.failures, repr(error)[:300]][:KEPT]

    def connect(self):
        self.tally.connections += 1
        return Client(self.port, patience=PATIENCE)

    # ---- an answer --------------------------------------------------------------------------

    def hear(self, connection, ask):
        """Whether the connection persists behind it; if not, that it ends in good order."""
        response = connection.response(ask.method)
        assert (response.status, response.content) == (ask.status, ask.content), response.head
        connection.log.clear()
        self.tally.answered += 1
        if not response.persists:
            assert connection.ending() == FIN and not connection.reader.buffer, "no FIN behind close"
        return response.persists

    def ask(self, connection, ask):
        self.tally.sent += 1
        connection.send(ask.wire)
        persists = self.hear(connection, ask)
        self.tally.told += not persists
        return persists

    # ---- ways to visit ----------------------------------------------------------------------

    def one_by_one(self):
        with self.connect() as connection:
            for _ in range(self.dice.randint(1, LONGEST_STAY)):
                if not self.ask(connection, self.dice.choice(self.plain)):
                    return

    def pipelined(self):
        """Brief ones: a server that is blocked on its answers does not read long requests."""
        left = self.dice.choices(self.brief, k=self.dice.randint(2, BATCH))
        self.tally.sent += len(left)
        while left:
            answered = self.batch(left)
            left = left[answered:]
            self.tally.repeated += len(left)

    def batch(self, asks):
        """How many were answered: all, unless one of the answers said close."""
        with self.connect() as connection:
            connection.send(b"".join(ask.wire for ask in asks))
            for number, ask in enumerate(asks, 1):
                if not self.hear(connection, ask):
                    self.tally.told += 1
                    return number
        return len(asks)

    def in_pieces(self):
        ask = self.dice.choice(self.plain)
        with self.connect() as connection:
            self.tally.sent += 1
            connection.send_apart(ask.wire, sorted(self.dice.sample(range(1, len(ask.wire)), 3)))
            self.tally.told += not self.hear(connection, ask)

    def asks_to_close(self):
        with self.connect() as connection:
            self.tally.sent += 1
            connection.send(self.closing.wire)
            self.hear(connection, self.closing)
            assert connection.ending() == FIN  # http.server closes without a word
            self.tally.told_anyway += 1

    def cuts(self):
        """Leaves in the middle of an answer that has surely begun."""
        with self.connect() as connection:
            connection.send(get("/big.bin"))
            assert connection.receive()
            self.tally.cut += 1
            connection.cut(self.dice.choice([FIN, RST]))


def main(port, www, posts, seconds, seed):
    visitor = Visitor(int(port), www, posts == "posts", random.Random(seed))
    end = Deadline(float(seconds))
    while not end.over():
        visitor.visit()
    print(json.dumps(asdict(visitor.tally)))


if __name__ == "__main__":
    main(*sys.argv[1:])
