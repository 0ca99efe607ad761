"""Single calls: results and error numbers as without the library, threads that can be cancelled in
any of them, and calls from a constructor that runs before the library's own.

Knows programs that make the calls. The bare run says what is right.
"""

import pytest

from hosts import building
from hosts.running import LIMITS, exact, result_of, untouched

BLOCKING_READS = ["read", "readv", "recv", "recvfrom", "recvmsg"]
BLOCKING_WRITES = ["write", "send", "writev"]
BLOCKING = BLOCKING_READS + BLOCKING_WRITES + ["accept", "accept4"]


# ---- errno -------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"LASTCALL": "off"}, {"LASTCALL_REQUESTS": 1}],
                         ids=["by default", "switched off", "where the first response is the last"])
def test_every_call_has_the_result_and_errno_of_the_bare_run(library, settings):
    """A bad address where the last response is due is the server's EFAULT, not our crash."""
    program = building.program("errnos")
    bare = result_of(program)
    kept = result_of(program, library=library, settings=settings)
    assert bare[0] == 0, bare[2]
    assert len(bare[1]) > 500
    assert different(bare[1], kept[1]) == []
    assert kept == bare


def different(bare, kept):
    return [pair for pair in zip(bare, kept) if pair[0] != pair[1]]


# ---- Cancellation ------------------------------------------------------------------------------


@pytest.mark.parametrize("libc", ["glibc", "musl"])
@pytest.mark.parametrize("where", ["idle", "asked", "after"])
@pytest.mark.parametrize("call", BLOCKING)
def test_a_thread_blocked_in_a_call_can_be_cancelled(library, libc, call, where):
    program = building.program("cancel", libc)
    assert result_of(program, call, where) == (0, [], "")
    assert result_of(program, call, where, library=library) == (0, [], "")


@pytest.mark.parametrize("libc", ["glibc", "musl"])
@pytest.mark.parametrize("call", BLOCKING_READS)
def test_a_thread_that_waits_in_the_tear_down_can_be_cancelled(library, libc, call):
    """Its read waits inside the library, behind the last response."""
    program = building.program("cancel", libc)
    assert result_of(program, call, "after", library=library,
                     settings={"LASTCALL_REQUESTS": 1}) == (0, [], "")


@pytest.mark.parametrize("libc", ["glibc", "musl"])
@pytest.mark.parametrize("call", BLOCKING)
def test_a_thread_that_has_had_its_last_request_can_be_cancelled(library, libc, call):
    """Blocked in a read behind it, or in the write of its response."""
    program = building.program("cancel", libc)
    assert result_of(program, call, "asked", library=library,
                     settings={"LASTCALL_REQUESTS": 1}) == (0, [], "")


CYCLES = 2000


@pytest.mark.parametrize("libc", ["glibc", "musl"])
@pytest.mark.parametrize("limit", (1, 2))
def test_threads_cancelled_in_their_writes_leave_nothing_behind(library, libc, limit):
    """In the last response, where the write has a desk of ours, and in one before."""
    program = building.program("cancel_often", libc)
    status, lines, errors = result_of(program, CYCLES, library=library,
                                      settings={"LASTCALL_REQUESTS": limit})
    assert (status, errors) == (0, "")
    assert int(lines[0]) < CYCLES, "resident memory grew by more than 1 KiB a thread"


# ---- Before the constructor --------------------------------------------------------------------


@pytest.mark.parametrize("libc", ["glibc", "musl"])
@pytest.mark.parametrize("limit", LIMITS)
def test_calls_before_our_constructor_work_and_the_server_is_followed(library, libc, limit):
    exact(library, limit, program=building.host_linked_to("early", libc))


@pytest.mark.parametrize("libc", ["glibc", "musl"])
@pytest.mark.parametrize("settings", [{}, {"LASTCALL_REQUESTS": 2}, {"LASTCALL_REQUESTS": "bad"}])
def test_nothing_is_allocated_at_the_start_nor_for_a_connection(library, libc, settings):
    """Looking up a name that the libc lacks would be."""
    program = building.program("allocations", libc)
    _, bare, _ = result_of(program)
    status, kept, _ = result_of(program, library=library, settings=settings)
    assert (status, kept) == (0, bare)


# ---- In the middle of other things -------------------------------------------------------------


@pytest.mark.parametrize("order", ["before us", "behind us"])
@pytest.mark.parametrize("limit", (1, 2))
def test_an_allocator_that_writes_and_closes_does_not_hang_the_start(library, order, limit):
    """Were we to allocate in a call, its lock would be taken twice, which ends the process."""
    allocator = building.shared_object("allocator")
    both = [str(allocator), str(library)]
    exact(":".join(both if order == "before us" else reversed(both)), limit)


@pytest.mark.parametrize("level", (2, 3))
@pytest.mark.parametrize("receive", ["read", "recv", "recvfrom", "recvmsg", "peek-then-recv"])
def test_a_fortified_large_file_build_is_followed(library, receive, level):
    program = building.fortified_host(level)
    exact(library, 2, [f"--receive={receive}", "--send=sendfile"], program=program)


@pytest.mark.parametrize("limit", (2, 3))
def test_a_plug_in_bound_to_its_own_libc_makes_the_position_unprovable(library, limit):
    """RTLD_DEEPBIND: the plug-in's write is libc's, and goes unseen."""
    plug_in = building.shared_object("plugin")
    untouched(library, limit, [f"--plug-in={plug_in}", "--send=plug-in"])


WAYS = range(7)  # of a stack host to read and write, one pair of calls each
KEPT, CLOSED = "keep-alive", "close"


@pytest.mark.parametrize("libc", ["glibc", "musl"])
@pytest.mark.parametrize("first", WAYS)
@pytest.mark.parametrize("limit", LIMITS)
def test_a_thread_with_the_smallest_stack_is_served_exactly(library, libc, first, limit):
    program = building.program("stack", libc)
    assert result_of(program, limit, first) == (0, [KEPT] * limit, "")
    assert result_of(program, limit, first, library=library,
                     settings={"LASTCALL_REQUESTS": limit}) == \
           (0, [KEPT] * (limit - 1) + [CLOSED], "")


@pytest.mark.parametrize("first", WAYS)
@pytest.mark.parametrize("limit", (1, 1000))
def test_no_call_takes_two_kilobytes_of_a_signal_stack(library, first, limit):
    """Bound at once: the loader's own first binding takes three."""
    program = building.program("stack", flags=("-Wl,-z,now",))
    status, lines, errors = result_of(program, 1, first, "handler", library=library,
                                      settings={"LASTCALL_REQUESTS": limit})
    assert (status, errors) == (0, "")
    took, = [int(line.split()[1]) for line in lines if line.startswith("took ")]
    assert took < 2048
    assert (CLOSED in lines) == (limit == 1)
