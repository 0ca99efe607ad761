"""The messages that the measurements send in HTTP/2, and who sends them to hosts/epoll.c.

Knows how long everything is. Refuses to look into an answer.
"""

import socket
import time
from dataclasses import dataclass

HEADER = 9
SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS
FIELDS = bytes([0x83, 0x86, 0x84, 0x41, 0x8A]) + b"0123456789"  # of no known meaning
MESSAGE = b"\0\0\0\0\5hello"
DATA_FRAMES = 64
DATA_FRAME = HEADER + 1024
UNARY_ANSWER = 3 * HEADER + 1 + 5 + 1
QUIET = 1.1  # seconds: a told connection is looked at twice, this far apart
UNHURRIED = 0.1  # for the host to see that one has left, before another does
ENOUGH = 1 << 16


def request(stream):
    return frame(1, 4, stream, FIELDS) + frame(0, 1, stream, MESSAGE)


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


UNARY = request(1)


def served(writes=0, frames=0):
    """What the host is told: the sizes of what comes, and how a request is answered."""
    return f"{len(GREETING)}:{len(UNARY)}:{writes}:{frames}"


class Visitor:
    """One connection, greeted; its requests are on one stream after the other."""

    host = (f"--frames={served()}",)

    def __init__(self, port, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout=60)
        self.stream = 1
        self.socket.sendall(GREETING)
        assert self.received(HEADER) == SETTINGS

    def ask(self):
        self.socket.sendall(request(self.stream))
        self.stream += 2

    def answered(self, size=UNARY_ANSWER):
        self.received(size)

    def received(self, size):
        found = b""
        while len(found) < size and (part := self.socket.recv(size - len(found))):
            found += part
        assert len(found) == size, f"{len(found)} of {size} bytes"
        return found

    def asks(self, times=1, size=UNARY_ANSWER):
        for _ in range(times):
            self.ask()
            self.answered(size)

    def leave(self):
        """Whatever has come is taken; the host is seen to close."""
        self.socket.shutdown(socket.SHUT_WR)
        while self.socket.recv(ENOUGH):
            pass
        self.socket.close()

    def drop(self):
        self.socket.close()


# ---- Visits ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exchanges:
    """So many requests, with an answer of a known size each."""

    size: int = UNARY_ANSWER

    def visit(self, port, times):
        visitor = Visitor(port)
        visitor.asks(times, self.size)
        visitor.leave()


@dataclass(frozen=True)
class OneAnswer:
    """One request, answered by so many frames."""

    frame: int = DATA_FRAME

    def visit(self, port, times):
        Exchanges(times * self.frame).visit(port, 1)


@dataclass(frozen=True)
class Farewell:
    """So many requests, by the last of which the limit tells the visitor to go. It stays, and by
    another's requests, two of them behind a time in which nothing happens, the host looks at it:
    the second of these ends it, and behind the third the host sees it leave."""

    def visit(self, port, times):
        other, visitor = Visitor(port), Visitor(port)
        visitor.asks(times)
        for _ in range(2):
            time.sleep(QUIET)
            other.asks()
        other.asks()
        visitor.leave()
        time.sleep(UNHURRIED)
        other.leave()
