"""What a server keeps: its private memory and its open descriptors, told by the kernel; and many
short connections that could leave something behind.

Knows /proc and sockets. Refuses to know what is preloaded.
"""

import re
import socket
import struct

from servers.description import DIES_OF_SIGPIPE, HALF_CLOSE_RACES
from support.messages import get
from support.quiet import read

RESET = struct.pack("ii", 1, 0)
BIND_ADDRESS_NO_PORT = 24  # the kernel then chooses among the ports of the whole four-tuple


def private(process):
    """Kilobytes that its lasting processes have written to, and share with nobody."""
    return sum(private_of(pid) for pid in process.members)


def private_of(pid):
    return sum(map(int, re.findall(r"^Private_Dirty: +(\d+)", read(f"/proc/{pid}/smaps_rollup"),
                                   re.M)))


def opened(port, number):
    """A connection from one of many addresses: a port that has just been used rests for a while."""
    sock = socket.socket()
    sock.setsockopt(socket.IPPROTO_IP, BIND_ADDRESS_NO_PORT, 1)
    sock.bind((f"127.0.{1 + number % 200}.1", 0))
    sock.settimeout(20)
    sock.connect(("127.0.0.1", port))
    return sock


def visits(process, numbers):
    """Short connections, of each kind that the server survives, in turn."""
    kinds = [kind for kind, quirk in KINDS.items() if not process.server.is_odd(quirk)]
    for number in numbers:
        with opened(process.port, number) as sock:
            kinds[number % len(kinds)](sock, process.server)


def answered(sock, server):
    """The last request of its connection, when N is one."""
    sock.sendall(get(server.small))
    sock.recv(1 << 16)


def answered_and_reset(sock, server):
    answered(sock, server)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def answered_twice(sock, server):
    answered(sock, server)
    answered(sock, server)


def pipelined(sock, server):
    sock.sendall(get(server.small) * 4)
    sock.recv(1 << 16)


def left_within_a_head(sock, server):
    sock.sendall(get(server.small)[:30])


def half_closed(sock, server):
    sock.sendall(get(server.small, "Connection: close"))
    sock.shutdown(socket.SHUT_WR)
    while sock.recv(1 << 16):
        pass


# And what keeps a server from bearing so many of a kind, bare.
KINDS = {answered: None, answered_and_reset: DIES_OF_SIGPIPE, answered_twice: DIES_OF_SIGPIPE,
         pipelined: DIES_OF_SIGPIPE, left_within_a_head: None, half_closed: HALF_CLOSE_RACES}
