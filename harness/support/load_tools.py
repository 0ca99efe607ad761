"""Load generators of other people: what to tell them, and what their reports mean.

One row a tool. Knows their words and their output; refuses to know the server, and what its numbers
should be.
"""

import math
import re
import subprocess
from dataclasses import dataclass
from typing import Callable, Optional

from support.process import environment

LONGEST = 100
SIEGE = "connection = {}\nprotocol = HTTP/1.1\nparser = false\nlogging = false\n"


@dataclass(frozen=True)
class Report:
    """Requests that were answered as they should be, and those that were not."""

    answered: int
    failed: int
    connections: Optional[int] = None  # as the tool itself counts them


@dataclass(frozen=True)
class Tool:
    name: str
    words: Callable  # (url, requests, clients) → the command
    report: Callable  # what it printed → Report
    spare: float = 0  # connections that it opens and may not need
    timed: bool = False  # runs for a second, not for a number of requests


def run(tool, url, requests, clients, home):
    done = subprocess.run([*map(str, tool.words(url, requests, clients))], capture_output=True,
                          text=True, timeout=LONGEST, stdin=subprocess.DEVNULL, cwd=home,
                          env=environment({"HOME": str(home)}))
    assert done.returncode == 0, done.stdout + done.stderr
    return tool.report(done.stdout + done.stderr)


# ---- What they print ---------------------------------------------------------------------------


def number(pattern, printed, default=None):
    found = re.search(pattern, printed)
    assert found or default is not None, f"no {pattern} in:\n{printed}"
    return int(found[1]) if found else default


def of_wrk(printed):
    """It names its troubles only when there are some."""
    troubles = [number(rf"{kind} (\d+)", printed, 0) for kind in ("connect", "read", "write", "timeout")]
    bad = number(r"Non-2xx or 3xx responses: (\d+)", printed, 0)
    return Report(number(r"(\d+) requests in", printed), sum(troubles) + bad)


def of_ab(printed):
    bad = number(r"Non-2xx responses: +(\d+)", printed, 0)
    return Report(number(r"Complete requests: +(\d+)", printed),
                  number(r"Failed requests: +(\d+)", printed) + bad)


def of_h2load(printed):
    succeeded = number(r"(\d+) succeeded", printed)
    assert number(r"status codes: (\d+) 2xx", printed) == succeeded, printed
    return Report(succeeded, sum(number(rf"(\d+) {kind}", printed)
                                 for kind in ("failed", "errored", "timeout")))


def of_hey(printed):
    answers = dict(re.findall(r"\[(\d+)\]\s+(\d+) responses", printed))
    good = int(answers.pop("200", 0))
    troubles = re.findall(r"\[(\d+)\]\t", printed.partition("Error distribution")[2])
    return Report(good, sum(map(int, [*answers.values(), *troubles])))


def of_siege(printed):
    return Report(number(r"Transactions:\s+(\d+) hits", printed),
                  number(r"Failed transactions:\s+(\d+)", printed))


def of_curl(printed):
    lines = [line.split() for line in printed.splitlines()]
    good = [line for line in lines if line[0] == "200"]
    return Report(len(good), len(lines) - len(good), sum(int(line[1]) for line in lines))


# ---- What they are told ------------------------------------------------------------------------


def siege(connection):
    def words(url, requests, clients):
        script = f"printf '{SIEGE.format(connection)}' >siegerc && exec siege \"$@\""
        return ["sh", "-c", script, "sh", "-R", "siegerc", "-b", "-c", clients,
                "-r", requests // clients, url]
    return words


def curl(url, requests, clients):
    return ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{num_connects}\\n",
            f"{url}?[1-{requests}]"]


def wrk(url, requests, clients):
    return ["wrk", "-t", 1, "-c", clients, "-d", "1s", url]


def ab(url, requests, clients):
    return ["ab", "-q", "-k", "-n", requests, "-c", clients, url]


def h2load(url, requests, clients):
    return ["h2load", "--h1", "-t", 1, "-n", requests, "-c", clients, url]


def hey(url, requests, clients):
    return ["hey", "-n", requests, "-c", clients, url]


WRK = Tool("wrk", wrk, of_wrk, spare=1, timed=True)  # one, to see whether it can
AB = Tool("ab", ab, of_ab)
H2LOAD = Tool("h2load", h2load, of_h2load)
HEY = Tool("hey", hey, of_hey, spare=math.inf)
CURL = Tool("curl", curl, of_curl)
SIEGE_CLOSING = Tool("siege", siege("close"), of_siege)
SIEGE_KEEPING = Tool("siege-keeping", siege("keep-alive"), of_siege)
