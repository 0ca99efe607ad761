"""How the twin's clients use their connections: the whole difference that the protocol makes.

A pool of HTTP/1.1 gives a request an idle connection, or a new one while it may have more, or lets it
wait. A channel of HTTP/2 has one connection for all of its requests, a few at once, and another when
that one is told to go. Knows neither instances nor time.
"""

import itertools
from collections import deque

from rebalance import clients, schedule


def of(setup, sizes):
    """Each with the times at which its requests are due; the sizes are those of the processes."""
    shares = schedule.dealt(schedule.arrivals(setup.plan), len(sizes))
    for number, (kind, size, due) in enumerate(zip(setup.clients, sizes, shares)):
        names = zip(itertools.repeat(number), itertools.count(1))
        if setup.protocol.shared:
            yield from ((Channel(names, setup.protocol.at_once), part)
                        for part in schedule.dealt(due, size))
        else:
            yield Pool(names, size, kind == clients.HARNESS), due


class Pool:
    def __init__(self, names, size, eager):
        self.names, self.size, self.eager = names, size, eager
        self.open, self.idle, self.waiting = 0, deque(), deque()

    def begin(self, opened):
        """`opened`: makes a connection of this pool."""
        self.idle.extend(opened(self) for _ in range(self.size))

    def take(self, opened):
        """The connection for the next request, or None: it waits."""
        if self.idle:
            return self.idle.popleft()
        return opened(self) if self.open < self.size else None

    def answered(self, connection):
        if not connection.due:
            self.idle.append(connection)

    def told(self, connection, opened):
        """By that answer; an eager pool replaces it before a request wants it."""
        if self.eager:
            self.idle.append(opened(self))

    def drop(self, instance):
        """Forgets the idle ones of an instance, and says which."""
        gone = [each for each in self.idle if each.instance is instance]
        for each in gone:
            self.idle.remove(each)
        return gone


class Channel:
    def __init__(self, names, at_once):
        self.names, self.at_once = names, at_once
        self.open, self.out, self.current, self.waiting = 0, 0, None, deque()

    def begin(self, opened):
        self.current = opened(self)

    def take(self, opened):
        if self.out == self.at_once:
            return None
        self.out += 1
        self.current = self.current or opened(self)
        return self.current

    def answered(self, connection):
        self.out -= 1

    def told(self, connection, opened):
        if self.current is connection:
            self.current = None

    def drop(self, instance):
        gone = self.current
        if not gone or gone.instance is not instance or gone.streams:
            return []
        self.current = None
        return [gone]
