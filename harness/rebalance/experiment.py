"""The run: all arms side by side, each with its own balancer, clients, instances and autoscaler.

Side by side, so that whatever else the machine does happens to all arms alike. One thread looks after
everything in turn and waits for nothing, so that an interrupt is met between two looks and everything
is ended from one place. Decides nothing about numbers: hpa.py does, and measure.py afterwards.
"""

import contextlib
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from rebalance import children, clients, protocols
from rebalance.hpa import Autoscaler, Scaling
from rebalance.instance import GONE, LEAVING, READY, STARTING, Instance
from rebalance.protocols import Protocol
from rebalance.servers import Kind
from rebalance.told import Record
from support.content import reachable

TURN = 0.03
LEAD = 0.5  # seconds until the clients have heard when it begins
SLOW_CLIENTS = 60.0
LATE = 1.0  # seconds behind the last arrival, for the last answers


@dataclass
class Setup:
    """What all arms have in common."""

    kind: Kind
    balancer: type
    clients: list
    arms: list
    plan: list
    library: Path
    command: Path
    root: Path
    seconds: float
    connections: int
    protocol: Protocol = protocols.HTTP1
    service: float = 0.05
    workers: int = 2
    least: int = 2
    most: int = 6
    target: float = 0.65
    rate: Optional[int] = None
    begin: float = 0.0

    def clock(self):
        """Seconds since the first arrival was due."""
        return time.monotonic() - self.begin

    def folder(self, name):
        return reachable(self.root / name)

    @property
    def capacity(self):
        return self.workers / self.service

    @property
    def think(self):
        """The longest time between two requests of a connection that is used in its turn, and half."""
        return 1.5 * self.connections / min(phase.rate for phase in self.plan)

    @property
    def ramp(self):
        return self.seconds / 24

    @property
    def sync(self):
        return self.seconds / 60

    @property
    def stabilisation(self):
        return self.seconds / 10


@dataclass
class ArmRun:
    setup: Setup
    arm: object
    record: Record = field(default_factory=Record)
    instances: list = field(default_factory=list)
    scalings: list = field(default_factory=list)
    balancer: object = None
    clients: list = field(default_factory=list)
    next_sync: float = 0.0
    begun: bool = False
    routed: list = field(default_factory=list)
    executed: Optional[Counter] = None  # requests, by when they were due

    def __post_init__(self):
        setup = self.setup
        self.scaler = Autoscaler(setup.target, setup.least, setup.most, setup.stabilisation)
        self.next_sync = setup.sync

    def prepare(self):
        self.balancer = self.setup.balancer(self.setup.folder(f"balancer-{self.arm.name}"))
        for _ in range(self.setup.least):
            self.add(0.0)

    def add(self, asked_at):
        number = len(self.instances) + 1
        address, port = self.balancer.seat(number)
        self.instances.append(Instance(number, self.arm, self.setup, address, port,
                                       self.balancer.enter_instances, asked_at))

    def those(self, *states):
        return [instance for instance in self.instances if instance.state in states]

    def start_clients(self, orders):
        self.clients = clients.start(orders, self.balancer.service, self.balancer.enter_clients,
                                     self.setup.root, self.arm.name)
        self.record.sizes = clients.sizes(orders.connections, len(orders.kinds))

    # ---- each turn --------------------------------------------------------------------------

    def look(self):
        if any([instance.look() for instance in self.instances if instance.state != GONE]):
            self.route()

    def route(self):
        endpoints = [(each.address, each.port) for each in self.those(READY)]
        if endpoints != self.routed:
            self.balancer.route(endpoints)
            self.routed = endpoints

    def listen(self):
        for number, client in enumerate(self.clients):
            for line in client.lines():
                self.record.note(number, line)

    def scale(self):
        now = self.setup.clock()
        if not self.begun or not self.next_sync <= now <= self.setup.seconds:
            return
        self.next_sync += self.setup.sync
        loads = self.loads(now)
        before = len(loads) + len(self.those(STARTING))
        after = self.scaler.decide(now, loads, len(self.those(STARTING)))
        if after != before:
            mean = sum(loads) / max(len(loads), 1)
            self.scalings.append(Scaling(now, before, after, mean))
            self.become(before, after, now)

    def become(self, before, after, now):
        for _ in range(before, after):
            self.add(now)
        if after < before:
            self.let_go(before - after)

    def let_go(self, number):
        """The newest first, as a ReplicaSet does; none of them gets a new connection from now on."""
        leaving = self.those(STARTING, READY)[-number:]
        for instance in leaving:
            instance.state = LEAVING
        self.route()
        for instance in leaving:
            instance.leave()

    def loads(self, now):
        """Of each ready instance, over the last two periods: requests done x service time."""
        begin = max(now - 2 * self.setup.sync, 0.0)
        counts = {}
        for done in reversed(self.record.done):
            if done.at < begin - 1:
                break
            if done.at >= begin:
                counts[done.instance] = counts.get(done.instance, 0) + 1
        return [min(1.0, counts.get(each.name, 0) / self.setup.capacity
                    / max(now - max(begin, each.ready_at), self.setup.sync / 2))
                for each in self.those(READY)]

    def count(self):
        """What was executed, by the servers' own notes, once they have ended."""
        if self.setup.kind.counts:
            self.executed = Counter(line for each in self.instances if each.executed.exists()
                                    for line in each.executed.read_text().splitlines())

    def check(self):
        for number, client in enumerate(self.clients):
            if client.exited() and not (self.begun and self.setup.clock() >= self.setup.seconds):
                path = self.setup.root / f"client-{self.arm.name}-{number}.stderr"
                raise RuntimeError(f"a client ended early: {path.read_text()[-2000:]}")


@contextlib.contextmanager
def everything_ended(runs):
    """Whatever happens inside: no process and no namespace outlives this."""
    try:
        yield
    finally:
        children.end_all([client for run in runs for client in run.clients]
                         + [each.process for run in runs for each in run.instances])
        for run in runs:
            for instance in run.instances:
                if instance.helper and instance.helper.poll() is None:
                    instance.helper.kill()
                    instance.helper.wait()
            if run.balancer:
                run.balancer.close()


def run(setup, progress=lambda runs, now: None):
    runs = [ArmRun(setup, arm) for arm in setup.arms]
    with everything_ended(runs):
        setup.begin = time.monotonic()  # until all is ready, only a clock
        for each in runs:
            each.prepare()
        wait(runs, progress, lambda: not any(each.those(STARTING) for each in runs))
        orders = clients.Orders(setup.clients, setup.protocol.path, setup.protocol.at_once, setup.plan,
                                setup.connections, setup.seconds + LATE)
        for each in runs:
            each.start_clients(orders)
        wait(runs, progress, lambda: all(each.record.ready == len(each.clients) for each in runs))
        begin(setup, runs)
        while any(not client.exited() for each in runs for client in each.clients):
            turn(runs)
            progress(runs, setup.clock())
        for each in runs:
            each.listen()
    for each in runs:
        each.count()
    return runs


def wait(runs, progress, ready):
    end = time.monotonic() + SLOW_CLIENTS
    while not ready():
        if time.monotonic() > end:
            raise RuntimeError("not everything was ready in time")
        turn(runs)
        progress(runs, -LEAD)


def begin(setup, runs):
    """For all at once: nobody's first second is another's start-up."""
    setup.begin = time.monotonic() + LEAD
    for each in runs:
        each.begun = True
        for instance in each.instances:
            instance.ready_at = -LEAD
        for client in each.clients:
            client.say(str(setup.begin))


def turn(runs):
    time.sleep(TURN)
    for each in runs:
        each.listen()
        each.look()
        each.scale()
        each.check()
