"""System calls of a request on the timed servers, by strace: bare, and with the limit not reached.

Reports; some of these servers make calls by the clock too. What repeats is in system_calls.py.
"""

import re

from bench.columns import BARE, COLUMNS, NOT_REACHED
from bench.goals import SERVER_CALLS
from bench.timed_servers import PATH, SERVERS
from support.process import family, kill

REQUESTS = 100
LOG = "strace"
COMMAND = ["strace", "-f", "-qq", "-e", "signal=none", "-o"]
CALL = re.compile(rb"^\d+ +\w+\(", re.MULTILINE)


def per_request(bench, server, column):
    process = bench.started(SERVERS[server], column, None, prefix=lambda place: [
        *COMMAND, str(place.scratch / LOG)])
    log = process.place.scratch / LOG
    try:
        with SERVERS[server].protocol.visit(process.port) as ask:
            first, last = [calls_after(ask, log) for _ in range(2)]
            return round((last - first) / REQUESTS, 2)
    finally:
        end_traced(process)


def end_traced(process):
    """The server first, its eldest before those it would replace: then strace leaves by itself."""
    members = sorted(family(process.popen.pid).items())
    kill({pid: start for pid, start in members if pid != process.popen.pid})
    process.stop()


def calls_after(ask, log):
    for _ in range(REQUESTS):
        assert ask(PATH) == 200
    return len(CALL.findall(log.read_bytes()))


def of_all(bench, servers):
    return {SERVER_CALLS: {server: {name: per_request(bench, server, COLUMNS[name])
                                    for name in (BARE, NOT_REACHED)} for server in servers}}
