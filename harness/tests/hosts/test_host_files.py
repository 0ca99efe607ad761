"""Files that are sent to their end and one call further, empty ones, and calls that send nothing, count as
what they are: the N-th response is the last, as where the server asks for the exact number of bytes.
"""

import json

import pytest

from hosts.paged import host
from hosts.running import request
from servers.description import PYTHON, program
from support import laws
from support.client import FIN, RST, Client
from support.command_pages import command  # noqa: F401
from support.waiting import until

WAYS = ["exact", "socket.sendfile", "loop", "empty", "empty-loop", "count-0", "bad", "again", "splice",
        "asyncio", "sock_sendfile"]
BUFFER = 1 << 16


def sender(library, folder, how, limit):
    return host(library, folder, PYTHON, program("sends_files.py"), how,
                settings={"LASTCALL_REQUESTS": str(limit)})


def talk(port, number):
    with Client(port, receive_buffer=BUFFER) as client:
        responses = [client.exchange(request("/")) for _ in range(number)]
        return responses, client.ending() if not responses[-1].persists else client.ended


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("limit", [1, 3])
def test_a_file_sent_to_its_end_closes_exactly(library, tmp_path, how, limit):
    with sender(None, tmp_path, how, limit) as (_, port):
        bare, _ = talk(port, limit + 1)
    with sender(library, tmp_path, how, limit) as (_, port):
        kept, ended = talk(port, limit)
    for expected, got in zip(bare[:limit - 1], kept):
        laws.is_same(expected, got)
    laws.is_last(bare[limit - 1], kept[-1])
    assert ended == FIN


def let_go(command, process):
    done = command("status", process.pid, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    server, = json.loads(done.stdout)["servers"]
    return server["opaque"]


def leave(port):
    for _ in range(3):
        with Client(port) as client:
            client.exchange(request("/"))
            client.send(request("/gone"))
            assert until(lambda: client.unacknowledged() == 0)
            client.cut(RST)


def test_a_file_for_a_client_that_left_is_no_doubt_about_it(library, tmp_path, command):
    """The kernel refused the head, and then the file: nothing went out unseen."""
    with sender(None, tmp_path, "exact", 3) as (_, port):
        leave(port)
        assert talk(port, 3)[0][-1].persists
    with sender(library, tmp_path, "exact", 3) as (process, port):
        leave(port)
        responses, ended = talk(port, 3)
        assert not responses[-1].persists and ended == FIN
        assert let_go(command, process)["unseen_bytes"] == 0
