"""What is counted in instructions and system calls: each row is one way to use a server.

A row is measured at two lengths; the difference belongs to the messages alone. Knows the items of
hosts/epoll.c. Refuses to know how anything is counted.
"""

from dataclasses import dataclass

from bench.frames import DATA_FRAME, DATA_FRAMES, UNARY, Exchanges, Farewell, OneAnswer, served
from bench.requests import BROWSER, CURL, MEBIBYTE, PIPELINED, UPLOAD, UPLOAD_HEAD, WRK

READ = 1 << 16
SHORT, LONG = 100, 600  # of a usual row
FEW, MORE = 2, 6  # of a heavy one


@dataclass(frozen=True)
class Row:
    name: str
    what: str
    item: str
    wire: bytes = b""  # what the client sends for one measure; nothing: the item is a loop
    responses: int = 1  # in one measure
    lengths: tuple = (SHORT, LONG)
    per: str = "request"
    crowd: int = 0  # so many other connections are open meanwhile
    frames: Exchanges | OneAnswer | Farewell | None = None  # HTTP/2: who visits

    def items(self):
        """Once to have been everywhere, then both lengths."""
        return [self.item.format(times=times) for times in self.times()]

    def times(self):
        return [self.lengths[0], *self.lengths]

    def shared_by(self):
        """Into how many units the difference is divided."""
        return (self.lengths[1] - self.lengths[0]) * self.responses


def reads_of(*sizes):
    return "reads:" + ",".join(map(str, sizes))


def line_sizes(head):
    return [len(line) for line in head.splitlines(keepends=True)]


ROWS = [
    Row("41B", "GET of 41 bytes (wrk)", "plain", WRK),
    Row("41B-in-crowd", "the same, on one after the other of 500 connections", "plain", WRK,
        crowd=500, lengths=(500, 1500)),
    Row("79B", "GET of 79 bytes (curl)", "plain", CURL),
    Row("453B", "GET of 453 bytes (browser, 9 fields)", "plain", BROWSER),
    Row("pipelined", "41 bytes, 16 pipelined, a write each", "plain", WRK * PIPELINED, PIPELINED),
    Row("pipelined-one-write", "41 bytes, 16 pipelined, one write", "one-write",
        WRK * PIPELINED, PIPELINED),
    Row("request-by-line", "browser's head, a read for each line", reads_of(*line_sizes(BROWSER)),
        BROWSER),
    Row("response-by-line", "head, a write for each line", "lines", WRK),
    Row("upload", "request of 1 MiB, 16 reads", reads_of(len(UPLOAD_HEAD), *[READ] * 16), UPLOAD,
        lengths=(FEW, MORE)),
    Row("download", "response of 1 MiB, 16 writes", "mebibyte", WRK, lengths=(FEW, MORE)),
    Row("chunks", "response of 1000 chunks, a write each", "chunks", WRK, lengths=(FEW, MORE)),
    Row("chunks-one-write", "response of 1000 chunks, one write", "chunks-in-one", WRK,
        lengths=(FEW, MORE)),
    Row("h2-unary", "HTTP/2: HEADERS and DATA in, HEADERS, DATA and trailers out (gRPC)",
        f"frames:{served()}", UNARY, frames=Exchanges()),
    Row("h2-data", "HTTP/2: a DATA frame out, a write each", f"frames:{served(DATA_FRAMES, 1)}",
        UNARY, DATA_FRAMES, (FEW, MORE), per="frame", frames=Exchanges(DATA_FRAMES * DATA_FRAME)),
    Row("h2-data-one-write", "HTTP/2: one DATA frame more in the same write",
        f"frames:{served(1, '{times}')}", UNARY, lengths=(1, 1 + DATA_FRAMES), per="frame",
        frames=OneAnswer()),
    Row("pipe", "write and read of a pipe", "pipe:{times}", responses=2, per="call"),
    Row("file", "write and read of a file", "file:{times}", responses=2, per="call"),
    Row("upstream", "write and read of a connection it made", "upstream:{times}", responses=2,
        per="call"),
]
NAMED = {row.name: row for row in ROWS}
assert len(UPLOAD) == len(UPLOAD_HEAD) + MEBIBYTE


def chosen(names):
    unknown = [name for name in names if name not in NAMED]
    if unknown:
        raise SystemExit(f"no row {' '.join(unknown)}; there are: {' '.join(NAMED)}")
    return [NAMED[name] for name in names] or ROWS
