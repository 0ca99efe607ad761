"""A server's own count of the requests it executed: its access log, its handler, its backend.

The requests to be counted carry a tag of their own in their targets' queries, so that logs which
are written late, and caches, mix nothing up.
"""

import itertools
import re

from servers.description import Backend, Counter, Log
from support.client import Client
from support.messages import get
from support.quiet import at_rest
from support.waiting import until

LONG = 5
numbers = itertools.count()


class Executed:
    """How many of the requests with this tag the server executed."""

    def __init__(self, process):
        self.process = process
        self.tag = f"tag-{next(numbers)}-"
        self.before = self.counted() if self.by_counter else 0

    @property
    def by_counter(self):
        return isinstance(self.process.server.count, Counter)

    def targets(self, path, number):
        return [f"{path}?{self.tag}{each}" for each in range(number)]

    def settled(self, path):
        """The count, once a later request is in it and the server rests: threads write their logs
        when they come to it, in no order. (Some servers never rest, bare.)"""
        with Client(self.process.port) as client:
            client.exchange(get(f"{path}?{self.tag}later"))
        until(lambda: at_rest(self.process), LONG)
        if self.by_counter:
            return self.counted() - self.before - 1
        assert until(lambda: f"{self.tag}later" in self.seen())
        return len(self.seen()) - 1

    def counted(self):
        with Client(self.process.port) as client:
            return int(client.exchange(get(self.process.server.count.path)).content)

    def seen(self):
        """Tagged targets, each once: webfsd logs its last request again when a client leaves."""
        return set(re.findall(rf"{self.tag}\w+", self.record()))

    def record(self):
        count = self.process.server.count
        if isinstance(count, Backend):
            return "\n".join(self.process.backend.targets())
        assert isinstance(count, Log)
        return (self.process.place.scratch / count.file).read_text(errors="replace")
