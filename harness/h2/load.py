"""Other people's clients under load: what they are started by, and what came of it.

A client is a program that is told address, requests and how many at once; that prints a line of JSON
with what was answered, what failed, and how its long stream ended; and that stays until its input ends,
so that its descriptors can be counted. Knows processes, not HTTP/2.
"""

import json
import os
import subprocess
from dataclasses import dataclass, field
from typing import Callable

from servers.description import present
from support.process import accepts, environment, family
from support.waiting import Deadline, until

LONGEST = 150
PAUSE = 0.02


@dataclass(frozen=True)
class Client:
    name: str
    packages: tuple
    needs: tuple
    command: Callable  # of the folder for what is built: the words before address and numbers
    servers: tuple  # the names of those that it can load
    long: str = "whole"  # what it says of its long stream; "none" if it has no such
    heavy: bool = False
    unfit: Callable = lambda: ""  # why this version of it loses what is in flight to any GOAWAY
    lowest: int = 0  # the limit below which it loses a request in some thousands
    loses: int = 0  # of ten thousand requests, at most, whoever sends the GOAWAY: executed nowhere
    leaves: bool = True  # False: it never closes a connection that was told; only FIN makes it
    environment: Callable = lambda build: {}

    def missing(self):
        return [need for need in self.needs if not present(need)]


@dataclass
class Result:
    ok: int
    failed: int
    errors: dict
    long: str
    held: list = field(default_factory=list)  # sockets that the server's process had, over time
    kept: list = field(default_factory=list)  # descriptors that the client had, beside them


def is_served(client, result, requests):
    """Every request answered, but what the client is known to lose; and its stream whole."""
    return result.ok + result.failed == requests and result.long == client.long \
        and result.failed <= client.loses * requests / 10_000


def sockets(pids):
    return sum(is_socket(f"/proc/{pid}/fd/{fd}") for pid in pids for fd in listed(pid))


def listed(pid):
    try:
        return os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return []


def is_socket(path):
    try:
        return os.readlink(path).startswith("socket:")
    except OSError:
        return False


class Running:
    """A client and the server it loads, until the client is let go."""

    def __init__(self, client, process, port, requests, clients, build, *more):
        numbers = map(str, (requests, clients, *more))
        words = [*client.command(build), f"127.0.0.1:{port}", *numbers]
        self.process = process
        self.server = [*family(process.popen.pid)]
        self.before, self.held, self.kept = sockets(self.server), [], []
        self.popen = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=open(process.place.scratch / "client", "ab"), text=True,
                                      env=environment(client.environment(build)),
                                      cwd=process.place.scratch)
        os.set_blocking(self.popen.stdout.fileno(), False)
        self.deadline = Deadline(LONGEST)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.popen.stdin.close()
        if not until(lambda: self.popen.poll() is not None, 5):
            self.popen.kill()
        self.popen.wait()
        self.popen.stdout.close()

    def result(self):
        """What it printed; what both ends hold is counted until then."""
        printed = ""
        while "\n" not in printed:
            assert not self.deadline.over() and self.popen.poll() is None, self.complaint(printed)
            printed += self.popen.stdout.readline() or ""
            self.held.append(sockets(self.server) - self.before)
            self.kept.append(len(listed(self.popen.pid)))
            until(lambda: False, PAUSE)
        return Result(**json.loads(printed), held=self.held, kept=self.kept)

    def complaint(self, printed):
        said = (self.process.place.scratch / "client").read_text(errors="replace")[-2000:]
        return f"the client ended or took too long: {printed}\n{said}"

    def settles(self, most):
        """Whether both ends come down to so many sockets more than at rest, as others connect."""
        def is_settled():
            accepts(self.process.port)
            until(lambda: False, PAUSE * 10)
            return sockets(self.server) - self.before <= most
        return until(is_settled)

    def own_sockets(self):
        return sockets([*family(self.popen.pid)])
