"""Connections accepted by another process: followed when nothing was read or written before.

Knows the ways to come by one: in a message over AF_UNIX, and through exec, on descriptors 0 to 2 or,
by the variables of systemd, from 3 on.
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


# ---- From a service manager ----------------------------------------------------------------------


@pytest.mark.parametrize("numbers", [1, 2])
@pytest.mark.parametrize("limit", LIMITS)
def test_a_connection_passed_by_a_manager_ends_exactly(library, limit, numbers):
    """On two numbers it is still one: read on the first, and written on the second."""
    exact(library, limit, ["--inetd=fresh", f"--listen-fds={numbers}"])


@pytest.mark.parametrize("state", ["read", "exchange"])
@pytest.mark.parametrize("limit", (2, 3))
def test_a_connection_passed_by_a_manager_after_its_first_bytes_is_left_alone(library, limit, state):
    untouched(library, limit, [f"--inetd={state}", "--listen-fds=1"])


def test_a_manager_need_not_name_the_process(library):
    exact(library, 2, ["--inetd=fresh", "--listen-fds=1", "--listen-pid=none"])


def test_what_a_manager_passed_to_another_process_is_left_alone(library):
    untouched(library, 2, ["--inetd=fresh", "--listen-fds=1", "--listen-pid=another"])


@pytest.mark.parametrize("count", ["", "0", "-1", "many", "1x", " 1", "257", "4294967297"])
def test_a_bad_count_of_passed_descriptors_is_ignored(library, count):
    untouched(library, 2, ["--inetd=fresh", f"--listen-fds={count}"])


@pytest.mark.parametrize("count", ["3", "256"])
def test_a_count_with_numbers_that_are_not_open_does_no_harm(library, count):
    exact(library, 2, ["--inetd=fresh", f"--listen-fds={count}"])


def test_a_musl_process_takes_a_connection_from_a_manager(library):
    exact(library, 2, ["--inetd=fresh", "--listen-fds=1"], libc="musl")
