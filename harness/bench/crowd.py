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


class Crowd:
    def __init__(self, port):
        self.port = port
        self.sockets = []

    def grow(self, number):
        while len(self.sockets) < number:
            host = f"127.0.0.{len(self.sockets) // A_LOOPBACK_ADDRESS_HOLDS + 1}"
            self.sockets.append(socket.create_connection((host, self.port), timeout=60))
            self.use(self.sockets[-1:])

    def use(self, sockets):
        """One request on each, all sent before the first response is awaited."""
        for one in sockets:
            one.sendall(WRK)
        for one in sockets:
            assert one.recv(ENOUGH).startswith(b"HTTP/1.1 200")

    def leave(self):
        """One after the other, each seen closed by the host: what it does for that repeats."""
        for one in self.sockets:
            one.shutdown(socket.SHUT_WR)
            one.recv(ENOUGH)
            one.close()

    def drop(self):
        for one in self.sockets:
            one.close()


@contextmanager
def crowd(port, wanted):
    _, lacking = affordable(wanted)
    assert not lacking, lacking
    with many_descriptors():
        visitors = Crowd(port)
        try:
            yield visitors
        finally:
            visitors.drop()
