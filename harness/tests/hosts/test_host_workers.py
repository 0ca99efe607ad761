"""Connections that several threads read and write in turn are told close exactly on the N-th response: P2.

A thread that has written may be off its processor, on the way out of its call, when the client has read
the response, asked again, and another thread answers. A busy process takes a processor away, so that it is.
Bare, the same program is never told close, and every request is answered.
"""

import pytest

from hosts import building
from hosts.running import facts_of

CLIENTS = 4
QUICK = {10: 50, 100: 8, 1000: 2}  # connections of each client
WHOLE = {10: 5_000, 100: 500, 1000: 60}
LONGEST = 600

POLLING = {f"{trigger}{', one shot' * oneshot}": [f"edge={int(trigger == 'edge')}", f"oneshot={oneshot}"]
           for trigger in ("level", "edge") for oneshot in (0, 1)}
THREADS = {f"a reader and {number}": [f"threads={number}"] for number in (2, 4, 8)}
THREADS["a reader and 4, edge, one shot"] = ["threads=4", *POLLING["edge, one shot"]]
THREADS |= {f"4 in one epoll, {name}": ["herd=1", "threads=4", *words] for name, words in POLLING.items()}
WAYS = ["write", "writev", "sendmsg", "sendfile", "parts"]

threads = pytest.mark.parametrize("threads", THREADS)
limits = pytest.mark.parametrize("limit", QUICK)
ways = pytest.mark.parametrize("way", WAYS)
expects = pytest.mark.parametrize("expect", [0, 1], ids=["at once", "behind a 100"])


def is_exact(library, threads, limit, connections, way="write", expect=0):
    words = [*THREADS[threads], f"exchanges={limit}", f"clients={CLIENTS}", f"way={way}",
             f"expect={expect}", "busy=1", f"seconds={LONGEST}"]
    counts = {"early": 0, "damaged": 0, "silent": 0}
    few, many = CLIENTS * QUICK[limit], CLIENTS * connections
    bare = facts_of(building.workers(), *words, f"connections={QUICK[limit]}", patience=LONGEST)
    assert bare == {**counts, "exchanges": few * (limit + 1), "exact": 0, "never": few}
    kept = facts_of(building.workers(), *words, f"connections={connections}", library=library,
                    limit=limit, patience=LONGEST)
    assert kept == {**counts, "exchanges": many * limit, "exact": many, "never": 0}


@limits
@threads
def test_threads_that_take_turns_close_exactly(library, threads, limit):
    is_exact(library, threads, limit, QUICK[limit])


@expects
@ways
def test_threads_that_take_turns_close_exactly_however_they_write(library, way, expect):
    is_exact(library, "a reader and 4", 100, QUICK[100], way, expect)


@pytest.mark.parametrize("trigger", ["level", "edge"])
def test_threads_in_one_epoll_close_exactly_behind_a_100(library, trigger):
    is_exact(library, f"4 in one epoll, {trigger}", 100, QUICK[100], "parts", 1)


@pytest.mark.suites
@pytest.mark.timeout(3 * LONGEST)
@expects
@ways
@limits
@threads
def test_threads_that_take_turns_close_exactly_for_long(library, threads, limit, way, expect):
    is_exact(library, threads, limit, WHOLE[limit] // (2 if expect else 1), way, expect)
