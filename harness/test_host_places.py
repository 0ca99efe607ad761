"""A process takes one place on the status page, however its threads begin."""

import socket
import struct
import subprocess

import pytest

from command_pages import FIRST_WORKER, WORKER_SIZE, WORKERS
from hosts import building
from process import environment

THREADS = 8
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def places(page):
    """Process, open and connections of every place in use."""
    found = []
    for at in range(FIRST_WORKER, FIRST_WORKER + WORKERS * WORKER_SIZE, WORKER_SIZE):
        pid, _, open_now, connections = struct.unpack_from("iQqQ", page, at)
        if pid or open_now or connections:
            found.append((pid, open_now, connections))
    return found


@pytest.mark.parametrize("attempt", range(12))
def test_threads_whose_first_accepts_coincide_share_a_place(library, tmp_path, attempt):
    settings = {"LASTCALL_STATUS": str(tmp_path)}
    with subprocess.Popen([building.program("first_accepts")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          env=environment({}, library, settings)) as host:
        try:
            port = int(host.stdout.readline())
            clients = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(THREADS)]
            for client in clients:
                client.sendall(REQUEST)
            host.stdin.write(b"g")
            host.stdin.flush()
            for client in clients:
                assert client.recv(100).endswith(b"ok")
                client.close()
            assert host.wait(20) == 0
        finally:
            host.kill()
    [page] = tmp_path.glob("lastcall-*")
    assert places(page.read_bytes()) == [(host.pid, 0, THREADS)]
