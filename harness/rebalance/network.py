"""Two network namespaces, clients on one side of a veth pair and a node with its instances on the other.

A namespace lives as long as the process that holds it and the processes in it: nothing is written to
disk, and nothing stays when they are gone. Knows `unshare`, `nsenter` and `ip`; no balancer.
"""

import subprocess

SERVICE = "10.96.0.1"
PORT = 80
INSTANCES = "10.77.0"
INSTANCE_PORT = 8080
CLIENT_SIDE, NODE_SIDE = "10.78.0.1", "10.78.0.2"
FOREVER = "86400"


class Unavailable(Exception):
    """Why this cannot be had here."""


def checked(argv, text=None):
    try:
        done = subprocess.run(argv, input=text, capture_output=True, text=True, timeout=30)
    except OSError as error:
        raise Unavailable(str(error)) from None
    if done.returncode:
        raise Unavailable(f"{' '.join(argv[:8])}: {done.stderr.strip().splitlines()[-1:] or '?'}")
    return done.stdout


class Namespace:
    def __init__(self):
        self.holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", f"echo in; exec sleep {FOREVER}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        if self.holder.stdout.readline() != b"in\n":
            said = self.holder.communicate()[1].decode().strip()
            raise Unavailable(f"no network namespace: {said}")

    @property
    def pid(self):
        return str(self.holder.pid)

    @property
    def enter(self):
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", "--"]

    def run(self, *argv, text=None):
        return checked([*self.enter, *argv], text)

    def close(self):
        self.holder.kill()
        self.holder.communicate()


class Network:
    def __init__(self):
        self.spaces = []
        try:
            self.clients, self.node = self.space(), self.space()
            self.connect()
        except Unavailable:
            self.close()
            raise

    def space(self):
        self.spaces.append(Namespace())
        return self.spaces[-1]

    def connect(self):
        checked(["ip", "link", "add", "lc", "netns", self.clients.pid, "type", "veth",
                 "peer", "name", "lc", "netns", self.node.pid])
        for space, address in ((self.clients, CLIENT_SIDE), (self.node, NODE_SIDE)):
            space.run("ip", "link", "set", "lo", "up")
            space.run("ip", "address", "add", f"{address}/24", "dev", "lc")
            space.run("ip", "link", "set", "lc", "up")
        self.clients.run("ip", "route", "add", "default", "via", NODE_SIDE)

    def address(self, number):
        """One of the node's own, added when it is first wanted."""
        address = f"{INSTANCES}.{number}"
        self.node.run("ip", "address", "replace", f"{address}/32", "dev", "lo")
        return address

    def close(self):
        for space in self.spaces:
            space.close()
