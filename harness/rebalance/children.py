"""Processes of the run: started quietly, read without waiting, ended by their ids.

Knows the harness's Process and when a server listens, asked of the kernel and not by a connection,
which the server would count. Knows no server.
"""

import os
import signal
import socket
import subprocess
import sys

from support.process import Process, family, kill, lives
from support.waiting import until

LISTEN = "0A"
MAPPED = f"{0:016X}{int.from_bytes(bytes(2) + bytes([255, 255]), sys.byteorder):08X}"  # ::ffff:
GRACE = 3.0


def listens(pid, address, port):
    """Whether a socket listens there, in the network namespace of the process."""
    wanted = f"{int.from_bytes(socket.inet_aton(address), sys.byteorder):08X}:{port:04X}"
    return any(row[1].removeprefix(MAPPED) == wanted and row[3] == LISTEN
               for row in sockets(pid, "tcp") + sockets(pid, "tcp6"))


def sockets(pid, table):
    try:
        with open(f"/proc/{pid}/net/{table}") as file:
            return [line.split() for line in file.readlines()[1:]]
    except OSError:
        return []


def listening(process, address, port):
    return not process.exited() and listens(process.popen.pid, address, port)


def interrupt_politely(process, tracer=False):
    """The signal that an orchestrator sends, to the server itself and not to what traces it."""
    leader = process.popen.pid
    for pid in family(leader) if tracer else (leader,):
        if not (tracer and pid == leader):
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass


def end_all(processes):
    """The rest of each family, all at once: nobody waits for anybody."""
    members = {}
    for process in processes:
        members |= family(process.popen.pid)
    kill(members)
    for process in processes:
        process.popen.wait(GRACE)
    until(lambda: not any(lives(pid, start) for pid, start in members.items()), GRACE)


class Spoken:
    """A child that is told a few lines and tells many, which are taken as they come."""

    def __init__(self, argv, line, errors):
        self.popen = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=errors, start_new_session=True)
        os.set_blocking(self.popen.stdout.fileno(), False)
        self.rest = b""
        self.say(line)

    def say(self, line):
        try:
            self.popen.stdin.write(line.encode() + b"\n")
            self.popen.stdin.flush()
        except BrokenPipeError:
            pass  # it is gone; whoever looks next says why

    def exited(self):
        return self.popen.poll() is not None

    def lines(self):
        """Those that are whole by now."""
        while data := self.popen.stdout.read(1 << 16):
            self.rest += data
        *whole, self.rest = self.rest.split(b"\n")
        return [line.decode() for line in whole]
