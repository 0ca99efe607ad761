"""The clients of an arm: several processes, each with its part of the connections and of the load.

`pool` is the harness's own pool of kept connections, `node` is node's http.Agent where node is
installed, `grpc` is as many channels of grpcio, a connection each. Knows how they are started and what
they are told; what they tell is told.py's.
"""

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from rebalance import schedule
from rebalance.children import Spoken
from servers.description import PYTHON

PROGRAMS = Path(__file__).resolve().parent / "programs"
HARNESS, NODE, GRPC = "pool", "node", "grpc"
COMMANDS = {HARNESS: [sys.executable, str(PROGRAMS / "pool_client.py")],
            NODE: ["node", str(PROGRAMS / "node_client.js")],
            GRPC: [PYTHON, str(PROGRAMS / "grpc_client.py")]}


def default(shared=False, holds=False):
    """`shared`: by all requests of a client, its connection. `holds`: does the server suffer from
    connections that are opened ahead of need?"""
    if shared:
        return [GRPC] * 3
    node = NODE if shutil.which("node") else HARNESS
    return [node] * 3 if holds else [HARNESS, HARNESS, node]


@dataclass
class Orders:
    """What all clients of all arms have in common."""

    kinds: list
    path: str
    at_once: int  # requests of a connection, where it can have several
    plan: list
    connections: int  # of all clients of an arm together
    end: float


def sizes(connections, number):
    """How many connections each of so many clients keeps."""
    return [len(range(each, connections, number)) for each in range(number)]


def start(orders, service, enter, folder, arm):
    address, port = service
    shares = schedule.dealt(schedule.arrivals(orders.plan), len(orders.kinds))
    held = sizes(orders.connections, len(orders.kinds))
    clients = []
    for number, (kind, due, size) in enumerate(zip(orders.kinds, shares, held)):
        line = json.dumps({"address": address, "port": port, "path": orders.path, "connections": size,
                           "at_once": orders.at_once, "end": orders.end, "due": due})
        errors = open(folder / f"client-{arm}-{number}.stderr", "wb")
        with errors:
            clients.append(Spoken(["env", *cleared(), *enter, *COMMANDS[kind]], line, errors))
    return clients


def cleared():
    """A client is never under the library, whatever the run itself was started under."""
    return ["-u", "LD_PRELOAD"]
