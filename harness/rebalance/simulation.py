"""Beyond one machine: 10 to 10 000 instances, up to 10 million connections, as discrete events, seeded.

An event is a connection that asks whether its request is the last: the requests in between change
nothing and are leapt over. Beyond SAMPLE connections a slice of the instances is simulated, with as
many connections for each as in the whole: connections are placed independently, so a slice is like
any other, but for the busiest of all: that is the normal distribution's, of so many instances.
Knows lives and places, no queues: twin.py has those.
"""

import heapq
import math
import random
from dataclasses import dataclass, replace
from statistics import NormalDist

from rebalance import measure

SAMPLE = 30_000
STEPS = 400
TICK = 0.01  # seconds, of the rate budget


@dataclass(frozen=True)
class Case:
    before: int  # instances
    after: int
    connections: int  # of all clients together
    interval: float  # seconds between two requests of a connection
    requests: int = 0
    age: float = 0.0
    jitter: float = 0.0
    rate: int = 0  # last exchanges a second, of each instance
    together: bool = False  # were all connections opened at once? else at random points of their lives
    seed: int = 1

    @property
    def longest(self):
        """Of a life, in seconds; with both limits the nearer one."""
        by_count = self.requests * self.interval if self.requests else math.inf
        by_age = self.age + self.interval if self.age else math.inf
        return min(by_count, by_age)


@dataclass
class Outcome:
    case: Case
    renewed: list  # (time, the new instances' part of their fair share of the connections)
    even_after: float  # None: not within the time looked at
    reconnects_per_s: float  # of the whole, on average
    peak_per_s: float  # the greatest number in any second, of the whole
    cost: float  # the part of the requests that need a new connection


def slice_of(case, sample=SAMPLE):
    """The case made smaller by whole instances, and how many times it goes into the whole."""
    fits = max(1, case.connections // sample)
    parts = min(fits, math.gcd(case.before, case.after) if fits > 1 else 1)
    parts = max((each for each in range(1, parts + 1)
                 if case.before % each == 0 and case.after % each == 0), default=1)
    return replace(case, before=case.before // parts, after=case.after // parts,
                   connections=case.connections // parts), parts


class Simulation:
    def __init__(self, case, horizon, parts=1):
        self.case, self.horizon, self.parts = case, horizon, parts
        self.random = random.Random(repr(case))
        self.place, self.born, self.opened = [], [], []
        self.budgets = [Budget(case.rate) for _ in range(case.after)] if case.rate else None
        self.events = []
        self.held = [0] * case.after
        for number in range(case.connections):
            self.begin(number)
        heapq.heapify(self.events)

    def begin(self, number):
        """A connection in the middle of its life, chosen as one meets it: long lives more often."""
        case = self.case
        place = self.random.randrange(case.before)
        self.place.append(place)
        self.held[place] += 1
        life = self.life()
        if not case.together:
            while self.random.random() * case.longest > life:
                life = self.life()
            life *= self.random.random()
        if life < math.inf:
            self.events.append((life, number))

    def life(self):
        """As the library draws it; the request that finds it over comes at an interval's end."""
        case, draw = self.case, self.random.random()
        lives = []
        if case.requests:
            below = int((int(case.requests * case.jitter + 1e-9) + 1) * draw)
            lives.append(max(case.requests - below, 1) * case.interval)
        if case.age:
            lives.append(case.age * (1 - case.jitter * draw)
                         + self.random.random() * case.interval)
        return min(lives, default=math.inf)

    def run(self):
        case, step = self.case, self.horizon / STEPS
        curve, even, mark, events = [], None, 0.0, self.events
        while mark <= self.horizon:
            while events and events[0][0] <= mark:
                self.end(*heapq.heappop(events))
            curve.append((mark, self.part()))
            if even is None and self.unevenness() <= measure.EVEN:
                even = mark
            mark += step
        return curve, even

    def end(self, time, number):
        place = self.place[number]
        if self.budgets and not self.budgets[place].grant(time):
            heapq.heappush(self.events, (time + self.case.interval, number))
            return
        self.held[place] -= 1
        place = self.place[number] = self.random.randrange(self.case.after)
        self.held[place] += 1
        self.opened.append(time)
        heapq.heappush(self.events, (time + self.life(), number))

    def unevenness(self):
        """What is to be expected of the busiest: one throw of the dice is even by luck, and not for long."""
        old, new = self.held[:self.case.before], self.held[self.case.before:]
        mean = self.case.connections / self.case.after
        return max(busiest(old, self.parts), busiest(new, self.parts)) / mean

    def part(self):
        fresh = self.held[self.case.before:]
        return sum(fresh) / self.case.connections * self.case.after / len(fresh)


def busiest(held, parts):
    """Of `parts` times as many instances as these, each the sum of many independent choices."""
    mean = sum(held) / len(held)
    return mean + math.sqrt(mean) * NormalDist().inv_cdf(1 - 0.5 / (len(held) * parts))


class Budget:
    """The library's bucket: full at first, so many a second."""

    def __init__(self, rate):
        self.rate, self.full = rate, 0.0

    def grant(self, time):
        after = max(self.full, time) + 1 / self.rate
        if after > time + 1 + 1e-9:
            return False
        self.full = after
        return True


def simulate(case, horizon=None, sample=SAMPLE):
    small, parts = slice_of(case, sample)
    horizon = horizon or (2 * case.longest if case.longest < math.inf else 60.0)
    simulation = Simulation(small, horizon, parts)
    curve, even = simulation.run()
    per_second = len(simulation.opened) / horizon * parts
    peak = measure.peak(simulation.opened, 0, horizon, 1.0) * parts
    return Outcome(case, curve, even, per_second, peak,
                   per_second * case.interval / case.connections)
