"""A raw-socket HTTP/1.1 client that keeps every byte of both directions.

Knows sockets, deadlines and how a connection ended: FIN, RST, or still open. Refuses to know any
server. TCP_NODELAY and, around each receive, TCP_QUICKACK are set: several servers write head and
body apart without TCP_NODELAY, and a delayed ACK would cost 45 ms a request.
"""

import errno
import fcntl
import socket
import struct
import termios

from support import http_message
from support.waiting import PATIENCE, Deadline, until

FIN, RST, OPEN = "FIN", "RST", "open"
TCP_CLOSE, TCP_CLOSE_WAIT = 7, 8
SIOCINQ = termios.FIONREAD
SIOCOUTQ = termios.TIOCOUTQ
RECEIVE = 1 << 18

# Of the running test, for its report when it fails; conftest empties it between tests.
transcripts = []


class Client:
    def __init__(self, port, patience=PATIENCE, receive_buffer=None):
        self.log = []
        self.ended = OPEN
        self.was_reset = False
        self.reader = http_message.Reader(self.receive)
        self.deadline = Deadline(patience)
        self.socket = self.connect(port, receive_buffer)
        transcripts.append(self)

    def connect(self, port, receive_buffer):
        sock = socket.socket()
        sock.settimeout(self.deadline.left())
        if receive_buffer:  # before connect: the window is agreed on in the SYN
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(("127.0.0.1", port))
        return sock

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    # ---- sending ----------------------------------------------------------------------------

    def send(self, data):
        """Everything, unless the peer resets: what it said before may still be received."""
        self.socket.settimeout(self.deadline.left())
        self.log.append((">", bytes(data)))
        try:
            self.socket.sendall(data)
        except (ConnectionResetError, BrokenPipeError):
            self.log.append(("<", b"<RST>"))
            self.was_reset = True

    def send_apart(self, data, cuts):
        """The same bytes in pieces that end at `cuts`; TCP_NODELAY makes each a segment."""
        edges = [0, *cuts, len(data)]
        for start, end in zip(edges, edges[1:]):
            self.send(data[start:end])

    def send_bytewise(self, data):
        self.send_apart(data, range(1, len(data)))

    def half_close(self):
        """ENOTCONN: both directions had finished already."""
        self.log.append((">", b"<FIN>"))
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                self.note_end(error)

    # ---- receiving --------------------------------------------------------------------------

    def receive(self):
        """One receive into the reader's buffer: True, or False at the end of input."""
        if self.ended != OPEN:
            return False
        try:
            data = self.receive_once()
        except ConnectionError as error:
            return self.note_end(error)
        except TimeoutError:
            raise http_message.Incomplete("nothing came before the deadline") from None
        self.log.append(("<", data or b"<FIN>"))
        self.reader.buffer += data
        if not data:
            self.ended = RST if self.was_reset else FIN
        return bool(data)

    def receive_once(self):
        self.acknowledge_at_once()
        self.socket.settimeout(self.deadline.left())
        data = self.socket.recv(RECEIVE)
        self.acknowledge_at_once()
        return data

    def acknowledge_at_once(self):
        """The kernel forgets this mode by itself, hence each time anew."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def note_end(self, error):
        if error.errno not in (errno.ECONNRESET, errno.EPIPE):
            raise error
        self.log.append(("<", b"<RST>"))
        self.ended = RST
        return False

    def response(self, method="GET"):
        return self.reader.response(method)

    def exchange(self, request, method="GET"):
        self.send(request)
        return self.response(method)

    def rest(self):
        """All bytes until the connection ends."""
        while self.receive():
            pass
        return bytes(self.reader.buffer)

    # ---- how it ends ------------------------------------------------------------------------

    def ending(self):
        """FIN or RST, waited for; what comes before it stays in the buffer and is a fault."""
        self.rest()
        return self.ended

    def queued(self):
        return self.queue(SIOCINQ)

    def unacknowledged(self):
        return self.queue(SIOCOUTQ)

    def queue(self, request):
        return struct.unpack("i", fcntl.ioctl(self.socket, request, b"\0" * 4))[0]

    def tcp_state(self):
        return self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]

    def leave(self):
        """Close our half as well and see both directions finish: FIN, or RST if one was met."""
        self.half_close()
        until(lambda: self.tcp_state() == TCP_CLOSE, self.deadline.left())
        if self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.ended = RST
        return self.ended

    def cut(self, how):
        """Leave at once: an ordinary close, or a reset by a linger time of zero."""
        if how == RST:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    # ---- for the report ---------------------------------------------------------------------

    def transcript(self):
        return "\n".join(f"{way} {shortened(data)}" for way, data in merged(self.log))


def merged(log):
    """Neighbours of one direction as one entry: byte-wise sends would fill pages."""
    runs = []
    for way, data in log:
        if runs and runs[-1][0] == way:
            runs[-1][1].append(data)
        else:
            runs.append((way, [data]))
    return [(way, b"".join(parts)) for way, parts in runs]


def shortened(data, room=1500):
    if len(data) <= room:
        return repr(data)
    return f"{data[:room // 2]!r} … {len(data) - room} bytes … {data[-room // 2:]!r}"
