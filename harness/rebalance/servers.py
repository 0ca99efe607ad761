"""The servers of the experiment: how one starts, and where its time and its capacity come from.

Each instance answers one path with its own name, after a fixed service time, to so many at once. The
frameworks run a small application that sleeps; nginx and webfsd are as they are, on a slow disk:
strace delays the system call that reads the file. Knows neither balancer nor library nor protocol.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from go.building import built, library
from servers.description import PYTHON

PROGRAMS = Path(__file__).resolve().parent / "programs"
NAME = "instance.txt"  # in the scratch folder: what the instance answers
GIN = library("github.com/gin-gonic/gin")
RUBY_GRPC = "/usr/share/doc/ruby-grpc/copyright"


@dataclass(frozen=True)
class Seat:
    """Where an instance runs, and how slow it is to be."""

    address: str
    port: int
    scratch: Path
    service: float  # seconds
    workers: int
    executed: Path = Path(os.devnull)  # where a server that counts notes what it executed

    def environment(self):
        return {"ADDRESS": self.address, "PORT": str(self.port), "HOME": str(self.scratch),
                "SERVICE": str(self.service), "WORKERS": str(self.workers),
                "INSTANCE": str(self.scratch / NAME), "EXECUTED": str(self.executed),
                "PYTHONPATH": str(PROGRAMS),
                "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True)
class Kind:
    name: str
    command: Callable[[Seat], list]
    needs: tuple = ()  # commands, files, python:MODULE; their packages are a group of tools/packages
    slowed: str = ""  # the system call that a slow disk delays
    holds: bool = False  # a thread of its few, for each connection that was opened ahead of need
    counts: bool = False  # does it note what it executed?
    by_run: bool = False  # no loader preloads into it: `lastcall run` starts it


def program(name):
    return str(PROGRAMS / name)


def gunicorn(seat):
    """It gives a new connection to a thread before a request has come, so the harness's pools, which
    open connections ahead of need, hold its few threads: its clients are node's, where there is node."""
    return ["gunicorn", "-b", f"{seat.address}:{seat.port}", "-w", "1", "--keep-alive", "600",
            "-k", "gthread", "--threads", str(seat.workers), "--worker-tmp-dir", str(seat.scratch),
            "slow_wsgi:app"]


def puma(seat):
    file = seat.scratch / "puma.rb"
    file.write_text("persistent_timeout 600\n")
    return ["puma", "-t", f"{seat.workers}:{seat.workers}", "-e", "production", "-C", str(file),
            "-b", f"tcp://{seat.address}:{seat.port}", program("slow.ru")]


def webfsd(seat):
    return ["webfsd", "-F", "-i", seat.address, "-p", str(seat.port), "-r", str(seat.scratch),
            "-c", "900", "-t", "600"]


def nginx(seat):
    for folder in "bpfus":
        (seat.scratch / folder).mkdir(exist_ok=True)
    file = seat.scratch / "nginx.conf"
    file.write_text(f"""
worker_processes 1;
user root;
pid {seat.scratch}/nginx.pid;
error_log stderr;
daemon off;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {seat.scratch}/b; proxy_temp_path {seat.scratch}/p;
  fastcgi_temp_path {seat.scratch}/f; uwsgi_temp_path {seat.scratch}/u;
  scgi_temp_path {seat.scratch}/s;
  sendfile on;
  keepalive_requests 1000000;  # its own limit, out of the way
  keepalive_timeout 600s;
  server {{ listen {seat.address}:{seat.port}; root {seat.scratch}; }}
}}
""")
    return ["nginx", "-p", f"{seat.scratch}/", "-c", str(file)]


KINDS = {kind.name: kind for kind in (
    Kind("http.server", lambda seat: [PYTHON, program("slow_server.py")]),
    Kind("gunicorn", gunicorn, ("gunicorn",), holds=True),
    Kind("puma", puma, ("puma",)),
    Kind("node", lambda seat: ["node", program("slow_node.js")], ("node",)),
    Kind("go", lambda seat: [str(built("slow", "stripped"))], ("go", GIN), by_run=True),
    Kind("nginx", nginx, ("nginx", "strace"), slowed="sendfile"),
    Kind("webfsd", webfsd, ("webfsd", "strace"), slowed="sendfile"),
    Kind("grpc", lambda seat: [PYTHON, program("slow_grpc.py")], ("python:grpc",), counts=True),
    Kind("ruby-grpc", lambda seat: ["ruby", program("slow_grpc.rb")], ("ruby", RUBY_GRPC, "python:grpc"),
         counts=True),
)}


def command(kind, seat, preload):
    """The whole command: nothing but the server itself sees the library and its settings."""
    own = kind.command(seat)
    if preload and kind.by_run:
        preload = dict(preload)
        own = [str(Path(preload.pop("LD_PRELOAD")).parent / "lastcall"), "run", "--", *own]
    inner = ["env", *(f"{name}={value}" for name, value in preload.items()), *own]
    return (slow_disk(kind.slowed, seat) if kind.slowed else []) + inner


def slow_disk(call, seat):
    """Such a server does one thing at a time, so its disk is as fast as all workers together."""
    delay = round(seat.service / seat.workers * 1_000_000)
    return ["strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", f"trace={call}",
            "-e", f"inject={call}:delay_enter={delay}"]
