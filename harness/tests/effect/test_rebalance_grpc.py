"""The gRPC clients and servers of the experiment, with gRPC's own limit in the library's place.

What the clients tell of their connections is inferred: here it is held against a server that is known
to send them away, and against the kernel's own list. Knows nothing of lastcall.
"""

import json
import os
import subprocess
import time
from collections import Counter

import pytest

from rebalance import choices, clients, protocols
from rebalance.children import Spoken, listens, sockets
from rebalance.servers import KINDS, NAME, Seat
from rebalance.told import Record
from servers.description import PYTHON
from support.process import Ports
from support.waiting import PATIENCE, until

CHANNELS, CALLS, RATE = 5, 400, 100
LATE = 2.0  # seconds behind the last call
SERVERS = protocols.H2.servers

# The experiment's server as it is, but for one argument of gRPC's own; and one that cannot sleep.
SENT_AWAY = """
import functools, grpc, runpy, sys
grpc.server = functools.partial(grpc.server, options=[("grpc.max_connection_age_ms", 500)])
runpy.run_path(sys.argv[1])
"""
FAILING = """
import runpy, sys, time
time.sleep = None
runpy.run_path(sys.argv[1])
"""


@pytest.fixture
def server(tmp_path):
    """Starts one of a kind, or python's by another program."""
    started, ports = [], Ports()
    (tmp_path / NAME).write_text("i1\n")

    def start(name="grpc", program=None):
        kind = KINDS[name]
        if not all(map(choices.there, kind.needs)):
            pytest.skip(f"no {' '.join(kind.needs)}")
        seat = Seat("127.0.0.1", ports.free(), tmp_path, 0.01, 4, tmp_path / "executed")
        argv = kind.command(seat)
        argv = [PYTHON, "-c", program, argv[-1]] if program else argv
        started.append(subprocess.Popen(argv, env={**os.environ, **seat.environment()}))
        assert until(lambda: listens(started[-1].pid, seat.address, seat.port))
        return seat

    yield start
    for child in started:
        child.kill()
        child.wait()


def established(port):
    """Connections to the port in the kernel's list, each seen from its client."""
    there = f":{port:04X}"
    rows = sockets("self", "tcp") + sockets("self", "tcp6")
    return sum(row[2].endswith(there) and row[3] == "01" for row in rows)


class Run:
    """A whole run of the clients: their record, and how many connections there were before it."""

    def __init__(self, seat, at_once=4):
        orders = {"address": seat.address, "port": seat.port, "path": protocols.H2.path,
                  "due": [each / RATE for each in range(CALLS)], "connections": CHANNELS,
                  "at_once": at_once, "end": CALLS / RATE + LATE}
        self.record = Record(sizes=[CHANNELS])
        self.child = Spoken(clients.COMMANDS[clients.GRPC], json.dumps(orders), None)
        try:
            assert until(lambda: self.listen() or self.record.ready)
            self.held = established(seat.port)
            self.child.say(str(time.monotonic()))
            assert until(self.child.exited, orders["end"] + PATIENCE)
            self.listen()
        finally:
            self.child.popen.kill()
            self.child.popen.wait()

    def listen(self):
        for line in self.child.lines():
            self.record.note(0, line)

    def lost_nothing(self, seat):
        record, executed = self.record, Counter(seat.executed.read_text().split())
        return (len(record.done) == CALLS and not record.failed and not record.left
                and Counter(executed.values()) == {1: CALLS})


@pytest.mark.parametrize("name", SERVERS)
def test_each_client_has_one_connection_and_keeps_it(name, server):
    seat = server(name)
    run = Run(seat)
    assert run.held == CHANNELS == len(run.record.opened) and not run.record.closed
    assert run.lost_nothing(seat)


def test_a_client_that_is_sent_away_tells_of_each_of_its_connections(server):
    seat = server(program=SENT_AWAY)
    run = Run(seat)
    record, served = run.record, Counter(done.connection for done in run.record.done)
    assert run.lost_nothing(seat)
    assert len(served) > 2 * CHANNELS and served.keys() == record.opened.keys()
    assert {close.how for close in record.closed} == {"moved"}
    assert all(served[close.connection] == close.requests for close in record.closed)
    assert len(record.opened) - len(record.closed) == CHANNELS


def test_a_failed_call_is_told_with_its_reason(server):
    record = Run(server(program=FAILING)).record
    assert len(record.failed) == CALLS and not record.done
    assert all(each.why.startswith("UNKNOWN-Exception-calling-application") for each in record.failed)


def test_a_client_has_no_more_calls_out_than_it_may(server):
    record = Run(server(), at_once=1).record
    sent = sorted((done.sent, done.at) for done in record.done if done.connection == (0, 1))
    assert len(sent) > 1 and all(later[0] >= former[1] for former, later in zip(sent, sent[1:]))
