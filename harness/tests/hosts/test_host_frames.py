"""A client is told to go in HTTP/2 whatever call the server writes by, and however its writes are cut:
once, before the next frame, in between nothing; every other byte, count and completion is as bare.
"""

import socket
from dataclasses import dataclass

import pytest

from h2 import frames
from h2.frames import FIELDS, GREETING
from hosts import building
from hosts.paged import host
from support.waiting import PATIENCE

NTH, REQUESTS = 3, 6
TOLD = frames.TOLD.wire
WAYS = ["write", "send", "pieces", "more", "writev", "most-parts", "sendmsg", "control", "sendmmsg",
        "zerocopy", "sendfile", "splice"]


@dataclass
class Run:
    wire: bytes
    said: list
    status: int

    @property
    def due(self):
        """How many of its bytes the server had been told were taken when it had read the N-th."""
        [line] = [line for line in self.said if line.startswith("due ")]
        return int(line.split()[1])


def asking():
    return b"".join(frames.Frame(frames.HEADERS, frames.END_STREAM | frames.END_HEADERS, stream,
                                 FIELDS).wire for stream in range(1, 2 * REQUESTS, 2))


def received(client, slowly):
    parts = []
    while part := client.recv(1000 if slowly else 1 << 16):
        parts.append(part)
    return b"".join(parts)


def run(library, folder, way, pace, mode, payload, **settings):
    """All requests are there at once, and the server reads one by one."""
    words = (building.program("frames"), way, pace, mode, str(REQUESTS), str(payload),
             str(NTH))
    with host(library, folder, *words, settings=settings) as (process, port):
        with socket.socket() as client:
            client.settimeout(PATIENCE)
            if mode == "edge":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2000)
            client.connect(("127.0.0.1", port))
            client.sendall(GREETING + asking())
            wire = received(client, slowly=mode == "edge")
        return Run(wire, process.stdout.read().decode().splitlines(), process.wait(PATIENCE))


def starts(wire):
    """Where each frame begins, and where the last one ends."""
    found, at = [0], 0
    while at < len(wire):
        frame, size = frames.first(wire[at:at + (1 << 17)])
        assert frame, f"{len(wire) - at} bytes are no frame"
        at += size
        found.append(at)
    return found


def is_told(run, bare):
    assert run.status == bare.status == 0
    assert run.wire.count(TOLD) == 1
    place = run.wire.index(TOLD)
    assert run.wire[:place] + run.wire[place + len(TOLD):] == bare.wire
    assert place == min(start for start in starts(bare.wire) if start >= run.due)
    assert run.said == bare.said


@pytest.mark.parametrize("pace", ["whole", "astride"])
@pytest.mark.parametrize("way", WAYS)
def test_a_client_is_told_in_any_call(way, pace, library, tmp_path):
    how = (tmp_path, way, pace, "blocking", 3000)
    is_told(run(library, *how, LASTCALL_REQUESTS=str(NTH)), run(None, *how))


@pytest.mark.parametrize("pace", ["whole", "astride"])
@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("pieces", "zerocopy")])
def test_a_server_that_is_told_once_of_room_is_not_left_waiting(way, pace, library, tmp_path):
    """Small buffers and a slow client: most writes are cut."""
    how = (tmp_path, way, pace, "edge", 60_000)
    told, bare = run(library, *how, LASTCALL_REQUESTS=str(NTH)), run(None, *how)
    told.said = bare.said = [line for line in told.said if line.startswith("due ")]
    is_told(told, bare)


@pytest.mark.parametrize("way", WAYS)
def test_without_a_limit_every_byte_is_as_bare(way, library, tmp_path):
    how = (tmp_path, way, "astride", "blocking", 3000)
    off, bare = run(library, *how, LASTCALL_REQUESTS="off"), run(None, *how)
    assert (off.wire, off.said, off.status) == (bare.wire, bare.said, 0)
