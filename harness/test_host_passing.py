"""Connections accepted by another process: followed when nothing was read or written before.

Knows the two ways to come by one: in a message over AF_UNIX, and on descriptors 0 to 2 through
exec.
"""

import pytest

from hosts.running import LIMITS, exact, is_exact, one_by_one, paths, run, untouched

CALLS = ["recvmsg", "recvmsg-cloexec", "recvmmsg", "syscall"]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("limit", LIMITS)
def test_a_passed_connection_ends_exactly(library, call, limit):
    exact(library, limit, ["--pass=fresh", f"--pass-by={call}"])


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("limit", LIMITS)
def test_a_connection_passed_after_its_first_bytes_is_left_alone(library, call, limit):
    untouched(library, limit, ["--pass=read", f"--pass-by={call}"])


@pytest.mark.parametrize("limit", LIMITS)
def test_an_inherited_connection_ends_exactly(library, limit):
    exact(library, limit, ["--inetd=fresh"])


@pytest.mark.parametrize("limit", LIMITS)
def test_a_connection_inherited_after_its_first_bytes_is_left_alone(library, limit):
    untouched(library, limit, ["--inetd=read"])


@pytest.mark.parametrize("option", ["--pass=exchange", "--inetd=exchange"])
@pytest.mark.parametrize("limit", (2, 3))
def test_a_connection_handed_over_between_two_requests_is_left_alone(library, option, limit):
    """It looks fresh, but the count of its exchanges began elsewhere."""
    untouched(library, limit, [option])


@pytest.mark.parametrize("option", ["--pass=fresh", "--inetd=fresh"])
def test_a_worker_counts_each_connection_alone(library, option):
    """The numbers are the same ones each time."""
    def talk(last):
        return lambda port: [one_by_one(paths("/1", "/2"), last)(port) for _ in range(3)]

    bare = run([option], talk(False), connections=3)
    kept = run([option], talk(True), library, {"LASTCALL_REQUESTS": 2}, connections=3)
    for expected, got in zip(bare.said, kept.said, strict=True):
        is_exact(expected, got)
    assert kept.trace == bare.trace


@pytest.mark.parametrize("option", ["--pass=fresh", "--inetd=fresh"])
def test_a_musl_worker_ends_its_connection_exactly(library, option):
    exact(library, 2, [option], libc="musl")


@pytest.mark.parametrize("send", ["writev", "sendfile", "bytewise"])
def test_an_inherited_connection_is_followed_on_both_its_numbers(library, send):
    exact(library, 2, ["--inetd=fresh", f"--send={send}", "--receive=recv"])
