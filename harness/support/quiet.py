"""When a server has nothing left to do for a client, told by the kernel and not by a clock.

A server is at rest when nothing is on its way between the two, every thread of it sleeps, and none
has run between two looks; what it then has not said it will not say. (On loopback a send wakes its
receiver before it returns, unless the machine is busy: then the kernel does it later.) Knows /proc
and clients. Refuses to know what is said.
"""

import os
import select
import socket
import struct

from support.client import OPEN
from support.process import lives
from support.waiting import PATIENCE, Deadline, until

SLEEPING = "STtIZX"
SOCK_DIAG, SOCK_DIAG_BY_FAMILY, REQUEST = 4, 20, 1
ALL_STATES, NO_COOKIE = 0xFFFFFFFF, 0xFFFFFFFF
LISTENING, ESTABLISHED = "0A", "01"  # as proc_net_tcp(5) has them
WRITE_QUEUE = 16 + 4 + 48 + 4 + 4  # header, states, ends, expiry, read queue


def settle(client, process, patience=PATIENCE):
    """Receives until the connection ends, or the server rests with nothing left to receive. One
    that never rests, as some do, bare, is given up when nothing has come for so long."""
    deadline = Deadline(patience)
    while client.ended == OPEN and not deadline.over():
        if readable(client):
            client.receive()
            deadline = Deadline(patience)
        elif not under_way(client) and at_rest(process) and not under_way(client) \
                and not readable(client):
            return


def under_way(client):
    """Whether either end has sent bytes that the other's kernel does not have yet."""
    try:
        here, there = client.socket.getsockname(), client.socket.getpeername()
    except OSError:  # reset: nothing comes any more
        return False
    return unacknowledged(here, there) > 0 or unacknowledged(there, here) > 0


def unacknowledged(here, there):
    """Of the IPv4 socket between these two, as its kernel says; 0 if there is none (sock_diag(7))."""
    ends = struct.pack(">HH", here[1], there[1])
    ends += b"".join(socket.inet_aton(host).ljust(16, b"\0") for host, _ in (here, there))
    question = struct.pack("BBBBI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, ALL_STATES) + ends
    question += struct.pack("III", 0, NO_COOKIE, NO_COOKIE)
    header = struct.pack("IHHII", 16 + len(question), SOCK_DIAG_BY_FAMILY, REQUEST, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, SOCK_DIAG) as asked:
        asked.send(header + question)
        answer = asked.recv(4096)
    kind = struct.unpack_from("IH", answer)[1]
    return struct.unpack_from("I", answer, WRITE_QUEUE)[0] if kind == SOCK_DIAG_BY_FAMILY else 0


def readable(client):
    poll = select.poll()
    poll.register(client.socket, select.POLLIN)
    return bool(poll.poll(0))


def at_rest(process):
    """Whether no thread of the family ran between two looks at it, nor what stands behind it."""
    before = looked_at(process)
    backend = getattr(process, "backend", None)
    if backend and not backend.at_rest():
        return False
    return all(state in SLEEPING for state, _ in before.values()) and before == looked_at(process)


def rest(process):
    assert until(lambda: at_rest(process)), "the server does not come to rest"


def deserted(process):
    """At rest, with no client left. It may rest before its kernel has told it that one is gone."""
    assert until(lambda: not held(process.port)), held(process.port)
    rest(process)


def held(port):
    """The connections to a port that its server has not closed yet, accepted or not."""
    rows = [line.split() for line in read("/proc/net/tcp").splitlines()[1:]]
    return [row for row in rows if int(row[1].rpartition(":")[2], 16) == port
            and row[3] != LISTENING and (row[3] == ESTABLISHED or row[9] != "0")]


def looked_at(process):
    """Each thread's state, and how often it gave up a processor."""
    seen = {}
    for pid in relatives(process):
        for thread in threads(pid):
            if status := status_of(pid, thread):
                seen[pid, thread] = status
    return seen


def relatives(process):
    """The members seen at the start and their children of the moment."""
    found = [pid for pid, start in process.members.items() if lives(pid, start)]
    for pid in found:
        found += [child for child in children(pid) if child not in found]
    return found


def threads(pid):
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def children(pid):
    return [int(child) for thread in threads(pid)
            for child in read(f"/proc/{pid}/task/{thread}/children").split()]


def status_of(pid, thread):
    """The letter of its state; its voluntary and its involuntary switches come last in the file."""
    text = read(f"/proc/{pid}/task/{thread}/status")
    if "State:" not in text:
        return None
    return text[text.index("State:\t") + 7], text[text.index("\nvoluntary_ctxt_switches"):]


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""
