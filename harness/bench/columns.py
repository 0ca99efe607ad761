"""The ways in which a server is timed, and which of them for which server.

A slower server gets fewer: its ratios are nearer to 1, and all must fit into five minutes.
"""

from dataclasses import dataclass

from bench.timed_servers import LIMIT_IN_FRONT
from bench.variants import NEVER


@dataclass(frozen=True)
class Column:
    name: str
    requests: str | None = None  # lastcall's limit; None: without the library
    native: int | None = None  # the server's own limit
    front: str | None = None  # a proxy in front of it

    @property
    def settings(self):
        return {"LASTCALL_REQUESTS": self.requests} if self.requests else None


BARE = "bare"
AGAIN = "bare again"
OFF = "limit off"
NOT_REACHED = "not reached"
COLUMNS = {column.name: column for column in [
    Column(BARE),
    Column(AGAIN),
    Column(OFF, requests="off"),
    Column(NOT_REACHED, requests=str(NEVER)),
    *(Column(f"N={limit}", requests=str(limit)) for limit in (1000, 100, 10)),
    *(Column(f"native N={limit}", native=limit) for limit in (1000, 10)),
    Column("nginx in front", front="nginx"),
    Column("HAProxy in front", front="HAProxy"),
]}
assert LIMIT_IN_FRONT == 1000

PROXIED = ("nginx in front", "HAProxy in front")
LIMITS = ("N=1000", "N=100", "N=10")
FULL = {
    "epoll": (BARE, AGAIN, OFF, NOT_REACHED, *LIMITS, *PROXIED),
    "nginx": (BARE, AGAIN, NOT_REACHED, *LIMITS, "native N=1000", "native N=10", *PROXIED),
    "lighttpd": (BARE, AGAIN, NOT_REACHED, "N=1000", "native N=1000"),
    "node": (BARE, AGAIN, NOT_REACHED, "N=1000", "native N=1000", "HAProxy in front"),
    "python": (BARE, AGAIN, "N=1000", "HAProxy in front"),
    "go": (BARE, AGAIN, NOT_REACHED, "N=1000", "native N=1000"),
    "nghttpd": (BARE, AGAIN, NOT_REACHED, *PROXIED),
}
QUICK = {
    "epoll": (BARE, AGAIN, NOT_REACHED, "N=1000", "HAProxy in front"),
    "nginx": (BARE, AGAIN, "N=1000", "native N=1000"),
    "nghttpd": (BARE, AGAIN, NOT_REACHED),
}
# Pairs of which a goal speaks: this column against that one of the same round.
AGAINST = {
    "epoll": [(NOT_REACHED, BARE), *(("N=1000", front) for front in PROXIED)],
    "nginx": [("N=1000", "native N=1000"), ("N=10", "native N=10")],
    "go": [("N=1000", BARE)],
}
