"""The balancers: each gives a new connection to one of the endpoints and never looks inside.

A balancer says where instances are to listen and how their processes and the clients' are entered,
and takes the list of endpoints anew whenever it changes; connections that are open stay where they
are. nft and iptables write the rules that kube-proxy writes. Knows no server and no client.
"""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from rebalance import children
from rebalance.network import INSTANCE_PORT, PORT, SERVICE, Network, Unavailable
from support.process import Ports
from support.waiting import PATIENCE, until

PROGRAMS = Path(__file__).resolve().parent / "programs"


# ---- In the kernel, as root ----------------------------------------------------------------------


class Kernel:
    """What the two sorts of rules have in common: the namespaces."""

    def __init__(self, folder):
        self.network = Network()
        self.service = (SERVICE, PORT)
        self.enter_clients = self.network.clients.enter
        self.enter_instances = self.network.node.enter
        try:
            self.route([])
        except Unavailable:
            self.close()
            raise

    def seat(self, number):
        return self.network.address(number), INSTANCE_PORT

    def close(self):
        self.network.close()


class Nft(Kernel):
    name = "nft"
    says = "nftables: DNAT to one of the endpoints at random, for each connection"
    commands = ("nft", "ip", "nsenter", "unshare")
    root = True

    def route(self, endpoints):
        map_ = ", ".join(f"{each} : {address}" for each, (address, _) in enumerate(endpoints))
        rule = (f"ip daddr {SERVICE} tcp dport {PORT} dnat to numgen random mod {len(endpoints)} "
                f"map {{ {map_} }} : {INSTANCE_PORT}" if endpoints else "")
        self.network.node.run("nft", "-f", "-", text=f"""
table ip service
flush table ip service
table ip service {{
  chain prerouting {{
    type nat hook prerouting priority dstnat; policy accept;
    {rule}
  }}
}}
""")


class Iptables(Kernel):
    name = "iptables"
    says = "iptables: DNAT by the statistic match, at random, for each connection"
    commands = ("iptables-restore", "ip", "nsenter", "unshare")
    root = True

    def route(self, endpoints):
        rules = [f"-A PREROUTING -d {SERVICE}/32 -p tcp --dport {PORT} {chance(len(endpoints) - each)}"
                 f"-j DNAT --to-destination {address}:{port}"
                 for each, (address, port) in enumerate(endpoints)]
        self.network.node.run("iptables-restore", text="\n".join(["*nat", *rules, "COMMIT", ""]))


def chance(left):
    """The first of `left` rules takes its part of what comes to it; the last takes the rest."""
    return f"-m statistic --mode random --probability {1 / left:.10f} " if left > 1 else ""


# ---- In a process, by anybody --------------------------------------------------------------------


class Local:
    """Everything on the loopback interface, each instance at a port of its own."""

    root = False
    enter_clients = enter_instances = []

    def __init__(self, folder):
        self.ports, self.folder = Ports(), folder
        self.service = ("127.0.0.1", self.ports.free())
        self.child = self.start()
        listening = lambda: children.listens(self.child.pid, *self.service)
        if not until(lambda: self.exited() or listening(), PATIENCE) or self.exited():
            self.close()
            raise Unavailable(f"{self.name} did not start: {self.child.stderr.read().decode()}")

    def spawn(self, argv, **pipes):
        return subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                start_new_session=True, **pipes)

    def exited(self):
        return self.child.poll() is not None

    def seat(self, number):
        return "127.0.0.1", self.ports.free()

    def close(self):
        self.child.kill()
        self.child.wait()


class Relay(Local):
    name = "relay"
    says = "a small layer-4 relay of the harness: one of the endpoints at random, for each connection"
    commands = ()

    def start(self):
        return self.spawn([sys.executable, str(PROGRAMS / "relay.py"), *map(str, self.service)],
                          stdin=subprocess.PIPE)

    def route(self, endpoints):
        self.child.stdin.write(json.dumps(endpoints).encode() + b"\n")
        self.child.stdin.flush()


MOST_SLOTS = 16


class Haproxy(Local):
    name = "haproxy"
    says = "HAProxy in mode tcp, round robin"
    commands = ("haproxy",)

    def start(self):
        self.control = self.folder / "haproxy.sock"
        self.slots = {}  # endpoint → its slot
        file = self.folder / "haproxy.cfg"
        file.write_text(f"""
global
  stats socket {self.control} level admin
  maxconn 4000
defaults
  mode tcp
  timeout connect 10s
  timeout client 1h
  timeout server 1h
listen service
  bind {self.service[0]}:{self.service[1]}
  balance roundrobin
  server-template s {MOST_SLOTS} 127.0.0.1:1 disabled
""")
        return self.spawn(["haproxy", "-db", "-f", str(file)], stdin=subprocess.DEVNULL)

    def route(self, endpoints):
        """A slot is used once only: connections of an instance that left are still on its own."""
        for endpoint in [each for each in self.slots if each not in endpoints]:
            self.ask(f"set server service/s{self.slots[endpoint]} state drain")
        for address, port in [each for each in endpoints if each not in self.slots]:
            slot = self.slots[address, port] = len(self.slots) + 1
            self.ask(f"set server service/s{slot} addr {address} port {port}")
            self.ask(f"set server service/s{slot} state ready")

    def ask(self, line):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(PATIENCE)
            sock.connect(str(self.control))
            sock.sendall(line.encode() + b"\n")
            sock.recv(4096)


ALL = {each.name: each for each in (Nft, Iptables, Haproxy, Relay)}


def default():
    return Nft.name if os.geteuid() == 0 else Relay.name
