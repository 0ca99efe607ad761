"""Many clients at once, each reconnecting when told to: no request fails, none rides elsewhere.

A connection carries exactly N exchanges, so their number is known; where a server by itself
closes connections early in a crowd, it is a range.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore

from servers.description import LEAVES_WHEN_CROWDED
from support.client import Client
from support.conversation import Request, response_to
from support.messages import get
from support.parameters import every_server

LIMIT = 3
ROUNDS = 3
CROWD = 200
MINUTE = 60


def visit(process, path, door, retries):
    """LIMIT × ROUNDS exchanges; answers the connections used. A retry needs the server's leave."""
    request, used, left = Request(get(path)), 0, LIMIT * ROUNDS
    while left:
        used += 1
        done = ride(process, request, left, door)
        assert done or retries, "a connection ended before any response"
        left -= done
    return used


def ride(process, request, most, door):
    """As many exchanges as one connection carries. At the door stand no more than may wait."""
    with door:
        client = Client(process.port, patience=MINUTE)
        client.send(request.wire)
        client.receive()
    with client:
        for number in range(1, most + 1):
            response = response_to(client, request)
            if not response:
                return number - 1
            assert response.status == 200
            if number == most or not response.persists:
                return number
            client.send(request.wire)


@every_server
def test_a_crowd_is_served_without_a_failure_on_as_many_connections_as_computed(server, under):
    preloaded = under(server, LASTCALL_REQUESTS=LIMIT)
    leaves = server.is_odd(LEAVES_WHEN_CROWDED)
    least, most = ROUNDS * CROWD, (ROUNDS * LIMIT if leaves else ROUNDS) * CROWD
    assert least <= visits(preloaded, server.small, leaves) <= most


def visits(process, path, retries):
    door = Semaphore(min(process.server.backlog, CROWD))
    with ThreadPoolExecutor(CROWD) as pool:
        visitors = [pool.submit(visit, process, path, door, retries) for _ in range(CROWD)]
        return sum(visitor.result() for visitor in visitors)
