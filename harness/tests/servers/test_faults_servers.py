"""Real servers whose calls are cut short, interrupted and refused at random, with the library in
front of the faults: every response is whole and exact, and the kernel took what the clients got.

Knows no server that takes readiness for a promise (gunicorn hangs on EAGAIN then, bare too;
waitress closes).
"""

import pytest

from hosts import faults
from support.conversation import ends_at, pipeline, requests, talk
from support.messages import get
from support.parameters import on_named

LIMIT = 3
ROUNDS = 8
RATE = 30
SERVERS = ["nginx", "nginx-sendfile", "lighttpd", "haproxy", "apache-event", "node", "http.server",
           "tornado",
           "uvicorn-uvloop", "puma", "evhttp", "mhd-epoll", "mhd-threads", "plain-c", "musl"]


def script(server):
    paths = (server.small, server.big or server.small, server.small)
    return requests(*(get(path) for path in paths))


def sent_to_clients(talks):
    return sum(len(response.wire) for talk in talks for response in talk.responses)


@pytest.mark.parametrize("seed", [1, 2])
@on_named(*SERVERS)
def test_a_server_whose_calls_come_short_serves_every_byte(server, bare, launch, library, tmp_path,
                                                           seed):
    expected = talk(bare(server), script(server))
    tmp_path.chmod(0o777)
    ledger = tmp_path / "ledger"
    settings = {"LASTCALL_REQUESTS": str(LIMIT), **faults.random(ledger, "short,again", seed, RATE)}
    hurt = launch(server, True, faults.behind(library), tuple(sorted(settings.items())))
    talks = []
    for number in range(ROUNDS):
        talks.append((pipeline if number % 2 else talk)(hurt, script(server)))
        ends_at(expected, talks[-1], LIMIT, server.volatile)
    seen = faults.Ledger(ledger)
    # haproxy answers whoever looks whether it is there yet, and asks nothing.
    assert sum(moved.sent for moved in seen.connections if moved.received) == sent_to_clients(talks)
    assert sum(seen.faults.values()) >= ROUNDS
