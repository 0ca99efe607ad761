"""Many open connections to one host, each used once, kept until the block ends.

Takes further loopback addresses as it grows: one address has ports for some 28 000 connections.
Knows the limits of this machine and says what it had to leave out.
"""

import resource
import socket
from contextlib import contextmanager

from bench.requests import WRK

A_LOOPBACK_ADDRESS_HOLDS = 20_000
KEPT_FREE = 200  # descriptors for everything else
ENOUGH = 1 << 16


def most():
    """As many as one process may have open."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1] - KEPT_FREE


def affordable(wanted):
    """(number, a word where it is fewer than wanted)"""
    if wanted <= most():
        return wanted, ""
    return most(), f"{wanted} asked for, {most()} taken: a process may open no more here"


@contextmanager
def many_descriptors():
    """As many as the hard limit allows, until the block ends."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


class Visitor:
    """One connection of HTTP/1.1. frames.Visitor is one of HTTP/2."""

    host = ()  # what the host is told, to be visited so

    def __init__(self, port, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout=60)

    def ask(self):
        self.socket.sendall(WRK)

    def answered(self):
        assert self.socket.recv(ENOUGH).startswith(b"HTTP/1.1 200")

    def leave(self):
        """Seen closed by the host: what it does for that repeats."""
        self.socket.shutdown(socket.SHUT_WR)
        self.socket.recv(ENOUGH)
        self.socket.close()

    def drop(self):
        self.socket.close()


class Crowd:
    def __init__(self, port, kind):
        self.port, self.kind = port, kind
        self.visitors = []

    def grow(self, number):
        while len(self.visitors) < number:
            host = f"127.0.0.{len(self.visitors) // A_LOOPBACK_ADDRESS_HOLDS + 1}"
            self.visitors.append(self.kind(self.port, host))
            self.use(self.visitors[-1:])

    def use(self, visitors):
        """One request on each, all sent before the first response is awaited."""
        for one in visitors:
            one.ask()
        for one in visitors:
            one.answered()

    def leave(self):
        for one in self.visitors:
            one.leave()

    def drop(self):
        for one in self.visitors:
            one.drop()


@contextmanager
def crowd(port, wanted, kind=Visitor):
    _, lacking = affordable(wanted)
    assert not lacking, lacking
    with many_descriptors():
        visitors = Crowd(port, kind)
        try:
            yield visitors
        finally:
            visitors.drop()
