"""Load on a running server: a few clients that keep a connection each until they are told close.

Notes when every request began and which was told close. Bounded by a number of requests and by
time. A failure is anything but a whole 200 with the content, and FIN behind a close.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from threading import Event, Semaphore, Thread
from time import monotonic

from support.client import FIN, Client
from support.messages import get
from support.waiting import Deadline

CLIENTS = 4
MOST = 30_000
MINUTE = 60


@dataclass
class Ride:
    """One connection: when its requests began, and whether the last of them was told close."""

    begun: list = field(default_factory=list)
    told: bool = False

    def since(self, moment):
        return len(self.begun) - bisect_left(self.begun, moment)

    def told_since(self, moment):
        return self.told and self.begun[-1] >= moment


class Load:
    def __init__(self, process, path, patience=MINUTE):
        self.port, self.request = process.port, get(path)
        self.content = (process.place.www / path.lstrip("/")).read_bytes()
        self.deadline, self.stop = Deadline(patience), Event()
        self.left = Semaphore(MOST)
        self.rides = [[] for _ in range(CLIENTS)]
        self.failures = []
        self.threads = [Thread(target=self.visit, args=(rides,)) for rides in self.rides]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    # ---- a client ---------------------------------------------------------------------------

    def visit(self, rides):
        try:
            while self.goes_on():
                rides.append(Ride())
                self.ride(rides[-1])
        except Exception as error:  # told by the test, not lost with the thread
            self.failures.append(repr(error))

    def goes_on(self):
        """Whether there is to be one more request."""
        ended = self.stop.is_set() or self.deadline.over()
        return not ended and self.left.acquire(blocking=False)

    def ride(self, ride):
        with Client(self.port, patience=MINUTE) as client:
            while not ride.told and (not ride.begun or self.goes_on()):
                ride.begun.append(monotonic())
                response = client.exchange(self.request)
                assert (response.status, response.content) == (200, self.content)
                ride.told = not response.persists
            assert not ride.told or client.ending() == FIN

    # ---- what came of it --------------------------------------------------------------------

    def every(self):
        return [ride for rides in self.rides for ride in list(rides)]

    def sent(self):
        return sum(len(ride.begun) for ride in self.every())

    def told(self, moment=0.0):
        return sum(ride.told_since(moment) for ride in self.every())

    def all_told(self, moment):
        """Whether each of the clients has been told close since."""
        return all(any(ride.told_since(moment) for ride in list(rides)) for rides in self.rides)

    def longest(self, moment):
        return max(ride.since(moment) for ride in self.every())
