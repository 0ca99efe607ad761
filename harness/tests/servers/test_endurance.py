"""A short endurance run of some servers, so that the long one is known to run; and that it can fail."""

import pytest

import endurance

SECONDS = 2
LIMIT = endurance.LIMIT
FINE = {"connections": 12, "exchanges": 10 * LIMIT + 5, "last requests": 10, "open": 0}
NONE = {"overlap": 0, "unseen_bytes": 0}


@pytest.mark.parametrize("name", ["workers", "workers-herd", "apache-worker", "haproxy", "mhd-pool"])
def test_no_connection_is_let_go_of_under_threads(name, stable, library):
    server = endurance.servers()[name]
    if server.missing():
        pytest.skip(f"install {' '.join(server.packages)} to run {name}")
    assert endurance.run(stable, server, library, SECONDS).faults == []


def faults(opaque=NONE, answered=1, **numbers):
    return endurance.judged("a server", answered, FINE | numbers, NONE | opaque).faults


def test_a_run_without_a_fault_is_fine():
    assert faults() == []
    assert faults({"unseen_bytes": endurance.CLIENTS}) == []


def test_every_kind_of_fault_is_told():
    assert len(faults({"overlap": 1})) == 1
    assert len(faults({"unseen_bytes": endurance.CLIENTS + 1})) == 1
    assert len(faults(answered=0)) == 1
    assert len(faults(exchanges=15 * LIMIT)) == 1
    assert len(faults(exchanges=9 * LIMIT)) == 1
