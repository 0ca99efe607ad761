"""HTTP/1.1 responses, read plainly: status line, field lines, message body length.

Written apart from the library on purpose: it shares no code and no cleverness with what it
judges. Knows bytes only; it asks a `more()` for further ones and knows no socket.
"""

from dataclasses import dataclass, field

CRLF = b"\r\n"
HEAD_END = b"\r\n\r\n"


class Incomplete(AssertionError):
    """The connection ended, or its deadline passed, inside a response."""


@dataclass
class Response:
    head: bytes
    body: bytes = b""
    framing: str = "none"
    interim: list = field(default_factory=list)

    @property
    def status(self):
        return int(self.head.split(b" ", 2)[1])

    @property
    def version(self):
        return self.head.split(b" ", 1)[0]

    @property
    def fields(self):
        return fields_of(self.head)

    def values(self, name):
        return [value for key, value in self.fields if key == name.lower()]

    def options(self):
        return connection_options(self.head)

    @property
    def content(self):
        return unchunked(self.body) if self.framing == "chunked" else self.body

    @property
    def wire(self):
        return b"".join(self.interim) + self.head + self.body

    @property
    def persists(self):
        """RFC 9112 9.3, as a client sees it; a body until close leaves nothing to persist."""
        if self.framing == "until close" or b"close" in self.options():
            return False
        return self.version == b"HTTP/1.1" or b"keep-alive" in self.options()


def field_lines(head):
    return head[:-len(HEAD_END)].split(CRLF)[1:]


def split_field(line):
    name, _, value = line.partition(b":")
    return name.lower(), value.strip(b" \t")


def fields_of(head):
    return [split_field(line) for line in field_lines(head)]


def connection_options(head):
    """The members of all Connection fields, in lower case and in order."""
    joined = b",".join(value for name, value in fields_of(head) if name == b"connection")
    members = (member.strip(b" \t").lower() for member in joined.split(b","))
    return [member for member in members if member]


def unchunked(raw):
    content = bytearray()
    while True:
        line, _, raw = raw.partition(CRLF)
        size = int(line.split(b";")[0], 16)
        if not size:
            return bytes(content)
        content += raw[:size]
        raw = raw[size + len(CRLF):]


class Reader:
    """Takes responses off a growing buffer. `more()` appends to it, or answers False at the end."""

    def __init__(self, more):
        self.more = more
        self.buffer = bytearray()

    def response(self, method="GET"):
        interim = []
        head = self.head()
        while head.split(b" ", 2)[1].startswith(b"1") and not is_switch(head):
            interim.append(head)
            head = self.head()
        body, framing = self.body(head, method)
        return Response(head, body, framing, interim)

    def head(self):
        return self.through(HEAD_END)

    def body(self, head, method):
        """RFC 9112 6.3, without what none of the servers here sends."""
        fields = dict(fields_of(head))
        status = int(head.split(b" ", 2)[1])
        if method == "HEAD" or status in (101, 204, 304):
            return b"", "none"
        if method == "CONNECT" and 200 <= status < 300:
            return b"", "none"
        if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
            return self.chunked(), "chunked"
        if b"content-length" in fields:
            return self.exactly(int(fields[b"content-length"])), "length"
        return self.until_close(), "until close"

    def chunked(self):
        raw = bytearray()
        while True:
            line = self.through(CRLF)
            size = int(line.split(b";")[0], 16)
            raw += line
            if not size:
                return bytes(raw + self.trailers())
            raw += self.exactly(size + len(CRLF))

    def trailers(self):
        raw = b""
        while not raw.endswith(CRLF + CRLF) and raw != CRLF:
            raw += self.through(CRLF)
        return raw

    def until_close(self):
        while self.more():
            pass
        return self.exactly(len(self.buffer))

    def through(self, mark):
        while (at := self.buffer.find(mark)) < 0:
            self.need()
        return self.exactly(at + len(mark))

    def exactly(self, size):
        while len(self.buffer) < size:
            self.need()
        taken = bytes(memoryview(self.buffer)[:size])
        del self.buffer[:size]
        return taken

    def need(self):
        if not self.more():
            raise Incomplete(f"the response ends early, after {bytes(self.buffer[:200])!r}")


def is_switch(head):
    return head.split(b" ", 2)[1] == b"101"
