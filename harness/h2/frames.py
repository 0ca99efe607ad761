"""HTTP/2 frames as bytes and back: RFC 9113 section 4, and the few frames that a client sends.

Written apart from the library on purpose. Knows bytes only: no socket, no stream's state, no HPACK.
"""

import struct
from dataclasses import dataclass

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADER = 9

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, \
    CONTINUATION = range(10)
NAMES = ("DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY",
         "WINDOW_UPDATE", "CONTINUATION")

ACK = END_STREAM = 0x1
END_HEADERS = 0x4
PADDED = 0x8
PRIORITISED = 0x20

INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE = 4, 5
NO_ERROR, CANCEL = 0, 8
EVERY_STREAM = (1 << 31) - 1


@dataclass(frozen=True)
class Frame:
    type: int
    flags: int
    stream: int
    payload: bytes

    def has(self, flag):
        return bool(self.flags & flag)

    @property
    def ends_stream(self):
        return self.type in (DATA, HEADERS) and self.has(END_STREAM)

    @property
    def wire(self):
        size = struct.pack("!I", len(self.payload))[1:]
        return size + struct.pack("!BBI", self.type, self.flags, self.stream) + self.payload

    @property
    def content(self):
        """The payload of DATA or HEADERS without padding and priority."""
        start, end = 0, len(self.payload)
        if self.has(PADDED):
            start, end = 1, end - self.payload[0]
        if self.type == HEADERS and self.has(PRIORITISED):
            start += 5
        return self.payload[start:end]

    def __str__(self):
        name = NAMES[self.type] if self.type < len(NAMES) else f"type {self.type}"
        return f"{name} stream={self.stream} flags={self.flags:#x} {self.payload[:40]!r} " \
               f"({len(self.payload)} bytes)"


def first(buffer):
    """The frame that a buffer begins with and how long it is on the wire, or None, 0."""
    if len(buffer) < HEADER:
        return None, 0
    size = int.from_bytes(buffer[:3], "big")
    if len(buffer) < HEADER + size:
        return None, 0
    kind, flags, stream = struct.unpack_from("!BBI", buffer, 3)
    payload = bytes(buffer[HEADER:HEADER + size])
    return Frame(kind, flags, stream & EVERY_STREAM, payload), HEADER + size


# ---- Frames of few words -----------------------------------------------------------------------


def settings(**values):
    numbers = {"initial_window_size": INITIAL_WINDOW_SIZE, "max_frame_size": MAX_FRAME_SIZE}
    pairs = (struct.pack("!HI", numbers[name], value) for name, value in values.items())
    return Frame(SETTINGS, 0, 0, b"".join(pairs))


def settings_of(frame):
    return dict(struct.iter_unpack("!HI", frame.payload))


def window_update(stream, size):
    return Frame(WINDOW_UPDATE, 0, stream, struct.pack("!I", size))


def ping(text):
    return Frame(PING, 0, 0, text)


def acknowledgement(frame):
    return Frame(frame.type, ACK, 0, frame.payload if frame.type == PING else b"")


def reset(stream, code=CANCEL):
    return Frame(RST_STREAM, 0, stream, struct.pack("!I", code))


def goaway(last, code=NO_ERROR):
    return Frame(GOAWAY, 0, 0, struct.pack("!II", last, code))


TOLD = goaway(EVERY_STREAM)
GREETING = PREFACE + settings().wire  # a client's
FIELDS = b"\x82"  # a header section of one field, of the static table
