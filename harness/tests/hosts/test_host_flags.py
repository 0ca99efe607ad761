"""Calls with flags that take bytes out of the stream's order leave the connection alone for good.

Knows what the client must send for each flag. Results and completion numbers are the kernel's.
"""

import socket

import pytest

from hosts.running import LIMITS, exact, paths, request, untouched
from support.client import Client

QUIET = ["errqueue", "send-oob", "zerocopy"]


def with_extra(flag, extra, urgent=False):
    """One flagged exchange; the extra bytes follow its response, and then ordinary requests."""
    def talk(port):
        with Client(port) as client:
            said = [client.exchange(request("/before")).wire,
                    client.exchange(request(f"/flag/{flag}")).wire]
            client.socket.send(extra, socket.MSG_OOB if urgent else 0)
            said += [client.exchange(one).wire for one in paths("/3", "/4", "/5")]
            return said, client.ended, client.leave()
    return talk


@pytest.mark.parametrize("limit", (3, 4))
def test_discarding_input_by_msg_trunc_leaves_the_connection_alone(library, limit):
    untouched(library, limit, talk=with_extra("trunc", b"\r\n"))


@pytest.mark.parametrize("limit", (3, 4))
def test_reading_an_urgent_byte_leaves_the_connection_alone(library, limit):
    bare, _ = untouched(library, limit, talk=with_extra("oob", b"!", urgent=True))
    assert "urgent byte 33" in bare.trace


@pytest.mark.parametrize("flag", QUIET)
@pytest.mark.parametrize("limit", (2, 3))
def test_flags_that_send_or_report_beside_the_stream_leave_it_alone(library, flag, limit):
    bare, _ = untouched(library, limit, [], paths(f"/flag/{flag}", "/2", "/3", "/4"))
    assert not any("errno" in line for line in bare.trace)


def test_zerocopy_completions_count_the_calls_of_the_server(library):
    bare, _ = untouched(library, 1, [], paths(*["/flag/zerocopy"] * 3))
    assert [line for line in bare.trace if line.startswith("completed")] == \
           ["completed 0 to 0", "completed 1 to 1", "completed 2 to 2"]


@pytest.mark.parametrize("limit", LIMITS)
def test_peeking_at_a_request_counts_nothing(library, limit):
    exact(library, limit, ["--receive=peek-all-then-read"])
