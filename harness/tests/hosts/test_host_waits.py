"""Calls that wait for several descriptors are answered as bare, whatever they are told; a thread that asks
before it reads is never left waiting, since it may be the one that is to answer; and a request that is
put off for that is none of the last ones that are counted.
"""

import json
import subprocess

import pytest

from hosts import building
from hosts.paged import host
from hosts.running import request
from servers.description import PYTHON, program
from support.client import FIN, Client
from support.command_pages import command  # noqa: F401
from support.process import environment
from support.waiting import until

LIMIT = 3


def said(library):
    done = subprocess.run([str(building.program("past_sets"))], env=environment({}, library, {}),
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
    return done.returncode, done.stdout, done.stderr


def test_select_may_be_told_of_more_descriptors_than_its_sets_hold(library):
    bare = said(None)
    assert bare[0] == 0 and b"of no set -1 errno 14" in bare[1]
    assert said(library) == bare


def answers(library, folder, how, late):
    """To a client whose last request is slow, and which sends another meanwhile."""
    with host(library, folder, PYTHON, program("asks_first.py"), how,
              settings={"LASTCALL_REQUESTS": str(LIMIT)}) as (_, port):
        with Client(port) as client:
            for _ in range(LIMIT - 1):
                client.exchange(request("/"))
            client.send(request("/slow"))
            if late:
                until(lambda: False, 0.15)
                client.send(request("/"))
            found = [client.response() for _ in range(2 if late else 1)]
            return [response.body for response in found], client.ending() if library else FIN


@pytest.mark.parametrize("late", [False, True], ids=["who waits", "who sends on"])
@pytest.mark.parametrize("how", ["peek", "read"])
def test_a_thread_that_asks_for_its_client_answers_a_client(library, tmp_path, how, late):
    """The request behind is delivered, and is the last one then."""
    assert answers(library, tmp_path, how, late) == answers(None, tmp_path, how, late)


PUT = b"PUT / HTTP/1.1\r\nHost: host\r\nContent-Length: 3\r\n\r\n"
GET = request("/")


@pytest.mark.parametrize("cuts", [
    [PUT + b"abc" + GET],
    [PUT, b"abc" + GET],
    [PUT + b"ab", b"c" + GET],
    [PUT + b"abc", GET],
], ids=["in one read", "its content later", "cut in its content", "behind its end"])
def test_a_request_that_is_put_off_is_not_counted_as_the_last(library, tmp_path, command, cuts):
    with host(library, tmp_path, PYTHON, program("selects.py"),
              settings={"LASTCALL_REQUESTS": "1"}) as (process, port):
        with Client(port) as client:
            for piece in cuts:
                client.send(piece)
                until(lambda: client.unacknowledged() == 0)
                until(lambda: False, 0.05)
            found = [client.response()]
            if b"close" not in found[0].head.lower():
                found.append(client.response())
            assert client.ending() == FIN
        assert b"close" in found[-1].head.lower()
        [server] = json.loads(command("status", process.pid, "--json").stdout)["servers"]
        assert server["last_exchanges"]["requests"] == 1
