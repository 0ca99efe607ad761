"""One whole run of a server, from start to SIGTERM, under the recorded workload: what its clients
saw, how it exited, what it printed, which descriptors it had.

Knows processes and /proc. Refuses to know what is preloaded and what the runs are compared for.
"""

import os
import re
from collections import Counter
from dataclasses import dataclass, field

from servers.description import CHILDREN_COME_AND_GO, LEAVES_FILES_OPEN
from support.client import FIN, OPEN, RST, Client
from support.conversation import serves
from support.cuts import bearable
from support.outcome import Outcome
from support.process import family, lives
from support.quiet import deserted, rest, settle
from support.waiting import PATIENCE, until
from support.workload import Apart, HalfClose, Send

MINUTE = 60
SOCKET = "socket:[#]"
LONG = 5  # of a server that does not rest


@dataclass
class Run:
    outcomes: dict = field(default_factory=dict)  # by the name of the conversation
    status: object = None
    printed: set = field(default_factory=set)  # of the rows; how a cut is told is a race
    ours: list = field(default_factory=list)
    before: Counter = None
    after: Counter = None


def run(process, rows):
    """All rows, then every state cut off in both ways; then the end."""
    known(process)
    done = Run(before=descriptors(process))
    for row in rows:
        done.outcomes[row.name] = converse(process, row)
    rest(process)
    done.printed = shapes(process.printed())
    for state in bearable(process.server):
        for how in (FIN, RST):
            with Client(process.port) as client:
                state(client, process.server)
                client.cut(how)
    deserted(process)
    done.after = descriptors(process)
    done.status = terminated(process)
    done.ours = [line for line in process.printed().splitlines() if "lastcall:" in line]
    return done


def known(process):
    """Its family, once it has answered: a port is open before a master has forked its workers."""
    serves(process, process.server.small)
    rest(process)
    process.members = family(process.popen.pid)


# ---- One conversation --------------------------------------------------------------------------


def converse(process, row):
    with Client(process.port, 5 * MINUTE, row.window) as client:
        for step in row.steps(process.server):
            if client.ended == OPEN:
                carry_out(step, client)
                settle(client, process, LONG)
        wire, ended = bytes(client.reader.buffer), client.ended
        client.half_close()
        settle(client, process, LONG)
        return Outcome(wire, ended, bytes(client.reader.buffer)[len(wire):], client.ended)


def carry_out(step, client):
    if isinstance(step, Send):
        client.send(step.data)
    elif isinstance(step, Apart):
        client.send_apart(step.data, range(step.size, len(step.data), step.size))
    elif isinstance(step, HalfClose):
        client.half_close()


# ---- The process -------------------------------------------------------------------------------


def descriptors(process):
    """How many of each kind all its lasting processes have open."""
    steady = not process.server.is_odd(CHILDREN_COME_AND_GO)
    pids = process.members if steady else [process.popen.pid]
    found = Counter(kind for pid in pids for kind in kinds(pid))
    if process.server.is_odd(LEAVES_FILES_OPEN):
        found = Counter({kind: number for kind, number in found.items() if "/www/" not in kind})
    if process.backend:  # connections to it are kept or dropped as time goes by
        del found[SOCKET]
    return found


def kinds(pid):
    try:
        numbers = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return []
    return [re.sub(r"\d+", "#", target(pid, number)) for number in numbers]


def target(pid, number):
    try:
        path = os.readlink(f"/proc/{pid}/fd/{number}")
    except OSError:
        return "gone"
    return "deleted file" if path.endswith("(deleted)") else path


def terminated(process):
    """Its exit status by SIGTERM; None if it does not leave in time."""
    process.popen.terminate()
    until(process.exited, PATIENCE)
    until(lambda: not any(lives(*member) for member in process.members.items()), PATIENCE)
    return process.popen.poll()


def shapes(printed):
    """What was printed, without numbers, addresses, order, and the request that nginx adds."""
    masked = re.sub(r", client: .*", "", re.sub(r"0x[0-9a-f]+|\d+", "#", printed))
    return {line.strip() for line in masked.splitlines() if line.strip()}
