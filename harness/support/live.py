"""A preloaded server with a status page, steered and read by the command.

Knows what the command prints and when its numbers are complete: once no connection is open.
Asserts nothing about them.
"""

import json
from time import monotonic

import pytest

from support.command_pages import command  # noqa: F401
from support.conversation import serves
from support.waiting import until


class Live:
    """A preloaded server with a status page, and the command on it."""

    def __init__(self, process, command):
        self.process, self.command = process, command
        self.pid, self.port = process.popen.pid, process.port

    def tell(self, subcommand, *words):
        """The moment at which the command had returned."""
        done = self.command(subcommand, self.pid, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return monotonic()

    def status(self):
        done = self.command("status", self.pid, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)["servers"]

    def numbers(self):
        """Those of all pages, since servers exec'ed apart have pages apart."""
        return total(map(flat, self.status()))

    def workers(self):
        return [worker for server in self.status() for worker in server["workers"]]

    def settled(self):
        """The numbers once no connection is open."""
        assert until(lambda: not self.numbers()["open"]), self.status()
        return self.numbers()

    def metrics(self):
        done = self.command("status", self.pid, "--prometheus")
        assert done.returncode == 0, done.stderr
        lines = [line for line in done.stdout.splitlines() if not line.startswith("#")]
        return total(dict([metric(line)]) for line in lines)


def flat(server):
    last = {f"last {trigger}": count for trigger, count in server["last_exchanges"].items()}
    names = ("open", "connections", "exchanges", "rate_deferred")
    return last | {name: server[name] for name in names}


def metric(line):
    """As ('exchanges_total', 12.0), or with the trigger: ('last_exchanges_total age', 1.0)."""
    name, _, rest = line.removeprefix("lastcall_").partition("{")
    labels, _, value = rest.rpartition("} ")
    _, _, trigger = labels.partition('trigger="')
    return f"{name} {trigger.rstrip(chr(34))}".strip(), float(value)


def total(parts):
    sums = {}
    for part in parts:
        for name, value in part.items():
            sums[name] = sums.get(name, 0) + value
    return sums


def grown(before, after):
    return {name: after[name] - before[name] for name in after}


@pytest.fixture
def live(under, command, tmp_path):
    """live(server, LASTCALL_AGE="1s"): a fresh one, without limits but these, settled."""
    def start(server, fresh=True, **settings):
        settings = {"LASTCALL_REQUESTS": "off", "LASTCALL_STATUS": tmp_path, **settings}
        started = Live(under(server, fresh=fresh, **settings), command)
        assert until(lambda: started.numbers().get("connections")), "the probe is not counted"
        # A worker that was exec'ed has a page from its first connection on; a command before that
        # does not reach it.
        assert until(lambda: has_all_pages(started, server)), started.status()
        started.settled()
        return started
    return start


def has_all_pages(started, server):
    if len(started.status()) < server.notices:
        serves(started.process, server.small)
    return len(started.status()) >= server.notices
