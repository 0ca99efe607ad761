"""A server is rid of what its client sends behind the last request in many ways, and in none of them
crashes, hangs, or loses a response: reads into no buffer, several messages in one call, splice behind a
response that left unseen, and draining behind a FIN of its own, with polls or a timeout.
"""

import pytest

from hosts import building
from hosts.paged import host
from support.client import FIN, Client
from support.waiting import until

LIMIT = 3
LARGE = 3 << 20
GET = b"GET / HTTP/1.1\r\nHost: host..\r\n\r\n"
assert len(GET) == 32  # a message of the host's


def drains(library, folder, how):
    return host(library, folder, building.program("drains"), how, str(LIMIT - 1),
                settings={"LASTCALL_REQUESTS": str(LIMIT)})


def starts(client):
    for _ in range(LIMIT - 1):
        client.exchange(GET)
    client.send(GET)


def settles(client):
    until(lambda: client.unacknowledged() == 0)
    until(lambda: False, 0.2)


def lines(process):
    return process.stdout.read().decode().splitlines()


def by_trunc(library, folder):
    with drains(library, folder, "trunc") as (process, port), Client(port) as client:
        starts(client)
        settles(client)
        client.send(GET)
        return client.response().body, process.wait(20)


def test_a_read_into_no_buffer_harms_nobody(library, tmp_path):
    assert by_trunc(library, tmp_path) == by_trunc(None, tmp_path) == (b"ok", 0)


def by_messages(library, folder):
    """The last request, and a part of another, in one call; then the rest of that."""
    with drains(library, folder, "messages") as (process, port), Client(port) as client:
        for _ in range(LIMIT - 1):
            client.exchange(GET)
        client.send(GET + GET[:10])
        bodies = [client.response().body]
        client.send(GET[10:])
        last = client.response()
        client.half_close()
        return [*bodies, last.body], b"close" in last.head.lower(), process.wait(20)


def test_messages_of_which_one_is_put_off_are_all_delivered(library, tmp_path):
    bodies, closes, status = by_messages(library, tmp_path)
    assert (bodies, False, status) == by_messages(None, tmp_path)
    assert closes


def by_splice(library, folder):
    with drains(library, folder, "splice") as (process, port), Client(port) as client:
        starts(client)
        bodies = [client.response().body]
        client.send(GET)
        return bodies, process.wait(20), lines(process)


def test_a_splice_behind_a_response_that_left_unseen_moves_what_it_says(library, tmp_path):
    bare = by_splice(None, tmp_path)
    assert bare[2] == ["spliced 32 errno 0", "in the pipe 32 errno 0"]
    assert by_splice(library, tmp_path) == bare


def by_reads(library, folder, how):
    """The client reads slowly, and sends on meanwhile: how much of the last response comes."""
    with drains(library, folder, how) as (_, port), Client(port, receive_buffer=65536) as client:
        starts(client)
        settles(client)
        for _ in range(40):
            client.send(GET)
            until(lambda: False, 0.05)
            client.receive()
        client.half_close()
        while client.receive():
            pass
        return len(client.reader.buffer), client.ended


@pytest.mark.parametrize("how", ["asked", "unasked"])
def test_draining_behind_a_fin_of_ones_own_costs_a_slow_client_nothing(library, tmp_path, how):
    size, ended = by_reads(library, tmp_path, how)
    assert size >= LARGE and ended == FIN
