"""Drives hosts/epoll.c through the items of rows, from outside, as a client and as an upstream.

Knows sockets and the host's items. Refuses to know what is being counted meanwhile.
"""

import socket
import subprocess
import threading
from contextlib import contextmanager

from hosts import building
from hosts.running import Host
from support.client import Client

from bench.counted_rows import Row
from bench.crowd import crowd
from bench.requests import WRK

MINUTE = 60
WARMING = Row("warming", "a few requests", "plain", WRK, lengths=(1, 2))
NOW = ("-Wl,-z,now",)  # a symbol looked up in the middle of a measure would be counted


def server():
    return building.program("epoll", flags=NOW)


@contextmanager
def echo():
    """The port of a server that says what it is told, connection after connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=echo_all, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]


def echo_all(listener):
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            while data := connection.recv(1 << 16):
                connection.sendall(data)


def items_of(rows):
    return [item for row in rows for item in row.items()]


def warmed(rows):
    """With a row in front, so that no row depends on what else is measured."""
    return [WARMING, *rows]


def drive(rows, variant, library, prefix=(), read=lambda folder: None):
    """Runs the host behind `prefix` through the rows; `read` takes what was left in its folder."""
    with echo() as port:
        def start(command, env, **how):
            env = {name: text.format(folder=how["cwd"]) if name == "LASTCALL_STATUS" else text
                   for name, text in env.items()}
            return subprocess.Popen([*prefix, *command], env=env | {"ECHO": str(port)}, **how)
        with Host(*items_of(rows), library=variant.given(library), settings=variant.settings,
                  program=server(), start=start) as host:
            for row in rows:
                visit(host.port, row)
            status = host.popen.wait(MINUTE)
            assert status == 0, f"{variant.name}: {status}, {host.stderr().decode()}"
            return read(host.path)


def visit(port, row):
    one_visit = visit_in_crowd if row.crowd else visit_in_frames if row.frames else visit_alone
    for times in row.times() if row.wire else ():
        one_visit(port, row, times)


def visit_alone(port, row, times):
    with Client(port, patience=MINUTE) as client:
        for _ in range(times):
            client.send(row.wire)
            for _ in range(row.responses):
                assert client.response().status == 200
        client.half_close()
        client.ending()


def visit_in_frames(port, row, times):
    row.frames.visit(port, times)


def visit_in_crowd(port, row, times):
    with crowd(port, row.crowd) as many:
        many.grow(row.crowd)
        for number in range(times):
            many.use([many.visitors[number % row.crowd]])
        many.leave()
