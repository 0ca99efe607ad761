"""A raw HTTP/2 client over one socket that keeps every frame it was sent, in order.

It acknowledges SETTINGS and PINGs, leaves the server all room to send, and keeps to the room that it
is given itself. What RFC 9113 forbids a server is a fault at once: no SETTINGS first, a frame inside
a header block. Knows deadlines and how the connection ended; refuses to know any server.
"""

import base64
import functools
from dataclasses import dataclass, field

import hpack

from h2 import frames
from h2.frames import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PREFACE,
                       PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, Frame)
from support.client import OPEN, Client
from support.http_message import Incomplete
from support.waiting import PATIENCE, until

ROOM = (1 << 30) - 1
PIECE = 16_384
ORDINARY_WINDOW = 65_535

# Those of the running test: a server that is told to end may wait for them.
opened = []


@dataclass
class Answer:
    """What came on one stream: header lists (interim, response, trailers), data, how it ended."""

    blocks: list = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)
    ended: bool = False
    reset: int = None

    @property
    def over(self):
        return self.ended or self.reset is not None

    @property
    def status(self):
        return int(dict(self.blocks[0])[b":status"])

    @property
    def trailers(self):
        return dict(self.blocks[-1])


class Peer:
    def __init__(self, port, prefix=b"", upgrading=None, window=ROOM, patience=PATIENCE,
                 send=Client.send, begin=Client.send):
        """By prior knowledge, behind a prefix, or by upgrading with the path that is given."""
        self.client = Client(port, patience)
        self.send_bytes = functools.partial(send, self.client)
        opened.append(self)
        self.frames, self.answers = [], {}
        self.next_stream = 1
        self.block = None  # the header block that is open: its first frame, its bytes so far
        self.windows, self.initial_window = {0: ORDINARY_WINDOW}, ORDINARY_WINDOW
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.decoder.max_allowed_table_size = ORDINARY_WINDOW
        self.decoder.max_header_list_size = 1 << 24
        if prefix:
            self.client.send(prefix)
        self.switched = self.upgrade(upgrading) if upgrading else None
        settings = frames.settings(initial_window_size=window)
        begin(self.client, PREFACE + settings.wire + frames.window_update(0, ROOM).wire)

    def upgrade(self, path):
        """The head that switches; the request is stream 1, which our side has ended."""
        offered = base64.urlsafe_b64encode(frames.settings(initial_window_size=ROOM).payload)
        lines = [b"GET %s HTTP/1.1" % path.encode(), b"Host: localhost",
                 b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c",
                 b"HTTP2-Settings: " + offered.rstrip(b"="), b"", b""]
        self.client.send(b"\r\n".join(lines))
        head = self.client.reader.head()
        assert head.startswith(b"HTTP/1.1 101 "), head
        self.answers[1], self.next_stream = Answer(), 3
        self.windows[1] = self.initial_window
        return head

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.client.socket.close()

    # ---- sending ----------------------------------------------------------------------------

    def send(self, *given):
        self.send_bytes(b"".join(frame.wire for frame in given))

    def open(self, method, path, fields=(), ends=True):
        """The id of a new stream, whose HEADERS are out."""
        stream = self.new_stream()
        block = self.block_of(method, path, fields)
        self.send(Frame(HEADERS, END_HEADERS | (END_STREAM if ends else 0), stream, block))
        return stream

    def new_stream(self):
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        self.answers[stream] = Answer()
        self.windows[stream] = self.initial_window
        return stream

    def block_of(self, method, path, fields=()):
        pseudo = [(":method", method), (":scheme", "http"), (":path", path),
                  (":authority", "localhost")]
        return self.encoder.encode([*pseudo, *fields])

    def get(self, path):
        return self.open("GET", path)

    def post(self, path, content, fields=()):
        stream = self.open("POST", path, fields, ends=False)
        self.data(stream, content, ends=True)
        return stream

    def data(self, stream, content, ends=False, piece=PIECE):
        """In DATA frames of at most a piece, as the server's windows allow; a reset ends it."""
        while True:
            part = content[:min(piece, self.room(stream))]
            if self.answers[stream].over:
                return
            if part or not content:
                content = content[len(part):]
                last = ends and not content
                self.take_room(stream, len(part))
                self.send(Frame(DATA, END_STREAM if last else 0, stream, bytes(part)))
                if not content:
                    return
            else:
                self.more()

    def room(self, stream):
        return max(0, min(self.windows[0], self.windows[stream]))

    def take_room(self, stream, size):
        self.windows[0] -= size
        self.windows[stream] -= size

    def give_room(self, stream, size=ROOM):
        self.send(frames.window_update(stream, size))

    def reset(self, stream):
        self.send(frames.reset(stream))

    def ping(self, text=b"lastcall"):
        """A PING whose acknowledgement has come: all that the server wrote before it is here."""
        answered = Frame(PING, ACK, 0, text)
        before = self.frames.count(answered)
        self.send(frames.ping(text))
        self.until(lambda: self.frames.count(answered) > before)

    # ---- receiving --------------------------------------------------------------------------

    def more(self):
        """One receive and the frames that it made whole; a fault when there is no more."""
        came = self.client.receive()
        while True:
            frame, size = frames.first(self.client.reader.buffer)
            if not frame:
                break
            del self.client.reader.buffer[:size]
            self.note(frame)
        if not came:
            raise Incomplete(f"the connection ended: {self.client.ended}")

    def until(self, condition):
        while not condition():
            self.more()

    def whole(self, stream):
        """The stream's answer, once it is over."""
        answer = self.answers[stream]
        self.until(lambda: answer.over)
        return answer

    def wait(self, size, stream):
        """So many bytes of a stream's data, taken away from its answer."""
        answer = self.answers[stream]
        self.until(lambda: len(answer.data) >= size or answer.over)
        taken = bytes(answer.data[:size])
        del answer.data[:size]
        return taken

    def ending(self):
        """FIN or RST, waited for; the frames before it are kept."""
        try:
            while True:
                self.more()
        except Incomplete:
            assert self.client.ended != OPEN, "the connection was not ended before the deadline"
        return self.client.ended

    def ended(self):
        """What has come is taken, without waiting for more: has the connection ended?"""
        while self.client.ended == OPEN and (self.client.queued() or self.client.tcp_state() != 1):
            try:
                self.more()
            except Incomplete:
                break
        return self.client.ended != OPEN

    def leave(self):
        return self.client.leave()

    # ---- what a frame does to us ------------------------------------------------------------

    def note(self, frame):
        assert self.frames or frame.type == SETTINGS and not frame.flags, f"first of all: {frame}"
        self.frames.append(frame)
        if self.block:
            assert frame.type == CONTINUATION and frame.stream == self.block[0].stream, \
                f"inside a header block: {frame}"
        if frame.type in (HEADERS, CONTINUATION, PUSH_PROMISE):
            self.note_headers(frame)
        elif frame.type == DATA:
            self.answers[frame.stream].data += frame.content
            self.note_end(frame)
        elif frame.type == RST_STREAM:
            self.answers[frame.stream].reset = int.from_bytes(frame.payload, "big")
        elif frame.type == WINDOW_UPDATE:
            self.windows[frame.stream] += int.from_bytes(frame.payload, "big")
        elif frame.type in (SETTINGS, PING) and not frame.has(ACK):
            self.note_settings(frame)
            self.send(frames.acknowledgement(frame))

    def note_settings(self, frame):
        size = frame.type == SETTINGS and frames.settings_of(frame).get(frames.INITIAL_WINDOW_SIZE)
        if size is None or size is False:
            return
        for stream in self.windows:
            self.windows[stream] += size - self.initial_window if stream else 0
        self.initial_window = size

    def note_headers(self, frame):
        opening, block = self.block or (frame, b"")
        block += frame.payload if frame.type == CONTINUATION else frame.content
        self.block = None if frame.has(END_HEADERS) else (opening, block)
        if self.block:
            return
        if opening.type == PUSH_PROMISE:
            promised = int.from_bytes(block[:4], "big")
            self.answers[promised] = Answer()
            self.decoder.decode(block[4:], raw=True)
        else:
            self.answers[opening.stream].blocks.append(self.decoder.decode(block, raw=True))
            self.note_end(opening)

    def note_end(self, frame):
        self.answers[frame.stream].ended |= frame.ends_stream

    # ---- what came --------------------------------------------------------------------------

    def goaways(self):
        return [frame for frame in self.frames if frame.type == GOAWAY]

    def index(self, condition):
        return next(number for number, frame in enumerate(self.frames) if condition(frame))

    def quiet_until(self, condition, patience=PATIENCE):
        """Takes what comes until the condition holds, without a fault when nothing comes."""
        return until(lambda: self.ended() or condition(), patience)
