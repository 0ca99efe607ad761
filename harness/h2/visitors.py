"""HTTP/1.1 clients of a proxy: so many requests, a few at once, half of them with content or none.

Content that comes apart from its head lets a proxy pass a request on before it has all of it.
Bounded by their number and by time. A failure is anything but a whole 200 with the right content.
"""

import itertools
import threading
from collections import Counter

from h2.proxies import APART, EMPTY
from support.client import OPEN, Client
from support.messages import get, post, post_head
from support.waiting import Deadline

PATIENCE = 100


class Visitors:
    def __init__(self, port, requests, clients, way):
        self.way = way
        self.port, self.deadline = port, Deadline(PATIENCE)
        self.numbers, self.errors, self.ok = iter(range(requests)), Counter(), itertools.count()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.visit) for _ in range(clients)]

    def result(self):
        """How many were answered, and what happened to the others."""
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join()
        return next(self.ok), self.errors

    def number(self):
        with self.lock:
            return None if self.deadline.over() else next(self.numbers, None)

    def visit(self):
        client = Client(self.port, PATIENCE)
        while (number := self.number()) is not None:
            if client.ended != OPEN:
                client = Client(self.port, PATIENCE)
            try:
                self.exchange(client, self.size(number))
                next(self.ok)
            except (AssertionError, OSError) as error:
                self.errors[repr(error)[:200]] += 1
                client = Client(self.port, PATIENCE)

    def size(self, number):
        return number % 100 if number % 2 and self.way != EMPTY else None

    def exchange(self, client, size):
        if size is None:
            client.send(get("/length"))
        elif self.way == APART:
            client.send(post_head("/length", size))
            client.send(b"x" * size)
        else:
            client.send(post("/length", b"x" * size))
        response = client.response()
        assert (response.status, response.content) == (200, b"%d" % (size or 0)), response.head
        assert response.persists
