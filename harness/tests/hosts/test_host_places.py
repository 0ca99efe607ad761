"""A process takes one place on the status page, however its threads begin and however many processes
there are; a process that starts itself anew has a page of its own, and one that only serves what it
inherited has none.
"""

import os
import socket
import subprocess
import sys

import pytest

from hosts import building
from hosts.paged import REQUEST, answered, host, opened, places
from hosts.running import is_exact, one_by_one, paths, run
from support.command_pages import WORKERS, command  # noqa: F401
from support.process import environment

THREADS = 8
CROWD = WORKERS + 4


@pytest.mark.parametrize("attempt", range(12))
def test_threads_whose_first_accepts_coincide_share_a_place(library, tmp_path, attempt):
    with host(library, tmp_path, building.program("first_accepts")) as (process, port):
        clients = [opened(port) for _ in range(THREADS)]
        process.stdin.write(b"g")
        process.stdin.flush()
        for client in clients:
            answered(client)
        assert process.wait(20) == 0
    assert places(tmp_path) == [(process.pid, 0, THREADS)]


def test_workers_for_whom_there_is_no_place_share_one(library, tmp_path):
    forks = building.program("forks")
    with host(library, tmp_path, forks, str(CROWD), "together") as (process, port):
        for _ in range(CROWD):
            answered(opened(port))
        process.stdin.close()
        assert process.wait(20) == 0
    shared, *own = places(tmp_path)
    assert len({pid for pid, *_ in own}) == WORKERS - 1
    assert {(now, connections) for _, now, connections in own} == {(0, 1)}
    assert shared == (0, 0, CROWD - (WORKERS - 1))


def test_the_place_of_a_dead_worker_is_taken_when_there_is_no_other(library, tmp_path):
    forks = building.program("forks")
    with host(library, tmp_path, forks, str(CROWD), "in-turn") as (process, port):
        for _ in range(CROWD):
            answered(opened(port))
        assert process.wait(20) == 0
    found = places(tmp_path)
    assert len(found) == WORKERS - 1 and all(pid for pid, *_ in found)
    assert sum(connections for *_, connections in found) == CROWD
    assert not any(now for _, now, _ in found)


# Listens, starts itself anew as another program would be, and listens again.
ANEW = """
import os, socket, sys
with socket.create_server(("127.0.0.1", 0)) as listener:
    if sys.argv[1] == "first":
        os.execv(sys.executable, [sys.executable, "-c", sys.argv[2], "second"])
    print(listener.getsockname()[1], flush=True)
    with listener.accept()[0] as client:
        client.recv(4096)
        client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    sys.stdin.read()
"""


def test_a_process_that_starts_itself_anew_replaces_its_page(library, tmp_path, command):
    words = (sys.executable, "-c", ANEW, "first", ANEW)
    with host(library, tmp_path, *words) as (process, port):
        [page] = tmp_path.glob("lastcall-*")
        answered(opened(port))
        assert os.stat(page).st_nlink == 1
        shown = command("status", process.pid, "--json")
        assert shown.returncode == 0 and '"connections": 1' in shown.stdout, shown.stdout
        process.stdin.close()
        assert process.wait(20) == 0
    assert places(tmp_path) == [(process.pid, 0, 1)]


# ---- Processes that inherit their connection ----------------------------------------------------


def test_a_process_for_each_connection_leaves_no_page_behind(library, tmp_path):
    """The one page is that of their parent, which listens."""
    def talk(last):
        return lambda port: [one_by_one(paths("/1", "/2"), last)(port) for _ in range(3)]

    bare = run(["--inetd=fresh"], talk(False), connections=3)
    kept = run(["--inetd=fresh"], talk(True), library,
               {"LASTCALL_REQUESTS": 2, "LASTCALL_STATUS": tmp_path}, connections=3)
    for expected, got in zip(bare.said, kept.said, strict=True):
        is_exact(expected, got)
    assert (kept.trace, kept.status, kept.stderr) == (bare.trace, 0, b"")
    assert len(list(tmp_path.iterdir())) == 1


# Serves a request on descriptor 0, listens, and serves another; tells the pages before and after.
LISTENS_LATER = """
import os, socket, sys
def answer():
    os.read(0, 4096)
    os.write(0, b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
answer()
before = len(os.listdir(sys.argv[1]))
with socket.create_server(("127.0.0.1", 0)):
    print(before, len(os.listdir(sys.argv[1])), flush=True)
    answer()
    os.close(0)
"""


def test_an_inheriting_process_has_a_page_from_when_it_listens(library, tmp_path):
    settings = {"LASTCALL_REQUESTS": "2", "LASTCALL_STATUS": str(tmp_path)}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), timeout=20)
        with listener.accept()[0] as connection:
            process = subprocess.Popen([sys.executable, "-c", LISTENS_LATER, str(tmp_path)],
                                       stdin=connection, stdout=subprocess.PIPE,
                                       env=environment({}, library, settings))
    with client, process:
        client.sendall(REQUEST)
        assert b"close" not in client.recv(100)
        assert process.stdout.readline() == b"0 1\n"
        client.sendall(REQUEST)
        assert b"Connection: close" in client.recv(100)
        assert process.wait(20) == 0
    assert places(tmp_path) == [(process.pid, 0, 1)]
