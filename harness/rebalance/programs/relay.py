"""A layer-4 balancer: a connection goes to an endpoint chosen at random and stays there.

Usage: relay.py ADDRESS PORT; a line of JSON on standard input is the new list of endpoints, its end
is ours. Passes bytes and both ends' half-closes on, in order, and looks at none of them.
"""

import json
import random
import selectors
import signal
import socket
import sys

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
PIECE = 1 << 16


class Side:
    """One socket of a pair: what is to be sent on it, and whether an end of input follows."""

    def __init__(self, sock):
        self.socket, self.other = sock, None
        self.queue, self.ending, self.ended = b"", False, False


class Relay:
    def __init__(self, address, port):
        self.endpoints, self.orders = [], b""
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server((address, port), backlog=512)
        self.listener.setblocking(False)
        self.selector.register(self.listener, READ, self.accept)
        self.selector.register(sys.stdin.buffer.raw, READ, self.obey)

    def obey(self, _):
        data = sys.stdin.buffer.raw.read(PIECE)
        if not data:
            sys.exit(0)
        *lines, self.orders = (self.orders + data).split(b"\n")
        for line in lines:
            self.endpoints = [tuple(each) for each in json.loads(line)]

    def accept(self, _):
        try:
            near = Side(self.listener.accept()[0])
        except BlockingIOError:
            return
        far = Side(socket.socket())
        near.other, far.other = far, near
        for side in (near, far):
            side.socket.setblocking(False)
            side.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self.endpoints:
            near.socket.close()
            return far.socket.close()
        far.socket.connect_ex(random.choice(self.endpoints))
        self.selector.register(near.socket, READ, lambda event: self.move(near, event))
        self.selector.register(far.socket, READ | WRITE, lambda event: self.move(far, event))

    def move(self, side, event):
        try:
            if event & READ:
                self.receive(side)
            self.send(side)
            self.send(side.other)
        except OSError:
            self.drop(side)

    def receive(self, side):
        try:
            data = side.socket.recv(PIECE)
        except BlockingIOError:
            return
        side.other.queue += data
        if not data:
            side.ended = side.other.ending = True

    def send(self, side):
        if side.socket.fileno() < 0:
            return
        if side.queue:
            try:
                side.queue = side.queue[side.socket.send(side.queue):]
            except BlockingIOError:
                pass
        if side.ending and not side.queue:
            side.socket.shutdown(socket.SHUT_WR)
            side.ending = False
            if side.ended:
                return self.drop(side)
        self.want(side)

    def want(self, side):
        events = (0 if side.ended else READ) | (WRITE if side.queue else 0)
        known = side.socket in self.selector.get_map()
        if events and known:
            key = self.selector.get_key(side.socket)
            if key.events != events:
                self.selector.modify(side.socket, events, key.data)
        elif events:
            self.selector.register(side.socket, events, lambda event: self.move(side, event))
        elif known:
            self.selector.unregister(side.socket)

    def drop(self, side):
        for each in (side, side.other):
            if each.socket.fileno() >= 0:
                if each.socket in self.selector.get_map():
                    self.selector.unregister(each.socket)
                each.socket.close()

    def run(self):
        while True:
            for key, event in self.selector.select():
                if key.fileobj.fileno() >= 0:
                    key.data(event)


signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run ends us
Relay(sys.argv[1], int(sys.argv[2])).run()
