"""What the clients tell, line by line, and the record that it becomes.

    ready                  all of its connections are open, before the beginning
    open T C               connection C is open, at T seconds from the beginning of the run
    close T C REQUESTS HOW it ended: told (by a response), moved (its gRPC channel has another, and it
                           had its last answer), fin, reset, or a fault
    refused T C            it was not opened; the pool tries again
    done DUE SENT T C INSTANCE TRIES TOLD    a whole response, 200
    retry DUE T C HOW      a reused connection ended before a byte of the response; sent again
    fail DUE T C WHY       given up
    left DUE [SENT]        not answered when the run ended; 1 when it was under way
"""

from dataclasses import dataclass, field
from typing import NamedTuple


BY_REQUEST = ("told", "moved")


class Done(NamedTuple):
    due: float
    sent: float
    at: float
    connection: tuple
    instance: str
    tries: int
    told: bool


class Close(NamedTuple):
    at: float
    connection: tuple
    requests: int
    how: str


class Trouble(NamedTuple):
    due: float
    at: float
    why: str


@dataclass
class Record:
    """What all clients of an arm met. A connection is named by its client and its number, from 1."""

    sizes: list = field(default_factory=list)  # of each client: how many connections it keeps
    ready: int = 0  # clients
    done: list = field(default_factory=list)
    opened: dict = field(default_factory=dict)  # connection → when
    closed: list = field(default_factory=list)
    retried: list = field(default_factory=list)
    failed: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    left: list = field(default_factory=list)  # when they were due
    under_way: int = 0  # of those, where the client says so

    def note(self, client, line):
        word, *rest = line.split()
        getattr(self, f"note_{word}")(client, *rest)

    def note_ready(self, client):
        self.ready += 1

    def note_open(self, client, at, number):
        self.opened[client, int(number)] = float(at)

    def note_close(self, client, at, number, requests, how):
        self.closed.append(Close(float(at), (client, int(number)), int(requests), how))

    def note_refused(self, client, at, number):
        self.refused.append(float(at))

    def note_done(self, client, due, sent, at, number, instance, tries, told):
        self.done.append(Done(float(due), float(sent), float(at), (client, int(number)), instance,
                              int(tries), told == "1"))

    def note_retry(self, client, due, at, number, how):
        self.retried.append(Trouble(float(due), float(at), how))

    def note_fail(self, client, due, at, number, why):
        self.failed.append(Trouble(float(due), float(at), why))

    def note_left(self, client, due, sent="0"):
        self.left.append(float(due))
        self.under_way += int(sent)
