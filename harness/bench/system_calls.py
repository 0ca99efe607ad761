"""Counts the system calls of the rows with strace: those of a request, by its place in a connection.

Only rows with a client: a connection is what the host does from an accept to the next close, and
each of its requests begins with a read of its bytes. Refuses to know what the calls are for.
"""

import re
from collections import Counter
from dataclasses import replace

from bench.counted_rows import NAMED
from bench.driving import drive, warmed
from bench.frames import Farewell
from bench.variants import Variant

LOG = "strace"
COMMAND = ["strace", "-qq", "-o", LOG, "-e", "signal=none"]
LENGTHS = (2, 4)
LIMIT = 10
AT_LIMIT = Variant(f"limit {LIMIT}", {"LASTCALL_REQUESTS": str(LIMIT)})


def logged(rows, variant, library):
    """The calls on each connection: (name, line) in order, the connection that warms up left out."""
    rows = warmed(rows)
    lines = drive(rows, variant, library, COMMAND, lambda folder: (folder / LOG).read_text())
    return connections(lines.splitlines())[len(rows[0].items()):]


def connections(lines):
    found, inside = [], False
    for line in lines:
        name = re.match(r"\w*", line)[0]
        if name == "accept4":
            found.append([])
            inside = True
        if name and inside:
            found[-1].append((name, line))
        inside = inside and name != "close"
    return found


# ---- A request far from both ends ---------------------------------------------------------------


def per_request(rows, variant, library):
    """row name → how many of each call a request makes, as the difference of two lengths"""
    rows = [replace(row, lengths=LENGTHS) for row in rows if row.wire and not row.crowd]
    found = iter(logged(rows, variant, library))
    return {row.name: difference(*[next(found) for _ in row.items()][-2:], row.shared_by())
            for row in rows}


def difference(short, long, shared_by):
    rest = Counter(name for name, _ in long)
    rest.subtract(name for name, _ in short)
    return {name: count / shared_by for name, count in rest.items() if count}


# ---- Every request of a connection that reaches the limit ---------------------------------------


def to_the_limit(variant, library):
    """The calls of one connection: those of its opening, then those of each of its requests."""
    row = replace(NAMED["41B"], lengths=(1, LIMIT))
    return by_request(logged([row], variant, library)[-1], len(row.wire))


def to_the_farewell(variant, library):
    """The same of HTTP/2, whose client is told by the last of them; then those of the requests of
    another's, by which it is looked at, ended, and seen to leave."""
    row = replace(NAMED["h2-unary"], lengths=(LIMIT,), frames=Farewell())
    return by_request(logged([row], variant, library)[-1], len(row.wire))


def by_request(calls, size):
    found = [[]]
    for name, line in calls:
        if name == "read" and line.endswith(f"= {size}"):
            found.append([])
        found[-1].append(name)
    return found
