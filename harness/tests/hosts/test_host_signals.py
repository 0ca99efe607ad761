"""Signals in the middle of a call on a connection: interrupted, restarted or not, and handlers that
read, write and close there.

Knows a program whose main thread is asleep in the call when the signal comes, and a host that is
interrupted a thousand times a second.
"""

import pytest

from hosts import building
from hosts.running import exact, paths
from hosts.running import result_of

DEEDS = ["none", "write", "read", "close", "write-close"]
FLAGS = [[], ["restart"]]
restarted = pytest.mark.parametrize("flags", FLAGS, ids=["interrupted", "restarted"])


def results(library, *arguments, libc="glibc", **settings):
    program = building.program("signals", libc)
    status, lines, errors = result_of(program, *arguments, library=library, settings=settings)
    assert (status, errors) == (0, "")
    return lines if arguments[0] == "read" else [line for line in lines if not is_chance(line)]


def is_chance(line):
    """Whether a full socket has room again when the handler writes."""
    return line.startswith(("handler wrote", "HTTP/1.1 408"))


def without_our_doing(lines, deed):
    """Once the response has said close, what the handler writes goes nowhere."""
    ours = ["said close 1"] + (["unaccounted -51"] if "write" in deed else [])
    return [line for line in lines if line not in ours]


@restarted
@pytest.mark.parametrize("call", ["read", "write"])
@pytest.mark.parametrize("deed", DEEDS)
def test_a_handler_on_a_followed_connection_does_what_it_does_bare(library, call, deed, flags):
    assert results(library, call, deed, "1", *flags) == results(None, call, deed, "1", *flags)


@restarted
@pytest.mark.parametrize("libc", ["glibc", "musl"])
@pytest.mark.parametrize("deed", DEEDS)
def test_a_read_behind_the_last_response_is_interrupted_as_bare(library, libc, deed, flags):
    """Results and errno of the read, the handler's calls and the close; restarted where the kernel
    would have."""
    bare = results(None, "read", deed, "1", *flags, libc=libc)
    kept = results(library, "read", deed, "1", *flags, libc=libc, LASTCALL_REQUESTS=1)
    told = bare.index("client ended 0")
    assert kept[:told + 2] == bare[:told + 2]
    assert "said close 1" in kept
    assert len(without_our_doing(kept, deed)) <= len(bare)


@pytest.mark.parametrize("libc", ["glibc", "musl"])
@pytest.mark.parametrize("deed", DEEDS)
def test_a_handler_in_the_middle_of_the_last_response_harms_nothing(library, libc, deed):
    """The write is cut short by the signal while the edit is under way: every byte is accounted."""
    bare = results(None, "write", deed, "1", libc=libc)
    kept = results(library, "write", deed, "1", libc=libc, LASTCALL_REQUESTS=2)
    assert [line.replace("said close 1", "said close 0") for line in kept] == bare
    assert "said close 1" in kept and "unaccounted 0" in kept


@pytest.mark.parametrize("mode", [[], ["--nonblocking"]], ids=["blocking", "nonblocking"])
@pytest.mark.parametrize("interrupts", ["--interrupts", "--restarted-interrupts"])
@pytest.mark.parametrize("send", ["write", "writev30", "bytewise", "sendfile", "sendmmsg"])
def test_signals_at_every_moment_change_no_byte(library, send, interrupts, mode):
    """A timer interrupts calls a thousand times a second."""
    requests = paths(*["/size/2000"] * 50)
    exact(library, 50, [interrupts, f"--send={send}", *mode], requests, same_trace=False)
