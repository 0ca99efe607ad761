"""Runs a host, bare or preloaded, for one conversation, and keeps all that can be compared: what
the client got, how its connection ended, the host's transcript, exit status and standard error.

Knows processes and the two laws of a comparison: `untouched` and `exact`. Refuses to know how the
host makes its calls.
"""

import os
import select
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from hosts import building
from support import laws
from support.client import FIN, OPEN, Client
from support.process import environment
from support.waiting import PATIENCE, Deadline

LIMITS = (1, 2, 3)
NO_LIMIT_LEFT = 77  # the host's status when it may not have the descriptor numbers asked for


def request(path="/", body=b"", method="GET"):
    length = f"Content-Length: {len(body)}\r\n" if body or method == "POST" else ""
    return f"{method} {path} HTTP/1.1\r\nHost: host\r\n{length}\r\n".encode() + body


# ---- The process -------------------------------------------------------------------------------


class Host:
    """One running host. Leaving the block ends it, and shows its transcript if something failed."""

    def __init__(self, *options, library=None, libc="glibc", program=None, connections=1,
                 settings=None, start=subprocess.Popen, pass_fds=()):
        self.folder = tempfile.TemporaryDirectory(prefix="lastcall-host-")
        self.path = Path(self.folder.name)
        self.errors = self.path / "stderr"
        command = [str(program or building.host(libc)), f"--trace={self.path / 'trace'}",
                   f"--connections={connections}", *options]
        with open(self.errors, "wb") as errors:
            self.popen = start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=errors, cwd=self.path, pass_fds=pass_fds,
                               env=environment({}, library, texts(settings or {})))
        self.port = None

    def __enter__(self):
        self.port = self.read_port()
        return self

    def read_port(self):
        """The first line of the host, or a failure that tells why there is none."""
        line, deadline = b"", Deadline()
        while not line.endswith(b"\n") and not deadline.over():
            if select.select([self.popen.stdout], [], [], deadline.left())[0]:
                data = os.read(self.popen.stdout.fileno(), 100)
                line += data
                if not data:
                    break
        if not line.startswith(b"port "):
            self.stop()
            if self.status == NO_LIMIT_LEFT:
                pytest.skip("the limit of open files cannot be raised here")
            raise AssertionError(f"the host did not start: {self.status}, {self.stderr()}")
        return int(line.split()[1])

    def __exit__(self, kind, *_):
        if kind:
            print(f"host: status {self.popen.poll()}, stderr {self.stderr()!r}")
            print("\n".join(self.trace()[-60:]))
        self.stop()
        self.folder.cleanup()

    def stop(self):
        if self.popen.poll() is None:
            self.popen.kill()
        self.status = self.popen.wait(PATIENCE)
        self.popen.stdout.close()

    def finish(self):
        """Its exit status, waited for: the host leaves by itself after its connections."""
        return self.popen.wait(PATIENCE)

    def stderr(self):
        return self.errors.read_bytes()

    def trace(self):
        file = self.path / "trace"
        return file.read_text(errors="replace").splitlines() if file.exists() else []

    def requests(self):
        return [line for line in self.trace() if line.startswith("request ")]


def texts(settings):
    return {name: str(value) for name, value in settings.items()}


# ---- One conversation --------------------------------------------------------------------------


@dataclass
class Run:
    said: object
    trace: list
    status: int
    stderr: bytes

    def requests(self):
        return [line for line in self.trace if line.startswith("request ")]


def run(options, talk, library=None, settings=None, **more):
    """`talk(port)` is the client's part; what it returns is kept as said."""
    with Host(*options, library=library, settings=settings, **more) as host:
        said = talk(host.port)
        status = host.finish()
        return Run(said, host.trace(), status, host.stderr())


@dataclass
class Said:
    responses: list
    ended: str
    left: str


def one_by_one(requests, last=False):
    """Each request after the response to the one before; `last` expects the server to end it."""
    def talk(port):
        with Client(port) as client:
            responses = [client.exchange(one) for one in requests]
            ended = client.ending() if last else OPEN
            assert not (last and client.reader.buffer), bytes(client.reader.buffer)
            return Said(responses, ended, client.leave())
    return talk


def pipelined(requests, answered):
    """All requests at once; so many answers are expected, then the end."""
    def talk(port):
        with Client(port) as client:
            client.send(b"".join(requests))
            responses = [client.response() for _ in range(answered)]
            ended = client.ending() if answered < len(requests) else OPEN
            assert not client.reader.buffer, bytes(client.reader.buffer)
            return Said(responses, ended, client.leave())
    return talk


# ---- Hosts that are their own clients --------------------------------------------------------------


def facts_of(*command, library=None, limit=None, patience=90):
    """What a program tells of itself, a line for each fact: its name and a number, or words."""
    settings = texts({"LASTCALL_REQUESTS": limit} if limit else {})
    done = subprocess.run([str(part) for part in command], capture_output=True, timeout=patience,
                          text=True, stdin=subprocess.DEVNULL, env=environment({}, library, settings))
    assert (done.returncode, done.stderr) == (0, ""), done
    facts = (line.rpartition(" ") for line in done.stdout.splitlines())
    return {name: int(value) if value.isdigit() else value for name, _, value in facts}


# ---- The two laws ------------------------------------------------------------------------------


def paths(*names):
    return [request(name) for name in names]


def exact(library, limit, options=(), requests=None, same_trace=True, **more):
    """N requests and no more: every call of the host is answered as bare, the N-th response is the
    last, FIN follows it, and no reset."""
    requests = requests or paths(*(f"/{number}" for number in range(1, limit + 1)))
    assert len(requests) == limit
    bare = run(options, one_by_one(requests), **more)
    kept = run(options, one_by_one(requests, last=True), library,
               {"LASTCALL_REQUESTS": limit}, **more)
    is_exact(bare.said, kept.said)
    as_well_behaved(bare, kept)
    if same_trace:
        assert kept.trace == bare.trace
    return bare, kept


def is_exact(bare, kept):
    for expected, got in zip(bare.responses[:-1], kept.responses[:-1], strict=True):
        assert got.wire == expected.wire
    laws.is_last(bare.responses[-1], kept.responses[-1])
    assert kept.ended == FIN
    assert kept.left == FIN


def as_well_behaved(bare, kept):
    assert (bare.status, bare.stderr) == (0, b"")
    assert (kept.status, kept.stderr) == (0, b"")


def untouched(library, limit, options=(), requests=None, talk=None, **more):
    """The library changes nothing at all: bytes, results and errors are those of the bare run."""
    talk = talk or one_by_one(requests or paths("/1", "/2", "/3", "/4"))
    bare = run(options, talk, **more)
    kept = run(options, talk, library, {"LASTCALL_REQUESTS": limit}, **more)
    assert wire_of(kept.said) == wire_of(bare.said)
    as_well_behaved(bare, kept)
    assert kept.trace == bare.trace
    return bare, kept


def wire_of(said):
    if isinstance(said, Said):
        return [response.wire for response in said.responses], said.ended, said.left
    return said


def result_of(*command, library=None, settings=None):
    done = subprocess.run([str(part) for part in command], capture_output=True, timeout=90,
                          env=environment({}, library, texts(settings or {})))
    return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode()
