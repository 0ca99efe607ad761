"""Hosts that have a status page, and what stands on it.

Knows the page's layout. Refuses to know what a host does with its connections.
"""

import socket
import struct
import subprocess
from contextlib import contextmanager

from support.command_pages import FIRST_WORKER, WORKER_SIZE, WORKERS
from support.process import environment

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@contextmanager
def host(library, folder, *words, settings=None):
    """A host with a status page in this folder, and the port it tells first."""
    settings = {"LASTCALL_STATUS": str(folder), **(settings or {})}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          env=environment({}, library, settings)) as process:
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def opened(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.sendall(REQUEST)
    return client


def answered(client):
    with client:
        assert client.recv(100).endswith(b"ok")


def places(folder):
    """Process, open and connections of every place in use on the only page there."""
    [page] = folder.glob("lastcall-*")
    found = []
    for at in range(FIRST_WORKER, FIRST_WORKER + WORKERS * WORKER_SIZE, WORKER_SIZE):
        pid, _, open_now, connections = struct.unpack_from("iQqQ", page.read_bytes(), at)
        if pid or open_now or connections:
            found.append((pid, open_now, connections))
    return found
