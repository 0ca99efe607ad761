"""Responses written where the library cannot see them: none leaves the next request withheld, also
from a client that has half-closed, and the status page shows the proof refusing.

Knows the ways that no libc call of the server tells of: system calls in line, dprintf, io_uring, a
forked child that answers.
"""

import ctypes
import json

import pytest

from hosts.running import Host, exact, paths, run, untouched
from support.client import FIN, OPEN, Client
from support.command_pages import command  # noqa: F401

IO_URING_SETUP = 425  # on every machine


def has_io_uring():
    """Containers often forbid it; EFAULT is the kernel's answer where it may be used."""
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.syscall(IO_URING_SETUP, 4, None) < 0 and ctypes.get_errno() == 14


needs_io_uring = pytest.mark.skipif(not has_io_uring(), reason="io_uring is forbidden here")
UNSEEN = ["/way/raw", "/way/dprintf", pytest.param("/way/io_uring", marks=needs_io_uring),
          "/cgi/raw", "/cgi/dprintf", "/cgi/exec"]


def then_all_at_once(alone, behind, half_close):
    """Exchanges one by one, then requests together, maybe with FIN; all answers are awaited."""
    def talk(port):
        with Client(port) as client:
            said = [client.exchange(one).wire for one in alone]
            client.send(b"".join(behind))
            if half_close:
                client.half_close()
            said += [client.response().wire for _ in behind]
            return said, client.ending() if half_close else client.leave()
    return talk


ends = pytest.mark.parametrize("half_close", [False, True], ids=["open", "half-closed"])


@ends
@pytest.mark.parametrize("limit", (2, 3))
@pytest.mark.parametrize("unseen", UNSEEN)
def test_requests_after_an_unseen_response_are_not_withheld(library, unseen, limit, half_close):
    """The response before the last, or the last itself; then everything comes at once."""
    for before in (limit - 2, limit - 1):
        talk = then_all_at_once(paths(*["/1"] * before, unseen), paths("/3", "/4", "/5"), half_close)
        bare, _ = untouched(library, limit, talk=talk)
        assert bare.said[1] == (FIN if half_close else OPEN)


@ends
@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_server_is_not_left_waiting_for_requests_that_are_gone(library, unseen, half_close):
    """They came together with the last one, so they were discarded before its response went
    unseen. The server then sees its client leave, so the client sees the connection end."""
    def talk(port):
        with Client(port) as client:
            client.send(b"".join(paths(unseen, "/2", "/3")))
            if half_close:
                client.half_close()
            return client.response().wire, client.ending(), bytes(client.reader.buffer)

    bare = run([], then_all_at_once(paths(unseen), [], False)).said[0][0]
    kept = run([], talk, library, {"LASTCALL_REQUESTS": 1})
    assert kept.said == (bare, FIN, b"")
    assert (len(kept.requests()), kept.status, kept.stderr) == (1, 0, b"")


@ends
@pytest.mark.parametrize("unseen", UNSEEN)
def test_the_proof_is_seen_refusing(library, command, tmp_path, unseen, half_close):  # noqa: F811
    with Host(library=library, settings={"LASTCALL_REQUESTS": 2, "LASTCALL_STATUS": tmp_path},
              connections=2) as host:
        then_all_at_once(paths(unseen), paths("/3", "/4", "/5"), half_close)(host.port)
        done = command("status", host.popen.pid, "--json")
        page, = json.loads(done.stdout)["servers"]
        assert page["opaque"]["unproven"] == 1
        assert page["discarded_bytes"] == 0
        with Client(host.port) as client:
            client.leave()
        assert host.finish() == 0


@needs_io_uring
@pytest.mark.parametrize("limit", (1, 2, 3))
@pytest.mark.parametrize("options", [["--receive=io_uring"], ["--send=io_uring"],
                                     ["--receive=io_uring", "--send=io_uring"]],
                         ids=["reading", "writing", "both"])
def test_a_server_on_io_uring_is_left_alone(library, options, limit):
    untouched(library, limit, options)


@needs_io_uring
@pytest.mark.parametrize("limit", (2, 3))
def test_a_body_sent_by_io_uring_makes_the_position_unprovable(library, limit):
    untouched(library, limit, ["--send=io_uring-body"])


@pytest.mark.parametrize("limit", (1, 2, 3))
def test_a_server_that_calls_libc_by_number_alone_ends_exactly(library, limit):
    exact(library, limit, ["--accept=syscall", "--receive=syscall", "--send=syscall",
                           "--close=syscall"])
