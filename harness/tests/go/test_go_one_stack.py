"""With a single stack to lend, most calls of a busy Go server find it taken and are made without us.

What was missed makes a connection one that is left alone, or an exchange one that is not counted: it may
be told late, never early, and no byte is wrong.
"""

from pathlib import Path
from threading import Thread

import pytest

from go.fixtures import own  # noqa: F401
from go.parameters import on
from go.riding import MINUTE, sample
from servers import go
from support import client, laws
from support.client import Client
from support.messages import get

LIMIT = 5
CLIENTS = 64
CONNECTIONS = 20  # of each
LONGEST = 3 * LIMIT


@pytest.fixture
def poor(library):
    """The library, with that one stack, and its own command beside it."""
    made = Path(library).parent / "one-stack" / "liblastcall.so"
    assert made.exists(), "make harness builds it"
    return made


def ride(port, request, expected):
    """Whether it was told to end."""
    with Client(port, MINUTE) as visitor:
        for number in range(1, LONGEST + 1):
            response = visitor.exchange(request)
            if number >= LIMIT and b"close" in response.options():
                laws.is_last(expected, response)
                return True
            laws.is_same(expected, response)
        return False


@on([go.static, go.cgo])
def test_without_a_free_stack_no_byte_is_wrong_and_no_connection_ends_early(server, own, bare, poor):
    process = own(server, LIMIT, by=poor, GOMAXPROCS="64", GOGC="20")
    rides = [(get(path), sample(bare(server), get(path))) for path in ("/hello", "/alloc", "/big.bin")]
    ended, failures = [], []

    def visit():
        try:
            for number in range(CONNECTIONS):
                ended.append(ride(process.port, *rides[number % len(rides)]))
        except Exception as error:  # told by the test, not lost with the thread
            failures.append(repr(error))

    threads = [Thread(target=visit) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    del client.transcripts[:-1]
    assert not failures, failures[:3]
    assert len(ended) == CLIENTS * CONNECTIONS and any(ended)
