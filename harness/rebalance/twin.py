"""The experiment's twin: the same clients, instances, limits and scalings as discrete events, seeded.

Each request is an event, and so is the end of its service; an idle machine takes no time. It leaves the
same record as a real run, so that the same measures are taken of both. When it is given the scalings of
a real run it follows those; else it has an autoscaler of its own. What a client does with its
connections is pools.py's. Knows no process and no clock.
"""

import heapq
import itertools
import random
from collections import deque
from dataclasses import dataclass, field

from rebalance import clients, pools
from rebalance.hpa import Autoscaler, Scaling
from rebalance.told import Close, Done, Record

START = 0.4  # seconds until a new instance is ready
LOOK_EVERY = 0.5


@dataclass(eq=False)
class Instance:
    number: int
    asked_at: float
    ready_at: float
    left_at: float = None
    gone_at: float = None
    cut_off: int = None
    busy: int = 0
    open: int = 0
    queue: deque = field(default_factory=deque)
    done: deque = field(default_factory=deque)  # times, for the autoscaler

    @property
    def name(self):
        return f"i{self.number}"


@dataclass(eq=False)
class Connection:
    pool: object
    name: tuple
    instance: Instance
    born: float
    limit: int  # requests; 0: none
    age: float  # seconds; 0: none
    asked: int = 0
    served: int = 0
    due: bool = False  # to be told by its next answer

    @property
    def streams(self):
        """Requests in work; more than one on a shared connection only."""
        return self.asked - self.served


class Twin:
    """`scalings`: (at, ready at, after) for each change, or None."""

    def __init__(self, setup, arm, scalings=None, seed=1):
        self.setup, self.arm, self.scalings = setup, arm, []
        self.random, self.sequence = random.Random(f"{seed}-{arm.name}"), itertools.count()
        self.now, self.events, self.record = 0.0, [], Record()
        self.instances = [Instance(each + 1, 0.0, 0.0) for each in range(setup.least)]
        self.record.sizes = clients.sizes(setup.connections, len(setup.clients))
        self.pools = []
        self.plan(scalings)

    def plan(self, scalings):
        setup = self.setup
        for pool, due in pools.of(setup, self.record.sizes):
            self.pools.append(pool)
            pool.begin(self.open)
            for time in due:
                self.at(time, self.arrive, pool, time)
        if scalings is not None:
            for time, ready, after in scalings:
                self.at(time, self.become, after, ready)
            return
        self.scaler = Autoscaler(setup.target, setup.least, setup.most, setup.stabilisation)
        for turn in range(1, int(setup.seconds / setup.sync) + 1):
            self.at(turn * setup.sync, self.scale)

    def at(self, time, what, *arguments):
        heapq.heappush(self.events, (time, next(self.sequence), what, arguments))

    def run(self):
        end = self.setup.seconds + 1
        while self.events and self.events[0][0] <= end:
            self.now, _, what, arguments = heapq.heappop(self.events)
            what(*arguments)
        self.record.left += [due for pool in self.pools for due in pool.waiting]
        self.record.left += [due for each in self.instances for _, due, _ in each.queue]
        return self

    # ---- connections ------------------------------------------------------------------------

    def ready(self):
        return [each for each in self.instances if each.ready_at <= self.now and each.left_at is None]

    def open(self, pool):
        instance = self.random.choice(self.ready())
        pool.open += 1
        name = next(pool.names)
        instance.open += 1
        self.record.opened[name] = self.now
        draw = self.random.random()
        return Connection(pool, name, instance, self.now, own_limit(self.arm, draw),
                          self.arm.age * (1 - draw * self.arm.jitter / 100))

    def close(self, connection):
        connection.pool.open -= 1
        connection.instance.open -= 1
        self.record.closed.append(Close(self.now, connection.name, connection.served, "told"))

    def is_last(self, connection):
        """Asked when a request has come, as the library asks."""
        if connection.due or connection.limit and connection.asked >= connection.limit:
            return True
        if connection.age and self.now - connection.born >= connection.age:
            return True
        left = connection.instance.left_at
        return (self.arm.drained and left is not None
                and self.random.random() * self.setup.ramp < self.now - left)

    # ---- requests ---------------------------------------------------------------------------

    def arrive(self, pool, due):
        pool.waiting.append(due)
        self.dispatch(pool)

    def dispatch(self, pool):
        while pool.waiting and (connection := pool.take(self.open)):
            connection.asked += 1
            connection.due = self.is_last(connection)
            connection.instance.queue.append((connection, pool.waiting.popleft(), self.now))
            self.serve(connection.instance)

    def serve(self, instance):
        while instance.queue and instance.busy < self.setup.workers:
            instance.busy += 1
            self.at(self.now + self.setup.service, self.answer, instance, instance.queue.popleft())

    def answer(self, instance, job):
        connection, due, sent = job
        connection.served += 1
        instance.busy -= 1
        instance.done.append(self.now)
        self.record.done.append(Done(due, sent, self.now, connection.name, instance.name, 1,
                                     connection.due))
        self.serve(instance)
        self.settle(connection)
        self.dispatch(connection.pool)

    def settle(self, connection):
        """Told to go, a connection ends with the last of its answers."""
        connection.pool.answered(connection)
        if connection.due:
            if not connection.streams:
                self.close(connection)
            connection.pool.told(connection, self.open)

    # ---- scaling ----------------------------------------------------------------------------

    def scale(self):
        begin = max(self.now - 2 * self.setup.sync, 0.0)
        loads = [self.load(each, max(begin, each.ready_at)) for each in self.ready()]
        starting = sum(each.ready_at > self.now for each in self.instances)
        after = self.scaler.decide(self.now, loads, starting)
        if after != len(loads) + starting:
            self.become(after, self.now + START, sum(loads) / max(len(loads), 1))

    def load(self, instance, begin):
        while instance.done and instance.done[0] < begin:
            instance.done.popleft()
        time = max(self.now - begin, self.setup.sync / 2)
        return min(1.0, len(instance.done) / self.setup.capacity / time)

    def become(self, after, ready, load=None):
        wanted = [each for each in self.instances if each.left_at is None]
        self.scalings.append(Scaling(self.now, len(wanted), after, load))
        for _ in range(len(wanted), after):
            self.instances.append(Instance(len(self.instances) + 1, self.now, ready))
        for instance in wanted[after:]:
            instance.left_at = self.now
            self.look(instance)

    def look(self, instance):
        """A drain ends when nothing is open, or when its time is over: what is left is cut off."""
        passed = self.now - instance.left_at
        if self.arm.drained and instance.open and passed <= self.setup.ramp + self.setup.think:
            return self.at(self.now + LOOK_EVERY, self.look, instance)
        instance.gone_at, instance.cut_off = self.now, instance.open
        for pool in self.pools:
            for connection in pool.drop(instance):
                self.close(connection)
                pool.told(connection, self.open)
        return None


def own_limit(arm, draw):
    """As the library draws: uniform over the whole numbers from N(1-J) to N."""
    most_below = arm.requests * arm.jitter // 100
    return max(arm.requests - int((most_below + 1) * draw), 1) if arm.requests else 0
