"""A client: a pool of kept connections, and requests that are due at given times whoever is ready.

Told what to do by a line of JSON, and by a second one when the first second begins; tells what happened
in one line each (see told.py). All of its connections are opened before and replaced when they end; a request takes the one that has
been idle for longest. As pools do, it repeats a request, elsewhere, whose reused connection ended
before a byte of the response. Knows HTTP no further than a head and Content-Length.
"""

import collections
import json
import selectors
import signal
import socket
import sys
import time

TRIES = 3
AGAIN = 0.2  # seconds until a refused connection is tried again
LEAD = 0.02
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Job:
    def __init__(self, due):
        self.due, self.tries, self.sent = due, 0, 0.0


class Connection:
    def __init__(self, number, sock):
        self.number, self.socket = number, sock
        self.requests, self.buffer, self.job = 0, b"", None


class Pool:
    def __init__(self, orders):
        self.service = (orders["address"], orders["port"])
        self.request = (f"GET {orders['path']} HTTP/1.1\r\nHost: {orders['address']}\r\n\r\n").encode()
        self.size, self.begin, self.end = orders["connections"], None, orders["end"]
        self.due = collections.deque(orders["due"])
        self.selector = selectors.DefaultSelector()
        self.idle, self.waiting = collections.OrderedDict(), collections.deque()
        self.busy, self.again = set(), []
        self.number = self.open_now = 0

    def now(self):
        """Seconds since the beginning; before it is known, something before it."""
        return time.monotonic() - self.begin if self.begin else -1.0

    def tell(self, *words):
        sys.stdout.write(" ".join(f"{word:.4f}" if isinstance(word, float) else str(word)
                                  for word in words) + "\n")

    # ---- connections ------------------------------------------------------------------------

    def fill(self):
        while self.open_now < self.size:
            self.open()

    def open(self):
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect_ex(self.service)
        self.number += 1
        self.open_now += 1
        self.selector.register(sock, WRITE, Connection(self.number, sock))

    def opened(self, connection):
        error = connection.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self.tell("refused", self.now(), connection.number)
            self.again.append(time.monotonic() + AGAIN)
            self.drop(connection)
            self.open_now += 1  # its place is taken until it is tried again
            return
        self.selector.modify(connection.socket, READ, connection)
        self.tell("open", self.now(), connection.number)
        self.idle[connection] = None

    def drop(self, connection):
        self.idle.pop(connection, None)
        self.busy.discard(connection)
        self.selector.unregister(connection.socket)
        connection.socket.close()
        self.open_now -= 1

    def close(self, connection, how):
        self.tell("close", self.now(), connection.number, connection.requests, how)
        self.drop(connection)

    # ---- requests ---------------------------------------------------------------------------

    def dispatch(self):
        while self.due and self.due[0] <= self.now():
            self.waiting.append(Job(self.due.popleft()))
        while self.waiting and self.idle:
            connection, _ = self.idle.popitem(last=False)
            self.send(connection, self.waiting.popleft())

    def send(self, connection, job):
        job.tries, job.sent, connection.job = job.tries + 1, self.now(), job
        self.busy.add(connection)
        try:
            connection.socket.send(self.request)
        except OSError:
            self.ended(connection, "reset")

    def receive(self, connection):
        try:
            data = connection.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            return self.ended(connection, "reset")
        if not data:
            return self.ended(connection, "fin")
        connection.buffer += data
        head, blank, content = connection.buffer.partition(b"\r\n\r\n")
        if blank:
            self.answered(connection, head.lower(), content)

    def answered(self, connection, head, content):
        length = head.partition(b"content-length:")[2].split(b"\r\n")[0].strip()
        if not length.isdigit():
            return self.spoilt(connection, "no-length")
        if len(content) < int(length):
            return None
        if head.split()[1] != b"200" or len(content) > int(length) or not connection.job:
            return self.spoilt(connection, "not-the-answer")
        told = b"\r\nconnection: close" in head
        self.done(connection, content.decode().strip(), told)
        if told:
            return self.close(connection, "told")
        self.idle[connection] = None
        return None

    def done(self, connection, instance, told):
        job, connection.job, connection.buffer = connection.job, None, b""
        connection.requests += 1
        self.busy.discard(connection)
        self.tell("done", job.due, job.sent, self.now(), connection.number, instance, job.tries,
                  int(told))

    def spoilt(self, connection, why):
        if connection.job:
            self.tell("fail", connection.job.due, self.now(), connection.number, why)
        self.close(connection, why)

    def ended(self, connection, how):
        job = connection.job
        if job and connection.requests and not connection.buffer and job.tries < TRIES:
            self.tell("retry", job.due, self.now(), connection.number, how)
            self.waiting.appendleft(job)
        elif job:
            self.tell("fail", job.due, self.now(), connection.number, how)
        self.close(connection, how)

    # ---- its life ---------------------------------------------------------------------------

    def turn(self):
        soon = self.due[0] - self.now() if self.due else LEAD
        for key, event in self.selector.select(min(max(soon, 0.0), LEAD)):
            self.opened(key.data) if event & WRITE else self.receive(key.data)
        while self.again and self.again[0] <= time.monotonic():
            self.again.pop(0)
            self.open_now -= 1
        self.fill()
        self.dispatch()

    def wait(self):
        """Until all connections are open and everybody else is as far."""
        while len(self.idle) < self.size:
            self.turn()
        self.tell("ready")
        sys.stdout.flush()
        self.begin = json.loads(sys.stdin.readline())

    def run(self):
        self.wait()
        while self.now() < self.end:
            self.turn()
            sys.stdout.flush()
        for job in [connection.job for connection in self.busy] + list(self.waiting):
            self.tell("left", job.due)
        sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run ends us
    try:
        Pool(json.loads(sys.stdin.readline())).run()
    except (BrokenPipeError, ValueError):  # the run is over before it began, or while it went on
        sys.exit(1)
