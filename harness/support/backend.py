"""The backend that stands behind the proxies: it answers, and records each connection's bytes.

Runs in threads of the test's own process, so that a test can look at what it has. Never preloaded.
"""

import fcntl
import select
import socket
import struct
import threading
from termios import FIONREAD

from support import http_message
from support.messages import chunked

RECEIVE = 1 << 16
PLAIN = [b"Server: backend", b"Content-Type: text/plain"]


class Backend:
    def __init__(self, www):
        self.www = www
        self.connections = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            conversation = Conversation(sock, self.www)
            self.connections.append(conversation)
            threading.Thread(target=conversation.serve, daemon=True).start()

    def targets(self):
        return [target for conversation in list(self.connections)
                for target in conversation.targets]

    def received(self):
        """The bytes of each connection that carried any: probes and spares carry none."""
        received = [bytes(conversation.bytes) for conversation in list(self.connections)]
        return [data for data in received if data]

    def at_rest(self):
        """Has it answered all that has come, and nothing is there to be looked at?"""
        poll = select.poll()
        poll.register(self.listener, select.POLLIN)
        busy = any(conversation.is_busy() for conversation in list(self.connections))
        return not busy and not poll.poll(0)

    def close(self):
        self.listener.close()
        for conversation in self.connections:
            conversation.close()


class Conversation:
    def __init__(self, sock, www):
        self.socket = sock
        self.www = www
        self.bytes = bytearray()
        self.targets = []
        self.reader = http_message.Reader(self.more)
        self.waiting = threading.Event()  # for bytes
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def more(self):
        self.waiting.set()
        select.select([self.socket], [], [])  # what has come stays unread until it is told so
        self.waiting.clear()
        data = self.socket.recv(RECEIVE)
        self.bytes += data
        self.reader.buffer += data
        return bool(data)

    def serve(self):
        try:
            while self.exchange():
                pass
        except (OSError, http_message.Incomplete):
            pass
        self.close()

    def is_busy(self):
        try:
            unread = fcntl.ioctl(self.socket, FIONREAD, b"\0" * 4)
        except (OSError, ValueError):  # closed
            return False
        return not self.waiting.is_set() or struct.unpack("i", unread)[0] > 0

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def exchange(self):
        head = self.reader.head()
        method, target, _ = head.split(b"\r\n", 1)[0].split(b" ")
        length = self.content_length(head)
        self.targets.append(target.decode())
        self.answer(method, target.decode().partition("?")[0], length)
        return b"close" not in http_message.connection_options(head)

    def content_length(self, head):
        fields = dict(http_message.fields_of(head))
        if b"expect" in fields:
            self.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if b"transfer-encoding" in fields:
            return len(http_message.unchunked(self.reader.chunked()))
        return len(self.reader.exactly(int(fields.get(b"content-length", 0))))

    def answer(self, method, path, length):
        if path == "/chunks":
            body = chunked(b"first\n", b"second " * 5000, b"third\n")
            return self.send(b"200 OK", [b"Transfer-Encoding: chunked"], body)
        content = self.content(path, length)
        fields = [b"Content-Length: %d" % len(content)]
        self.send(b"200 OK", fields, b"" if method == b"HEAD" else content)

    def content(self, path, length):
        if path == "/length":
            return str(length).encode()
        file = self.www / path.lstrip("/")
        return file.read_bytes() if file.is_file() else b"none\n"

    def send(self, status, fields, body):
        lines = [b"HTTP/1.1 " + status, *PLAIN, *fields]
        self.socket.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
