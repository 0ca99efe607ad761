"""Whole runs of a server compared: bare, preloaded with the limit off, and with N = 3.

With the limit off each byte on the wire, the exit status, what is printed and the descriptors are
as bare. With N = 3 so is all but the head of a third response and what comes behind it. What two
bare runs vary by themselves is not held against anybody: it is met in one of a few attempts.
"""

import pytest

import servers
from servers.description import CLOSES_ON_EAGAIN, KEEPS_RESET_POSTS
from support import outcome, workload
from support.differential import converse, run
from support.parameters import on

LIMIT = 3
QUICK = ("nginx", "apache-prefork", "lighttpd", "plain-c", "musl", "evhttp", "haproxy",
         "go-static")

OFF = {"LASTCALL_REQUESTS": "off"}
THREE = {"LASTCALL_REQUESTS": str(LIMIT)}


@pytest.fixture(scope="session")
def whole(request):
    return request.config.getoption("--whole")


@pytest.fixture
def started(stable, library, whole):
    """started(server, settings): a process of its own, ended with the test if not before."""
    processes = []

    def start(server, settings):
        if server.missing():
            pytest.skip(f"install {' '.join(server.packages)} to run {server.name}")
        if not whole and server.name not in QUICK:
            pytest.skip("in make differential")
        processes.append(stable.start(server, settings and library, settings or {}))
        return processes[-1]

    yield start
    for process in processes:
        stable.drop(process)


def names_that_vary(server, first, second):
    """Fields that differ between two bare runs."""
    found = set(server.volatile)
    for name, plain in first.items():
        for line, other in zip(plain.wire.split(b"\r\n"), second[name].wire.split(b"\r\n")):
            field, other_field = line.partition(b":")[0], other.partition(b":")[0]
            if line != other and field == other_field:
                found.add(field.lower())
    return frozenset(found)


@pytest.mark.parametrize("settings", [OFF, THREE], ids=["off", "three"])
@on(servers.FOLLOWED)
def test_a_whole_run_is_as_bare_but_for_the_end_of_its_connections(
        server, settings, started, whole):
    rows = workload.rows(server, whole)
    plain, again, got = (run(started(server, how), rows) for how in (None, None, settings))
    volatile = names_that_vary(server, plain.outcomes, again.outcomes)
    assert not differing(server, settings, rows, plain, got, volatile, started)
    assert got.status in (plain.status, again.status)
    assert got.before in (plain.before, again.before)
    if not server.is_odd(KEEPS_RESET_POSTS):
        assert got.after in (plain.after, again.after)
    if settings == OFF or not server.is_odd(CLOSES_ON_EAGAIN):  # it tells of it too
        assert got.printed <= plain.printed | again.printed
    assert not got.ours
    if settings == OFF:
        assert plain.printed & again.printed <= got.printed


def differing(server, settings, rows, plain, got, volatile, started):
    """The conversations that differ, and do so again with fresh processes."""
    doubtful = [row for row in rows
                if difference(settings, row, plain.outcomes[row.name], got.outcomes[row.name], volatile)]
    if not doubtful:
        return []
    bare, preloaded = started(server, None), started(server, settings)
    return [f"{row.name}: {found}" for row in doubtful
            if (found := lasting(settings, row, bare, preloaded, volatile))]


def lasting(settings, row, bare, preloaded, volatile):
    for _ in range(outcome.ATTEMPTS):
        found = difference(settings, row, converse(bare, row), converse(preloaded, row), volatile)
        if not found:
            return None
    return found


def difference(settings, row, plain, got, volatile):
    try:
        if settings == OFF:
            outcome.is_same(plain, got, volatile)
        else:
            outcome.is_same_or_ended_at(LIMIT, plain, got, row.methods, volatile)
    except AssertionError as error:
        return str(error)
    return None
