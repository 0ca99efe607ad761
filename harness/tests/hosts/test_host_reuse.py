"""A descriptor number that lost its connection unseen: what is sent there is nobody's response.

The host reads a request and writes what looks like a response on the new thing, twice, where the
next response on the old connection would have been its last. All of it must arrive as written.
"""

import pytest

from hosts.running import is_exact, one_by_one, paths, request, run
from support import laws
from support.client import Client

LOSES = ["close", "syscall", "syscall-close_range", "raw", "fclose", "__close", "close_range",
         "dup2"]
OVERS = ["over-dup2", "over-dup3", "over-syscall", "over-raw"]
GAINS = ["socketpair", "file", "client", "raw-client", "raw-accepted"]
TURNS = [f"{lose}/{gain}" for lose in LOSES for gain in GAINS] + \
        [f"{over}/{gain}" for over in OVERS for gain in [*GAINS, "pipe"]]


def conversation(turn, before, last, after=("/1", "/2")):
    """`before` exchanges, the request that turns the number, and a new connection after that."""
    def talk(port):
        with Client(port) as client:
            said = [client.exchange(request("/before")).wire for _ in range(before)]
            client.send(request(f"/reuse/{turn}"))
            said.append(client.rest())
        return said, client.ended, one_by_one(paths(*after), last)(port)
    return talk


@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("turn", TURNS)
def test_what_is_sent_on_a_reused_number_is_never_edited(library, turn, before):
    bare = run([], conversation(turn, before, False), connections=2)
    kept = run([], conversation(turn, before, True), library, {"LASTCALL_REQUESTS": 2},
               connections=2)
    assert any(line.startswith("arrived ") and "keep-alive" in line for line in bare.trace)
    assert kept.trace == bare.trace
    assert kept.said[:2] == bare.said[:2]
    is_exact(bare.said[2], kept.said[2])
    assert (kept.status, kept.stderr) == (0, b"")


@pytest.mark.parametrize("gain", GAINS)
@pytest.mark.parametrize("lose", LOSES + OVERS)
def test_a_new_socket_at_the_same_position_is_told_by_its_identity(library, lose, gain):
    """The host speaks first: neither on the lost connection nor on the new one a byte was sent."""
    turn, after = f"{lose}/{gain}/first", ["/1"]
    bare = run([], conversation(turn, 0, False, after), connections=2)
    kept = run([], conversation(turn, 0, True, after), library, {"LASTCALL_REQUESTS": 1},
               connections=2)
    assert kept.trace == bare.trace
    assert kept.said[:2] == bare.said[:2]
    is_exact(bare.said[2], kept.said[2])
    assert (kept.status, kept.stderr) == (0, b"")


def test_a_number_reused_many_times_counts_each_connection_alone(library):
    def talk(last):
        turns = ["raw/raw-client", "fclose/socketpair", "raw/raw-accepted", "over-raw/file"]
        return lambda port: [conversation(turn, 1, last)(port)[2] for turn in turns]

    bare = run([], talk(False), connections=8)
    kept = run([], talk(True), library, {"LASTCALL_REQUESTS": 2}, connections=8)
    for expected, got in zip(bare.said, kept.said, strict=True):
        is_exact(expected, got)
    assert kept.trace == bare.trace


def test_the_trace_shows_an_edit(library):
    """The comparison can fail: the bytes written are in the trace, whole."""
    bare = run([], conversation("close/socketpair", 0, False), connections=2)
    arrived = next(line for line in bare.trace if line.startswith("arrived "))
    assert arrived.count("upstream") == 2 and arrived.count("Keep-Alive: timeout=5") == 2
    assert laws.OURS
